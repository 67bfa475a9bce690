"""The map in memory: which region, cell and road a point lies in, without a query.

Each layer hangs on a stamp (``core.stamps``) and is read again only when its table changed.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

from lifang.core import stamps
from lifang.places.models import Cell, PlaceName, Region, RegionLevel, Road, RoadLevel, Site
from lifang.places.shapes import ONE, Area, Boxes, away, metres_per_degree

#: A report is "on" a road when it is this near to its line, in metres.
ROAD_METRES = 30.0
_RANK = {level: n for n, level in enumerate(RoadLevel.values)}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place by number, code and name."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point lies. ``area``: code of the smallest region, for prefix search; may be empty."""

    region: Spot | None = None
    cell: Spot | None = None
    road: Spot | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """One name or alias of a region, road or site."""

    text: str
    kind: str
    spot: Spot
    #: code of the region it lies in (its own code for a region)
    area: str
    level: int = 0
    alias: bool = False


class Areas:
    """Areas of one table, with an index for each level (boxes of one level are of one size)."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """``rows``: id, code, name, level or region number, geometry as text."""
        self.spots: list[Spot] = []
        self.extra: list[Any] = []
        self.shapes: list[Area] = []
        for i, code, name, extra, text in rows:
            self.spots.append(Spot(i, code, name))
            self.extra.append(extra)
            self.shapes.append(area_of(orjson.loads(text)))
        self._boxes = Boxes([s.bounds for s in self.shapes])

    def at(self, lng: float, lat: float) -> list[int]:
        """Positions of all areas that hold the point, in the order of the table."""
        return [i for i in self._boxes.at(lng, lat) if self.shapes[i].holds(lng, lat)]


class Levels:
    """Regions by level, smallest first: boxes of one level are about of one size."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        levels = sorted({r[3] for r in rows}, reverse=True)
        self._levels = [Areas([r for r in rows if r[3] == level]) for level in levels]

    def smallest(self, lng: float, lat: float) -> Spot | None:
        for areas in self._levels:
            for i in areas.at(lng, lat)[:1]:
                return areas.spots[i]
        return None


class Lines:
    """Roads as segments on the local plane, in metres."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """``rows``: id, code, name, level, geometry as text."""
        self.spots = [Spot(r[0], r[1], r[2]) for r in rows]
        self._rank = [_RANK.get(r[3], len(_RANK)) for r in rows]
        lines = [lines_of(orjson.loads(r[4])) for r in rows]
        middle = next((line[0][1] for road in lines for line in road), 0.0)
        self._scale = metres_per_degree(middle)
        self._segments: list[tuple[int, float, float, float, float]] = []
        for road, parts in enumerate(lines):
            for line in parts:
                flat = [(x * self._scale[0], y * self._scale[1]) for x, y in line]
                self._segments.extend((road, *a, *b) for a, b in itertools.pairwise(flat))
        reach = ROAD_METRES
        self._boxes = Boxes(
            [
                (min(ax, bx) - reach, min(ay, by) - reach, max(ax, bx) + reach, max(ay, by) + reach)
                for _road, ax, ay, bx, by in self._segments
            ]
        )

    def segments(self, road_id: int) -> list[tuple[float, float, float, float]]:
        """The parts of a road on the local plane, in metres: x, y of both ends."""
        return [s[1:] for s in self._segments if self.spots[s[0]].id == road_id]

    def degrees(self, point: tuple[float, float]) -> tuple[float, float]:
        """A point of the local plane as longitude and latitude."""
        return point[0] / self._scale[0], point[1] / self._scale[1]

    def nearest(self, lng: float, lat: float) -> Spot | None:
        """The road within ``ROAD_METRES``; of several equally near, the more important one."""
        x, y = lng * self._scale[0], lat * self._scale[1]
        found = []
        for i in self._boxes.at(x, y):
            road, *segment = self._segments[i]
            distance = away(x, y, *segment)
            if distance <= ROAD_METRES:
                found.append((round(distance, 1), self._rank[road], road))
        return self.spots[min(found)[2]] if found else None


def area_of(geometry: Any) -> Area:
    """A stored polygon, checked when it was stored."""
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        parts = [parts]
    return Area(
        tuple(
            tuple(
                tuple((round(p[0] * ONE), round(p[1] * ONE)) for p in ring[:-1]) for ring in rings
            )
            for rings in parts
        )
    )


def lines_of(geometry: Any) -> list[list[Sequence[float]]]:
    """The lines of a stored road in degrees."""
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "LineString" else list(coordinates)


def _texts(model: Any, *columns: str, order: Sequence[str] = ("code",)) -> list[tuple[Any, ...]]:
    """Rows with the geometry as text: parsed by orjson, at a tenth of the field's price."""
    rows = model.objects.filter(active=True).exclude(geometry=None).order_by(*order)
    text = rows.annotate(text=Cast("geometry", TextField()))
    return list(text.values_list(*columns, "text"))


