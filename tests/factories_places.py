"""Regions, cells, roads, sites, shops and components for the tests of every room.

A made-up town around (113.0, 28.2): :func:`square` draws so many metres around a point.
"""

from itertools import count
from typing import Any

from lifang.core import stamps
from lifang.places import atlas, geometry
from lifang.places.kinds import KINDS
from lifang.places.models import (
    Cell,
    CodeTemplate,
    Component,
    PlaceName,
    Region,
    RegionLevel,
    Road,
    RoadLevel,
    Shop,
    Site,
    SiteType,
)
from lifang.places.shapes import metres_per_degree

_n = count(1)

LNG, LAT = 113.0, 28.2
#: figures of a division code by level
_WIDTH = {1: 4, 2: 6, 3: 9, 4: 12}


def at(east: float = 0, north: float = 0) -> tuple[float, float]:
    """Degrees of a point so many metres east and north of the middle of the town."""
    x, y = metres_per_degree(LAT)
    return round(LNG + east / x, 7), round(LAT + north / y, 7)


def square(east: float = 0, north: float = 0, side: float = 1000) -> dict[str, Any]:
    """A GeoJSON square of ``side`` metres with its south-west corner there."""
    (w, s), (e, n) = at(east, north), at(east + side, north + side)
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def line(*points: tuple[float, float]) -> dict[str, Any]:
    """A GeoJSON line through points in metres."""
    return {"type": "LineString", "coordinates": [list(at(*p)) for p in points]}


def changed(*kinds: str) -> None:
    """Let the caches know that rows were written past the actions."""
    for kind in kinds or KINDS:
        for stamp in KINDS[kind].stamps:
            stamps.bump(stamp)


def _box(geojson: dict[str, Any] | None) -> dict[str, Any]:
    if geojson is None:
        return {"geometry": None}
    if geojson["type"].endswith("Polygon"):
        bounds = geometry.read_area(geojson).bounds
    else:
        bounds = geometry.bounds_of_lines(geometry.read_line(geojson))
    return {"geometry": geojson} | dict(
        zip(("west", "south", "east", "north"), bounds, strict=True)
    )


def make_region(**kw: Any) -> Region:
    """A community of 1 km by 1 km, unless told otherwise; ``geometry=None``: without border."""
    n = next(_n)
    parent = kw.get("parent")
    level = kw.pop("level", parent.level + 1 if parent else RegionLevel.STREET)
    above = parent.code if parent else "99"
    width = _WIDTH[int(level)] - len(above)
    code = f"{above}{n % 10**width:0{width}}"
    values = {"code": code, "name": f"区划{n}", "level": level}
    shape = _box(kw.pop("geometry", square()))
    made = Region.objects.create(**values | shape | kw)
    changed("region")
    return made


def make_cell(*, region: Region | None = None, **kw: Any) -> Cell:
    """A cell of 100 m by 100 m."""
    n = next(_n)
    region = region or make_region()
    shape = _box(kw.pop("geometry", square(side=100)))
    area = atlas.area_of(shape["geometry"]).m2 if shape["geometry"] else 0
    values = {"code": f"{region.code}{n:03}", "region": region, "area_m2": area}
    made = Cell.objects.create(**values | shape | kw)
    changed("cell")
    return made


def make_road(**kw: Any) -> Road:
    """A main road of 1 km from west to east through the middle of the first square."""
    n = next(_n)
    shape = _box(kw.pop("geometry", line((0, 500), (1000, 500))))
    values = {"code": f"R{n:05}", "name": f"道路{n}", "level": RoadLevel.MAIN}
    made = Road.objects.create(**values | shape | kw)
    changed("road")
    return made


def make_site_type(**kw: Any) -> SiteType:
    n = next(_n)
    made = SiteType.objects.create(**{"code": f"type-{n}", "name": f"类型{n}", "order": n} | kw)
    changed("site-type")
    return made


def _point(kw: dict[str, Any], n: int) -> dict[str, Any]:
    lng, lat = at(50, 50)
    values = {"name": f"地点{n}", "lng": lng, "lat": lat} | kw
    if "region" not in values:
        values["region"] = make_region()
    return values


def make_site(**kw: Any) -> Site:
    n = next(_n)
    values = {"code": f"P{n:05}"} | _point(kw, n)
    if "type" not in values:
        values["type"] = make_site_type()
    made = Site.objects.create(**values)
    changed("site")
    return made


def make_shop(**kw: Any) -> Shop:
    n = next(_n)
    made = Shop.objects.create(**{"code": f"S{n:05}"} | _point(kw, n))
    changed("shop")
    return made


def make_component(**kw: Any) -> Component:
    n = next(_n)
    values = {"code": f"C{n:05}", "category_code": "0103"} | _point(kw, n)
    made = Component.objects.create(**values)
    changed("component")
    return made


def make_place_name(name: str, **target: Any) -> PlaceName:
    """Another name of ``region``, ``road`` or ``site``."""
    made = PlaceName.objects.create(name=name, **target)
    stamps.bump("places.names")
    return made


def make_code_template(key: str = "cell", template: str = "{region}{serial:3}") -> CodeTemplate:
    return CodeTemplate.objects.create(key=key, template=template)
