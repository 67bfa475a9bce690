"""Routes of duties. Everybody signed in reads; dispatchers, duty chiefs, administrators edit."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Status
from pydantic import Field

from lifang.core.api import Page, Router
from lifang.core.paging import page, sequence
from lifang.duties import actions, queries, sheets
from lifang.duties.choices import PairingKind
from lifang.duties.schemas import (
    Area,
    DutyRuleChange,
    DutyRuleIn,
    DutyRuleOut,
    GapOut,
    OverlapOut,
    PairingChange,
    PairingIn,
    PairingOut,
    TryOut,
)
from lifang.orgs.acting import ApiRequest
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["duties"])


# ---------------------------------------------------------------- rules


@router.get("/duty-rules", response=Page[DutyRuleOut])
def duty_rules(
    request: ApiRequest,
    q: str = "",
    category: str = "",
    area: Area = "",
    unit: Id | None = None,
    slot: str = "",
    active: bool | None = True,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = queries.duty_rules(
        q=clean_text(q), category=clean_text(category), area=area, unit=unit, slot=slot,
        active=active,
    )  # fmt: skip
    return page(rows, order=("number",), cursor=cursor, limit=limit)


@router.post("/duty-rules", response={201: DutyRuleOut})
def create_rule(request: ApiRequest, body: DutyRuleIn) -> Any:
    return Status(201, actions.create_rule(by=request.auth, **body.model_dump()))


@router.get("/duty-rules/export.xlsx", response={200: bytes})
def export_rules(
    request: ApiRequest, q: str = "", category: str = "", area: Area = "", unit: Id | None = None,
    slot: str = "", active: bool | None = True,
) -> HttpResponse:  # fmt: skip
    rows = queries.duty_rules(
        q=clean_text(q), category=clean_text(category), area=area, unit=unit, slot=slot,
        active=active,
    )  # fmt: skip
    return sheets.download(sheets.rules_sheet(rows), "责任规则")


@router.get("/duty-rules/{rule_id}", response=DutyRuleOut)
def duty_rule(request: ApiRequest, rule_id: Id) -> Any:
    return queries.duty_rule(rule_id)


@router.put("/duty-rules/{rule_id}", response=DutyRuleOut)
def change_rule(request: ApiRequest, rule_id: Id, body: DutyRuleChange) -> Any:
    return actions.change_rule(by=request.auth, rule_id=rule_id, **body.model_dump())


@router.delete("/duty-rules/{rule_id}", response={204: None})
def close_rule(request: ApiRequest, rule_id: Id, reason: str = "") -> Any:
    actions.close_rule(by=request.auth, rule_id=rule_id, reason=clean_text(reason))
    return Status(204, None)


# ---------------------------------------------------------------- pairings


@router.get("/pairings", response=Page[PairingOut])
def pairings(
    request: ApiRequest,
    q: str = "",
    kind: PairingKind | None = None,
    area: Area = "",
    unit: Id | None = None,
    active: bool | None = True,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = queries.pairings(q=clean_text(q), kind=kind or "", area=area, unit=unit, active=active)
    return page(rows, order=("kind", "id"), cursor=cursor, limit=limit)


@router.post("/pairings", response={201: PairingOut})
def create_pairing(request: ApiRequest, body: PairingIn) -> Any:
    return Status(201, actions.create_pairing(by=request.auth, **body.model_dump()))


@router.get("/pairings/export.xlsx", response={200: bytes})
def export_pairings(
    request: ApiRequest, q: str = "", kind: PairingKind | None = None, area: Area = "",
    unit: Id | None = None, active: bool | None = True,
) -> HttpResponse:  # fmt: skip
    rows = queries.pairings(q=clean_text(q), kind=kind or "", area=area, unit=unit, active=active)
    return sheets.download(sheets.pairings_sheet(rows), "包联关系")


@router.get("/pairings/{pairing_id}", response=PairingOut)
def pairing(request: ApiRequest, pairing_id: Id) -> Any:
    return queries.pairing(pairing_id)


@router.put("/pairings/{pairing_id}", response=PairingOut)
def change_pairing(request: ApiRequest, pairing_id: Id, body: PairingChange) -> Any:
    return actions.change_pairing(by=request.auth, pairing_id=pairing_id, **body.model_dump())


@router.delete("/pairings/{pairing_id}", response={204: None})
def close_pairing(request: ApiRequest, pairing_id: Id, reason: str = "") -> Any:
    actions.close_pairing(by=request.auth, pairing_id=pairing_id, reason=clean_text(reason))
    return Status(204, None)


# ---------------------------------------------------------------- the answer, gaps, overlaps


@router.get("/duties/answer", response=TryOut)
def answer(
    request: ApiRequest,
    category: Annotated[str, Field(min_length=1, max_length=40)],
    lng: Annotated[float | None, Field(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None,
    area: Area = "",
    road: Id | None = None,
    site: Id | None = None,
    shop: Id | None = None,
    component: Id | None = None,
    day: dt.date | None = None,
    people: bool = False,
) -> Any:
    return queries.try_it(
        category=clean_text(category), lng=lng, lat=lat, area=area, road_id=road, site_id=site,
        shop_id=shop, component_id=component, day=day, people=people,
    )  # fmt: skip


@router.get("/duties/gaps", response=Page[GapOut])
def gaps(
    request: ApiRequest, kind: str = "", area: Area = "", cursor: str = "", limit: int = 50
) -> Any:
    return sequence(queries.gaps(kind=kind, area=area), cursor=cursor, limit=limit)


@router.get("/duties/overlaps", response=Page[OverlapOut])
def overlaps(request: ApiRequest, cursor: str = "", limit: int = 50) -> Any:
    return queries.overlaps(cursor=cursor, limit=limit)
