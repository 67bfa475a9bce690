"""Time limits over a working calendar. Pure: no database, no clock, no settings.

Units (GB/T 30428.8 as printed in city rules): 紧急工作时 and 紧急工作日 run round the clock, holidays
included; 工作时 runs only in office hours of working days; 工作日 is one day's office hours, make-up
days counted; 自然日 is 24 hours of the calendar.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lifang.core.errors import Problem

URGENT_HOUR, URGENT_DAY = "urgent_hour", "urgent_day"
WORK_HOUR, WORK_DAY, NATURAL_DAY = "work_hour", "work_day", "natural_day"
UNITS = (URGENT_HOUR, URGENT_DAY, WORK_HOUR, WORK_DAY, NATURAL_DAY)

_HOUR = 3_600_000_000  # microseconds, in which everything here is counted
_DAY = 24 * _HOUR
_CONTINUOUS = {URGENT_HOUR: _HOUR, URGENT_DAY: _DAY, NATURAL_DAY: _DAY}


class CalendarMissing(Problem):
    """The calendar does not know a year that a limit runs through."""

    status = 409

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            "calendar.missing",
            _("工作日历缺少 %(year)s 年的节假日安排，请系统管理员在“工作日历”中补充该年后重试")
            % {"year": year},
        )


@dataclass(frozen=True)
class Calendar:
    """Office hours and the days on which they hold, for the years that are known."""

    #: spans of a working day as minutes after midnight, in order, not touching
    hours: tuple[tuple[int, int], ...]
    years: frozenset[int]
    #: days that differ from Monday–Friday: ``True`` is worked
    days: Mapping[dt.date, bool] = field(hash=False)
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        flat = [minute for span in self.hours for minute in span]
        if not flat or flat != sorted(set(flat)) or flat[0] < 0 or flat[-1] > 1440:
            raise ValueError(f"office hours out of order: {self.hours}")

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Office hours in microseconds after midnight."""
        return tuple((a * 60_000_000, b * 60_000_000) for a, b in self.hours)

    @cached_property
    def day_length(self) -> int:
        return sum(b - a for a, b in self.spans)

    @cached_property
    def worked(self) -> list[int]:
        """Ordinals of all working days of the known years, ascending."""
        found = []
        for year in sorted(self.years):
            first, end = dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal()
            for n in range(first, end):
                special = self.days.get(dt.date.fromordinal(n))
                if (n - 1) % 7 < 5 if special is None else special:  # ordinal 1 was a Monday
                    found.append(n)
        return found

    def working(self, day: dt.date) -> bool:
        """Whether ``day`` is worked; raises :class:`CalendarMissing`."""
        self.require(day.year, day.year)
        n = day.toordinal()
        at = bisect_left(self.worked, n)
        return at < len(self.worked) and self.worked[at] == n

    def require(self, first: int, last: int) -> None:
        """Raise :class:`CalendarMissing` for the first unknown year of ``first``–``last``."""
        for year in range(first, last + 1):
            if year not in self.years:
                raise CalendarMissing(year)


def calendar(
    *,
    hours: Sequence[Sequence[str]],
    years: Iterable[int],
    days: Mapping[dt.date, bool],
    zone: str = "Asia/Shanghai",
) -> Calendar:
    """A calendar from what the tables hold: hours as ``[["08:00", "12:00"], …]``."""
    spans = tuple((_minutes(a), _minutes(b)) for a, b in hours)
    return Calendar(spans, frozenset(years), dict(days), zone)


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def add(start: dt.datetime, amount: Decimal | int, unit: str, calendar: Calendar) -> dt.datetime:
    """The moment when ``amount`` of ``unit`` after ``start`` has run out.

    A limit that fills a span exactly ends with that span (18:00, not 8:00 of the next day).
    ``amount`` 0 is ``start`` itself. Raises :class:`CalendarMissing`; ``ValueError`` below 0.
    """
    if amount < 0:
        raise ValueError("a limit below zero")
    if unit in _CONTINUOUS:
        return start + dt.timedelta(microseconds=_whole(Decimal(amount) * _CONTINUOUS[unit]))
    length = _length(unit, calendar)
    run = _whole(Decimal(amount) * length)
    if run == 0:
        return start
    local = start.astimezone(calendar.tz)
    calendar.require(local.year, local.year)
    day, rest = divmod(_position(local, calendar) + run, calendar.day_length)
    if rest == 0:
        day, rest = day - 1, calendar.day_length
    if day >= len(calendar.worked):
        raise CalendarMissing(_first_gap(local.year, calendar))
    date = dt.date.fromordinal(calendar.worked[day])
    calendar.require(local.year, date.year)
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=calendar.tz)
    return midnight + dt.timedelta(microseconds=_of_day(rest, calendar))


def between(start: dt.datetime, end: dt.datetime, unit: str, calendar: Calendar) -> Decimal:
    """How much of ``unit`` lies between two moments; negative when ``end`` comes first."""
    if end < start:
        return -between(end, start, unit, calendar)
    if unit in _CONTINUOUS:
        return Decimal((end - start) // dt.timedelta(microseconds=1)) / _CONTINUOUS[unit]
    length = _length(unit, calendar)
    a, b = start.astimezone(calendar.tz), end.astimezone(calendar.tz)
    calendar.require(a.year, b.year)
    return Decimal(_position(b, calendar) - _position(a, calendar)) / length


def _length(unit: str, calendar: Calendar) -> int:
    if unit == WORK_HOUR:
        return _HOUR
    if unit == WORK_DAY:
        return calendar.day_length
    raise ValueError(f"unknown unit of time: {unit}")


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _position(local: dt.datetime, calendar: Calendar) -> int:
    """Office time from the first known day up to ``local``, in microseconds."""
    n = local.toordinal()
    before = bisect_left(calendar.worked, n)
    whole = before * calendar.day_length
    if before == len(calendar.worked) or calendar.worked[before] != n:
        return whole
    at = (
        (local.hour * 60 + local.minute) * 60_000_000 + local.second * 1_000_000 + local.microsecond
    )
    return whole + sum(min(at, b) - a for a, b in calendar.spans if at > a)


def _of_day(office: int, calendar: Calendar) -> int:
    """Time after midnight at which ``office`` of the day's office time has passed."""
    for a, b in calendar.spans:
        if office <= b - a:
            return a + office
        office -= b - a
    raise AssertionError("more office time than the day has")


def _first_gap(year: int, calendar: Calendar) -> int:
    years = sorted(y for y in calendar.years if y >= year)
    for expected, found in zip(range(year, year + len(years)), years, strict=True):
        if expected != found:
            return expected
    return year + len(years)


def next_open(moment: dt.datetime, calendar: Calendar) -> dt.datetime:
    """``moment`` if the office is open then, else the next time it opens."""
    local = moment.astimezone(calendar.tz)
    calendar.require(local.year, local.year)
    at = (
        (local.hour * 60 + local.minute) * 60_000_000 + local.second * 1_000_000 + local.microsecond
    )
    n = local.toordinal()
    if calendar.working(local.date()):
        for a, b in calendar.spans:
            if at < b:
                return moment if at >= a else local + dt.timedelta(microseconds=a - at)
    day = bisect_right(calendar.worked, n)
    if day == len(calendar.worked):
        raise CalendarMissing(_first_gap(local.year, calendar))
    date = dt.date.fromordinal(calendar.worked[day])
    calendar.require(local.year, date.year)
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=calendar.tz)
    return midnight + dt.timedelta(microseconds=calendar.spans[0][0])
