"""Routes of assessment editions and their crosswalks. Everybody signed in reads what is published."""

import hashlib
from typing import Any, cast

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile

from lifang.core.api import Page, Router, ready
from lifang.core.errors import TooLarge
from lifang.core.exports import XLSX
from lifang.core.paging import Limit, page
from lifang.orgs.acting import ApiRequest
from lifang.standards import edition_actions as actions
from lifang.standards import edition_imports
from lifang.standards import edition_queries as queries
from lifang.standards.choices import EditionStatus
from lifang.standards.edition_files import package, workbook, yamls
from lifang.standards.edition_schemas import (
    CrosswalkNew,
    CrosswalkRowsIn,
    EditionChangeOut,
    EditionCrosswalkDetail,
    EditionCrosswalkOut,
    EditionDocumentIn,
    EditionDocumentOut,
    EditionEdits,
    EditionFaultOut,
    EditionFileOut,
    EditionHeadIn,
    EditionNew,
    EditionOut,
    EditionReason,
    EditionRowGone,
    EditionRowIn,
    EditionSaved,
)
from lifang.standards.models import AssessmentEdition
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["editions"])


def _one(request: ApiRequest, found: AssessmentEdition) -> dict[str, Any]:
    return queries.one(request.auth, found.pk)


def _saved(request: ApiRequest, found: AssessmentEdition) -> dict[str, Any]:
    faults = queries.check(found.document, found.pk)
    return {"edition": _one(request, found), "faults": faults}


# ---------------------------------------------------------------- versions


@router.get("/editions", response=Page[EditionOut])
def editions(
    request: ApiRequest,
    key: str = "",
    status: EditionStatus | None = None,
    in_force: bool | None = None,
    q: str = "",
    cursor: str = "",
    limit: Limit = 50,
) -> Any:
    rows = queries.listing(
        request.auth,
        key=clean_text(key),
        status=str(status or ""),
        in_force=in_force,
        q=clean_text(q),
    )
    return page(rows, order=("key", "-in_force", "-id"), cursor=cursor, limit=limit)


@router.post("/editions", response={201: EditionOut})
def create_edition(request: ApiRequest, body: EditionNew) -> Any:
    made = actions.create_edition(by=request.auth, **body.model_dump())
    return Status(201, _one(request, made))


class EditionFileIn(Schema):
    #: the draft that the file goes into; absent: a new one
    into: Id | None = None
    #: of that draft, as it was when the file was chosen
    edits: int | None = None


