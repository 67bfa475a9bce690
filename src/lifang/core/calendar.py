"""The working calendar as data: seeded from ``chinesecalendar``, edited by administrators."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal, stamps, worktime
from lifang.core.acts import Actor
from lifang.core.errors import Field, Invalid, Missing
from lifang.core.models import CalendarDay, CalendarYear, WorkCalendar

DEFAULT = "default"
STAMP = "calendar"
OFFICE_HOURS = [["08:00", "12:00"], ["14:00", "18:00"]]


@dataclass(frozen=True)
class Day:
    """A day that differs from Monday–Friday."""

    date: dt.date
    working: bool
    name: str = ""


def default() -> worktime.Calendar:
    """The calendar that cases use; kept in this process until its stamp changes."""
    return of(DEFAULT)


def of(key: str) -> worktime.Calendar:
    """The calendar ``key``."""
    return stamps.cached(STAMP, lambda: _load(key), key=key)


def _load(key: str) -> worktime.Calendar:
    row = _row(key)
    return worktime.calendar(
        hours=row.hours,
        years=row.years.values_list("year", flat=True),
        days=dict(row.days.values_list("date", "working")),
    )


def _row(key: str) -> WorkCalendar:
    row = WorkCalendar.objects.filter(key=key).first()
    if row is None:
        raise Missing("calendar.not_found", _("没有工作日历“%(key)s”") % {"key": key})
    return row


def known_years() -> list[int]:
    """Years of which ``chinesecalendar`` knows the State Council's notice."""
    return sorted({d.year for d in holidays if d.year >= 2004})


def official(year: int) -> list[Day]:
    """The days of ``year`` that differ from the plain week, as the State Council set them."""
    found = []
    day = dt.date(year, 1, 1)
    while day.year == year:
        plain = day.weekday() < 5
        works = chinese_calendar.is_workday(day)
        if works != plain:
            name = (workdays if works else holidays).get(day, "")
            found.append(Day(day, works, _chinese(name, works)))
        day += dt.timedelta(days=1)
    return found


def _chinese(name: str, works: bool) -> str:
    found = next((h.chinese for h in chinese_calendar.Holiday if h.value == name), name)
    return f"{found}调休上班" if works and found else found


@transaction.atomic
def seed(*, years: Iterable[int] | None = None) -> list[int]:
    """Make the default calendar and the known years that are not there; returns the years made.

    What a person edited stays as it is.
    """
    row, _made = WorkCalendar.objects.get_or_create(
        key=DEFAULT, defaults={"name": "机关工作日历", "hours": OFFICE_HOURS}
    )
    there = set(row.years.values_list("year", flat=True))
    new = [y for y in (years if years is not None else known_years()) if y not in there]
    CalendarYear.objects.bulk_create(
        CalendarYear(calendar=row, year=y, source="国务院办公厅节假日安排（chinesecalendar）")
        for y in new
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar=row, date=d.date, working=d.working, name=d.name)
        for y in new
        for d in official(y)
    )
    if new:
        stamps.bump(STAMP)
    return new


def year_of(year: int, *, key: str = DEFAULT) -> tuple[WorkCalendar, CalendarYear, list[Day]]:
    """What is kept of a year; raises :class:`worktime.CalendarMissing`."""
    row = _row(key)
    found = row.years.filter(year=year).first()
    if found is None:
        raise worktime.CalendarMissing(year)
    return row, found, [Day(d.date, d.working, d.name) for d in row.days.filter(date__year=year)]


@transaction.atomic
def set_year(
    *,
    by: Actor,
    year: int,
    days: Sequence[Day],
    hours: Sequence[Sequence[str]] | None = None,
    source: str = "",
    key: str = DEFAULT,
) -> None:
    """Set a year's special days (and, where given, the office hours of the whole calendar).

    Deadlines already given stay; new ones use the new days.
    """
    fields = [
        Field(f"days.{n}.date", _("%(d)s 不在 %(year)s 年") % {"d": d.date, "year": year})
        for n, d in enumerate(days)
        if d.date.year != year
    ]
    dates = [d.date for d in days]
    fields += [
        Field(f"days.{n}.date", _("%(d)s 重复") % {"d": d})
        for n, d in enumerate(dates)
        if d in dates[:n]
    ]
    if fields:
        raise Invalid(
            "calendar.days", _("日历中有 %(n)s 处错误") % {"n": len(fields)}, fields=fields
        )
    row = _row(key)
    before = {"hours": row.hours, "days": _plain(row.days.filter(date__year=year))}
    if hours is not None:
        check_hours(hours)
        row.hours = [list(span) for span in hours]
        row.save(update_fields=["hours"])
    CalendarYear.objects.update_or_create(calendar=row, year=year, defaults={"source": source})
    row.days.filter(date__year=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar=row, date=d.date, working=d.working, name=d.name) for d in days
    )
    stamps.bump(STAMP)
    journal.write(
        by=by,
        room="core",
        verb="set_calendar",
        subject=row,
        before=before,
        after={"year": year, "hours": row.hours, "days": {str(d.date): d.working for d in days}},
    )


def _plain(days: Iterable[CalendarDay]) -> Mapping[str, bool]:
    return {str(d.date): d.working for d in days}


def check_hours(hours: Sequence[Sequence[str]]) -> None:
    """Refuse office hours that overlap or run backwards."""
    try:
        worktime.calendar(hours=hours, years=(), days={})
    except ValueError as problem:
        raise Invalid(
            "calendar.hours",
            _("办公时间有误：须按先后顺序填写且不能重叠，例：08:00–12:00、14:00–18:00"),
            fields=[Field("hours", _("格式为 时:分"))],
        ) from problem


def hours_of(key: str = DEFAULT) -> list[list[str]]:
    """Office hours as kept."""
    found: list[list[str]] = _row(key).hours
    return found


def missing_years(today: dt.date) -> list[int]:
    """Years that deadlines given today may run into and that the calendar does not know."""
    years = default().years
    wanted = [today.year, *([today.year + 1] if today.month >= 11 else [])]
    return [y for y in wanted if y not in years]
