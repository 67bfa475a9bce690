"""Readers of the journal: the one channel upwards between rooms.

``@reader("relapse", rooms=("cases",))`` on ``def f(entry) -> None``. What a reader writes and its
cursor move in one transaction: killed at any point it goes on where it stopped, and reset to zero
it comes to the same state (so a reader must be a function of the entries alone).
"""

import datetime as dt
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone

from lifang.core.journal import _cursor
from lifang.core.models import JournalCursor, JournalEntry, JournalLink

log = structlog.get_logger(__name__)
Read = Callable[[JournalEntry], None]


@dataclass(frozen=True)
class Reader:
    name: str
    rooms: frozenset[str]
    read: Read


READERS: dict[str, Reader] = {}


def reader(name: str, *, rooms: tuple[str, ...]) -> Callable[[Read], Read]:
    """Register a reader of the entries of ``rooms``."""

    def register(read: Read) -> Read:
        READERS[name] = Reader(name, frozenset(rooms), read)
        return read

    return register


def run_reader(name: str, *, limit: int = 100, now: dt.datetime | None = None) -> int:
    """Let one reader read up to ``limit`` links; returns how many it passed.

    An entry that fails is rolled back with the batch, which is then read one by one up to it.
    There the reader waits and tries again later: it never skips.
    """
    at = now or timezone.now()
    try:
        return _read(READERS[name], limit, at)
    except Exception:
        done = 0
        while limit > 1:
            try:
                n = _read(READERS[name], 1, at)
            except Exception:
                _failed(name, at)
                break
            done += n
            if not n:
                break
        else:
            _failed(name, at)
        return done


@transaction.atomic
def _read(reader: Reader, limit: int, now: dt.datetime) -> int:
    cursor = _cursor(reader.name, wait=False)
    if cursor is None or (cursor.retry_at and cursor.retry_at > now):
        return 0
    links = list(
        JournalLink.objects.filter(position__gt=cursor.position)
        .order_by("position")
        .select_related("entry")[:limit]
    )
    if not links:
        return 0
    for link in links:
        if link.entry.room in reader.rooms:
            reader.read(link.entry)
    cursor.position = links[-1].position
    cursor.failures, cursor.error, cursor.retry_at = 0, "", None
    cursor.save()
    return len(links)


def _failed(name: str, now: dt.datetime) -> None:
    cursor = JournalCursor.objects.get(name=name)
    cursor.failures += 1
    cursor.error = traceback.format_exc()[-2000:]
    cursor.retry_at = now + dt.timedelta(seconds=min(2**cursor.failures, 600))
    cursor.save()
    log.error("reader_failed", reader=name, after=cursor.position, failures=cursor.failures)


def run_readers(*, now: dt.datetime | None = None) -> int:
    """Let every reader read what is sealed; returns how many links were passed in all.

    A quick look without a lock comes first, so that an idle round costs two reads.
    """
    last = JournalLink.objects.order_by("-position").values_list("position", flat=True).first()
    if last is None or not READERS:
        return 0
    at = dict(JournalCursor.objects.values_list("name", "position"))
    done = 0
    for name in READERS:
        while at.get(name, 0) < last and (n := run_reader(name, now=now)):
            done += n
            at[name] = at.get(name, 0) + n
    return done


def replay(name: str) -> None:
    """Set a reader back to zero. Its room must first clear what the reader wrote."""
    JournalCursor.objects.filter(name=name).update(position=0, failures=0, error="", retry_at=None)
    while run_reader(name):
        continue


def lags() -> dict[str, int]:
    """Links each reader has still to read."""
    last = JournalLink.objects.order_by("-position").values_list("position", flat=True).first() or 0
    at = dict(JournalCursor.objects.values_list("name", "position"))
    return {name: last - at.get(name, 0) for name in READERS}
