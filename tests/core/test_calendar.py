"""The calendar as data."""

import datetime as dt

import pytest

from factories_orgs import client_for, make_user
from lifang.core import calendar, worktime
from lifang.core.models import JournalEntry
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    calendar.seed()
    assert calendar.default().working(dt.date(2025, 9, 28))  # a Sunday made up
    assert not calendar.default().working(dt.date(2025, 10, 8))
    _row, year, days = calendar.year_of(2026)
    assert "chinesecalendar" in year.source
    assert {d.name for d in days} >= {"春节", "国庆节", "春节调休上班"}
    assert calendar.seed() == []


def test_an_administrator_sets_a_year_and_limits_follow_at_once() -> None:
    calendar.seed()
    admin, other = (client_for(make_user(role=r)) for r in (Role.SYSTEM_ADMIN, Role.DUTY_CHIEF))
    path = "/api/v1/calendar/2027"
    assert admin.get(path).json()["known"] is False
    with pytest.raises(worktime.CalendarMissing):
        calendar.default().working(dt.date(2027, 1, 4))
    body = {"days": [{"date": "2027-01-01", "working": False, "name": "元旦"}], "source": "通知"}
    assert other.put(path, body, content_type="application/json").status_code == 403
    answer = admin.put(path, body, content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    assert not calendar.default().working(dt.date(2027, 1, 1))
    assert calendar.default().working(dt.date(2027, 1, 4))
    assert 2027 in admin.get("/api/v1/calendar").json()["years"]
    entry = JournalEntry.objects.get(verb="set_calendar")
    assert entry.after["days"] == {"2027-01-01": False}


@pytest.mark.parametrize(
    "body",
    [
        {"days": [{"date": "2026-01-01", "working": False}]},
        {
            "days": [
                {"date": "2027-01-01", "working": False},
                {"date": "2027-01-01", "working": True},
            ]
        },
        {"days": [], "hours": [["18:00", "08:00"]]},
        {"days": [], "hours": [["8点", "12点"]]},
        {"days": [], "hours": [["08:00", "25:00"]]},
        {"days": [], "hours": []},
    ],
)
def test_what_makes_no_calendar_is_refused(body: dict[str, object]) -> None:
    calendar.seed()
    admin = client_for(make_user(role=Role.SYSTEM_ADMIN))
    answer = admin.put("/api/v1/calendar/2027", body, content_type="application/json")
    assert answer.status_code == 422
    assert admin.get("/api/v1/calendar/2027").json()["known"] is False


def test_missing_years_are_found_in_time() -> None:
    calendar.seed()
    assert calendar.missing_years(dt.date(2026, 10, 31)) == []
    assert calendar.missing_years(dt.date(2026, 11, 1)) == [2027]
