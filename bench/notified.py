"""``python -m bench.notified``: from a report at the public door to the notice at its unit.

The whole product runs (`lifang up`: web, workers, clock) on a made-up district, with a classifier learnt
from that district's decisions. Reports come in at a steady rate; each is timed from the moment its sender
began to send until the notification of the dispatch was written. Only reports that the machine dispatched
by itself have such an end; how many those are is printed too. Budget: p99 ≤ 1 s at 20 reports a second.
When the slow ones came is printed by parts of the run: slow at the start means something is built late,
slow anywhere a busy machine.
"""

import argparse
import datetime as dt
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from bench.tree import Tree

OUT = Path(__file__).resolve().parent / "out"
BUDGET_MS = 1000.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=20.0, help="reports a second")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--cases", type=int, default=5000, help="closed cases of the district")
    parser.add_argument("--words", action="store_true", help="no classifier: the catalogue's words")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lifang-notified-") as folder:
        os.environ |= {
            "LIFANG_DATA": folder,
            "LIFANG_DEMO": "true",
            "LIFANG_PUBLIC_REPORTS_PER_HOUR": "100000000",
            "DJANGO_SETTINGS_MODULE": "lifang.settings",
        }
        return measured(options, Path(folder))


def measured(options: argparse.Namespace, data: Path) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from lifang.demo import run
    from lifang.demo.real import messages
    from lifang.orgs.acting import SYSTEM
    from lifang.understanding.learning.actions import retrain

    call_command("migrate", verbosity=0)
    run.build(cases=options.cases, seed=1)
    if not options.words:
        begun = time.monotonic()
        learnt = retrain(by=SYSTEM)
        if learnt is None:
            print("no classifier could be learnt: the catalogue's words judge")
        else:
            print(
                f"classifier of {learnt.n} decisions in {time.monotonic() - begun:.0f} s",
                flush=True,
            )
    # the district's own reports: real messages, where there are any, name no position
    texts = [m for m in messages() if m.lng is not None] or list(messages())
    connections.close_all()
    tree = Tree(data)
    try:
        tree.wait()
        loads = [os.getloadavg()[0]]
        sent, late = send_all(tree.url, texts, options)
        loads.append(os.getloadavg()[0])
        settle()
        return tell(sent, late, loads, options)
    finally:
        tree.end()


def send_all(
    url: str, texts: list[Any], options: argparse.Namespace
) -> tuple[dict[str, float], list[float]]:
    """Send at the rate, by several clients; number → when sending began, and how late each began."""
    chance, lock = random.Random(5), threading.Lock()
    sent: dict[str, float] = {}
    late: list[float] = []
    total = int(options.rate * options.seconds)
    begin = time.time() + 2.0
    turn = iter(range(total))

    def client() -> None:
        with httpx.Client(base_url=url, timeout=30) as http:
            while True:
                with lock:
                    n = next(turn, None)
                    message = chance.choice(texts)
                    shift = chance.uniform(-2e-3, 2e-3), chance.uniform(-2e-3, 2e-3)
                if n is None:
                    return
                due = begin + n / options.rate
                if (wait := due - time.time()) > 0:
                    time.sleep(wait)
                at = time.time()
                body = {"client_id": str(uuid.uuid4()), "text": message.text}
                if message.lng is not None:
                    body |= {
                        "lng": message.lng + shift[0],
                        "lat": message.lat + shift[1],
                        "system": "wgs84",
                    }
                answer = http.post("/api/v1/public/reports", json=body)
                answer.raise_for_status()
                with lock:
                    sent[answer.json()["number"]] = at
                    late.append(at - due)

    threads = [threading.Thread(target=client) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent, late


def settle() -> None:
    """Wait until nothing that tells anybody is due any more."""
    from django_tasks_db.models import DBTaskResult

    until = time.monotonic() + 120
    while time.monotonic() < until:
        waiting = DBTaskResult.objects.filter(status__in=("READY", "RUNNING"), queue_name="default")
        if not waiting.exists():
            return
        time.sleep(0.5)
    raise RuntimeError("tasks were left after two minutes")


def tell(
    sent: dict[str, float], late: list[float], loads: list[float], options: argparse.Namespace
) -> int:
    from lifang.cases.models import Case, Step
    from lifang.core.models import Notification

    first = min(sent.values())
    begun = dt.datetime.fromtimestamp(first - 5, dt.UTC)
    alone = Step.objects.filter(verb="dispatch", automatic=True, case__reported_at__gte=begun)
    steps = dict(alone.values_list("pk", "case__number"))
    merged = Case.objects.filter(reported_at__gte=begun, state="merged").count()
    told: dict[int, float] = {}
    for step, at in (
        Notification.objects.filter(kind="case.dispatch", subject_id__in=steps)
        .order_by("id")
        .values_list("subject_id", "created_at")
    ):
        if step is not None and steps[step] in sent:
            told.setdefault(step, at.timestamp())
    #: seconds into the run, milliseconds to the notice
    timed = [(sent[steps[s]] - first, (at - sent[steps[s]]) * 1000) for s, at in told.items()]
    if not timed:
        print("no report was dispatched by the machine: nothing to measure")
        return 1
    spans = sorted(ms for _at, ms in timed)
    found = {
        "reports": len(sent), "rate": options.rate, "notices": len(spans), "merged": merged,
        "p50_ms": round(statistics.median(spans)), "p99_ms": round(_p99(spans)),
        "max_ms": round(spans[-1]), "late_p99_ms": round(_p99(late) * 1000),
        "load": [round(x, 1) for x in loads], "parts": parts(timed, options.seconds),
    }  # fmt: skip
    print(
        f"{found['reports']} reports at {options.rate:g}/s, {found['notices']} notices at units"
        f" ({merged} reports merged): p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms,"
        f" most {found['max_ms']} ms; budget p99 {BUDGET_MS:g} ms"
    )
    print(f"the senders themselves were late by {found['late_p99_ms']} ms at most in 99 of 100")
    print(f"load of the machine {loads[0]:.1f} before, {loads[1]:.1f} after")
    for part in found["parts"]:
        print(
            "  from {from_s:>4} s: {n:>5} notices, p50 {p50_ms:>5} ms, most {max_ms:>5} ms".format(
                **part
            )
        )
    OUT.mkdir(exist_ok=True)
    (OUT / "notified.json").write_text(json.dumps(found, indent=1), "utf-8")
    return 0 if found["p99_ms"] <= BUDGET_MS else 1


def parts(timed: list[tuple[float, float]], seconds: float) -> list[dict[str, int]]:
    """The first five seconds and twelve equal parts of the rest."""
    edges = [0.0, 5.0, *(5 + (seconds - 5) * n / 12 for n in range(1, 12)), float("inf")]
    rows = []
    for start, end in pairwise(edges):
        spans = [ms for at, ms in timed if start <= at < end]
        if spans:
            rows.append(
                {
                    "from_s": round(start), "n": len(spans),
                    "p50_ms": round(statistics.median(spans)), "max_ms": round(max(spans)),
                }
            )  # fmt: skip
    return rows


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
