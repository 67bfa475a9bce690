"""Taking in what is new and what changed on another server. Idempotent by the number there."""

import hashlib
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import note
from lifang.cases.actions.report import report as file_report
from lifang.cases.choices import Source
from lifang.core import files
from lifang.core.errors import Problem
from lifang.intake.open311 import rules
from lifang.intake.open311.client import GeoReport, Remote, Trouble
from lifang.intake.open311.models import LinkState, Open311Link, Open311Server, Way
from lifang.intake.rules import clean_text
from lifang.orgs.acting import Acting
from lifang.standards import queries as standards

log = structlog.get_logger(__name__)

#: asked again each time: clocks differ, and rows commit late
OVERLAP = timedelta(minutes=10)
#: of servers that know only when a request was made; many publish with delay
LONG_OVERLAP = timedelta(days=1)
PAGE = 200
MOST_PAGES = 50
#: numbers in one question
BATCH = 50
#: what we put behind a text that we send, to know it again
MARK = "〔来源编号 {number}〕"


@dataclass
class Polled:
    """What one poll brought."""

    seen: int = 0
    created: int = 0
    noted: int = 0
    #: the first few that could not be taken, with the reason
    refused: list[str] = field(default_factory=list)


def acting(server: Open311Server) -> Acting:
    """Who acts in what comes from there: a machine by the server's name."""
    return Acting(name=f"Open311 {server.name}"[:80], automatic=True)


def poll(*, server_id: int, now: datetime | None = None) -> Polled:
    """Ask one server. A failure is kept on its row and shown; the next poll starts at the same place."""
    at = now or timezone.now()
    server = Open311Server.objects.filter(pk=server_id, active=True).first()
    if server is None:
        return Polled()
    done = Polled()
    try:
        cursor = _all(server, GeoReport(server), done, at)
    except Trouble as trouble:
        _keep(server, polled_at=at, error=trouble.message[:300], failures=server.failures + 1)
        log.warning("open311_poll_failed", server=server.name, error=trouble.message)
        return done
    error = ""
    if done.refused:
        error = _("%(n)s 件未能接收：%(why)s") % {
            "n": len(done.refused),
            "why": "；".join(done.refused[:3]),
        }
    _keep(server, polled_at=at, error=error[:300], failures=0, cursor=cursor)
    return done


def _keep(server: Open311Server, **values: object) -> None:
    Open311Server.objects.filter(pk=server.pk).update(**values)


def _all(server: Open311Server, there: GeoReport, done: Polled, now: datetime) -> datetime | None:
    """Tokens first, then what is new, then what is known and still open. Returns the new cursor."""
    _tokens(server, there)
    seen: set[str] = set()
    cursor = server.cursor
    if server.receive:
        cursor = _pages(server, there, done, seen, now)
    _follow(server, there, done, seen)
    return cursor


def _tokens(server: Open311Server, there: GeoReport) -> None:
    """Numbers of what was answered with a token when we sent it."""
    waiting = server.links.filter(remote_id=None, state=LinkState.LINKED).exclude(remote_token="")
    for link in waiting.order_by("id")[:BATCH]:
        if number := there.number_of(link.remote_token):
            Open311Link.objects.filter(pk=link.pk, remote_id=None).update(remote_id=number[:100])


def _pages(
    server: Open311Server, there: GeoReport, done: Polled, seen: set[str], now: datetime
) -> datetime | None:
    """Every page of what is new or changed since the cursor. Returns the new cursor."""
    query = _since(server, now)
    cursor = server.cursor
    for page in range(1, MOST_PAGES + 1):
        rows = there.requests(**query, page=str(page), page_size=str(PAGE))
        fresh = [r for r in rows if r.id not in seen]
        for remote in fresh:
            seen.add(remote.id)
            done.seen += 1
            _take(server, there, remote, done)
            told = remote.updated if server.by_change else remote.requested
            # a clock there that runs ahead must not make us skip what comes between
            if told is not None and told <= now and (cursor is None or told > cursor):
                cursor = told
        # a server without pages gives the same rows again
        if len(rows) < PAGE or not fresh:
            return cursor
    raise Trouble(_("对方一次给出的请求过多，请缩小服务代码的范围"), again=True)


def _since(server: Open311Server, now: datetime) -> dict[str, str]:
    query = {"service_code": ",".join(server.services)} if server.services else {}
    first = now - timedelta(days=rules.MOST_DAYS - 1)
    if server.by_change:
        since = server.cursor - OVERLAP if server.cursor else first
        return query | {"updated_after": _w3c(since)}
    since = max(server.cursor - LONG_OVERLAP, first) if server.cursor else first
    # an hour ahead: their clock may be, and parts of a second are cut off
    return query | {"start_date": _w3c(since), "end_date": _w3c(now + timedelta(hours=1))}


