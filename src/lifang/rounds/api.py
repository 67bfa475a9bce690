"""Routes of a round: scope, places, roster, milestones, plans, letters."""

from typing import Any

from django.http import HttpResponse
from ninja import Status

from lifang.core.api import Page, Router
from lifang.core.paging import page
from lifang.orgs.acting import ApiRequest
from lifang.rounds import actions, queries, sheets
from lifang.rounds.choices import RoundKind, RoundStatus
from lifang.rounds.models import Round
from lifang.rounds.permissions import need_reader
from lifang.rounds.queries import overview
from lifang.rounds.queries import places as place_queries
from lifang.rounds.queries import steps as step_queries
from lifang.rounds.queries.scopes import document_now
from lifang.rounds.schemas import (
    DistrictOut,
    DrawIn,
    LeafRow,
    LetterIn,
    MilestoneChange,
    MilestoneIn,
    PlaceUnitIn,
    ReplaceIn,
    ReplayOut,
    ReservePlaceOut,
    RosterIn,
    RosterRow,
    RoundIn,
    RoundOut,
    RoundPlaceOut,
    RoundRef,
    RoundReopenIn,
    RoundRow,
    SixOut,
    StratumOut,
    UnitLettersOut,
)
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["rounds"])


@router.get("/rounds", response=Page[RoundRow])
def rounds(
    request: ApiRequest,
    q: str = "",
    status: RoundStatus | None = None,
    kind: RoundKind | None = None,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = queries.rounds(request.auth, status=status or "", kind=kind or "", q=clean_text(q))
    found = page(rows, order=("-starts", "-id"), cursor=cursor, limit=limit)
    return found | {"items": queries.list_rows(request.auth, found["items"])}


@router.post("/rounds", response={201: RoundRef})
def create_round(request: ApiRequest, body: RoundIn) -> Any:
    return Status(201, actions.create_round(by=request.auth, **body.model_dump()))


@router.get("/rounds/{round_id}", response=RoundOut)
def one_round(request: ApiRequest, round_id: Id) -> Any:
    return overview.one(request.auth, round_id)


@router.put("/rounds/{round_id}", response=RoundRef)
def change_round(request: ApiRequest, round_id: Id, body: RoundIn) -> Any:
    return actions.change_round(by=request.auth, round_id=round_id, **body.model_dump())


@router.delete("/rounds/{round_id}", response={204: None})
def delete_round(request: ApiRequest, round_id: Id) -> Any:
    actions.delete_round(by=request.auth, round_id=round_id)
    return Status(204, None)


@router.put("/rounds/{round_id}/open", response=RoundRef)
def open_round(request: ApiRequest, round_id: Id) -> Any:
    return actions.open_round(by=request.auth, round_id=round_id)


@router.put("/rounds/{round_id}/close", response=RoundRef)
def close_round(request: ApiRequest, round_id: Id) -> Any:
    return actions.close_round(by=request.auth, round_id=round_id)


@router.put("/rounds/{round_id}/reopen", response=RoundRef)
def reopen_round(request: ApiRequest, round_id: Id, body: RoundReopenIn) -> Any:
    return actions.reopen_round(by=request.auth, round_id=round_id, reason=body.reason)


@router.get("/rounds/{round_id}/document", response=dict[str, Any])
def document(request: ApiRequest, round_id: Id) -> Any:
    """``lifang.round/1``: as frozen, or in preparation as it would be frozen now."""
    need_reader(request.auth)
    found = queries.round_row(request.auth, round_id)
    if not found.sha256:
        return document_now(found)
    return Round.objects.values_list("document", flat=True).get(pk=found.pk)


@router.get("/rounds/{round_id}/leaves", response=list[LeafRow])
def leaves(request: ApiRequest, round_id: Id) -> Any:
    return overview.leaves(request.auth, round_id)


# ---------------------------------------------------------------- roster


@router.get("/rounds/{round_id}/roster", response=list[RosterRow])
def roster(request: ApiRequest, round_id: Id) -> Any:
    return overview.roster(request.auth, round_id)


@router.put("/rounds/{round_id}/roster", response=list[RosterRow])
def set_roster(request: ApiRequest, round_id: Id, body: RosterIn) -> Any:
    actions.set_roster(by=request.auth, round_id=round_id, roster=body.roster)
    return overview.roster(request.auth, round_id)


# ---------------------------------------------------------------- places


@router.put("/rounds/{round_id}/frame", response=RoundRef)
def take_frame(request: ApiRequest, round_id: Id) -> Any:
    return actions.take_frame(by=request.auth, round_id=round_id)


@router.put("/rounds/{round_id}/draw", response=RoundRef)
def draw_places(request: ApiRequest, round_id: Id, body: DrawIn) -> Any:
    return actions.draw(by=request.auth, round_id=round_id, **body.model_dump())


@router.get("/rounds/{round_id}/draw", response=ReplayOut)
def replay(request: ApiRequest, round_id: Id) -> Any:
    return place_queries.replay(request.auth, round_id)


@router.get("/rounds/{round_id}/strata", response=list[StratumOut])
def strata(request: ApiRequest, round_id: Id) -> Any:
    return place_queries.strata(request.auth, round_id)


@router.get("/rounds/{round_id}/districts", response=list[DistrictOut])
def districts(request: ApiRequest, round_id: Id) -> Any:
    return place_queries.districts(request.auth, round_id)


@router.get("/rounds/{round_id}/places", response=Page[RoundPlaceOut])
def places(
    request: ApiRequest,
    round_id: Id,
    q: str = "",
    type: str = "",
    district: str = "",
    unit: Id | None = None,
    drawn: bool | None = None,
    nobody: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = place_queries.places(
        request.auth, round_id, q=clean_text(q), type=clean_text(type),
        district=clean_text(district), unit=unit, drawn=drawn, nobody=nobody,
    )  # fmt: skip
    found = page(rows, order=("code", "id"), cursor=cursor, limit=limit)
    return found | {"items": place_queries.named(found["items"])}


@router.get("/rounds/{round_id}/places/map", response=dict[str, Any])
def places_map(request: ApiRequest, round_id: Id) -> Any:
    return place_queries.on_map(request.auth, round_id)


@router.get("/rounds/{round_id}/places/export.xlsx", response={200: bytes})
def export_places(request: ApiRequest, round_id: Id) -> HttpResponse:
    need_reader(request.auth)
    found = queries.round_row(request.auth, round_id)
    return sheets.download(sheets.frame_sheet(request.auth, found), f"{found.title} 点位")


@router.get("/rounds/{round_id}/places/{place_id}/reserves", response=list[ReservePlaceOut])
def reserves(request: ApiRequest, round_id: Id, place_id: Id) -> Any:
    return place_queries.reserves(request.auth, round_id, place_id)


@router.put("/rounds/{round_id}/places/{place_id}/unit", response={204: None})
def set_place_unit(request: ApiRequest, round_id: Id, place_id: Id, body: PlaceUnitIn) -> Any:
    actions.set_place_unit(
        by=request.auth, round_id=round_id, place_id=place_id, unit_id=body.unit_id
    )
    return Status(204, None)


@router.put("/rounds/{round_id}/places/{place_id}/replace", response={204: None})
def replace_place(request: ApiRequest, round_id: Id, place_id: Id, body: ReplaceIn) -> Any:
    actions.replace_place(
        by=request.auth, round_id=round_id, place_id=place_id, **body.model_dump()
    )
    return Status(204, None)


# ---------------------------------------------------------------- milestones


@router.post("/rounds/{round_id}/milestones", response={204: None})
def add_milestone(request: ApiRequest, round_id: Id, body: MilestoneIn) -> Any:
    actions.add_milestone(by=request.auth, round_id=round_id, **body.model_dump())
    return Status(204, None)


@router.put("/rounds/{round_id}/milestones/{milestone_id}", response={204: None})
def change_milestone(
    request: ApiRequest, round_id: Id, milestone_id: Id, body: MilestoneChange
) -> Any:
    actions.change_milestone(
        by=request.auth, round_id=round_id, milestone_id=milestone_id, **body.model_dump()
    )
    return Status(204, None)


@router.delete("/rounds/{round_id}/milestones/{milestone_id}", response={204: None})
def delete_milestone(request: ApiRequest, round_id: Id, milestone_id: Id) -> Any:
    actions.delete_milestone(by=request.auth, round_id=round_id, milestone_id=milestone_id)
    return Status(204, None)


# ---------------------------------------------------------------- plans and letters


@router.get("/rounds/{round_id}/plans", response=list[SixOut])
def plans(request: ApiRequest, round_id: Id) -> Any:
    return step_queries.plans(request.auth, round_id)


@router.get("/rounds/{round_id}/letters", response=list[UnitLettersOut])
def letters(request: ApiRequest, round_id: Id) -> Any:
    return step_queries.letters(request.auth, round_id)


@router.post("/rounds/{round_id}/letters", response={204: None})
def add_letter(request: ApiRequest, round_id: Id, body: LetterIn) -> Any:
    actions.add_letter(by=request.auth, round_id=round_id, **body.model_dump())
    return Status(204, None)


@router.delete("/rounds/{round_id}/letters/{letter_id}", response={204: None})
def remove_letter(request: ApiRequest, round_id: Id, letter_id: Id, reason: str = "") -> Any:
    actions.remove_letter(
        by=request.auth, round_id=round_id, letter_id=letter_id, reason=clean_text(reason)
    )
    return Status(204, None)
