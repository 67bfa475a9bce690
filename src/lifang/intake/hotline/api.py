"""The hotline's door: orders in, results out, verdicts in. For machines with a token and for staff."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Schema
from pydantic import AwareDatetime, StringConstraints

from lifang.core import exports
from lifang.core.api import FieldError, Page, Router
from lifang.intake.hotline import actions, queries, rules, sheets
from lifang.orgs.acting import ApiRequest

router = Router(tags=["hotline"])

Short = Annotated[str, StringConstraints(max_length=200)]


class OrderIn(Schema):
    number: Annotated[str, StringConstraints(max_length=64)]
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    title: Short = ""
    at: AwareDatetime | None = None
    due: AwareDatetime | None = Field(None, description="the hotline's own limit")
    address: Short = ""
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    system: Annotated[str, StringConstraints(max_length=10)] = ""
    kind: Short = ""
    subject: Short = ""
    urgency: Short = ""
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    phone: Annotated[str, StringConstraints(max_length=32)] = ""
    category_key: Annotated[str, StringConstraints(max_length=40)] = ""


class OrdersIn(Schema):
    orders: list[OrderIn] = Field(min_length=1, max_length=rules.MOST)


class VisitIn(Schema):
    number: Annotated[str, StringConstraints(max_length=64)]
    contacted: bool | None = None
    solved: bool | None = None
    stars: int | None = Field(None, ge=1, le=5)
    comment: Annotated[str, StringConstraints(max_length=1000)] = ""


class VisitsIn(Schema):
    visits: list[VisitIn] = Field(min_length=1, max_length=rules.MOST)


class TakenOut(Schema):
    number: str
    ok: bool
    created: bool
    case_number: str
    state: str
    message: str
    fields: list[FieldError]


class TakenManyOut(Schema):
    taken: int
    created: int
    refused: int
    orders: list[TakenOut]


class ResultOut(Schema):
    number: str
    case_number: str
    state: str
    state_words: str
    unit: str
    category: str
    reply: str
    back_reason: str
    evidence: list[str]
    received_at: datetime | None
    hotline_due: str
    due_at: datetime | None
    filed_at: datetime | None
    dispatched_at: datetime | None
    handed_back_at: datetime | None
    closed_at: datetime | None
    contacted: bool | None
    solved: bool | None
    stars: int | None
    satisfied: bool | None
    updated_at: datetime | None


class ResultsIn(Schema):
    since: AwareDatetime | None = None
    number: Annotated[str, StringConstraints(max_length=64)] = ""
    state: Annotated[str, StringConstraints(max_length=12)] = ""


def _summary(taken: list[actions.Taken]) -> dict[str, Any]:
    return {
        "taken": sum(t.ok for t in taken),
        "created": sum(t.created for t in taken),
        "refused": sum(not t.ok for t in taken),
        "orders": taken,
    }


@router.post("/hotline/orders", response=TakenManyOut)
def take(request: ApiRequest, data: OrdersIn) -> Any:
    orders = [actions.Order(**o.dict()) for o in data.orders]
    return _summary(actions.take_many(by=request.auth, orders=orders))


@router.get("/hotline/orders", response=Page[ResultOut])
def results(
    request: ApiRequest,
    where: Query[ResultsIn],
    cursor: str | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> Any:
    return queries.results_page(request.auth, **where.dict(), cursor=cursor, limit=limit)


@router.post("/hotline/visits", response=TakenManyOut)
def visits(request: ApiRequest, data: VisitsIn) -> Any:
    actions.check_role(request.auth)
    return _summary([actions.visit(by=request.auth, **v.dict()) for v in data.visits])


@router.get("/hotline/export.xlsx", response={200: None})
def export(request: ApiRequest, where: Query[ResultsIn]) -> HttpResponse:
    found = queries.orders(request.auth, **where.dict()).order_by("case__updated_at", "id")
    base = request.build_absolute_uri("/").rstrip("/")
    told = [(name, str(value)) for name, value in where.dict().items() if value]
    rows = queries.results(found[: queries.MOST_EXPORTED])
    body = sheets.write(rows, base=base, filters=told)
    answer = HttpResponse(body, content_type=exports.XLSX)
    answer["Content-Disposition"] = 'attachment; filename="hotline-results.xlsx"'
    return answer
