"""Shapes of the made-up district on a raster of 100 m cells: areas, communities, outlines. Pure.

It lies in open sea, where no real street can be mistaken for one of its own.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

#: south-west corner, degrees
WEST, SOUTH = 119.40, 38.60
METRES = 100.0
DEGREE = 111_320.0
LNG = METRES / (DEGREE * math.cos(math.radians(SOUTH + 0.03)))
LAT = METRES / DEGREE
COLUMNS, ROWS = 74, 60

Square = tuple[int, int]
Ring = list[list[float]]


@dataclass(frozen=True)
class Layout:
    """Cells by area and community, both counted from 0."""

    area: dict[Square, int]
    community: dict[Square, int]
    #: community → area
    area_of: dict[int, int]


def corner(x: float, y: float) -> list[float]:
    """Degrees of a corner of the raster."""
    return [round(WEST + x * LNG, 6), round(SOUTH + y * LAT, 6)]


def centre(square: Square) -> list[float]:
    return corner(square[0] + 0.5, square[1] + 0.5)


def layout(luck: random.Random, weights: list[float], communities: int) -> Layout:
    """Cut a rounded blob of land into areas about as many cells apart as they should be."""
    land = [(x, y) for x in range(COLUMNS) for y in range(ROWS) if _land(x, y)]
    seeds = _spread(luck, land, len(weights))
    area = {s: _nearest(s, seeds) for s in land}
    by_area: dict[int, list[Square]] = {}
    for square, n in area.items():
        by_area.setdefault(n, []).append(square)
    community: dict[Square, int] = {}
    area_of: dict[int, int] = {}
    total = sum(weights)
    for n, weight in enumerate(weights):
        count = max(3, round(communities * weight / total))
        inner = _spread(luck, by_area[n], count)
        base = len(area_of)
        for i in range(len(inner)):
            area_of[base + i] = n
        for square in by_area[n]:
            community[square] = base + _nearest(square, inner)
    return Layout(area, community, area_of)


def _land(x: int, y: int) -> bool:
    u, v = (x + 0.5) / COLUMNS * 2 - 1, (y + 0.5) / ROWS * 2 - 1
    angle = math.atan2(v, u)
    edge = 0.93 + 0.05 * math.sin(3 * angle + 0.6) + 0.03 * math.sin(7 * angle)
    return math.hypot(u, v) < edge


def _spread(luck: random.Random, squares: list[Square], count: int) -> list[Square]:
    """Points far from each other: a few rounds of Lloyd's moving to the middle."""
    points = [(float(x), float(y)) for x, y in luck.sample(squares, count)]
    for _round in range(6):
        sums = [[0.0, 0.0, 0.0] for _p in points]
        for x, y in squares:
            into = sums[_nearest((x, y), points)]
            into[0] += x
            into[1] += y
            into[2] += 1
        points = [(sx / n, sy / n) if n else p for (sx, sy, n), p in zip(sums, points, strict=True)]
    return [min(squares, key=lambda s: (s[0] - x) ** 2 + (s[1] - y) ** 2) for x, y in points]


def _nearest(at: tuple[float, float], points: Iterable[tuple[float, float]]) -> int:
    x, y = at
    best, found = math.inf, 0
    for n, (px, py) in enumerate(points):
        d = (px - x) ** 2 + (py - y) ** 2
        if d < best:
            best, found = d, n
    return found


def outline(squares: Iterable[Square]) -> dict[str, object]:
    """The border of a set of cells as a GeoJSON MultiPolygon (outer rings first, holes inside)."""
    inside = set(squares)
    edges: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for x, y in inside:
        for neighbour, start, end in (
            ((x, y - 1), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x - 1, y), (x, y + 1), (x, y)),
        ):
            if neighbour not in inside:
                edges.setdefault(start, []).append(end)
    loops = []
    while edges:
        start = next(iter(edges))
        loop, at, before = [start], start, None
        while True:
            ways = edges[at]
            # where two corners touch, turn left, so that rings do not cross themselves
            way = ways[0] if len(ways) == 1 or before is None else _left(before, at, ways)
            ways.remove(way)
            if not ways:
                del edges[at]
            before, at = at, way
            if at == start:
                break
            loop.append(at)
        loops.append(_straight(loop))
    outer = [r for r in loops if _signed(r) > 0]
    holes = [r for r in loops if _signed(r) < 0]
    polygons = [[_ring(r)] for r in outer]
    if len(polygons) == 1:
        polygons[0] += [_ring(h) for h in holes]
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _left(
    before: tuple[int, int], at: tuple[int, int], ways: list[tuple[int, int]]
) -> tuple[int, int]:
    dx, dy = at[0] - before[0], at[1] - before[1]
    return max(ways, key=lambda w: dx * (w[1] - at[1]) - dy * (w[0] - at[0]))


def _straight(loop: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept = []
    for n, (x, y) in enumerate(loop):
        (ax, ay), (bx, by) = loop[n - 1], loop[(n + 1) % len(loop)]
        if (x - ax) * (by - y) != (y - ay) * (bx - x):
            kept.append((x, y))
    return kept


def _signed(loop: list[tuple[int, int]]) -> float:
    return sum(
        x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(loop, [*loop[1:], loop[0]], strict=True)
    )


def _ring(loop: list[tuple[int, int]]) -> Ring:
    return [corner(x, y) for x, y in [*loop, loop[0]]]


def box(square: Square) -> dict[str, object]:
    """One cell as a GeoJSON polygon."""
    x, y = square
    corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
    return {"type": "Polygon", "coordinates": [[corner(a, b) for a, b in corners]]}


def bounds(geometry: dict[str, object]) -> dict[str, float]:
    """``west south east north`` of a geometry."""
    points: list[list[float]] = []

    def walk(part: object) -> None:
        if isinstance(part, list):
            if part and isinstance(part[0], float):
                points.append(part)
            else:
                for one in part:
                    walk(one)

    walk(geometry["coordinates"])
    return {
        "west": min(p[0] for p in points),
        "south": min(p[1] for p in points),
        "east": max(p[0] for p in points),
        "north": max(p[1] for p in points),
    }


def line(
    luck: random.Random, *, across: bool, at: float, start: int, end: int
) -> dict[str, object]:
    """A road over the raster: along a row (``across``) or a column, bending a little."""
    points, off = [], 0.0
    for n in range(start, end + 1, 3):
        off = 0.7 * off + luck.uniform(-0.35, 0.35)
        points.append(corner(n, at + off) if across else corner(at + off, n))
    return {"type": "LineString", "coordinates": points}


def somewhere() -> list[float]:
    """The middle of the district, for maps."""
    return corner(COLUMNS / 2, ROWS / 2)
