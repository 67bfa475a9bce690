"""Places on the earth: degrees WGS-84 inside, converted at the door from a *declared* system.

CGCS2000 differs from WGS-84 by centimetres and counts as the same. GCJ-02 (Gaode, Tencent,
WeChat) and BD-09 (Baidu) are shifted by 100–700 m; undeclared coordinates are refused.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson
from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid

SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
EARTH = 6_371_008.8  # mean radius, metres
_A, _EE = 6_378_245.0, 0.00669342162296594323  # the ellipsoid that GCJ-02 is computed on
_BD = math.pi * 3000 / 180


def to_wgs84(lng: float, lat: float, system: str) -> tuple[float, float]:
    """Degrees WGS-84 of a point in ``system``, rounded to 1 cm; raises :class:`Invalid`."""
    check(lng, lat, system)
    if system == "bd09":
        lng, lat = _bd09_to_gcj02(lng, lat)
    if system in ("gcj02", "bd09"):
        lng, lat = _gcj02_to_wgs84(lng, lat)
    return round(lng, 7), round(lat, 7)


def from_wgs84(lng: float, lat: float, system: str) -> tuple[float, float]:
    """A WGS-84 point in ``system``, for showing on another's base map."""
    check(lng, lat, system)
    if system in ("gcj02", "bd09"):
        lng, lat = _wgs84_to_gcj02(lng, lat)
    if system == "bd09":
        lng, lat = _gcj02_to_bd09(lng, lat)
    return round(lng, 7), round(lat, 7)


def check(lng: float, lat: float, system: str) -> None:
    """Refuse an undeclared system and degrees that are none."""
    if system not in SYSTEMS:
        raise Invalid(
            "geo.system",
            _(
                "请注明坐标系，可选：WGS-84（wgs84）、CGCS2000（cgcs2000）、GCJ-02（gcj02）、BD-09（bd09）"
            ),
            fields=[Field("system", _("未注明或无法识别"))],
        )
    if not (math.isfinite(lng) and math.isfinite(lat) and abs(lng) <= 180 and abs(lat) <= 90):
        raise Invalid(
            "geo.range",
            _("经度须在 -180 到 180 之间、纬度须在 -90 到 90 之间，请检查是否填反"),
            fields=[Field("lng", _("超出范围")), Field("lat", _("超出范围"))],
        )


def in_china(lng: float, lat: float) -> bool:
    """The box in which GCJ-02 shifts; outside it is WGS-84."""
    return 72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271


def _shift(lng: float, lat: float) -> tuple[float, float]:
    x, y = lng - 105.0, lat - 35.0
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    d_lat += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    d_lng = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    d_lng += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    d_lng += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    rad = lat / 180 * math.pi
    magic = 1 - _EE * math.sin(rad) ** 2
    d_lat = d_lat * 180 / ((_A * (1 - _EE)) / (magic * math.sqrt(magic)) * math.pi)
    d_lng = d_lng * 180 / (_A / math.sqrt(magic) * math.cos(rad) * math.pi)
    return d_lng, d_lat


def _wgs84_to_gcj02(lng: float, lat: float) -> tuple[float, float]:
    if not in_china(lng, lat):
        return lng, lat
    d_lng, d_lat = _shift(lng, lat)
    return lng + d_lng, lat + d_lat


def _gcj02_to_wgs84(lng: float, lat: float) -> tuple[float, float]:
    """No closed form: a fixed-point iteration, below a millimetre after a few rounds."""
    if not in_china(lng, lat):
        return lng, lat
    found_lng, found_lat = lng, lat
    for _round in range(6):
        d_lng, d_lat = _shift(found_lng, found_lat)
        found_lng, found_lat = lng - d_lng, lat - d_lat
    return found_lng, found_lat


