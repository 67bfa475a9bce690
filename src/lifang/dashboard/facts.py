"""Keeping the daily facts: what a case adds, folding changed cases in, building anew."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField, QuerySet, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone

from lifang.cases.counts import COUNTS, Cohort
from lifang.cases.models import Case
from lifang.core.models import JournalCursor, JournalEntry, JournalLink
from lifang.dashboard.models import CaseFact, Fact, Unfolded

READER = "dashboard"
KEYS = tuple(COUNTS)
#: sums beside the counts, with the count they are the time of
TIMES = {"accept_time": "filed", "handle_time": "disposed"}
COLUMNS = (*KEYS, *TIMES)
BIT = {key: 1 << n for n, key in enumerate(KEYS)}
#: columns of each cohort
OF_COHORT: dict[str, tuple[str, ...]] = {
    c: (
        *(k for k in KEYS if COUNTS[k].cohort == c),
        *(t for t, k in TIMES.items() if COUNTS[k].cohort == c),
    )
    for c in Cohort
}
_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(microseconds=1)


class Row(NamedTuple):
    """What one case adds: dimensions, anchor days, counts as bits, times in microseconds."""

    case_id: int
    unit: int
    area: str
    major: str
    source: str
    reported_on: dt.date
    dispatched_on: dt.date | None
    due_on: dt.date | None
    closed_on: dt.date | None
    flags: int
    accept_time: int
    handle_time: int

    def day(self, cohort: str) -> dt.date | None:
        return {
            Cohort.REPORTED.value: self.reported_on,
            Cohort.DISPATCHED.value: self.dispatched_on,
            Cohort.DUE.value: self.due_on,
            Cohort.CLOSED.value: self.closed_on,
        }[cohort]

    def adds(self, cohort: str) -> dict[str, int]:
        """The columns of ``cohort`` to which the case adds something."""
        found = {}
        for name in OF_COHORT[cohort]:
            if name in TIMES:
                if self.flags & BIT[TIMES[name]]:
                    found[name] = getattr(self, name)
            elif self.flags & BIT[name]:
                found[name] = 1
        return found


def flags() -> Any:
    """All counts as bits of one number, worked out by the database."""
    terms = [
        Choose(
            When(condition, then=Value(BIT[key])),
            default=Value(0),
            output_field=BigIntegerField(),
        )
        if (condition := count.condition)
        else Value(BIT[key], output_field=BigIntegerField())
        for key, count in COUNTS.items()
    ]
    return reduce(add, terms)


MAJOR = Coalesce("category__parent__key", "category__key", Value(""))
AREA = Substr("area", 1, 9)


def live(cases: QuerySet[Case]) -> Iterator[Row]:
    """What ``cases`` add as they are now."""
    zone = timezone.get_default_timezone()

    def local(at: dt.datetime) -> dt.date:
        return at.astimezone(zone).date()

    def day(at: dt.datetime | None) -> dt.date | None:
        return local(at) if at else None

    rows: Any = cases.order_by().values_list(
        "id", Coalesce("lead_unit_id", 0), AREA, MAJOR, "source",
        "reported_at", "filed_at", "dispatched_at", "handed_back_at", "due_at", "closed_at", flags(),
    )  # fmt: skip
    for case, unit, area, major, source, reported, filed, sent, back, due, closed, bits in rows:
        yield Row(
            case, unit, area, major, source, local(reported), day(sent), day(due), day(closed), bits,
            (filed - reported) // _TICK if filed else 0,
            (back - sent) // _TICK if back and sent else 0,
        )  # fmt: skip


def folded(facts: QuerySet[CaseFact]) -> Iterator[Row]:
    """What cases added when they were last folded in."""
    rows: Any = facts.values_list(*Row._fields)
    return (Row(*row) for row in rows)


def first_day(grain: str, day: dt.date) -> dt.date:
    if grain == "d":
        return day
    return day.replace(day=1) if grain == "m" else day.replace(month=1, day=1)


Key = tuple[str, str, dt.date, int, str, str, str]
Sums = dict[Key, dict[str, int]]


def _spread(sums: Sums, rows: Iterable[Row], sign: int) -> None:
    for row in rows:
        for cohort in OF_COHORT:
            day = row.day(cohort)
            if day is None:
                continue
            adds = row.adds(cohort)
            for grain in "dmy":
                key = (
                    grain, cohort, first_day(grain, day), row.unit, row.area, row.major, row.source,
                )  # fmt: skip
                into = sums[key]
                for name, n in adds.items():
                    into[name] = into.get(name, 0) + sign * n


def fold(limit: int = 1000) -> int:
    """Fold up to ``limit`` changed cases into the sums; returns how many.

    A case leaves ``Unfolded`` before it is read, so that a change in between brings it back. Rows
    of sums are touched in one order, so that two workers cannot wait for each other.
    """
    with transaction.atomic():
        waiting = Unfolded.objects.order_by("case_id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        ids = [row.case_id for row in waiting[:limit]]
        if not ids:
            return 0
        Unfolded.objects.filter(case_id__in=ids).delete()
        old = {r.case_id: r for r in folded(CaseFact.objects.filter(case_id__in=ids))}
        new = {r.case_id: r for r in live(Case.objects.filter(id__in=ids))}
        changed = {i for i in new if old.get(i) != new[i]}
        sums: Sums = defaultdict(dict)
        _spread(sums, (old[i] for i in changed if i in old), -1)
        _spread(sums, (new[i] for i in changed), +1)
        _add({k: v for k, v in sums.items() if any(v.values())})
        CaseFact.objects.bulk_create(
            (CaseFact(**new[i]._asdict()) for i in sorted(changed)),
            batch_size=500,
            update_conflicts=True,
            unique_fields=["case"],
            update_fields=[f for f in Row._fields if f != "case_id"],
        )
    return len(ids)


_KEY = ("grain", "cohort", "day", "unit", "area", "major", "source")


def _add(sums: Sums) -> None:
    """Add to the sums: one statement for 300 rows; names come from the code, values are bound."""
    table = connection.ops.quote_name(Fact._meta.db_table)
    names = [connection.ops.quote_name(c) for c in (*_KEY, *COLUMNS)]
    more = ", ".join(f"{n} = {table}.{n} + excluded.{n}" for n in names[len(_KEY) :])
    row = f"({', '.join(['%s'] * len(names))})"
    keys = sorted(sums)
    adapt = connection.ops.adapt_datefield_value
    with connection.cursor() as cursor:
        for at in range(0, len(keys), 300):
            part = keys[at : at + 300]
            values: list[Any] = []
            for key in part:
                values += [key[0], key[1], adapt(key[2]), *key[3:]]
                values += [sums[key].get(c, 0) for c in COLUMNS]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * len(part))}"  # noqa: S608
                f" ON CONFLICT ({', '.join(names[: len(_KEY)])}) DO UPDATE SET {more}",
                values,
            )


def fold_all() -> int:
    done = 0
    while n := fold():
        done += n
    return done


def mark(case_ids: Iterable[int]) -> None:
    """These cases changed (or were loaded past the journal's reader)."""
    Unfolded.objects.bulk_create((Unfolded(case_id=i) for i in case_ids), ignore_conflicts=True)


# ---------------------------------------------------------------- what is not folded in yet

#: an entry that commits after so many later ones is seen only when the hourly sweep has sealed it
LATE = 20_000


def unfolded(limit: int) -> set[int] | None:
    """Cases changed since they were folded in; ``None`` if there are more than ``limit``.

    Each statement reads one range of one primary key; what the rows are about is looked at here,
    as a planner given both may scan all entries about cases instead.
    """
    most = 20 * limit
    at = dict(
        JournalCursor.objects.filter(name__in=(READER, "seal")).values_list("name", "position")
    )
    found = set(Unfolded.objects.order_by().values_list("case_id", flat=True)[: limit + 1])
    links = JournalLink.objects.filter(position__gt=at.get(READER, 0)).order_by()
    unread = list(links.values_list("entry_id", flat=True)[: most + 1])
    if len(unread) > most or len(found) > limit:
        return None
    sealed = at.get("seal", 0)
    ranges = [JournalEntry.objects.filter(id__gt=sealed)]
    ranges += [
        JournalEntry.objects.filter(id__in=unread[n : n + 5000])
        for n in range(0, len(unread), 5000)
    ]
    if connection.vendor != "sqlite":  # there numbers are handed out in the order of commits
        late = JournalEntry.objects.filter(id__gt=sealed - LATE, id__lte=sealed, link=None)
        ranges.append(late)
    for entries in ranges:
        rows = list(
            entries.order_by().values_list("room", "subject_kind", "subject_id")[: most + 1]
        )
        if len(rows) > most:
            return None
        found.update(
            i
            for room, kind, i in rows
            if room == "cases" and kind == "cases.case" and i is not None
        )
    return found if len(found) <= limit else None
