"""Reading places: where a point lies, what is near, names, map layers, lists.

Places are no secret: everybody signed in reads them all. Only a shop owner's telephone is masked
for those who do not need it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from django.db.models import Count, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from lifang.core import geo, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Field, Invalid, Missing
from lifang.places import codes
from lifang.places.atlas import Located, Name, Spot, locate, names
from lifang.places.finding import Hit, search
from lifang.places.kinds import KINDS, TEMPLATES, Kind
from lifang.places.models import CodeTemplate, PlaceName, Region, Road, Site

__all__ = [
    "KINDS",
    "Hit",
    "Located",
    "Name",
    "Spot",
    "geojson",
    "listing",
    "locate",
    "names",
    "near",
    "one",
    "search",
    "tree",
]

M = TypeVar("M", bound=Model)

#: features of one map answer; more than a person can tell apart
MAX_FEATURES = 5_000
MAX_NEAR = 2_000


def near(
    rows: type[M] | QuerySet[M, M], lng: float, lat: float, metres: float
) -> list[tuple[M, float]]:
    """Rows with ``lng`` and ``lat`` within ``metres`` of a point, nearest first, with the distance.

    The bounding box is cut out by the index on (lat, lng), the circle by arithmetic.
    """
    found = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    west, south, east, north = geo.bbox_around(lng, lat, metres)
    inside = found.filter(lat__gte=south, lat__lte=north, lng__gte=west, lng__lte=east)
    out: list[tuple[M, float]] = []
    for row in inside[:MAX_NEAR]:
        point: Any = row
        away = geo.metres((lng, lat), (point.lng, point.lat))
        if away <= metres:
            out.append((row, away))
    out.sort(key=lambda pair: pair[1])
    return out


# ---------------------------------------------------------------- lists


def _joins(kind: Kind) -> list[str]:
    names = [c.name for c in kind.columns if c.type == "ref"]
    return [*names, "cell"] if kind.shape == "point" else names


def listing(
    kind: Kind,
    *,
    q: str = "",
    region: str = "",
    type: str = "",
    level: str = "",
    road: str = "",
    category: str = "",
    active: bool | None = True,
) -> QuerySet[Any, Any]:
    """Places of a kind, filtered. ``region`` is a division-code prefix."""
    rows: QuerySet[Any, Any] = kind.model.objects.select_related(*_joins(kind))
    if kind.shape in ("area", "line"):
        rows = rows.defer("geometry")
    fields = {c.name for c in kind.columns}
    if active is not None:
        rows = rows.filter(active=active)
    if text := q.strip():
        where = Q(code__startswith=text)
        if "name" in fields:
            where |= Q(name__icontains=text)
        if "address" in fields:
            where |= Q(address__icontains=text)
        if "grid" in fields:
            where |= Q(grid=text)
        rows = rows.filter(where)
    if region:
        own = kind.model is Region
        if own or "region" in fields:
            rows = rows.filter(**{f"{'' if own else 'region__'}code__startswith": region})
    if type and "type" in fields:
        rows = rows.filter(type__code=type)
    if level and "level" in fields:
        rows = rows.filter(level=_choice(kind, "level", level))
    if road and "road" in fields:
        rows = rows.filter(road__code=road)
    if category and "category_code" in fields:
        rows = rows.filter(category_code__startswith=category)
    return rows


def _choice(kind: Kind, name: str, given: str) -> Any:
    for key, _label in kind.column(name).choices:
        if str(key) == given:
            return key
    message = _("没有这个级别：%(given)s") % {"given": given}
    raise Invalid("places.level", message, fields=[Field("level", message)])


def one(kind: Kind, id: int) -> Any:
    """One place with its shape; raises :class:`Missing`."""
    found = kind.model.objects.select_related(*_joins(kind)).filter(id=id).first()
    if found is None:
        raise Missing(
            "places.missing", _("没有编号为 %(id)s 的%(kind)s") % {"id": id, "kind": kind.label}
        )
    return found


def by_code(kind: Kind, found: Iterable[str]) -> list[Any]:
    """Places with these codes, with what they refer to."""
    rows = kind.model.objects.select_related(*_joins(kind))
    return list(rows.filter(code__in=list(found)))


def has_name(target: Region | Road | Site, name: str) -> bool:
    """Whether a place has this other name already."""
    return target.aliases.filter(name=name).exists()


def place_names(*, q: str = "", kind: str = "", code: str = "") -> QuerySet[PlaceName, PlaceName]:
    """Other names with what they name."""
    rows = PlaceName.objects.select_related("region", "road", "site").defer(
        "region__geometry", "road__geometry"
    )
    if text := q.strip():
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(region__name__icontains=text)
            | Q(road__name__icontains=text)
            | Q(site__name__icontains=text)
        )
    if kind in ("region", "road", "site"):
        rows = rows.filter(**{f"{kind}__code": code} if code else {f"{kind}__isnull": False})
    return rows


def target_of(kind: str, code: str) -> Region | Road | Site:
    """The region, road or site with this code, to be given another name."""
    if kind not in ("region", "road", "site"):
        message = _("别名只能给区划、道路或点位")
        raise Invalid("place_name.kind", message, fields=[Field("kind", message)])
    found: Region | Road | Site | None = KINDS[kind].model.objects.filter(code=code).first()
    if found is None:
        message = _("%(kind)s %(code)s 不存在") % {"kind": KINDS[kind].label, "code": code}
        raise Invalid("place_name.target", message, fields=[Field("code", message)])
    return found


def code_templates() -> list[dict[str, str]]:
    """All kinds of codes with their template, set or not."""
    rows = {t.key: t for t in CodeTemplate.objects.all()}
    out = []
    for key, label in TEMPLATES.items():
        row = rows.get(key)
        out.append(
            {
                "key": key,
                "label": str(label),
                "template": row.template if row else "",
                "note": row.note if row else "",
                "form": codes.describe(row.template, {}) if row else "",
            }
        )
    return out


def code_template(key: str) -> dict[str, str]:
    return next(t for t in code_templates() if t["key"] == key)


#: roles that ring a shop's owner
_PHONE_ROLES = frozenset({"system_admin", "duty_chief", "dispatcher", "handler", "checker"})


def may_see_phones(by: Actor) -> bool:
    return by.automatic or bool(_PHONE_ROLES & by.roles)


def masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-2:]}" if len(phone) > 6 else "****" if phone else ""


@dataclass
class Node:
    """A region of the tree with how many cells lie right under it."""

    id: int
    code: str
    name: str
    level: int
    active: bool
    has_border: bool
    cells: int
    children: list["Node"]


def tree(*, inactive: bool = False) -> list[Node]:
    """All regions as a tree. One query."""
    rows = Region.objects.order_by("code").annotate(n=Count("cells", filter=Q(cells__active=True)))
    if not inactive:
        rows = rows.filter(active=True)
    nodes: dict[int, Node] = {}
    above: dict[int, int | None] = {}
    for i, code, name, level, active, west, parent, n in rows.values_list(
        "id", "code", "name", "level", "active", "west", "parent_id", "n"
    ):
        nodes[i] = Node(i, code, name, level, active, west is not None, n, [])
        above[i] = parent
    roots: list[Node] = []
    for i, node in nodes.items():
        parent_node = nodes.get(above[i] or 0)
        (parent_node.children if parent_node else roots).append(node)
    return roots


# ---------------------------------------------------------------- map layers

#: layer → kind and the properties it shows
LAYERS: dict[str, tuple[str, Mapping[str, str]]] = {
    "regions": ("region", {"code": "code", "name": "name", "level": "level"}),
    "cells": ("cell", {"code": "code", "grid": "grid", "region": "region__code"}),
    "roads": ("road", {"code": "code", "name": "name", "level": "level"}),
    "sites": ("site", {"code": "code", "name": "name", "type": "type__code"}),
    "shops": ("shop", {"code": "code", "name": "name"}),
    "components": (
        "component",
        {"code": "code", "name": "name", "category": "category_code", "state": "state"},
    ),
}


def read_bbox(text: str) -> tuple[float, float, float, float]:
    """``west,south,east,north`` in degrees."""
    try:
        west, south, east, north = (float(x) for x in text.split(","))
        ok = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    except ValueError:
        ok = False
    if not ok:
        message = _("范围应为 西,南,东,北 四个经纬度，例：112.9,28.1,113.1,28.3")
        raise Invalid("bbox.invalid", message, fields=[Field("bbox", message)])
    return west, south, east, north


def layer_of(name: str) -> Kind:
    if name not in LAYERS:
        raise Missing(
            "layer.missing",
            _("没有图层 %(name)s，可用：%(list)s") % {"name": name, "list": "、".join(LAYERS)},
        )
    return KINDS[LAYERS[name][0]]


def layer_version(name: str) -> int:
    """Moves whenever the layer may look different."""
    return max(stamps.version(s) for s in layer_of(name).stamps)


def geojson(
    layer: str, bbox: str = "", *, level: str = "", region: str = "", type: str = ""
) -> bytes:
    """A FeatureCollection of what touches ``bbox`` (all, when empty), at most ``MAX_FEATURES``.

    ``truncated`` says that there was more: zoom in. Geometry goes from the table to the answer as
    text, unparsed.
    """
    kind = layer_of(layer)
    rows = listing(kind, level=level, region=region, type=type).defer(None).select_related(None)
    if bbox:
        west, south, east, north = read_bbox(bbox)
        if kind.shape == "point":
            rows = rows.filter(lat__gte=south, lat__lte=north, lng__gte=west, lng__lte=east)
        else:
            rows = rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    shown = LAYERS[layer][1]
    if kind.shape == "point":
        values: Iterable[tuple[Any, ...]] = rows.values_list("id", "lng", "lat", *shown.values())[
            : MAX_FEATURES + 1
        ]
        features = [
            {
                "type": "Feature",
                "id": v[0],
                "geometry": {"type": "Point", "coordinates": [v[1], v[2]]},
                "properties": dict(zip(shown, v[3:], strict=True)),
            }
            for v in values
        ]
    else:
        texts = rows.exclude(geometry=None).annotate(text=Cast("geometry", TextField()))
        features = [
            {
                "type": "Feature",
                "id": v[0],
                "geometry": orjson.Fragment(v[1]),
                "properties": dict(zip(shown, v[2:], strict=True)),
            }
            for v in texts.values_list("id", "text", *shown.values())[: MAX_FEATURES + 1]
        ]
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": features[:MAX_FEATURES],
            "truncated": len(features) > MAX_FEATURES,
        }
    )
