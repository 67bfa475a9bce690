"""Routes of scores."""

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import Query, Status

from lifang.assessment import actions, queries, sheets
from lifang.assessment.schemas import (
    ComparisonOut,
    CostlyCaseOut,
    EntryWithdrawIn,
    HeatOut,
    LeafOut,
    LossLineOut,
    LossRowOut,
    MyUnitsOut,
    OrderedOut,
    PeersOut,
    PinIn,
    PlanOrderIn,
    ScoreBoardOut,
    ScoreEntryIn,
    ScoreEntryOut,
    ScorePlanFull,
    ScorePlanIn,
    ScorePlanOut,
    ScoreRoundOut,
    ScoreRunOut,
    TrendOut,
    VerifiedOut,
    WhatIfIn,
    WhatIfOut,
    WorthOut,
)
from lifang.core.api import Page, Router
from lifang.core.exports import XLSX
from lifang.core.paging import Limit, page
from lifang.orgs.acting import ApiRequest
from lifang.rounds import queries as rounds
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["assessment"])
RatesText = Annotated[str, Query(max_length=8_000)]


def _clean(**words: str) -> dict[str, str]:
    return {name: clean_text(word) for name, word in words.items()}


# ---------------------------------------------------------------- rounds and their boards


@router.get("/scores", response=list[ScoreRoundOut])
def overview(request: ApiRequest) -> Any:
    return queries.overview(request.auth)


@router.get("/scores/{round_id}", response=ScoreBoardOut)
def board(request: ApiRequest, round_id: Id) -> Any:
    return queries.board(request.auth, round_id)


@router.get("/scores/{round_id}/trend", response=list[TrendOut])
def trend(request: ApiRequest, round_id: Id) -> Any:
    return queries.trend(request.auth, round_id)


@router.get("/scores/{round_id}/peers", response=PeersOut)
def peers(request: ApiRequest, round_id: Id) -> Any:
    return queries.peers(request.auth, rounds.round_row(request.auth, round_id))


@router.get("/scores/{round_id}/my-units", response=MyUnitsOut)
def my_units(request: ApiRequest, round_id: Id, unit: Id | None = None) -> Any:
    return queries.my_units(request.auth, round_id, unit)


@router.get("/scores/{round_id}/open-cases", response=list[CostlyCaseOut])
def open_cases(request: ApiRequest, round_id: Id, leaf: str) -> Any:
    round_ = rounds.round_row(request.auth, round_id)
    return queries.cases_of_leaf(request.auth, round_, clean_text(leaf))


@router.get("/cases/{case_id}/worth", response=WorthOut)
def case_worth(request: ApiRequest, case_id: Id) -> Any:
    return queries.of_case(request.auth, case_id)


# ---------------------------------------------------------------- runs


@router.post("/scores/{round_id}/run", response={201: ScoreRunOut})
def ask_run(request: ApiRequest, round_id: Id) -> Any:
    run = actions.ask_run(by=request.auth, round_id=round_id)
    return Status(201, queries.run_of(request.auth, run.pk))


@router.get("/score-runs/{run_id}", response=ScoreRunOut)
def run(request: ApiRequest, run_id: Id) -> Any:
    return queries.run_of(request.auth, run_id)


@router.put("/score-runs/{run_id}/pin", response=ScoreRunOut)
def pin(request: ApiRequest, run_id: Id, body: PinIn) -> Any:
    actions.pin(by=request.auth, run_id=run_id, reason=body.reason)
    return queries.run_of(request.auth, run_id)


@router.put("/score-runs/{run_id}/unpin", response=ScoreRunOut)
def unpin(request: ApiRequest, run_id: Id, body: PinIn) -> Any:
    actions.unpin(by=request.auth, run_id=run_id, reason=body.reason)
    return queries.run_of(request.auth, run_id)


@router.post("/score-runs/{run_id}/verify", response=VerifiedOut)
def verify(request: ApiRequest, run_id: Id) -> Any:
    return actions.verify(queries.run_of(request.auth, run_id))


@router.get("/score-runs/{run_id}/losses", response=list[LossLineOut])
def losses(
    request: ApiRequest, run_id: Id, by: str = "unit", leaf: str = "", site: str = "",
    item: str = "", lead: str = "", unit: str = "", kind: str = "", cause: str = "",
) -> Any:  # fmt: skip
    found = queries.run_seen(request.auth, run_id)
    where = _clean(leaf=leaf, site=site, item=item, lead=lead, unit=unit, kind=kind, cause=cause)
    return queries.lines(request.auth, found, clean_text(by), **where)


@router.get("/score-runs/{run_id}/loss-rows", response=list[LossRowOut])
def loss_rows(
    request: ApiRequest, run_id: Id, leaf: str = "", site: str = "", item: str = "",
    lead: str = "", unit: str = "", kind: str = "", cause: str = "",
) -> Any:  # fmt: skip
    """``lead``: the unit that leads; ``unit``: it leads or bears a share."""
    found = queries.run_seen(request.auth, run_id)
    where = _clean(leaf=leaf, site=site, item=item, lead=lead, unit=unit, kind=kind, cause=cause)
    return queries.rows(request.auth, found, **where)


@router.get("/score-runs/{run_id}/heat", response=HeatOut)
def heat(request: ApiRequest, run_id: Id) -> Any:
    return queries.heat(request.auth, queries.run_seen(request.auth, run_id))


