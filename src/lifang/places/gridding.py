"""The grid maker: cut a region into unit cells (单元网格)."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lifang.places.geometry import fail
from lifang.places.shapes import ONE, Area, metres_per_degree, rectangle

#: A clipped cell smaller than this share of a full one joins its neighbour.
SMALL_CELL = 0.3
MAX_CELLS = 20_000


@dataclass(eq=False)
class _Piece:
    """A piece of the region in one square of the grid, or several such pieces joined."""

    row: int
    area: Area
    squares: set[tuple[int, int]] = field(default_factory=set)


def grid(region: Area, side: float = 100.0) -> list[Area]:
    """Cells of ``side`` metres, numbered west→east, then north→south.

    Clipped pieces below ``SMALL_CELL`` of a full cell join the neighbour with which they share the
    longest border, so every cell stays walkable. The cells cover the region and do not overlap.
    """
    if not 10 <= side <= 5_000:
        raise fail("grid.side", _("网格边长应在 10 米到 5000 米之间"), "side")
    west, south, east, north = region.box
    x, y = metres_per_degree(region.middle[1])
    dx, dy = max(1, round(side / x * ONE)), max(1, round(side / y * ONE))
    columns = max(1, math.ceil((east - west) / dx))
    rows = max(1, math.ceil((north - south) / dy))
    if columns * rows > MAX_CELLS * 4:
        raise _too_many()
    pieces: list[_Piece] = []
    for row in range(rows):
        top = north - row * dy
        # a strip first: each square is then cut from the few points of its row
        strip = region.both(rectangle(west, top - dy, east, top))
        if not strip.polygons:
            continue
        for column in range(columns):
            left = west + column * dx
            cut = strip.both(rectangle(left, top - dy, left + dx, top))
            pieces.extend(_Piece(row, Area((p,)), {(row, column)}) for p in cut.polygons)
    cells = _join_small(pieces, SMALL_CELL * side * side)
    if len(cells) > MAX_CELLS:
        raise _too_many()
    cells.sort(key=lambda c: (c.row, c.area.middle[0]))
    return [c.area for c in cells]


def _too_many() -> Exception:
    return fail(
        "grid.too_many", _("按此边长将划出超过 %(n)s 个网格，请加大边长") % {"n": MAX_CELLS}, "side"
    )


def _join_small(pieces: list[_Piece], least: float) -> list[_Piece]:
    """Join pieces below ``least`` m² to the neighbour with the longest common border."""
    at: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        for square in piece.squares:
            at[square].append(piece)
    gone: set[int] = set()
    for small in sorted((p for p in pieces if p.area.m2 < least), key=lambda p: p.area.m2):
        if small.area.m2 >= least:
            continue  # grew by a smaller one that joined it
        near: dict[int, _Piece] = {}
        for row, column in small.squares:
            for square in (
                (row, column - 1),
                (row, column + 1),
                (row - 1, column),
                (row + 1, column),
            ):
                near.update({id(p): p for p in at[square] if p is not small})
        best = max(near.values(), key=lambda p: _border(small.area, p.area), default=None)
        if best is None or _border(small.area, best.area) == 0:
            continue
        joined = best.area.joined(small.area)
        best.area = joined
        best.squares |= small.squares
        for square in small.squares:
            at[square].remove(small)
            if best not in at[square]:
                at[square].append(best)
        gone.add(id(small))
    return [p for p in pieces if id(p) not in gone]


def _border(a: Area, b: Area) -> int:
    """Length that two pieces share on the lines of the grid."""
    total = 0
    ours, theirs = _straight(a), _straight(b)
    for line, spans in ours.items():
        for low, high in spans:
            for other_low, other_high in theirs.get(line, ()):
                total += max(0, min(high, other_high) - max(low, other_low))
    return total


def _straight(area: Area) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """Upright and level edges by the line they lie on."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for ring in area.rings:
        x0, y0 = ring[-1]
        for x1, y1 in ring:
            if x0 == x1:
                found["x", x0].append((min(y0, y1), max(y0, y1)))
            elif y0 == y1:
                found["y", y0].append((min(x0, x1), max(x0, x1)))
            x0, y0 = x1, y1
    return found
