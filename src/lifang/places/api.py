"""Routes of places. Everybody signed in reads, system administrators edit."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import quote_etag
from ninja import Status

from lifang.core import geo
from lifang.core.acts import Actor
from lifang.core.api import Page, Router
from lifang.core.paging import page
from lifang.places import actions, exports, queries, schemas
from lifang.places.kinds import KINDS, Kind

router = Router(tags=["places"])


class ApiRequest(HttpRequest):
    """A request of the JSON API; ``auth`` is who calls."""

    auth: Actor


# ---------------------------------------------------------------- where, search, map


@router.get("/places/at", response=schemas.LocatedOut)
def at(request: ApiRequest, lng: float, lat: float) -> Any:
    geo.check(lng, lat, "wgs84")
    return queries.locate(lng, lat)


@router.get("/places/search", response=list[schemas.HitOut])
def search(request: ApiRequest, q: str, kind: str = "", limit: int = 20) -> Any:
    kinds = [k for k in kind.split(",") if k]
    return queries.search(q, limit=max(1, min(limit, 100)), kinds=kinds)


@router.get("/places/geojson/{layer}", response={200: dict[str, Any], 304: None})
def geojson(
    request: ApiRequest, layer: str, bbox: str = "", level: str = "", region: str = "",
    type: str = "",
) -> Any:  # fmt: skip
    tag = quote_etag(f"{queries.layer_version(layer):x}")
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        body = queries.geojson(layer, bbox, level=level, region=region, type=type)
        answer = HttpResponse(body, content_type="application/geo+json; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@router.get("/places/export/{kind}.{ending}", response={200: bytes})
def export(
    request: ApiRequest, kind: str, ending: str, q: str = "", region: str = "", type: str = "",
    level: str = "", road: str = "", category: str = "", active: bool | None = True,
) -> Any:  # fmt: skip
    spec = actions.kind_of(kind)
    body, content_type = exports.export(
        spec, ending, phones=queries.may_see_phones(request.auth), q=q, region=region, type=type,
        level=level, road=road, category=category, active=active,
    )  # fmt: skip
    answer = HttpResponse(body, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{spec.name}.{ending}"'
    return answer


# ---------------------------------------------------------------- regions, grid maker


@router.get("/regions/tree", response=list[schemas.RegionNode])
def region_tree(request: ApiRequest, inactive: bool = False) -> Any:
    return queries.tree(inactive=inactive)


@router.get("/cells/grid", response=list[schemas.GridCell])
def preview_grid(request: ApiRequest, region: int, side: float = 100.0) -> Any:
    return actions.grid_of(region_id=region, side=side)


@router.post("/cells/grid", response={201: schemas.GridOut})
def make_grid(request: ApiRequest, body: schemas.GridIn) -> Any:
    made = actions.make_grid(
        by=request.auth, region_id=body.region, side=body.side, replace=body.replace
    )
    return Status(201, {"cells": len(made)})


# ---------------------------------------------------------------- other names, code templates


@router.get("/place-names", response=Page[schemas.PlaceNameOut])
def place_names(
    request: ApiRequest, q: str = "", kind: str = "", code: str = "", cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    rows = queries.place_names(q=q, kind=kind, code=code)
    return page(rows, order=("name",), cursor=cursor, limit=limit)


@router.post("/place-names", response={201: schemas.PlaceNameOut})
def add_place_name(request: ApiRequest, body: schemas.PlaceNameIn) -> Any:
    target = queries.target_of(body.kind, body.code)
    return Status(
        201, actions.add_name(by=request.auth, name=body.name, target=target, note=body.note)
    )


@router.delete("/place-names/{id}", response=schemas.PlaceDone)
def remove_place_name(request: ApiRequest, id: int) -> Any:
    actions.remove_name(by=request.auth, id=id)
    return {"ok": True}


@router.get("/places/code-templates", response=list[schemas.PlaceCodeOut])
def code_templates(request: ApiRequest) -> Any:
    return queries.code_templates()


@router.put("/places/code-templates/{key}", response=schemas.PlaceCodeOut)
def put_code_template(request: ApiRequest, key: str, body: schemas.PlaceCodeIn) -> Any:
    actions.put_template(by=request.auth, key=key, template=body.template, note=body.note)
    return queries.code_template(key)


# ---------------------------------------------------------------- the seven kinds


def _shown(kind: Kind, row: Any, by: Actor) -> Any:
    if kind.name == "shop" and not queries.may_see_phones(by):
        row.owner_phone = queries.masked(row.owner_phone)
    return row


def _routes(path: str, kind: Kind, given: Any, out: Any, full: Any) -> None:
    """List, create, read, change, retire and restore of one kind."""

    def name(verb: str, view: Callable[..., Any]) -> Callable[..., Any]:
        view.__name__ = f"{verb}_{kind.name.replace('-', '_')}"
        return view

    def listing(
        request: ApiRequest, q: str = "", region: str = "", type: str = "", level: str = "",
        road: str = "", category: str = "", active: bool | None = True, cursor: str = "",
        limit: int = 50,
    ) -> Any:  # fmt: skip
        rows = queries.listing(
            kind, q=q, region=region, type=type, level=level, road=road, category=category,
            active=active,
        )  # fmt: skip
        found = page(rows, order=_order(kind), cursor=cursor, limit=limit)
        found["items"] = [_shown(kind, r, request.auth) for r in found["items"]]
        return found

    def read(request: ApiRequest, id: int) -> Any:
        return _shown(kind, queries.one(kind, id), request.auth)

    def create(request: ApiRequest, body: Any) -> Any:
        made = actions.put(by=request.auth, kind=kind.name, rows=[body.model_dump()])
        return Status(201, queries.one(kind, made[0].id))

    def change(request: ApiRequest, id: int, body: Any) -> Any:
        row = body.model_dump()
        if "geometry" not in body.model_fields_set:
            row.pop("geometry", None)  # left out: the shape stays
        actions.change(by=request.auth, kind=kind.name, id=id, row=row)
        return queries.one(kind, id)

    def retire(request: ApiRequest, id: int) -> Any:
        actions.retire(by=request.auth, kind=kind.name, id=id)
        return queries.one(kind, id)

    def restore(request: ApiRequest, id: int) -> Any:
        actions.restore(by=request.auth, kind=kind.name, id=id)
        return queries.one(kind, id)

    create.__annotations__["body"] = change.__annotations__["body"] = given
    router.get(f"/{path}", response=Page[out])(name("list", listing))
    router.post(f"/{path}", response={201: full})(name("create", create))
    router.get(f"/{path}/{{id}}", response=full)(name("read", read))
    router.put(f"/{path}/{{id}}", response=full)(name("change", change))
    router.delete(f"/{path}/{{id}}", response=full)(name("retire", retire))
    router.put(f"/{path}/{{id}}/restore", response=full)(name("restore", restore))


def _order(kind: Kind) -> tuple[str, ...]:
    return ("order", "code") if kind.name == "site-type" else ("code",)


_S = schemas
_routes("regions", KINDS["region"], _S.RegionIn, _S.RegionOut, _S.RegionFull)
_routes("cells", KINDS["cell"], _S.CellIn, _S.CellOut, _S.CellFull)
_routes("roads", KINDS["road"], _S.RoadIn, _S.RoadOut, _S.RoadFull)
_routes("site-types", KINDS["site-type"], _S.SiteTypeIn, _S.SiteTypeOut, _S.SiteTypeOut)
_routes("sites", KINDS["site"], _S.SiteIn, _S.SiteOut, _S.SiteOut)
_routes("shops", KINDS["shop"], _S.ShopIn, _S.ShopOut, _S.ShopOut)
_routes("components", KINDS["component"], _S.ComponentIn, _S.ComponentOut, _S.ComponentOut)