def _w3c(moment: datetime) -> str:
    """UTC with ``Z``: what every server reads, and no ``+`` that could get lost on the way."""
    return moment.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _follow(server: Open311Server, there: GeoReport, done: Polled, seen: set[str]) -> None:
    """What we know and is open there is asked for by its number: a change may be of an old one."""
    known = server.links.filter(state=LinkState.LINKED).exclude(remote_id=None)
    numbers = [
        n for n in known.order_by("id").values_list("remote_id", flat=True) if n and n not in seen
    ]
    for start in range(0, len(numbers), BATCH):
        for remote in there.requests(service_request_id=",".join(numbers[start : start + BATCH])):
            done.noted += _note(server, remote)


def _take(server: Open311Server, there: GeoReport, remote: Remote, done: Polled) -> None:
    """One request: known, then a note where it changed; new and open, then a report."""
    if server.links.filter(remote_id=remote.id).exists() or _ours(server, remote):
        done.noted += _note(server, remote)
        return
    if remote.status == rules.CLOSED or (
        server.services and remote.service_code not in server.services
    ):
        return
    try:
        done.created += _report(server, there, remote)
    except Problem as problem:
        done.refused.append(f"{remote.id} {problem.message}")


def _ours(server: Open311Server, remote: Remote) -> bool:
    """Whether it is one of ours whose answer was lost: its text ends with our mark."""
    _head, mark, tail = remote.description.rpartition(MARK.partition("{")[0])
    if not mark:
        return False
    number = tail.partition("〕")[0]
    sent = server.links.filter(way=Way.OUT, case__number=number, remote_id=None).first()
    if sent is None:
        return False
    sent.remote_id, sent.state, sent.error, sent.due_at = remote.id, LinkState.LINKED, "", None
    sent.save(update_fields=["remote_id", "state", "error", "due_at"])
    return True


def _report(server: Open311Server, there: GeoReport, remote: Remote) -> int:
    """A report of ours out of a request there; 1 if this call made it."""
    pictures = _pictures(there, remote)
    own = server.services.get(remote.service_code) or None
    if own is not None and standards.in_force().by_key(own) is None:
        own = None  # the catalogue moved on: the clerk classes it
    text = clean_text(remote.description or remote.service_name)[: rules.MOST_DESCRIPTION]
    mark = hashlib.sha256(remote.id.encode()).hexdigest()[:40]
    with transaction.atomic():
        made = file_report(
            by=acting(server),
            client_id=f"open311-in:{server.pk}:{mark}",
            source=Source.TRANSFER,
            text=text,
            lng=remote.lng,
            lat=remote.lat,
            address=clean_text(remote.address)[:200],
            category_key=own,
            file_ids=pictures,
            at=remote.requested,
            external_number=remote.id,
            payload={
                "door": "open311",
                "server": server.name,
                "service": f"{remote.service_code} {remote.service_name}".strip()[:200],
            },
        )
        Open311Link.objects.get_or_create(
            server=server,
            remote_id=remote.id,
            defaults={
                "case": made.report.origin, "way": Way.IN, "state": LinkState.LINKED,
                "service_code": remote.service_code[:100], "status": remote.status,
                "notes": remote.notes, "remote_updated": remote.updated,
                "created_at": timezone.now(),
            },
        )  # fmt: skip
    return int(made.created)


def _pictures(there: GeoReport, remote: Remote) -> list[int]:
    """The picture of the request, kept as ours; a report goes on without what cannot be had."""
    if not remote.media_url:
        return []
    try:
        body = there.picture(remote.media_url)
        if body is None:
            return []
        return [files.accept(io.BytesIO(body), name="open311.jpg", owner="system").pk]
    except (Trouble, Problem) as problem:
        log.info("open311_picture_left_out", id=remote.id, error=str(problem))
        return []


@transaction.atomic
def _note(server: Open311Server, remote: Remote) -> int:
    """Keep what changed there and tell it on the case; 1 if there was something to tell.

    Answers that come out of order do not turn back time.
    """
    link = server.links.select_for_update().filter(remote_id=remote.id).first()
    if link is None:
        return 0
    if remote.updated and link.remote_updated and remote.updated < link.remote_updated:
        return 0
    status, notes = remote.status or link.status, remote.notes or link.notes
    link.remote_updated = remote.updated or link.remote_updated
    if status == rules.CLOSED:
        link.state = LinkState.ENDED
    told = (status, notes) != (link.status, link.notes)
    first = not link.status and link.way == Way.OUT
    link.status, link.notes = status, notes
    link.save(update_fields=["status", "notes", "remote_updated", "state"])
    if not told or (first and status == rules.OPEN and not notes):
        return 0
    words = _STATUS.get(status, status)
    text = _("“%(server)s”的 %(id)s：%(status)s") % {
        "server": server.name,
        "id": remote.id,
        "status": str(words),
    }
    said = "；".join(filter(None, (text, clean_text(notes)[:1000])))
    note(by=acting(server), case_id=link.case_id, text=said)
    return 1


_STATUS = {rules.OPEN: _("办理中"), rules.CLOSED: _("已办结")}
