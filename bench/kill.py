"""Nothing is lost: reports with photos come in while web and worker are killed at random.

``python -m bench.kill --reports 2000 --kills 200 [--seed 1] [--clients 6]``, on the database that
``LIFANG_DATABASE_URL`` names (an empty one), else on SQLite in a folder of its own. It then proves
that every report that was answered is there once, with its photo on disk, that every task was done,
and that the journal's chain is whole. Exit status 0 if so.
"""

import argparse
import hashlib
import io
import os
import queue
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from PIL import Image

from bench.tree import Tree

WORDS = (
    "井盖破损",
    "路灯不亮",
    "垃圾满溢",
    "占道经营",
    "积水未排",
    "乱贴小广告",
    "护栏缺失",
    "暴露垃圾",
)
#: how long the tasks may take to be done after the last kill, in seconds (recover runs every minute),
#: and beside that for each report, whose photo is looked through for faces and letters
DRAIN, DRAIN_EACH = 240, 1.5


@dataclass
class Sent:
    """What one client sent and was told."""

    client_id: str
    photo: bytes
    number: str = ""
    code: str = ""
    tries: int = 0
    refused: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.photo).hexdigest()


@dataclass
class Run:
    tree: Tree
    chance: random.Random
    todo: "queue.Queue[Sent]" = field(default_factory=queue.Queue)
    done: list[Sent] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    #: everything has been handed to the clients
    fed: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


def photo(chance: random.Random) -> bytes:
    """A JPEG like no other, so that no two reports share a file."""
    image = Image.frombytes("RGB", (64, 48), chance.randbytes(64 * 48 * 3)).resize((640, 480))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def client(run: Run) -> None:
    """Send until nothing is left, as the phone does: the same ``client_id`` until an answer comes."""
    with httpx.Client(base_url=run.tree.url, timeout=20) as http:
        while not run.over.is_set():
            try:
                sent = run.todo.get(timeout=0.5)
            except queue.Empty:
                if run.fed.is_set():
                    return
                continue
            while not sent.number and not sent.refused and not run.over.is_set():
                sent.tries += 1
                try:
                    send(run, http, sent)
                except httpx.HTTPError:
                    time.sleep(0.2)
            if sent.number:
                run.done.append(sent)


def send(run: Run, http: httpx.Client, sent: Sent) -> None:
    files = {"file": ("现场.jpg", sent.photo, "image/jpeg")}
    uploaded = http.post("/api/v1/files", files=files)
    if uploaded.status_code not in (200, 201):
        return refused(run, sent, uploaded)
    body = {
        "client_id": sent.client_id,
        "text": f"{WORDS[len(run.done) % len(WORDS)]}，请尽快处理（{sent.client_id[:8]}）",
        "lng": 112.9 + int(sent.client_id[:4], 16) / 1e6,
        "lat": 28.2 + int(sent.client_id[4:8], 16) / 1e6,
        "system": "wgs84",
        "files": [uploaded.json()["token"]],
    }
    answer = http.post("/api/v1/public/reports", json=body)
    if answer.status_code not in (200, 201):
        return refused(run, sent, answer)
    told = answer.json()
    sent.number, sent.code = told["number"], told["code"]
    return None


def refused(run: Run, sent: Sent, answer: httpx.Response) -> None:
    """A busy answer is tried again; any other is a finding, and the report is given up."""
    if answer.status_code not in (429, 502, 503):
        sent.refused = True
        run.unexpected.append(
            f"{answer.status_code} {answer.request.url.path}: {answer.text[:300]}"
        )
    time.sleep(0.3)


