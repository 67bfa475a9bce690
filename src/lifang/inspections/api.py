"""Routes of observations."""

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Status

from lifang.core.api import Page, Router
from lifang.core.exports import XLSX
from lifang.core.paging import Limit, page
from lifang.inspections import actions, queries, sheets
from lifang.inspections.rules import Line
from lifang.inspections.schemas import (
    CorrectionIn,
    LinesIn,
    ObservationOut,
    RecordedOut,
    WithdrawalIn,
)
from lifang.orgs.acting import ApiRequest
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["inspections"])


@router.get("/observations", response=Page[ObservationOut])
def observations(
    request: ApiRequest,
    round: Id,
    place: str = "",
    item: str = "",
    state: str = "",
    unit: Id | None = None,
    cursor: str = "",
    limit: Limit = 50,
) -> Any:
    rows = queries.listed(
        request.auth, round_id=round, place=clean_text(place), item=clean_text(item),
        state=clean_text(state), unit=unit,
    )  # fmt: skip
    return queries.named(page(rows, cursor=cursor, limit=limit))


@router.post("/observations", response={201: RecordedOut})
def record(request: ApiRequest, body: LinesIn) -> Any:
    lines = [
        Line(**line.model_dump(exclude={"photos"}), photos=tuple(line.photos))
        for line in body.lines
    ]
    made = actions.record(by=request.auth, round_id=body.round_id, lines=lines)
    return Status(201, {"ids": [o.pk for o in made]})


@router.get("/observations/export.xlsx", response={200: bytes})
def export(
    request: ApiRequest, round: Id, place: str = "", item: str = "", state: str = "",
    unit: Id | None = None,
) -> HttpResponse:  # fmt: skip
    rows = queries.listed(
        request.auth, round_id=round, place=clean_text(place), item=clean_text(item),
        state=clean_text(state), unit=unit,
    )  # fmt: skip
    of = queries.round_of(round)
    answer = HttpResponse(sheets.sheet(of, rows, request.auth.name), content_type=XLSX)
    told = content_disposition_header(True, f"{of.title}.xlsx")
    answer["Content-Disposition"] = told or "attachment"
    return answer


@router.get("/observations/{observation_id}", response=ObservationOut)
def observation(request: ApiRequest, observation_id: Id) -> Any:
    return queries.one(request.auth, observation_id)


@router.put("/observations/{observation_id}/correct", response=ObservationOut)
def correct(request: ApiRequest, observation_id: Id, body: CorrectionIn) -> Any:
    new = actions.correct(by=request.auth, observation_id=observation_id, **body.model_dump())
    return queries.one(request.auth, new.pk)


@router.put("/observations/{observation_id}/withdraw", response=ObservationOut)
def withdraw(request: ApiRequest, observation_id: Id, body: WithdrawalIn) -> Any:
    new = actions.withdraw(by=request.auth, observation_id=observation_id, reason=body.reason)
    return queries.one(request.auth, new.pk)


@router.put("/observations/{observation_id}/make-case", response=ObservationOut)
def make_case(request: ApiRequest, observation_id: Id) -> Any:
    actions.make_case(by=request.auth, observation_id=observation_id)
    return queries.one(request.auth, observation_id)
