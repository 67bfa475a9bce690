"""Routes of the catalogue. Everybody signed in reads, system administrators edit drafts."""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header, quote_etag
from ninja import Status

from lifang.core.api import Page, Router
from lifang.core.paging import page
from lifang.orgs.acting import ApiRequest
from lifang.standards import actions, queries, sheets
from lifang.standards.queries import Tree
from lifang.standards.rules import clean_text
from lifang.standards.schemas import (
    CatalogueIn,
    CatalogueNew,
    CatalogueOut,
    CategoryBase,
    CategoryNew,
    CategoryOut,
    ConditionBase,
    ConditionNew,
    ConditionOut,
    FaultOut,
    Id,
    TreeOut,
)

router = Router(tags=["standards"])


# ---------------------------------------------------------------- versions


@router.get("/catalogues", response=Page[CatalogueOut])
def catalogues(request: ApiRequest, cursor: str = "", limit: int = 50) -> Any:
    return page(queries.catalogues(), order=("-in_force", "-id"), cursor=cursor, limit=limit)


@router.post("/catalogues", response={201: CatalogueOut})
def create_catalogue(request: ApiRequest, body: CatalogueNew) -> Any:
    made = actions.create_catalogue(by=request.auth, **body.model_dump())
    return Status(201, queries.catalogue(made.pk))


@router.get("/catalogues/in-force/tree", response={200: TreeOut, 304: None})
def tree_in_force(request: ApiRequest) -> HttpResponse:
    return _tree(request, queries.in_force())


@router.get("/catalogues/{catalogue_id}", response=CatalogueOut)
def catalogue(request: ApiRequest, catalogue_id: Id) -> Any:
    return queries.catalogue(catalogue_id)


@router.put("/catalogues/{catalogue_id}", response=CatalogueOut)
def change_catalogue(request: ApiRequest, catalogue_id: Id, body: CatalogueIn) -> Any:
    actions.change_catalogue(by=request.auth, catalogue_id=catalogue_id, **body.model_dump())
    return queries.catalogue(catalogue_id)


@router.delete("/catalogues/{catalogue_id}", response={204: None})
def delete_catalogue(request: ApiRequest, catalogue_id: Id) -> Any:
    actions.delete_catalogue(by=request.auth, catalogue_id=catalogue_id)
    return Status(204, None)


@router.get("/catalogues/{catalogue_id}/tree", response={200: TreeOut, 304: None})
def tree(request: ApiRequest, catalogue_id: Id) -> HttpResponse:
    return _tree(request, queries.tree(catalogue_id))


@router.put("/catalogues/{catalogue_id}/publish", response=CatalogueOut)
def publish(request: ApiRequest, catalogue_id: Id) -> Any:
    actions.publish(by=request.auth, catalogue_id=catalogue_id)
    return queries.catalogue(catalogue_id)


@router.put("/catalogues/{catalogue_id}/put-in-force", response=CatalogueOut)
def put_in_force(request: ApiRequest, catalogue_id: Id) -> Any:
    actions.put_in_force(by=request.auth, catalogue_id=catalogue_id)
    return queries.catalogue(catalogue_id)


@router.get("/catalogues/{catalogue_id}/faults", response=list[FaultOut])
def faults(request: ApiRequest, catalogue_id: Id) -> Any:
    return queries.faults_of(catalogue_id)


@router.get("/catalogues/{catalogue_id}/export.xlsx", response={200: bytes})
def export(request: ApiRequest, catalogue_id: Id) -> HttpResponse:
    found = queries.tree(catalogue_id)
    answer = HttpResponse(sheets.write(queries.document(catalogue_id)), content_type=sheets.TYPE)
    name = f"{found.name}-{found.version}.xlsx"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


# ---------------------------------------------------------------- classes and conditions


@router.get("/categories", response=Page[CategoryOut])
def categories(
    request: ApiRequest,
    catalogue: Id | None = None,
    kind: str = "",
    key: str = "",
    q: str = "",
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = queries.find_categories(
        catalogue_id=catalogue, kind=clean_text(kind), q=clean_text(q), key=clean_text(key)
    )
    return page(rows, order=("kind", "order", "id"), cursor=cursor, limit=limit)


@router.post("/categories", response={201: CategoryOut})
def add_category(request: ApiRequest, body: CategoryNew) -> Any:
    return Status(201, actions.add_category(by=request.auth, **body.model_dump()))


@router.get("/categories/{category_id}", response=CategoryOut)
def category(request: ApiRequest, category_id: Id) -> Any:
    return queries.category(category_id)


@router.put("/categories/{category_id}", response=CategoryOut)
def change_category(request: ApiRequest, category_id: Id, body: CategoryBase) -> Any:
    return actions.change_category(by=request.auth, category_id=category_id, **body.model_dump())


@router.delete("/categories/{category_id}", response={204: None})
def remove_category(request: ApiRequest, category_id: Id) -> Any:
    actions.remove_category(by=request.auth, category_id=category_id)
    return Status(204, None)


@router.get("/conditions", response=Page[ConditionOut])
def conditions(
    request: ApiRequest, category: Id | None = None, cursor: str = "", limit: int = 50
) -> Any:
    rows = queries.conditions(category_id=category)
    return page(rows, order=("category_id", "number", "id"), cursor=cursor, limit=limit)


@router.post("/conditions", response={201: ConditionOut})
def add_condition(request: ApiRequest, body: ConditionNew) -> Any:
    return Status(201, actions.add_condition(by=request.auth, **body.model_dump()))


@router.get("/conditions/{condition_id}", response=ConditionOut)
def condition(request: ApiRequest, condition_id: Id) -> Any:
    return queries.condition(condition_id)


@router.put("/conditions/{condition_id}", response=ConditionOut)
def change_condition(request: ApiRequest, condition_id: Id, body: ConditionBase) -> Any:
    return actions.change_condition(by=request.auth, condition_id=condition_id, **body.model_dump())


@router.delete("/conditions/{condition_id}", response={204: None})
def remove_condition(request: ApiRequest, condition_id: Id) -> Any:
    actions.remove_condition(by=request.auth, condition_id=condition_id)
    return Status(204, None)


def _tree(request: ApiRequest, found: Tree) -> HttpResponse:
    """The tree with an ETag of its content, so that a face asks again for nothing."""
    body = found.json
    tag = quote_etag(hashlib.sha256(body).hexdigest()[:24])
    same = request.headers.get("If-None-Match") == tag
    answer = (
        HttpResponse(status=304)
        if same
        else HttpResponse(body, content_type="application/json; charset=utf-8")
    )
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer
