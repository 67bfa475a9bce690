"""The journal: what was done, by whom, why. Written in the transaction of the change it tells of.

Entries are only ever inserted. Apart from them, one sealer at a time appends :class:`JournalLink`
rows: dense positions and a chain of hashes over the committed entries. Upper rooms follow the
*positions*, never the entry numbers, so an entry that commits late gets a later position and no
reader skips it (numbers are handed out before the commit, and commits overtake each other).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from lifang.core.acts import Actor
from lifang.core.jsontext import canonical, moment, plain
from lifang.core.models import JournalCursor, JournalEntry, JournalLink

SEALER = "seal"
#: an entry older than this at its commit is left to the full sweep
LOOK_BACK = dt.timedelta(minutes=10)
GENESIS = "0" * 64
#: what the hash covers, in the order of the table
COVERED = (
    "id", "at", "device_at", "user_id", "token_id", "actor", "address", "unit_id", "room", "verb",
    "subject_kind", "subject_id", "subject_name", "automatic", "reason", "before", "after",
)  # fmt: skip


def entry(
    *,
    by: Actor,
    room: str,
    verb: str,
    subject: Model | None = None,
    unit_id: int | None = None,
    automatic: bool = False,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    device_at: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> JournalEntry:
    """An entry not yet written; give several to :func:`write_many` to write them with one INSERT.

    ``at`` is the server's time unless told (loading a history). ``unit_id`` is the unit the matter
    concerns, else the actor's own.
    """
    return JournalEntry(
        at=at or timezone.now(),
        device_at=device_at,
        user_id=by.user_id,
        token_id=by.token_id,
        actor=by.name[:80],
        address=by.address[:45],
        unit_id=by.unit_id if unit_id is None else unit_id,
        room=room,
        verb=verb,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None and isinstance(subject.pk, int) else None,
        subject_name=str(subject)[:120] if subject is not None else "",
        automatic=automatic or by.automatic,
        reason=plain(reason),
        before=None if before is None else plain(dict(before)),
        after=None if after is None else plain(dict(after)),
    )


def write(*, by: Actor, room: str, verb: str, **rest: Any) -> JournalEntry:
    """Write one entry; arguments as of :func:`entry`."""
    return write_many([entry(by=by, room=room, verb=verb, **rest)])[0]


def write_many(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    """Write entries with one INSERT. Must stand inside the transaction of the change."""
    rows = list(entries)
    if not connection.in_atomic_block:
        raise RuntimeError("the journal is written inside the transaction of the change")
    return JournalEntry.objects.bulk_create(rows)


# ---------------------------------------------------------------- the chain


def digest(previous: str, values: Mapping[str, Any]) -> str:
    """Hash of a link: SHA-256 over the previous hash and the entry's canonical JSON."""
    fields = {
        name: moment(v) if isinstance(v := values[name], dt.datetime) else v for name in COVERED
    }
    return hashlib.sha256((previous + canonical(fields)).encode()).hexdigest()


def _cursor(name: str, *, wait: bool) -> JournalCursor | None:
    """The locked cursor row; ``None`` while another process holds it and ``wait`` is false."""
    JournalCursor.objects.get_or_create(name=name)
    skip = not wait and connection.features.has_select_for_update_skip_locked
    return JournalCursor.objects.select_for_update(skip_locked=skip).filter(name=name).first()


def pending(now: dt.datetime) -> bool:
    """Whether a committed entry waits for its link. Takes no lock: a quick look for idle loops."""
    seen = JournalCursor.objects.filter(name=SEALER).values_list("position", flat=True).first() or 0
    return JournalEntry.objects.filter(id__gt=seen).exists() or bool(_late(seen, now, 1))


def _late(seen: int, now: dt.datetime, limit: int, *, sweep: bool = False) -> list[dict[str, Any]]:
    """Entries at or below the highest number met that have no link: they committed late."""
    if connection.vendor == "sqlite" and not sweep:
        return []  # one writer at a time: numbers are handed out in the order of commits
    rows = JournalEntry.objects.filter(id__lte=seen, link=None)
    if not sweep:
        rows = rows.filter(at__gte=now - LOOK_BACK)
    return list(rows.order_by("id").values(*COVERED)[:limit])


@transaction.atomic
def seal(
    *, limit: int = 500, now: dt.datetime | None = None, sweep: bool = False, wait: bool = True
) -> int:
    """Append links for up to ``limit`` committed entries; returns how many.

    ``sweep`` looks at all entries for late ones, not only those of the last minutes. With
    ``wait`` false, another sealer at work means nothing to do.
    """
    cursor = _cursor(SEALER, wait=wait)
    if cursor is None:
        return 0
    late = _late(cursor.position, now or timezone.now(), limit, sweep=sweep)
    new = list(
        JournalEntry.objects.filter(id__gt=cursor.position)
        .order_by("id")
        .values(*COVERED)[: limit - len(late)]
    )
    if not late and not new:
        return 0
    last = JournalLink.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    links = []
    for values in late + new:
        position += 1
        previous = digest(previous, values)
        links.append(JournalLink(position=position, entry_id=values["id"], hash=previous))
    JournalLink.objects.bulk_create(links)
    if new:
        cursor.position = new[-1]["id"]
        cursor.save(update_fields=["position", "updated_at"])
    return len(links)


def seal_all(*, sweep: bool = False) -> int:
    """Seal until nothing is left; for ``recover``, ``doctor`` and tests."""
    done = 0
    while n := seal(sweep=sweep):
        done += n
    return done


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold."""

    #: changed | missing | inserted
    what: str
    position: int
    entry_id: int | None


def verify(*, batch: int = 2000) -> Break | None:
    """Walk the whole chain; ``None`` if it holds, else the first broken row.

    ``missing``: a position or an entry is gone. ``changed``: an entry or a hash is not what was
    sealed. ``inserted``: a link out of order, or an old entry that was never sealed though later
    ones were (put in behind the sealer's back).
    """
    previous, expected = GENESIS, 1
    for position, found, entry_id, values in _chain(batch):
        if position != expected:
            return Break("missing" if position > expected else "inserted", expected, entry_id)
        if values is None:
            return Break("missing", position, entry_id)
        if digest(previous, values) != found:
            return Break("changed", position, entry_id)
        previous, expected = found, position + 1
    seen = JournalCursor.objects.filter(name=SEALER).values_list("position", flat=True).first() or 0
    stray = (
        JournalEntry.objects.filter(id__lte=seen, link=None, at__lt=timezone.now() - SWEPT)
        .order_by("id")
        .values_list("id", flat=True)
        .first()
    )
    if stray is not None:
        return Break("inserted", expected, stray)
    return None


#: the full sweep runs every hour; an entry older than two of them without a link is a stranger
SWEPT = dt.timedelta(hours=2)


def _chain(batch: int) -> Iterator[tuple[int, str, int, dict[str, Any] | None]]:
    after = -(2**62)
    while True:
        links = list(
            JournalLink.objects.filter(position__gt=after)
            .order_by("position")
            .values_list("position", "hash", "entry_id")[:batch]
        )
        if not links:
            return
        rows = {
            row["id"]: row
            for row in JournalEntry.objects.filter(id__in=[e for _, _, e in links]).values(*COVERED)
        }
        for position, found, entry_id in links:
            yield position, found, entry_id, rows.get(entry_id)
        after = links[-1][0]
