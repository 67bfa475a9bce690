"""Routes of filed documents. What a caller sees is decided by ``permissions.visible_to``."""

from typing import IO, Annotated, Any, cast

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import File, Query, Status
from ninja.files import UploadedFile
from pydantic import Field

from lifang.core import files
from lifang.core.api import Page, Router, ready
from lifang.core.errors import Missing
from lifang.core.files.store import key_of, store
from lifang.core.paging import Limit, page
from lifang.materials import actions, queries, sheets
from lifang.materials.actions._step import round_row
from lifang.materials.actions.batch import Line
from lifang.materials.actions.file import by_tokens
from lifang.materials.choices import FilingStatus, Known, PackageStatus, SlotKind
from lifang.materials.schemas import (
    AskedOut,
    AttachIn,
    BatchCommitIn,
    BatchDoneOut,
    BatchIn,
    BurdenOut,
    FileCheckIn,
    FileChecksOut,
    FilingAppealIn,
    FilingAssignIn,
    FilingOut,
    FilingReturnIn,
    FilingReviewIn,
    FilingRow,
    MaterialBatchOut,
    MaterialOut,
    MaterialProposeIn,
    MaterialRoundOut,
    MaterialRow,
    OffersOut,
    PackageIn,
    PackageOut,
    ReuseIn,
    WallOut,
)
from lifang.orgs.acting import ApiRequest
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["materials"])
Statuses = Annotated[list[FilingStatus], Query(max_length=6)]
Text = Annotated[str, Field(max_length=80)]


# ---------------------------------------------------------------- lists


@router.get("/materials/rounds", response=list[MaterialRoundOut])
def material_rounds(request: ApiRequest) -> Any:
    return queries.rounds(request.auth)


@router.get("/materials/filings", response=Page[FilingRow])
def filings(
    request: ApiRequest,
    round_id: Id | None = None,
    unit: Id | None = None,
    status: Statuses = [],  # noqa: B006  (ninja copies it)
    leaf: Text = "",
    q: Text = "",
    late: bool = False,
    level: int | None = None,
    known: Known | None = None,
    unassigned: bool = False,
    cursor: str = "",
    limit: Limit = 50,
) -> HttpResponse:
    rows = queries.filings(
        request.auth, round_id=round_id, unit=unit, status=status, leaf=clean_text(leaf),
        q=clean_text(q), late=late, level=level, known=known or "", unassigned=unassigned,
    )  # fmt: skip
    found = page(rows, order=("order", "id"), cursor=cursor, limit=limit)
    return ready({"items": [queries.dress(r) for r in found["items"]], "next": found["next"]})


@router.get("/materials/filings/export.xlsx", response={200: bytes})
def export_filings(
    request: ApiRequest,
    round_id: Id | None = None,
    unit: Id | None = None,
    status: Statuses = [],  # noqa: B006  (ninja copies it)
    leaf: Text = "",
    q: Text = "",
    late: bool = False,
    known: Known | None = None,
    unassigned: bool = False,
) -> HttpResponse:
    rows = queries.filings(
        request.auth, round_id=round_id, unit=unit, status=status, leaf=clean_text(leaf),
        q=clean_text(q), late=late, known=known or "", unassigned=unassigned,
    )  # fmt: skip
    told = [(k, str(v)) for k, v in request.GET.items() if v]
    return sheets.filings(rows, filters=told, by=request.auth.name)


@router.get("/materials/library", response=Page[MaterialRow])
def material_library(
    request: ApiRequest,
    q: Text = "",
    unit: Id | None = None,
    kind: SlotKind | None = None,
    cursor: str = "",
    limit: Limit = 50,
) -> Any:
    rows = queries.library(request.auth, q=clean_text(q), unit=unit, kind=kind or "")
    found = page(rows, cursor=cursor, limit=limit)
    return {"items": queries.dress_materials(found["items"]), "next": found["next"]}


@router.get("/materials/library/{material_id}", response=MaterialOut)
def material(request: ApiRequest, material_id: Id) -> Any:
    return queries.material(request.auth, material_id)


# ---------------------------------------------------------------- one filing


@router.get("/materials/filings/{filing_id}", response=FilingOut)
def filing(request: ApiRequest, filing_id: Id) -> Any:
    return queries.filing(request.auth, filing_id)


