"""Areas and lines on integer degrees: containment, overlap, difference, union, distance.

Coordinates are degrees times 10⁷ (about 1 cm) as integers, so that neighbours share borders
exactly. Clipping is done by Clipper (``pyclipper``), 4 MB; a full geometry library with its numeric
base would take 65 MB (docs/adr/0005).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyclipper

Point = tuple[int, int]
#: a ring without its closing point
Ring = tuple[Point, ...]
#: outer ring, then holes
Polygon = tuple[Ring, ...]

ONE = 10_000_000
METRES_PER_DEGREE_LAT = 110_574.0
METRES_PER_DEGREE_LNG = 111_320.0


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude on the local plane at ``lat``."""
    return METRES_PER_DEGREE_LNG * math.cos(math.radians(lat)), METRES_PER_DEGREE_LAT


def _twice_area(ring: Sequence[Point]) -> int:
    total = 0
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total


@dataclass(frozen=True)
class Area:
    """One polygon or several, with holes. Parts do not overlap."""

    polygons: tuple[Polygon, ...]

    @cached_property
    def rings(self) -> list[Ring]:
        return [ring for polygon in self.polygons for ring in polygon]

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        xs = [x for ring in self.rings for x, _y in ring]
        ys = [y for ring in self.rings for _x, y in ring]
        return min(xs), min(ys), max(xs), max(ys)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = self.box
        return west / ONE, south / ONE, east / ONE, north / ONE

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Middle of the bounding box in degrees."""
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def m2(self) -> float:
        """Area in m² on the local plane (error below 0.1 % inside one city)."""
        twice = sum(
            abs(_twice_area(ring)) * (1 if n == 0 else -1)
            for polygon in self.polygons
            for n, ring in enumerate(polygon)
        )
        return self._m2(twice)

    def _m2(self, twice: int) -> float:
        x, y = metres_per_degree(self.middle[1])
        return twice / 2 / ONE / ONE * x * y

    def holds(self, lng: float, lat: float) -> bool:
        """Whether the point lies inside (ray cast; rings cut holes by being crossed again)."""
        x, y = lng * ONE, lat * ONE
        west, south, east, north = self.box
        if not (west <= x <= east and south <= y <= north):
            return False
        inside = False
        for ring in self.rings:
            x0, y0 = ring[-1]
            for x1, y1 in ring:
                if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                    inside = not inside
                x0, y0 = x1, y1
        return inside

    def clip(self, other: "Area", how: int) -> "Area":
        """``how``: ``pyclipper.CT_INTERSECTION``, ``CT_DIFFERENCE`` or ``CT_UNION``."""
        work = pyclipper.Pyclipper()
        work.AddPaths(self.rings, pyclipper.PT_SUBJECT, True)
        work.AddPaths(other.rings, pyclipper.PT_CLIP, True)
        tree = work.Execute2(how, pyclipper.PFT_EVENODD, pyclipper.PFT_EVENODD)
        return Area(tuple(_polygons(tree)))

    def both(self, other: "Area") -> "Area":
        return self.clip(other, pyclipper.CT_INTERSECTION) if self.meets(other) else Area(())

    def without(self, other: "Area") -> "Area":
        return self.clip(other, pyclipper.CT_DIFFERENCE) if self.meets(other) else self

    def joined(self, other: "Area") -> "Area":
        return self.clip(other, pyclipper.CT_UNION)

    def meets(self, other: "Area") -> bool:
        """Whether the bounding boxes touch."""
        if not self.polygons or not other.polygons:
            return False
        a, b = self.box, other.box
        return a[0] <= b[2] and a[2] >= b[0] and a[1] <= b[3] and a[3] >= b[1]

    def even_odd_m2(self) -> float:
        """Area as the even-odd rule sees it; differs from ``m2`` where parts overlap."""
        work = pyclipper.Pyclipper()
        work.AddPaths(self.rings, pyclipper.PT_SUBJECT, True)
        tree = work.Execute2(pyclipper.CT_UNION, pyclipper.PFT_EVENODD, pyclipper.PFT_EVENODD)
        return Area(tuple(_polygons(tree))).m2 if tree.Childs else 0.0


def _polygons(tree: Any) -> Iterable[Polygon]:
    """Polygons of a Clipper tree: outer rings, their holes, islands in the holes."""
    stack = list(tree.Childs)
    while stack:
        node = stack.pop()
        rings = [_ring(node.Contour)]
        for hole in node.Childs:
            rings.append(_ring(hole.Contour))
            stack.extend(hole.Childs)
        yield tuple(rings)


def _ring(points: Iterable[Sequence[int]]) -> Ring:
    return tuple((int(p[0]), int(p[1])) for p in points)


def rectangle(west: int, south: int, east: int, north: int) -> Area:
    return Area(((((west, south), (east, south), (east, north), (west, north)),),))


# ---------------------------------------------------------------- crossing edges


def crossing(area: Area) -> Point | None:
    """A point where two edges of the area cross, or ``None``. Touching is no crossing.

    Edges are swept from west to east; only those whose spans in x meet are compared.
    """
    edges: list[Any] = []
    for ring in area.rings:
        a = ring[-1]
        for b in ring:
            if a != b:
                edges.append((*sorted((a, b)), min(a[1], b[1]), max(a[1], b[1])))
            a = b
    edges.sort(key=lambda e: e[0][0])
    active: list[Any] = []
    for edge in edges:
        left = edge[0][0]
        active = [e for e in active if e[1][0] >= left]
        for other in active:
            if other[2] <= edge[3] and other[3] >= edge[2] and _cross(edge, other):
                return _meeting(edge, other)
        active.append(edge)
    return None


def _turn(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(e: Any, f: Any) -> bool:
    d1, d2 = _turn(e[0], e[1], f[0]), _turn(e[0], e[1], f[1])
    d3, d4 = _turn(f[0], f[1], e[0]), _turn(f[0], f[1], e[1])
    return ((d1 > 0) != (d2 > 0)) and ((d3 > 0) != (d4 > 0)) and 0 not in (d1, d2, d3, d4)


def _meeting(e: Any, f: Any) -> Point:
    (x1, y1), (x2, y2) = e[0], e[1]
    d1, d2 = _turn(f[0], f[1], e[0]), _turn(f[0], f[1], e[1])
    share = d1 / (d1 - d2)
    return round(x1 + share * (x2 - x1)), round(y1 + share * (y2 - y1))


# ---------------------------------------------------------------- an index of boxes


class Boxes:
    """Which of many boxes hold a point: buckets about twice the mean box wide."""

    def __init__(self, boxes: Sequence[tuple[float, float, float, float]]) -> None:
        n = max(1, len(boxes))
        # never below 1e-6 of a unit, so that points and vertical lines have buckets too
        self._dx = max(2 * sum(b[2] - b[0] for b in boxes) / n, 1e-6)
        self._dy = max(2 * sum(b[3] - b[1] for b in boxes) / n, 1e-6)
        self._boxes = boxes
        self._buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (west, south, east, north) in enumerate(boxes):
            for x in range(math.floor(west / self._dx), math.floor(east / self._dx) + 1):
                for y in range(math.floor(south / self._dy), math.floor(north / self._dy) + 1):
                    self._buckets[x, y].append(i)

    def at(self, x: float, y: float) -> list[int]:
        """Positions of the boxes that hold the point, in order."""
        found = self._buckets.get((math.floor(x / self._dx), math.floor(y / self._dy)), ())
        return [i for i in found if _inside(self._boxes[i], x, y)]

    def meeting(self, box: tuple[float, float, float, float]) -> set[int]:
        """Positions of the boxes that touch ``box``."""
        west, south, east, north = box
        found: set[int] = set()
        for x in range(math.floor(west / self._dx), math.floor(east / self._dx) + 1):
            for y in range(math.floor(south / self._dy), math.floor(north / self._dy) + 1):
                for i in self._buckets.get((x, y), ()):
                    b = self._boxes[i]
                    if b[0] <= east and b[2] >= west and b[1] <= north and b[3] >= south:
                        found.add(i)
        return found


def _inside(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def away(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance of a point to a segment, on a plane."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length))
    return math.hypot(x - ax - share * dx, y - ay - share * dy)
