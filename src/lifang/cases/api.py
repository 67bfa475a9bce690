"""Routes of the loop: lists and the case page. The verbs are in ``verbs_api``."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Status
from pydantic import Field

from lifang.cases import actions, queries
from lifang.cases.choices import State
from lifang.cases.export import workbook
from lifang.cases.queries.desk import petitions_for
from lifang.cases.queries.lists import COLUMNS, dress, open_by_key
from lifang.cases.queries.one import petition_row
from lifang.cases.schemas import (
    CaseIn,
    CaseOut,
    CaseRow,
    ChangeOverIn,
    ChangeOverOut,
    CountOut,
    DecideIn,
    DeskOut,
    GeoOut,
    PetitionOut,
    PetitionRow,
    RelatedOut,
    ReportedOut,
    SettingIO,
    ViewIn,
    ViewOut,
)
from lifang.cases.verbs_api import given
from lifang.core.api import Page, Router, ready
from lifang.core.paging import page
from lifang.orgs.acting import ApiRequest
from lifang.standards import queries as standards
from lifang.standards.schemas import CrosswalkStepOut, Id

router = Router(tags=["cases"])
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=500)]
Order = Literal["-id", "id", "-reported_at", "reported_at", "-priority", "due_at", "stage_due_at"]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/cases", response=Page[CaseRow])
def list_cases(
    request: ApiRequest, filters: Query[queries.CaseFilter], order: Order = "-id",
    cursor: Cursor | None = None, limit: Limit = 50,
) -> Any:  # fmt: skip
    return ready(queries.rows(request.auth, filters, order=order, cursor=cursor, limit=limit))


@router.post("/cases", response={201: ReportedOut, 200: ReportedOut})
def create_case(request: ApiRequest, body: CaseIn) -> Any:
    done = actions.report(by=request.auth, **given(body))
    out = ReportedOut(
        id=done.case.pk, number=done.case.number, follow_code=done.report.follow_code,
        state=State(done.case.state), created=done.created,
    )  # fmt: skip
    return Status(201 if done.created else 200, out)


@router.get("/cases/count", response=CountOut)
def count_cases(request: ApiRequest, filters: Query[queries.CaseFilter]) -> Any:
    count, exact = queries.count(request.auth, filters)
    return {"count": count, "exact": exact}


@router.get("/cases/geojson", response=GeoOut)
def case_points(
    request: ApiRequest, filters: Query[queries.CaseFilter], west: float | None = None,
    south: float | None = None, east: float | None = None, north: float | None = None,
) -> Any:  # fmt: skip
    box = None
    if west is not None and south is not None and east is not None and north is not None:
        box = (west, south, east, north)
    return queries.features(request.auth, filters, bbox=box)


@router.get("/cases/export.xlsx", response={200: bytes})
def export_cases(request: ApiRequest, filters: Query[queries.CaseFilter]) -> HttpResponse:
    """The filtered list as a workbook, with the filter on a sheet of its own."""
    response = HttpResponse(workbook(request.auth, filters), content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="cases.xlsx"'
    return response


@router.get("/cases/{int:case_id}", response=CaseOut)
def get_case(request: ApiRequest, case_id: int) -> Any:
    return queries.one(request.auth, case_id)


@router.get("/cases/{int:case_id}/related", response=RelatedOut)
def related_cases(request: ApiRequest, case_id: int) -> Any:
    return queries.related(request.auth, case_id)


@router.get("/desk", response=DeskOut)
def my_desk(request: ApiRequest) -> Any:
    return queries.desk(request.auth)


@router.get("/petitions", response=Page[PetitionRow])
def list_petitions(request: ApiRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Any:
    """Petitions that wait for the caller's decision."""
    now = timezone.now()
    rows = petitions_for(request.auth).select_related("asked_by", "first_by", "second_by")
    found = page(rows, order=("id",), cursor=cursor, limit=limit)
    ids = [p.case_id for p in found["items"]]
    cases = {
        r["id"]: dress(r, now)
        for r in queries.visible_to(request.auth).filter(pk__in=ids).values(*COLUMNS)
    }
    found["items"] = [petition_row(p) | {"case": cases[p.case_id]} for p in found["items"]]
    return found


@router.put("/petitions/{int:petition_id}/decide", response=PetitionOut)
def decide_petition(request: ApiRequest, petition_id: int, body: DecideIn) -> Any:
    return petition_row(actions.decide(by=request.auth, petition_id=petition_id, **body.dict()))


@router.put("/petitions/{int:petition_id}/withdraw", response=PetitionOut)
def withdraw_petition(request: ApiRequest, petition_id: int) -> Any:
    return petition_row(actions.withdraw(by=request.auth, petition_id=petition_id))


@router.get("/saved-views", response=list[ViewOut])
def list_views(request: ApiRequest, subject: str = "cases") -> Any:
    return queries.views(request.auth, subject)


@router.post("/saved-views", response={201: ViewOut})
def create_view(request: ApiRequest, body: ViewIn) -> Any:
    view = actions.save_view(by=request.auth, **body.dict())
    return Status(201, queries.view_row(request.auth, view))


@router.put("/saved-views/{int:view_id}", response=ViewOut)
def change_view(request: ApiRequest, view_id: int, body: ViewIn) -> Any:
    view = actions.save_view(by=request.auth, view_id=view_id, **body.dict())
    return queries.view_row(request.auth, view)


@router.delete("/saved-views/{int:view_id}", response={204: None})
def delete_view(request: ApiRequest, view_id: int) -> Any:
    actions.delete_view(by=request.auth, view_id=view_id)
    return Status(204, None)


@router.get("/loop-setting", response=SettingIO)
def get_setting(request: ApiRequest) -> Any:
    return queries.setting_row()


@router.put("/loop-setting", response=SettingIO)
def put_setting(request: ApiRequest, body: SettingIO) -> Any:
    actions.change_setting(by=request.auth, **body.dict())
    return queries.setting_row()


@router.get("/cases/crosswalk", response=list[CrosswalkStepOut])
def case_crosswalk(request: ApiRequest, old: Id, new: Id) -> Any:
    """What becomes of each class of ``old`` in ``new``, with the open cases that stand under it."""
    return standards.steps(old, new, open_by_key(old))


@router.put("/cases/crosswalk", response=ChangeOverOut)
def change_over(request: ApiRequest, body: ChangeOverIn) -> Any:
    return vars(actions.change_over(by=request.auth, **body.dict()))
