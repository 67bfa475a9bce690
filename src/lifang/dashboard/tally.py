"""Counting: sums of the daily facts, corrected by what is not folded in yet. Exact at any moment.

figure = Σ facts − Σ what the unfolded cases added when folded + Σ what they add now
         + what fell due today (a deadline ahead of the clock is in the facts, but due to nobody yet)

All four are read in one snapshot. A filter finer than the facts, or too much not folded in, is
counted over the cases themselves: slower, never stale.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDate, TruncMonth
from django.utils import timezone

from lifang.cases.counts import ANCHOR, COUNTS, Cohort, Scope, of_category
from lifang.cases.models import Case
from lifang.cases.permissions import under
from lifang.dashboard import facts
from lifang.dashboard.facts import Row, first_day
from lifang.dashboard.models import CaseFact, Fact
from lifang.dashboard.rules import Span, cover
from lifang.dashboard.snapshot import snapshot

#: more unfolded cases than this are counted directly
FEW = 5000
DIMENSIONS = ("unit", "area", "major", "source", "day", "month")

EVERYTHING = Scope(("",), frozenset())


@dataclass(frozen=True)
class Where:
    """Which cases: local days ``[start, end)`` and dimensions. ``None`` means all."""

    start: dt.date
    end: dt.date
    units: frozenset[int] | None = None
    #: division-code prefix
    area: str = ""
    #: key of a class, or a leading part of one up to a dot or a dash: ``event``, ``event-street``
    category: str = ""
    source: str = ""
    #: what the one who asks may see
    scope: Scope = EVERYTHING

    @property
    def coarse(self) -> bool:
        """Whether the facts' dimensions can tell these cases apart."""
        return (
            len(self.area) <= 9
            and "." not in self.category
            and all(len(a) <= 9 for a in self.scope.areas)
        )

    def over_facts(self) -> Q:
        return self._q("unit", "area", "major", "source")

    def over_cases(self) -> Q:
        return self._q("lead_unit_id", "area", "category__key", "source")

    def _q(self, unit: str, area: str, category: str, source: str) -> Q:
        q = Q()
        if self.units is not None:
            q &= Q(**{f"{unit}__in": self.units})
        if self.area:
            q &= under(self.area, area)
        if self.category:
            q &= of_category(self.category, category)
        if self.source:
            q &= Q(**{source: self.source})
        return q & self.scope.q(area, unit)


Tally = dict[Any, Counter[str]]


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())


def tally(
    where: Where,
    *,
    now: dt.datetime,
    by: str | None = None,
    cohorts: Iterable[str] = tuple(Cohort),
) -> Tally:
    """Counts of ``cohorts`` by the values of one dimension, or under ``None`` for all together."""
    wanted = tuple(cohorts)
    with snapshot():
        late = facts.unfolded(FEW) if where.coarse else None
        if late is None or by == "category":
            return direct(where, now=now, by=by, cohorts=wanted)
        return _quick(where, now, by, wanted, late)


def _quick(
    where: Where, now: dt.datetime, by: str | None, cohorts: tuple[str, ...], late: set[int]
) -> Tally:
    found: Tally = {}
    today = now.astimezone(timezone.get_default_timezone()).date()
    ends = {c: min(where.end, today) if c == Cohort.DUE else where.end for c in cohorts}
    for cohort in cohorts:
        _sums(found, where, cohort, ends[cohort], by)
    if late:
        for sign, rows in (
            (-1, facts.folded(CaseFact.objects.filter(where.over_facts(), case_id__in=late))),
            (+1, facts.live(Case.objects.filter(where.over_cases(), id__in=late))),
        ):
            for row in rows:
                _one(found, row, sign, where.start, ends, by)
    if Cohort.DUE in cohorts and where.start <= today < where.end:
        part = replace(where, start=today, end=today + dt.timedelta(days=1))
        for key, counts in direct(part, now=now, by=by, cohorts=(Cohort.DUE,)).items():
            _into(found, key).update(counts)
    return {k: c for k, c in found.items() if k is None or any(c.values())}


def _into(found: Tally, key: Any) -> Counter[str]:
    return found.setdefault(key, Counter())


