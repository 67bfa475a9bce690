"""Limits over the working calendar."""

import datetime as dt
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.core import calendar as tables
from lifang.core import worktime
from lifang.core.worktime import CalendarMissing, add, between

ZONE = ZoneInfo("Asia/Shanghai")
YEARS = (2024, 2025, 2026)
CALENDAR = worktime.calendar(
    hours=tables.OFFICE_HOURS,
    years=YEARS,
    days={d.date: d.working for y in YEARS for d in tables.official(y)},
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_it_works() -> None:
    # Friday 17:00 + 2 office hours: one on Friday, one on Monday
    assert add(at("2026-03-06 17:00"), 2, "work_hour", CALENDAR) == at("2026-03-09 09:00")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        # round the clock, through a night and through the National Day holiday
        ("2025-09-30 23:00", 4, "urgent_hour", "2025-10-01 03:00"),
        ("2025-09-30 23:00", 1, "urgent_day", "2025-10-01 23:00"),
        ("2026-02-28 10:00", 3, "natural_day", "2026-03-03 10:00"),
        # at lunch, before and after office hours the clock stands
        ("2026-03-04 12:30", 1, "work_hour", "2026-03-04 15:00"),
        ("2026-03-04 06:00", 1, "work_hour", "2026-03-04 09:00"),
        ("2026-03-04 20:00", 1, "work_hour", "2026-03-05 09:00"),
        # a limit that fills a span ends with it
        ("2026-03-04 08:00", 4, "work_hour", "2026-03-04 12:00"),
        ("2026-03-04 08:00", 8, "work_hour", "2026-03-04 18:00"),
        ("2026-03-04 08:00", 1, "work_day", "2026-03-04 18:00"),
        ("2026-03-04 10:00", 1, "work_day", "2026-03-05 10:00"),
        # 2025-09-28 was a Sunday worked for the holiday of 1–8 October
        ("2025-09-26 18:00", 1, "work_day", "2025-09-28 18:00"),
        ("2025-09-30 18:00", 1, "work_day", "2025-10-09 18:00"),
        ("2026-03-04 10:00", Decimal("0.5"), "work_day", "2026-03-04 16:00"),
    ],
)
def test_known_limits(start: str, amount: Decimal, unit: str, due: str) -> None:
    assert add(at(start), amount, unit, CALENDAR) == at(due)


def test_missing_year_is_an_error_that_names_it() -> None:
    with pytest.raises(CalendarMissing) as problem:
        add(at("2026-12-31 17:00"), 2, "work_hour", CALENDAR)
    assert problem.value.year == 2027
    assert "2027" in str(problem.value)
    with pytest.raises(CalendarMissing):
        between(at("2023-12-01 08:00"), at("2024-02-01 08:00"), "work_day", CALENDAR)
    gap = worktime.calendar(hours=tables.OFFICE_HOURS, years=(2024, 2026), days={})
    with pytest.raises(CalendarMissing) as problem:
        add(at("2024-12-31 17:00"), 2, "work_day", gap)
    assert problem.value.year == 2025


# hypothesis wants its bounds without a zone
moments = st.datetimes(
    dt.datetime(2024, 1, 1),  # noqa: DTZ001
    dt.datetime(2026, 6, 30),  # noqa: DTZ001
    timezones=st.just(ZONE),
)
amounts = st.decimals(0, 60, places=2)
units = st.sampled_from(worktime.UNITS)


@given(moments, amounts, units)
def test_between_takes_back_what_add_gave(start: dt.datetime, amount: Decimal, unit: str) -> None:
    assert between(start, add(start, amount, unit, CALENDAR), unit, CALENDAR) == amount


@given(moments, amounts, amounts, units)
def test_limits_add_up(start: dt.datetime, one: Decimal, two: Decimal, unit: str) -> None:
    step = add(add(start, one, unit, CALENDAR), two, unit, CALENDAR)
    whole = add(start, one + two, unit, CALENDAR)
    # at a boundary, 18:00 and the next 8:00 are the same moment of office time
    assert (
        step == whole or (two == 0 and step == start) or between(step, whole, unit, CALENDAR) == 0
    )


@given(moments, moments, units)
def test_between_is_antisymmetric_and_monotone(a: dt.datetime, b: dt.datetime, unit: str) -> None:
    assert between(a, b, unit, CALENDAR) == -between(b, a, unit, CALENDAR)
    assert (between(a, b, unit, CALENDAR) >= 0) == (a <= b) or between(a, b, unit, CALENDAR) == 0


@given(
    moments, st.decimals(Decimal("0.01"), 60, places=2), st.sampled_from(["work_hour", "work_day"])
)
def test_office_limits_end_in_office_hours(start: dt.datetime, amount: Decimal, unit: str) -> None:
    due = add(start, amount, unit, CALENDAR).astimezone(ZONE)
    assert CALENDAR.working(due.date())
    minutes = due.hour * 60 + due.minute + (due.second + due.microsecond / 1e6) / 60
    assert any(a < minutes <= b for a, b in CALENDAR.hours)


@given(moments)
def test_next_open_is_open_and_costs_no_office_time(start: dt.datetime) -> None:
    opens = worktime.next_open(start, CALENDAR)
    assert opens >= start
    assert between(start, opens, "work_hour", CALENDAR) == 0
    assert between(opens, opens + dt.timedelta(minutes=1), "work_hour", CALENDAR) > 0


def test_a_deadline_costs_less_than_a_tenth_of_a_millisecond() -> None:
    add(at("2026-03-04 10:00"), 5, "work_day", CALENDAR)
    before = time.process_time()
    for _ in range(2000):
        add(at("2026-03-04 10:00"), 5, "work_day", CALENDAR)
    assert (time.process_time() - before) / 2000 < 1e-4


@pytest.mark.parametrize(
    "hours", [[["12:00", "08:00"]], [["08:00", "12:00"], ["11:00", "18:00"]], []]
)
def test_office_hours_out_of_order_are_refused(hours: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        worktime.calendar(hours=hours, years=(2026,), days={})