@router.get("/score-runs/{run_id}/leaves/{leaf}", response=LeafOut)
def explain(request: ApiRequest, run_id: Id, leaf: str) -> Any:
    return queries.explain(request.auth, run_id, clean_text(leaf))


@router.get("/score-runs/{run_id}/compare/{other_id}", response=ComparisonOut)
def compare(request: ApiRequest, run_id: Id, other_id: Id) -> Any:
    return queries.comparison(request.auth, run_id, other_id)


@router.post("/score-runs/{run_id}/what-if", response=WhatIfOut)
def what_if(request: ApiRequest, run_id: Id, body: WhatIfIn) -> Any:
    return queries.what_if(request.auth, run_id, body.rates)


@router.get("/score-runs/{run_id}/export.xlsx", response={200: bytes})
def export(request: ApiRequest, run_id: Id) -> HttpResponse:
    found = queries.run_of(request.auth, run_id)
    return _file(sheets.workbook_of(request.auth, found), f"{found.round.title}-{found.key}")


@router.get("/score-runs/{run_id}/compare/{other_id}/export.xlsx", response={200: bytes})
def export_comparison(request: ApiRequest, run_id: Id, other_id: Id) -> HttpResponse:
    found = queries.comparison(request.auth, run_id, other_id)
    name = f"{found['before']['key']}-{found['after']['key']}"
    return _file(sheets.comparison_book(found), name)


@router.get("/score-runs/{run_id}/what-if/export.xlsx", response={200: bytes})
def export_what_if(request: ApiRequest, run_id: Id, rates: RatesText = "") -> HttpResponse:
    """``rates``: ``F01:0.9,F02:1``."""
    found = queries.run_of(request.auth, run_id)
    tried = queries.what_if(request.auth, run_id, queries.rates_of(clean_text(rates)))
    return _file(sheets.what_if_book(found, tried), f"{found.round.title}-{_('推演')}")


@router.get("/scores/{round_id}/entries/export.xlsx", response={200: bytes})
def export_entries(
    request: ApiRequest, round_id: Id, leaf: str = "", kind: str = ""
) -> HttpResponse:
    round_ = rounds.round_row(request.auth, round_id)
    found = queries.entries_of(request.auth, round_id, leaf=clean_text(leaf), kind=clean_text(kind))
    return _file(sheets.entries_book(round_, found), f"{round_.title}-{_('数据')}")


@router.get("/scores/{round_id}/my-units/export.xlsx", response={200: bytes})
def export_my_units(request: ApiRequest, round_id: Id, unit: Id | None = None) -> HttpResponse:
    found = queries.my_units(request.auth, round_id, unit)
    name = rounds.round_row(request.auth, round_id).title
    return _file(sheets.my_book(request.auth, found), name)


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    told = content_disposition_header(True, f"{name}.xlsx")
    answer["Content-Disposition"] = told or "attachment"
    return answer


# ---------------------------------------------------------------- facts entered at a desk


@router.get("/scores/{round_id}/entries", response=Page[ScoreEntryOut])
def entries(
    request: ApiRequest, round_id: Id, leaf: str = "", kind: str = "", cursor: str = "",
    limit: Limit = 50,
) -> Any:  # fmt: skip
    found = queries.entries_of(request.auth, round_id, leaf=clean_text(leaf), kind=clean_text(kind))
    return page(found, cursor=cursor, limit=limit)


@router.post("/scores/{round_id}/entries", response={201: ScoreEntryOut})
def enter(request: ApiRequest, round_id: Id, body: ScoreEntryIn) -> Any:
    made = actions.enter(by=request.auth, round_id=round_id, **body.model_dump())
    return Status(201, queries.entries_of(request.auth, round_id).get(pk=made.pk))


@router.put("/score-entries/{entry_id}/withdraw", response=ScoreEntryOut)
def withdraw_entry(request: ApiRequest, entry_id: Id, body: EntryWithdrawIn) -> Any:
    made = actions.withdraw_entry(by=request.auth, entry_id=entry_id, reason=body.reason)
    return queries.entries_of(request.auth, made.round_id).get(pk=made.pk)


# ---------------------------------------------------------------- plans


@router.get("/scores/{round_id}/plans", response=Page[ScorePlanOut])
def plans(request: ApiRequest, round_id: Id, cursor: str = "", limit: Limit = 50) -> Any:
    return page(queries.plans_of(request.auth, round_id), cursor=cursor, limit=limit)


@router.post("/scores/{round_id}/plans", response={201: ScorePlanOut})
def make_plan(request: ApiRequest, round_id: Id, body: ScorePlanIn) -> Any:
    made = actions.make_plan(by=request.auth, round_id=round_id, **body.model_dump())
    return Status(201, queries.plan_row(request.auth, made.pk))


@router.get("/score-plans/{plan_id}", response=ScorePlanFull)
def plan(request: ApiRequest, plan_id: Id) -> Any:
    return queries.plan_row(request.auth, plan_id)


@router.get("/score-plans/{plan_id}/export.xlsx", response={200: bytes})
def export_plan(request: ApiRequest, plan_id: Id) -> HttpResponse:
    found = queries.plan_row(request.auth, plan_id)
    return _file(sheets.plan_book(found), f"{found.round.title}-{found.pk}")


@router.put("/score-plans/{plan_id}/order", response=OrderedOut)
def order(request: ApiRequest, plan_id: Id, body: PlanOrderIn) -> Any:
    return {"orders": actions.order(by=request.auth, plan_id=plan_id, lines=body.lines)}