@router.get("/materials/filings/{filing_id}/offers", response=OffersOut)
def offers(request: ApiRequest, filing_id: Id) -> Any:
    return queries.offered(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/attach", response=FilingOut)
def attach(request: ApiRequest, filing_id: Id, body: AttachIn) -> Any:
    values = body.model_dump(exclude={"files"})
    actions.attach(by=request.auth, filing_id=filing_id, files=by_tokens(body.files), **values)
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/reuse", response=FilingOut)
def reuse(request: ApiRequest, filing_id: Id, body: ReuseIn) -> Any:
    actions.reuse(by=request.auth, filing_id=filing_id, **body.model_dump())
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/propose", response=FilingOut)
def propose(request: ApiRequest, filing_id: Id, body: MaterialProposeIn) -> Any:
    actions.propose(by=request.auth, filing_id=filing_id, **body.model_dump())
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/submit", response=FilingOut)
def submit(request: ApiRequest, filing_id: Id) -> Any:
    actions.submit(by=request.auth, filing_id=filing_id)
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/withdraw", response=FilingOut)
def withdraw(request: ApiRequest, filing_id: Id) -> Any:
    actions.withdraw(by=request.auth, filing_id=filing_id)
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/review", response=FilingOut)
def review(request: ApiRequest, filing_id: Id, body: FilingReviewIn) -> Any:
    actions.review(by=request.auth, filing_id=filing_id, **body.model_dump())
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/return", response=FilingOut)
def return_filing(request: ApiRequest, filing_id: Id, body: FilingReturnIn) -> Any:
    actions.return_(by=request.auth, filing_id=filing_id, **body.model_dump())
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/appeal", response=FilingOut)
def appeal(request: ApiRequest, filing_id: Id, body: FilingAppealIn) -> Any:
    actions.appeal(by=request.auth, filing_id=filing_id, reason=body.reason)
    return queries.filing(request.auth, filing_id)


@router.put("/materials/filings/{filing_id}/assign", response=FilingOut)
def assign(request: ApiRequest, filing_id: Id, body: FilingAssignIn) -> Any:
    actions.assign(by=request.auth, filing_id=filing_id, **body.model_dump())
    return queries.filing(request.auth, filing_id)


@router.post("/materials/check", response=FileChecksOut)
def check(request: ApiRequest, body: FileCheckIn) -> Any:
    return queries.check(request.auth, body.filing_id, by_tokens(body.files), body.dated)


# ---------------------------------------------------------------- a round's materials


@router.put("/materials/rounds/{round_id}/ask", response=AskedOut)
def ask(request: ApiRequest, round_id: Id) -> Any:
    return actions.ask(by=request.auth, round_id=round_id)


@router.post("/materials/rounds/{round_id}/unpack", response=MaterialBatchOut)
def unpack(request: ApiRequest, round_id: Id, file: File[UploadedFile]) -> Any:
    came = actions.unpack(by=request.auth, stream=cast(IO[bytes], file.file))
    return queries.match(request.auth, round_id, [(c.path, c.file, c.problem) for c in came])


@router.post("/materials/rounds/{round_id}/match", response=MaterialBatchOut)
def match(request: ApiRequest, round_id: Id, body: BatchIn) -> Any:
    found = [(f.path, files.by_token(f.token) if f.token else None, f.problem) for f in body.files]
    return queries.match(request.auth, round_id, found)


@router.post("/materials/rounds/{round_id}/batch", response=BatchDoneOut)
def commit_batch(request: ApiRequest, round_id: Id, body: BatchCommitIn) -> Any:
    lines = [Line(**line.model_dump()) for line in body.lines]
    return {"filed": actions.commit_batch(by=request.auth, lines=lines, hand_in=body.hand_in)}


@router.get("/materials/rounds/{round_id}/wall", response=WallOut)
def wall(request: ApiRequest, round_id: Id) -> Any:
    return queries.wall(request.auth, round_id)


@router.get("/materials/rounds/{round_id}/wall.xlsx", response={200: bytes})
def export_wall(request: ApiRequest, round_id: Id) -> HttpResponse:
    title = round_row(round_id).title
    return sheets.wall(queries.wall(request.auth, round_id), title=title, by=request.auth.name)


@router.get("/materials/rounds/{round_id}/burden", response=BurdenOut)
def burden(request: ApiRequest, round_id: Id) -> Any:
    return queries.burden(request.auth, round_id)


@router.get("/materials/rounds/{round_id}/burden.xlsx", response={200: bytes})
def export_burden(request: ApiRequest, round_id: Id) -> HttpResponse:
    title = round_row(round_id).title
    return sheets.burden(queries.burden(request.auth, round_id), title=title, by=request.auth.name)


@router.get("/materials/rounds/{round_id}/packages", response=list[PackageOut])
def packages(request: ApiRequest, round_id: Id) -> Any:
    return queries.packages(request.auth, round_id)


@router.post("/materials/rounds/{round_id}/packages", response={201: PackageOut})
def order_package(request: ApiRequest, round_id: Id, body: PackageIn) -> Any:
    made = actions.order_package(by=request.auth, round_id=round_id, **body.model_dump())
    return Status(201, queries.package_row(made))


@router.get("/materials/packages/{package_id}", response=PackageOut)
def package(request: ApiRequest, package_id: Id) -> Any:
    return queries.package_row(queries.package(request.auth, package_id))


@router.get("/materials/packages/{package_id}/download.zip", response={200: bytes})
def download_package(request: ApiRequest, package_id: Id) -> Any:
    found = queries.package(request.auth, package_id)
    key = key_of(found.sha256, "package")
    if found.status != PackageStatus.READY or not store().has(key):
        raise Missing("package.not_ready", _("资料包还没有生成好，请稍后再下载"))
    actions.take_package(by=request.auth, package=found)
    answer = FileResponse(store().open(key), content_type="application/zip")
    answer["Content-Length"] = str(found.size)
    name = f"{found.round.title}-{found.asked_at:%Y%m%d}.zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