def killer(run: Run, reports: int, kills: int) -> list[str]:
    """Kill web or worker ``kills`` times, each time once the last victim is back.

    Before each kill the clients get their share of the reports, so that there is work all along.
    """
    log: list[str] = []
    for turn in range(kills):
        for _ in range(reports * turn // kills, reports * (turn + 1) // kills):
            key = uuid.UUID(int=run.chance.getrandbits(128), version=4)
            run.todo.put(Sent(str(key), photo(run.chance)))
        time.sleep(run.chance.uniform(0.0, 0.4))
        name = run.chance.choice(("web", "worker"))
        pids = run.tree.pids(name)
        while not pids:
            time.sleep(0.05)
            pids = run.tree.pids(name)
        victim = run.chance.choice(pids)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        log.append(name)
        until = time.monotonic() + 30
        while time.monotonic() < until and (
            victim in (now := run.tree.pids(name)) or len(now) < len(pids)
        ):
            time.sleep(0.05)
        # it answers again: one killed before it has started does no work that could be lost
        run.tree.wait()
        time.sleep(run.chance.uniform(0.05, 1.0))
    run.fed.set()
    return log


def drained(reports: int) -> str:
    """Wait until no task is due or held; what is left, if it takes too long."""
    from django_tasks_db.models import DBTaskResult

    until = time.monotonic() + DRAIN + DRAIN_EACH * reports
    while True:
        left = DBTaskResult.objects.filter(status__in=("READY", "RUNNING"))
        if not left.exists():
            return ""
        if time.monotonic() > until:
            rows = left.values_list("task_path", "status", "enqueued_at", "run_after")[:10]
            return "tasks left: " + "; ".join(map(str, rows))
        time.sleep(0.5)


def prove(sent: list[Sent]) -> list[str]:
    """Everything that is wrong with what the database and the disk hold."""
    from django.db.models import Count
    from django_tasks_db.models import DBTaskResult

    from lifang.cases.models import Evidence, Report, Step
    from lifang.core import journal
    from lifang.core.files.store import key_of, store
    from lifang.core.models import JournalEntry, JournalLink

    wrong: list[str] = []
    rows = {r.client_id: r for r in Report.objects.select_related("origin")}
    for one in sent:
        row = rows.get(one.client_id)
        if row is None:
            wrong.append(f"lost: {one.client_id} was told {one.number}")
        elif row.origin.number != one.number:
            wrong.append(f"{one.client_id} was told {one.number}, is {row.origin.number}")
    if len(rows) != len(sent):
        wrong.append(f"{len(rows)} reports in the database, {len(sent)} were sent")
    doubled = (
        Step.objects.filter(verb="report").values("case").annotate(n=Count("id")).filter(n__gt=1)
    )
    wrong += [f"case {row['case']} was reported {row['n']} times" for row in doubled]

    photos = {
        e.report.client_id: e.file
        for e in Evidence.objects.select_related("report", "file")
        if e.report is not None
    }
    for one in sent:
        stored = photos.get(one.client_id)
        if stored is None:
            wrong.append(f"{one.client_id} has no photo")
            continue
        if stored.sha256 != one.sha256:
            wrong.append(f"{one.client_id} has the photo of another")
        with store().open(key_of(stored.sha256)) as original:
            if hashlib.sha256(original.read()).hexdigest() != one.sha256:
                wrong.append(f"the photo of {one.client_id} is damaged on disk")
        if not stored.copies_made:
            wrong.append(f"the photo of {one.client_id} has no copies")

    failed = DBTaskResult.objects.filter(status="FAILED")
    wrong += [f"task failed: {t.task_path}: {t.traceback[-400:]}" for t in failed[:5]]
    journal.seal_all(sweep=True)
    if (broken := journal.verify()) is not None:
        wrong.append(f"journal chain: {broken}")
    entries, links = JournalEntry.objects.count(), JournalLink.objects.count()
    if entries != links:
        wrong.append(f"{entries} journal entries, {links} links")
    told = JournalEntry.objects.filter(room="cases", verb="report").count()
    if told != len(sent):
        wrong.append(f"{told} journal entries of reports, {len(sent)} were sent")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the data folder")
    options = parser.parse_args()

    data = Path(tempfile.mkdtemp(prefix="lifang-kill-"))
    os.environ |= {
        "LIFANG_DATA": str(data),
        "LIFANG_PUBLIC_REPORTS_PER_HOUR": "1000000",
        "DJANGO_SETTINGS_MODULE": "lifang.settings",
    }
    status = 1
    try:
        status = ran(options, data)
    finally:
        if options.keep or status:
            print(f"data folder kept: {data}")
        else:
            shutil.rmtree(data, ignore_errors=True)
    return status


def ran(options: argparse.Namespace, data: Path) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    prepare()
    print(
        f"{connection.vendor}: {options.reports} reports, {options.kills} kills, seed {options.seed}"
    )
    connection.close()

    chance = random.Random(options.seed)
    tree = Tree(data)
    run = Run(tree, chance)
    began = time.monotonic()
    try:
        tree.wait()
        clients = [threading.Thread(target=client, args=(run,)) for _ in range(options.clients)]
        for thread in clients:
            thread.start()
        log = killer(run, options.reports, options.kills)
        for thread in clients:
            thread.join(timeout=600)
        tree.wait()
        sending = time.monotonic() - began
        left = drained(options.reports)
    finally:
        run.over.set()
        ended = tree.end()
    print(
        f"{len(run.done)} reports accepted in {sending:.0f} s, {sum(s.tries for s in run.done)} tries;"
        f" killed web {log.count('web')} and worker {log.count('worker')} times"
    )
    wrong = [*dict.fromkeys(run.unexpected), *([left] if left else []), *prove(run.done)]
    if len(run.done) != options.reports:
        wrong.append(f"only {len(run.done)} of {options.reports} reports were accepted")
    if ended:
        wrong.append(f"lifang up ended with status {ended}")
    for line in wrong[:40]:
        print(f"WRONG: {line}")
    if not wrong:
        print("no report lost, none doubled, every photo whole, every task done, chain whole")
    return 1 if wrong else 0


def prepare() -> None:
    """The base pack, so that reports are understood, filed and numbered."""
    from lifang.core import packs
    from lifang.orgs.acting import SYSTEM

    report = packs.load(packs.find("base"), by=SYSTEM)
    if report.errors:
        raise RuntimeError("; ".join(report.errors[:5]))


if __name__ == "__main__":
    sys.exit(main())