def _regions() -> Levels:
    return Levels(_texts(Region, "id", "code", "name", "level"))


def _cells() -> Areas:
    return Areas(_texts(Cell, "id", "code", "code", "region_id"))


def _roads() -> Lines:
    return Lines(_texts(Road, "id", "code", "name", "level"))


def _all_regions() -> dict[int, Spot]:
    rows = Region.objects.values_list("id", "code", "name")
    return {r[0]: Spot(*r) for r in rows}


def _names() -> tuple[Name, ...]:
    out: list[Name] = []
    spots: dict[tuple[str, int], tuple[Spot, str, int]] = {}
    for i, code, name, level in Region.objects.filter(active=True).values_list(
        "id", "code", "name", "level"
    ):
        spots["region", i] = (Spot(i, code, name), code, level)
    for i, code, name, area in Road.objects.filter(active=True).values_list(
        "id", "code", "name", "region__code"
    ):
        spots["road", i] = (Spot(i, code, name), area or "", 0)
    for i, code, name, area in Site.objects.filter(active=True).values_list(
        "id", "code", "name", "region__code"
    ):
        spots["site", i] = (Spot(i, code, name), area or "", 0)
    for (kind, _i), (spot, area, level) in spots.items():
        out.append(Name(spot.name, kind, spot, area, level))
    for text, *targets in PlaceName.objects.values_list("name", "region_id", "road_id", "site_id"):
        for kind, i in zip(("region", "road", "site"), targets, strict=True):
            if i is not None and (kind, i) in spots:
                spot, area, level = spots[kind, i]
                out.append(Name(text, kind, spot, area, level, alias=True))
    return tuple(out)


def _streets() -> dict[int, str]:
    """Name of the street office of each region; its own name above that level."""
    rows = Region.objects.values_list("id", "name", "level", "parent_id")
    known = {i: (name, level, parent) for i, name, level, parent in rows}
    out = {}
    for i, (name, level, parent) in known.items():
        while level > RegionLevel.STREET and parent in known:
            name, level, parent = known[parent]
        out[i] = name
    return out


def address(region: Spot | None, road: Spot | None) -> str:
    """``听澜街道糖画巷``: the street office and the road of a place, as people write it."""
    streets = stamps.cached("places.regions", _streets, key="streets")
    street = streets.get(region.id, "") if region else ""
    return street + (road.name if road else "")


def regions() -> Levels:
    return stamps.cached("places.regions", _regions)


def region_list() -> dict[int, Spot]:
    return stamps.cached("places.regions", _all_regions, key="list")


def cells() -> Areas:
    return stamps.cached("places.cells", _cells)


def roads() -> Lines:
    return stamps.cached("places.roads", _roads)


def names() -> tuple[Name, ...]:
    """All names and aliases of regions, roads and sites in use."""
    return stamps.cached("places.names", _names)


def locate(lng: float, lat: float) -> Located:
    """The smallest region, the cell and the road (within 30 m) of a point in WGS-84 degrees; none of them
    for a point that is not on the earth."""
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        return Located()
    cell: Spot | None = None
    region: Spot | None = None
    found = cells()
    for i in found.at(lng, lat)[:1]:
        cell = found.spots[i]
        region = region_list().get(found.extra[i])
    if region is None:
        region = regions().smallest(lng, lat)
    road = roads().nearest(lng, lat)
    return Located(region, cell, road, region.code if region else "")
