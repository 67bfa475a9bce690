"""Routes of the calendar, the number templates, the journal and the system's health."""

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from lifang.core import audit, calendar, codes, doctor, worktime
from lifang.core.acts import CoreRequest, need_role
from lifang.core.api import Page, Router
from lifang.core.errors import Invalid
from lifang.core.exports import XLSX
from lifang.core.models import CodeTemplate
from lifang.core.paging import Limit, page

router = Router(tags=["system"])


class DayOut(Schema):
    date: date
    working: bool
    name: str = Field(default="", max_length=40)


class YearOut(Schema):
    year: int
    #: false: nobody has set this year yet, and limits cannot run into it
    known: bool
    source: str
    hours: list[list[str]]
    days: list[DayOut]


class YearIn(Schema):
    days: list[DayOut] = Field(max_length=366)
    hours: list[tuple[str, str]] | None = Field(default=None, max_length=6)
    source: str = Field(default="", max_length=200)


class NumberOut(Schema):
    key: str
    template: str
    note: str
    #: what a number would look like today
    example: str


class NumberIn(Schema):
    template: str = Field(min_length=1, max_length=120)
    note: str = Field(default="", max_length=200)


class EntryOut(Schema):
    id: int
    position: int | None
    at: datetime
    device_at: datetime | None
    user_id: int | None
    actor: str
    address: str
    unit_id: int | None
    room: str
    verb: str
    subject_kind: str
    subject_id: int | None
    subject_name: str
    automatic: bool
    reason: str
    before: Any
    after: Any


class FindingOut(Schema):
    level: str
    message: str


class CheckOut(Schema):
    name: str
    title: str
    findings: list[FindingOut]


class Years(Schema):
    years: list[int]
    missing: list[int]


@router.get("/calendar", response=Years)
def calendar_years(request: CoreRequest) -> Years:
    from django.utils import timezone

    return Years(
        years=sorted(calendar.default().years), missing=calendar.missing_years(timezone.localdate())
    )


@router.get("/calendar/{year}", response=YearOut)
def calendar_year(request: CoreRequest, year: int) -> YearOut:
    return _year(_in_reach(year))


@router.put("/calendar/{year}", response=YearOut)
def set_calendar_year(request: CoreRequest, year: int, body: YearIn) -> YearOut:
    need_role(request.auth, "system_admin")
    calendar.set_year(
        by=request.auth,
        year=_in_reach(year),
        days=[calendar.Day(d.date, d.working, d.name) for d in body.days],
        hours=body.hours,
        source=body.source,
    )
    return _year(year)


def _in_reach(year: int) -> int:
    if not 2000 <= year <= 2100:
        raise Invalid("calendar.year", _("年份须在 2000 到 2100 之间"))
    return year


def _year(year: int) -> YearOut:
    try:
        row, kept, days = calendar.year_of(year)
    except worktime.CalendarMissing:
        hours = calendar.hours_of()
        return YearOut(year=year, known=False, source="", hours=hours, days=[])
    shown = [DayOut(date=d.date, working=d.working, name=d.name) for d in days]
    return YearOut(year=year, known=True, source=kept.source, hours=row.hours, days=shown)


@router.get("/code-templates", response=list[NumberOut])
def code_templates(request: CoreRequest) -> list[NumberOut]:
    need_role(request.auth, "system_admin")
    return [_template(row) for row in CodeTemplate.objects.order_by("key")]


@router.put("/code-templates/{key}", response=NumberOut)
def set_code_template(request: CoreRequest, key: str, body: NumberIn) -> NumberOut:
    need_role(request.auth, "system_admin")
    return _template(codes.change(by=request.auth, key=key, **body.model_dump()))


def _template(row: CodeTemplate) -> NumberOut:
    return NumberOut(
        key=row.key, template=row.template, note=row.note, example=codes.example(row.template)
    )


class EntryFilter(Schema):
    room: str = ""
    verb: str = ""
    user_id: int | None = None
    unit_id: int | None = None
    subject_kind: str = ""
    subject_id: int | None = None
    automatic: bool | None = None
    #: local days, the last one included
    since: date | None = None
    until: date | None = None


@router.get("/journal", response=Page[EntryOut])
def journal_entries(
    request: CoreRequest,
    filters: Query[EntryFilter],
    cursor: str | None = None,
    limit: Limit = 50,
) -> object:
    need_role(request.auth, "audit_admin")
    return page(audit.entries(**filters.model_dump()), cursor=cursor, limit=limit)


@router.get("/journal/export.xlsx", response={200: bytes})
def export_journal(request: CoreRequest, filters: Query[EntryFilter]) -> HttpResponse:
    need_role(request.auth, "audit_admin")
    body = audit.export(by=request.auth, **filters.model_dump())
    response = HttpResponse(body, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="journal.xlsx"'
    return response


@router.get("/system/health", response=dict[str, Any])
def system_health(request: CoreRequest) -> dict[str, object]:
    need_role(request.auth, "system_admin", "audit_admin")
    return doctor.quick()


@router.get("/system/doctor", response=list[CheckOut])
def system_doctor(request: CoreRequest, long: bool = False) -> list[CheckOut]:
    need_role(request.auth, "system_admin", "audit_admin")
    return [
        CheckOut(
            name=check.name,
            title=str(check.title),
            findings=[FindingOut(level=f.level, message=f.message) for f in findings],
        )
        for check, findings in doctor.examine(long=long)
    ]