def _bytes(file: UploadedFile) -> bytes:
    if (file.size or 0) > package.MOST_BYTES:
        told = _("文件超过 %(n)s MB") % {"n": package.MOST_BYTES // 2**20}
        raise TooLarge("edition.file", told)
    return cast(bytes, file.read())


@router.post("/editions/file-preview", response=EditionFileOut)
def preview_edition_file(
    request: ApiRequest, body: Form[EditionFileIn], file: File[UploadedFile]
) -> Any:
    return edition_imports.preview(by=request.auth, data=_bytes(file), into=body.into).plain()


@router.post("/editions/file", response=EditionFileOut)
def take_edition_file(
    request: ApiRequest, body: Form[EditionFileIn], file: File[UploadedFile]
) -> Any:
    done = edition_imports.commit(by=request.auth, data=_bytes(file), **body.model_dump())
    row = queries.one(request.auth, done.edition_id) if done.edition_id else None
    return done.plain() | {"edition": row}


@router.get("/editions/template.xlsx", response={200: bytes})
def edition_template(request: ApiRequest) -> HttpResponse:
    data = workbook.write({}, types=queries.names_of_types())
    return _file(data, "测评体系模板.xlsx", XLSX)


@router.get("/editions/{edition_id}", response=EditionOut)
def edition(request: ApiRequest, edition_id: Id) -> Any:
    return queries.one(request.auth, edition_id)


@router.delete("/editions/{edition_id}", response={204: None})
def delete_edition(request: ApiRequest, edition_id: Id) -> Any:
    actions.delete_edition(by=request.auth, edition_id=edition_id)
    return Status(204, None)


@router.get("/editions/{edition_id}/document", response=EditionDocumentOut)
def edition_document(request: ApiRequest, edition_id: Id) -> Any:
    return ready(queries.document(request.auth, edition_id))


@router.put("/editions/{edition_id}/document", response=EditionSaved)
def replace_edition_document(request: ApiRequest, edition_id: Id, body: EditionDocumentIn) -> Any:
    found = actions.replace_document(by=request.auth, edition_id=edition_id, **body.model_dump())
    return _saved(request, found)


@router.put("/editions/{edition_id}/head", response=EditionSaved)
def change_edition_head(request: ApiRequest, edition_id: Id, body: EditionHeadIn) -> Any:
    found = actions.change_head(by=request.auth, edition_id=edition_id, **body.model_dump())
    return _saved(request, found)


@router.put("/editions/{edition_id}/nodes", response=EditionSaved)
def put_edition_node(request: ApiRequest, edition_id: Id, body: EditionRowIn) -> Any:
    found = actions.put_row(
        by=request.auth, edition_id=edition_id, part="nodes", **body.model_dump()
    )
    return _saved(request, found)


@router.put("/editions/{edition_id}/nodes/remove", response=EditionSaved)
def remove_edition_node(request: ApiRequest, edition_id: Id, body: EditionRowGone) -> Any:
    found = actions.remove_row(
        by=request.auth, edition_id=edition_id, part="nodes", **body.model_dump()
    )
    return _saved(request, found)


@router.put("/editions/{edition_id}/items", response=EditionSaved)
def put_edition_item(request: ApiRequest, edition_id: Id, body: EditionRowIn) -> Any:
    found = actions.put_row(
        by=request.auth, edition_id=edition_id, part="items", **body.model_dump()
    )
    return _saved(request, found)


@router.put("/editions/{edition_id}/items/remove", response=EditionSaved)
def remove_edition_item(request: ApiRequest, edition_id: Id, body: EditionRowGone) -> Any:
    found = actions.remove_row(
        by=request.auth, edition_id=edition_id, part="items", **body.model_dump()
    )
    return _saved(request, found)


@router.get("/editions/{edition_id}/faults", response=list[EditionFaultOut])
def edition_faults(request: ApiRequest, edition_id: Id) -> Any:
    return queries.faults_of(request.auth, edition_id)


@router.get("/editions/{edition_id}/changes", response=list[EditionChangeOut])
def edition_changes(request: ApiRequest, edition_id: Id, against: Id | None = None) -> Any:
    return queries.differences(request.auth, edition_id, against)


@router.put("/editions/{edition_id}/submit", response=EditionOut)
def submit_edition(request: ApiRequest, edition_id: Id, body: EditionEdits) -> Any:
    found = actions.submit(by=request.auth, edition_id=edition_id, edits=body.edits)
    return _one(request, found)


@router.put("/editions/{edition_id}/approve", response=EditionOut)
def approve_edition(request: ApiRequest, edition_id: Id) -> Any:
    return _one(request, actions.approve(by=request.auth, edition_id=edition_id))


@router.put("/editions/{edition_id}/send-back", response=EditionOut)
def send_back_edition(request: ApiRequest, edition_id: Id, body: EditionReason) -> Any:
    found = actions.send_back(by=request.auth, edition_id=edition_id, reason=body.reason)
    return _one(request, found)


@router.put("/editions/{edition_id}/put-in-force", response=EditionOut)
def put_edition_in_force(request: ApiRequest, edition_id: Id) -> Any:
    return _one(request, actions.put_in_force(by=request.auth, edition_id=edition_id))


@router.put("/editions/{edition_id}/take-out-of-force", response=EditionOut)
def take_edition_out_of_force(request: ApiRequest, edition_id: Id) -> Any:
    return _one(request, actions.take_out_of_force(by=request.auth, edition_id=edition_id))


# ---------------------------------------------------------------- files


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["ETag"] = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    return answer


def _named(request: ApiRequest, edition_id: int) -> tuple[str, Any]:
    row = queries.one(request.auth, edition_id)
    document = queries.document(request.auth, edition_id)["document"]
    return f"{row['title']}-{row['version']}", document


@router.get("/editions/{edition_id}/export.xlsx", response={200: bytes})
def export_edition(request: ApiRequest, edition_id: Id) -> HttpResponse:
    name, document = _named(request, edition_id)
    data = workbook.write(document, types=queries.names_of_types())
    return _file(data, f"{name}.xlsx", XLSX)


@router.get("/editions/{edition_id}/export.yaml", response={200: bytes})
def export_edition_yaml(request: ApiRequest, edition_id: Id) -> HttpResponse:
    name, document = _named(request, edition_id)
    return _file(yamls.write(document).encode(), f"{name}.yaml", "application/yaml")


# ---------------------------------------------------------------- crosswalks


@router.get("/edition-crosswalks", response=Page[EditionCrosswalkOut])
def edition_crosswalks(
    request: ApiRequest, edition: Id | None = None, cursor: str = "", limit: Limit = 50
) -> Any:
    rows = queries.crosswalks(request.auth, edition=edition)
    return page(rows, order=("-id",), cursor=cursor, limit=limit)


@router.post("/edition-crosswalks", response={201: EditionCrosswalkDetail})
def create_edition_crosswalk(request: ApiRequest, body: CrosswalkNew) -> Any:
    made = actions.create_crosswalk(by=request.auth, old=body.old, new=body.new)
    return Status(201, queries.walk_shown(request.auth, made.pk))


@router.get("/edition-crosswalks/{crosswalk_id}", response=EditionCrosswalkDetail)
def edition_crosswalk(request: ApiRequest, crosswalk_id: Id) -> Any:
    return queries.walk_shown(request.auth, crosswalk_id)


@router.put("/edition-crosswalks/{crosswalk_id}", response=EditionCrosswalkDetail)
def put_edition_crosswalk(request: ApiRequest, crosswalk_id: Id, body: CrosswalkRowsIn) -> Any:
    actions.put_crosswalk(
        by=request.auth,
        crosswalk_id=crosswalk_id,
        edits=body.edits,
        rows=[r.model_dump() for r in body.rows],
    )
    return queries.walk_shown(request.auth, crosswalk_id)


@router.put("/edition-crosswalks/{crosswalk_id}/confirm", response=EditionCrosswalkDetail)
def confirm_edition_crosswalk(request: ApiRequest, crosswalk_id: Id, body: EditionEdits) -> Any:
    actions.confirm_crosswalk(by=request.auth, crosswalk_id=crosswalk_id, edits=body.edits)
    return queries.walk_shown(request.auth, crosswalk_id)


@router.delete("/edition-crosswalks/{crosswalk_id}", response={204: None})
def delete_edition_crosswalk(request: ApiRequest, crosswalk_id: Id) -> Any:
    actions.delete_crosswalk(by=request.auth, crosswalk_id=crosswalk_id)
    return Status(204, None)