def _gcj02_to_bd09(lng: float, lat: float) -> tuple[float, float]:
    z = math.hypot(lng, lat) + 0.00002 * math.sin(lat * _BD)
    theta = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _BD)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def _bd09_to_gcj02(lng: float, lat: float) -> tuple[float, float]:
    """The usual approximate inverse, then refined against the exact way forward."""
    x, y = lng - 0.0065, lat - 0.006
    z = math.hypot(x, y) - 0.00002 * math.sin(y * _BD)
    theta = math.atan2(y, x) - 0.000003 * math.cos(x * _BD)
    found = z * math.cos(theta), z * math.sin(theta)
    for _round in range(4):
        there = _gcj02_to_bd09(*found)
        found = found[0] + lng - there[0], found[1] + lat - there[1]
    return found


# ---------------------------------------------------------------- measures


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two (lng, lat) points over the ground (haversine)."""
    lng1, lat1, lng2, lat2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2
    h += math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


def bbox_around(lng: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """(west, south, east, north) that holds all points within ``metres``, and some more."""
    d_lat = math.degrees(metres / EARTH) * 1.0001
    widest = math.radians(min(89.9, abs(lat) + d_lat))
    d_lng = math.degrees(metres / (EARTH * math.cos(widest))) * 1.0001
    return lng - d_lng, lat - d_lat, lng + d_lng, lat + d_lat


def bbox_of(geojson: Mapping[str, Any] | str) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a polygon."""
    return polygon(geojson).box


def contains(geojson: Mapping[str, Any] | str, lng: float, lat: float) -> bool:
    """Whether a GeoJSON polygon (or several) holds the point; its edge counts as inside."""
    return polygon(geojson).holds(lng, lat)


@dataclass(frozen=True)
class Polygon:
    """Parts of rings of (lng, lat); of each part the first ring is the outside, the rest holes."""

    parts: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    box: tuple[float, float, float, float]

    def holds(self, lng: float, lat: float) -> bool:
        west, south, east, north = self.box
        if not (west <= lng <= east and south <= lat <= north):
            return False
        for outside, *holes in self.parts:
            where = _side(outside, lng, lat)
            if where == 0:
                return True
            if where > 0 and all(_side(hole, lng, lat) <= 0 for hole in holes):
                return True
        return False


def _side(ring: Sequence[tuple[float, float]], x: float, y: float) -> int:
    """1 inside a closed ring, 0 on it, -1 outside: a ray to the east."""
    inside = -1
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if cross == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return 0
        if (y1 > y) != (y2 > y) and (cross > 0) == (y2 > y1):
            inside = -inside
    return inside


def polygon(geojson: Mapping[str, Any] | str) -> Polygon:
    """A GeoJSON geometry or feature, read; kept in process for the text form."""
    if isinstance(geojson, str):
        return _from_text(geojson)
    return _build(geojson)


@lru_cache(maxsize=4096)
def _from_text(text: str) -> Polygon:
    try:
        return _build(orjson.loads(text))
    except orjson.JSONDecodeError as problem:
        raise _no_geometry() from problem


def _build(geojson: Mapping[str, Any]) -> Polygon:
    try:
        geometry = geojson["geometry"] if geojson.get("type") == "Feature" else geojson
        parts = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            parts = [parts]
        elif geometry["type"] != "MultiPolygon":
            raise _no_geometry()
        found = tuple(tuple(_ring(ring) for ring in part) for part in parts)
        points = [point for part in found for point in part[0]]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        raise _no_geometry() from problem
    if not points:
        raise _no_geometry()
    lngs, lats = [p[0] for p in points], [p[1] for p in points]
    return Polygon(found, (min(lngs), min(lats), max(lngs), max(lats)))


def _ring(ring: Any) -> tuple[tuple[float, float], ...]:
    points = tuple((float(p[0]), float(p[1])) for p in ring)
    if len(points) < 3:
        raise ValueError("a ring of fewer than three points")
    return points if points[0] == points[-1] else (*points, points[0])


def _no_geometry() -> Invalid:
    return Invalid("geo.geometry", _("图形格式有误，应为 GeoJSON 的面"))
