"""Routes of the importer: template, preview, commit."""

from datetime import datetime
from typing import IO, Any, cast

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from lifang.core import files, geo, imports
from lifang.core.acts import Actor, CoreRequest, has_role, need_role, owner_of
from lifang.core.api import Page, Router
from lifang.core.errors import Missing
from lifang.core.exports import XLSX
from lifang.core.models import ImportBatch
from lifang.core.paging import Limit, page

router = Router(tags=["imports"])


class ColumnOut(Schema):
    key: str
    title: str
    kind: str
    required: bool
    note: str
    choices: list[str]


class KindOut(Schema):
    kind: str
    title: str
    columns: list[ColumnOut]
    asks_system: bool
    systems: list[str]
    options: dict[str, str]


class BatchOut(Schema):
    id: int
    kind: str
    name: str
    state: str
    created_at: datetime
    committed_at: datetime | None
    #: created, changed, same, error_count; errors and rows (the first 500 of each); notes
    result: dict[str, Any]


class PreviewIn(Schema):
    kind: str = Field(max_length=32)
    #: wgs84, cgcs2000, gcj02 or bd09, where coordinates are in the table
    system: str = Field(default="", max_length=16)
    #: name of the sheet, else the first
    sheet: str = Field(default="", max_length=60)
    #: further options as ``key=value``, one a line
    options: str = Field(default="", max_length=2000)


def _mine(by: Actor) -> list[imports.ImportSpec]:
    return [s for s in imports.SPECS.values() if has_role(by, *s.roles)]


@router.get("/imports/kinds", response=list[KindOut])
def import_kinds(request: CoreRequest) -> list[KindOut]:
    return [
        KindOut(
            kind=spec.kind,
            title=str(spec.title),
            columns=[
                ColumnOut(
                    key=c.key,
                    title=str(c.title),
                    kind=c.kind,
                    required=c.required,
                    note=str(c.note),
                    choices=list(c.choices or {}),
                )
                for c in spec.columns
            ],
            asks_system=spec.asks_system,
            systems=list(geo.SYSTEMS) if spec.asks_system else [],
            options={k: str(v) for k, v in spec.options.items()},
        )
        for spec in _mine(request.auth)
    ]


@router.get("/imports/kinds/{kind}/template.xlsx", response={200: bytes})
def import_template(request: CoreRequest, kind: str) -> HttpResponse:
    spec = imports.spec_of(kind)
    need_role(request.auth, *spec.roles)
    response = HttpResponse(imports.template(spec), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{spec.kind}.xlsx"'
    return response


@router.get("/imports", response=Page[BatchOut])
def import_batches(
    request: CoreRequest,
    kind: str = "",
    cursor: str | None = None,
    limit: Limit = 50,
) -> object:
    kinds = [s.kind for s in _mine(request.auth) if kind in ("", s.kind)]
    return page(ImportBatch.objects.filter(kind__in=kinds), cursor=cursor, limit=limit)


@router.post("/imports", response={201: BatchOut})
def preview_import(
    request: CoreRequest, body: Form[PreviewIn], file: File[UploadedFile]
) -> Status[ImportBatch]:
    spec = imports.spec_of(body.kind)
    need_role(request.auth, *spec.roles)
    kept = files.accept(
        cast(IO[bytes], file.file),
        name=file.name or "",
        owner=owner_of(request.auth),
        kinds=("sheet",),
    )
    return Status(
        201, imports.preview(by=request.auth, kind=spec.kind, file=kept, options=_options(body))
    )


def _options(body: PreviewIn) -> dict[str, str]:
    pairs = (line.partition("=") for line in body.options.splitlines())
    found = {key.strip(): value.strip() for key, _sign, value in pairs if key.strip()}
    return found | {k: v for k in ("system", "sheet") if (v := getattr(body, k))}


@router.get("/imports/{batch_id}", response=BatchOut)
def import_batch(request: CoreRequest, batch_id: int) -> ImportBatch:
    row = ImportBatch.objects.filter(
        id=batch_id, kind__in=[s.kind for s in _mine(request.auth)]
    ).first()
    if row is None:
        raise Missing("import.not_found", _("没有这次导入"))
    return row


@router.post("/imports/{batch_id}/commit", response=BatchOut)
def commit_import(request: CoreRequest, batch_id: int) -> ImportBatch:
    return imports.commit(by=request.auth, batch_id=batch_id)