def _sums(found: Tally, where: Where, cohort: str, end: dt.date, by: str | None) -> None:
    if where.start >= end:
        return
    spans = _spans(where.start, end, by)
    within = reduce(or_, (Q(grain=s.grain, day__gte=s.start, day__lt=s.end) for s in spans))
    rows: Any = Fact.objects.filter(within, where.over_facts(), cohort=cohort)
    columns = facts.OF_COHORT[cohort]
    sums = {f"s_{c}": Sum(c, default=0) for c in columns}
    dim = "day" if by in ("day", "month") else by
    rows = rows.values(dim).annotate(**sums) if dim else [rows.aggregate(**sums)]
    for row in rows:
        into = _into(found, _key(by, row[dim]) if dim else None)
        for column in columns:
            into[column] += row[f"s_{column}"]


def _spans(start: dt.date, end: dt.date, by: str | None) -> list[Span]:
    if by == "day":
        return [Span("d", start, end)]
    spans = cover(start, end)
    if by == "month" and any(s.grain == "y" for s in spans):
        first = (
            start if start.day == 1 else (start.replace(day=1) + dt.timedelta(32)).replace(day=1)
        )
        last = end.replace(day=1)
        edges = [Span("d", start, first), Span("m", first, last), Span("d", last, end)]
        return [s for s in edges if s.start < s.end]
    return spans


def _key(by: str | None, value: Any) -> Any:
    return first_day("m", value) if by == "month" else value


def _one(
    found: Tally, row: Row, sign: int, start: dt.date, ends: dict[str, dt.date], by: str | None
) -> None:
    for cohort, end in ends.items():
        day = row.day(cohort)
        if day is None or not start <= day < end:
            continue
        key: Any = None
        if by in ("day", "month"):
            key = first_day(by[0], day)
        elif by:
            key = getattr(row, by)
        into = _into(found, key)
        for name, n in row.adds(cohort).items():
            into[name] += sign * n


# ---------------------------------------------------------------- over the cases themselves

_TIME: dict[str, Any] = {
    "accept_time": F("filed_at") - F("reported_at"),
    "handle_time": F("handed_back_at") - F("dispatched_at"),
}
_TICK = dt.timedelta(microseconds=1)


def direct(
    where: Where,
    *,
    now: dt.datetime,
    by: str | None = None,
    cohorts: Iterable[str] = tuple(Cohort),
) -> Tally:
    """The same counts over the cases, one statement a cohort."""
    found: Tally = {}
    for cohort in cohorts:
        anchor = ANCHOR[Cohort(cohort)]
        end = midnight(where.end)
        if cohort == Cohort.DUE:
            end = min(end, now)
        cases: QuerySet[Case] = Case.objects.filter(
            where.over_cases(), **{f"{anchor}__gte": midnight(where.start), f"{anchor}__lt": end}
        )
        columns: dict[str, Any] = {}
        for name in facts.OF_COHORT[cohort]:
            if name in facts.TIMES:
                of = COUNTS[facts.TIMES[name]].condition
                columns[f"s_{name}"] = Sum(_TIME[name], filter=of)
            else:
                columns[f"s_{name}"] = Count("pk", filter=COUNTS[name].condition or None)
        rows: Any
        if by is None:
            rows = [cases.aggregate(**columns)]
        else:
            grouped = cases.order_by().annotate(g=_group(by, anchor)).values("g")
            rows = grouped.annotate(**columns)
        for row in rows:
            into = _into(found, row["g"] if by else None)
            for name in facts.OF_COHORT[cohort]:
                value = row[f"s_{name}"] or 0
                into[name] += value // _TICK if isinstance(value, dt.timedelta) else value
    return found


def _group(by: str, anchor: str) -> Any:
    zone = timezone.get_default_timezone()
    groups: dict[str, Callable[[], Any]] = {
        "unit": lambda: Coalesce("lead_unit_id", Value(0), output_field=BigIntegerField()),
        "area": lambda: facts.AREA,
        "major": lambda: facts.MAJOR,
        "category": lambda: Coalesce("category__key", Value("")),
        "source": lambda: F("source"),
        "day": lambda: TruncDate(anchor, tzinfo=zone),
        # the local day first: PostgreSQL would shift a month that is already local once more
        "month": lambda: TruncMonth(TruncDate(anchor, tzinfo=zone)),
    }
    return groups[by]()
