"""GeoJSON in and out, with clear answers to what is wrong; the comparisons that rules ask for.

Degrees are WGS-84/CGCS2000.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.places.shapes import ONE, Area, Point, Ring, crossing

GeoJSON = dict[str, Any]

#: Borders drawn twice never match to the last bit; less than this is no gap and no overlap.
SLIVER_M2 = 1.0
SLIVER_SHARE = 0.001
MAX_POINTS = 20_000

_AREAS = ("Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")


def fail(code: str, message: str, path: str) -> Invalid:
    return Invalid(code, message, fields=[Field(path, message)])


def read_area(geometry: object, path: str = "geometry") -> Area:
    """A GeoJSON polygon or several, checked: numbers, closed rings, no crossing, no overlap.

    Raises :class:`Invalid` that says in Chinese what is wrong and where.
    """
    kind, coordinates = _checked(geometry, _AREAS, path)
    parts = [coordinates] if kind == "Polygon" else coordinates
    polygons = []
    for rings in parts:
        if not isinstance(rings, list | tuple) or not rings:
            raise _broken(path)
        polygons.append(tuple(_ring(ring, n, path) for n, ring in enumerate(rings, 1)))
    area = Area(tuple(polygons))
    where = crossing(area)
    if where is not None:
        point = f"{where[0] / ONE:.6f}, {where[1] / ONE:.6f}"
        raise fail(
            "geometry.crossing",
            _("边界在 (%(where)s) 处自相交，请调整该处的顶点") % {"where": point},
            path,
        )
    if area.m2 <= 0:
        raise fail("geometry.flat", _("图形的面积为零，请重画"), path)
    if abs(area.m2 - area.even_odd_m2()) > max(SLIVER_M2, SLIVER_SHARE * area.m2):
        raise fail(
            "geometry.overlapping_parts", _("图形的各部分互相重叠，或内圈在外圈之外，请重画"), path
        )
    return area


def read_line(geometry: object, path: str = "geometry") -> list[Ring]:
    """A road's middle line or lines. Raises :class:`Invalid`."""
    kind, coordinates = _checked(geometry, _LINES, path)
    out = []
    for line in [coordinates] if kind == "LineString" else coordinates:
        if not isinstance(line, list | tuple) or not all(isinstance(p, list | tuple) for p in line):
            raise _broken(path)
        points = _points_of(line, path)
        if len(set(points)) < 2:
            raise fail("geometry.line_short", _("线至少要有两个不同的点"), path)
        out.append(points)
    return out


def _checked(geometry: object, kinds: Sequence[str], path: str) -> tuple[str, Any]:
    if not isinstance(geometry, dict) or "type" not in geometry:
        raise fail("geometry.shape", _('图形应为 GeoJSON，例：{"type": "Polygon", …}'), path)
    kind = geometry["type"]
    if not isinstance(kind, str) or kind not in kinds:
        raise fail(
            "geometry.kind",
            _("图形类型应为 %(list)s，收到的是 %(kind)s")
            % {"list": "、".join(kinds), "kind": str(kind)[:40]},
            path,
        )
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list | tuple) or not coordinates:
        raise fail("geometry.empty", _("图形没有坐标"), path)
    for n, _leaf in enumerate(_leaves(coordinates), 1):
        if n > MAX_POINTS:
            raise fail(
                "geometry.large", _("图形超过 %(n)s 个点，请先简化") % {"n": MAX_POINTS}, path
            )
    return kind, coordinates


def _leaves(coordinates: Any) -> Iterator[Any]:
    stack = [coordinates]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple) and any(isinstance(x, list | tuple) for x in item):
            stack.extend(item)
        else:
            yield item


def _broken(path: str) -> Invalid:
    return fail("geometry.broken", _("图形坐标的层次有误，请按 GeoJSON 书写"), path)


def _point(point: Any, path: str) -> Point:
    if not isinstance(point, list | tuple):
        raise _broken(path)
    ok = len(point) >= 2 and all(
        isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
        for x in point[:2]
    )
    if not ok:
        raise fail("geometry.number", _("坐标应为一对数字 [经度, 纬度]"), path)
    lng, lat = point[0], point[1]
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        swapped = -180 <= lat <= 180 and -90 <= lng <= 90
        raise fail(
            "geometry.range",
            _("坐标 (%(lng)s, %(lat)s) 超出经纬度范围") % {"lng": lng, "lat": lat}
            + (_("；应经度在前、纬度在后") if swapped else ""),
            path,
        )
    return round(lng * ONE), round(lat * ONE)


def _points_of(points: Any, path: str) -> Ring:
    return tuple(_point(p, path) for p in points)


def _ring(ring: Any, number: int, path: str) -> Ring:
    """Rings must be closed by the drawer: a missing last point hides a cut-off file."""
    if not isinstance(ring, list | tuple):
        raise _broken(path)
    if len(ring) < 4:
        raise fail(
            "geometry.ring_short", _("第 %(n)s 圈少于 4 个点，围不成面") % {"n": number}, path
        )
    points = _points_of(ring, path)
    if points[0] != points[-1]:
        raise fail(
            "geometry.not_closed",
            _("第 %(n)s 圈没有闭合：最后一个点应与第一个点相同") % {"n": number},
            path,
        )
    return points[:-1]


def _degrees(ring: Ring, *, closed: bool) -> list[list[float]]:
    points = [*ring, ring[0]] if closed else ring
    return [[x / ONE, y / ONE] for x, y in points]


def write_area(area: Area) -> GeoJSON:
    polygons = [[_degrees(r, closed=True) for r in polygon] for polygon in area.polygons]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def write_lines(lines: Sequence[Ring]) -> GeoJSON:
    found = [_degrees(line, closed=False) for line in lines]
    if len(found) == 1:
        return {"type": "LineString", "coordinates": found[0]}
    return {"type": "MultiLineString", "coordinates": found}


def bounds_of_lines(lines: Sequence[Ring]) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees."""
    xs = [x for line in lines for x, _y in line]
    ys = [y for line in lines for _x, y in line]
    return min(xs) / ONE, min(ys) / ONE, max(xs) / ONE, max(ys) / ONE


def middle_of_lines(lines: Sequence[Ring]) -> tuple[float, float]:
    """A vertex near the middle of the longest line, in degrees: a point on the road itself."""
    line = max(lines, key=len)
    x, y = line[len(line) // 2]
    return x / ONE, y / ONE


def sticks_out(child: Area, parent: Area) -> float:
    """Area in m² of ``child`` outside ``parent``; 0 when only slivers stick out."""
    out = child.without(parent)
    m2 = out.m2 if out.polygons else 0.0
    return m2 if m2 > max(SLIVER_M2, SLIVER_SHARE * child.m2) else 0.0


def overlap(a: Area, b: Area) -> float:
    """Area in m² that ``a`` and ``b`` share; 0 when only slivers."""
    shared = a.both(b)
    m2 = shared.m2 if shared.polygons else 0.0
    return m2 if m2 > max(SLIVER_M2, SLIVER_SHARE * min(a.m2, b.m2)) else 0.0
