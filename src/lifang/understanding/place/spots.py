"""Points that follow from words: where two roads cross, where a house number lies, so many metres from something."""

import math
import re
from bisect import bisect_left
from dataclasses import dataclass

from lifang.places import atlas
from lifang.places.models import Shop, Site
from lifang.places.shapes import metres_per_degree

Point = tuple[float, float]
#: roads that come so near to each other meet there, in metres: lines of registers end at the kerb
MEET = 40.0
#: numbers so far apart still tell where one between them lies
SPAN = 40
#: rows of one road
MOST = 2_000


def crossing(first_id: int, second_id: int) -> Point | None:
    """Where two roads meet, from their lines; None where they do not, or have no line."""
    lines = atlas.roads()
    best: tuple[float, Point] | None = None
    theirs = lines.segments(second_id)
    for a in lines.segments(first_id):
        for b in theirs:
            gap, point = _closest(a, b)
            if gap <= MEET and (best is None or gap < best[0]):
                best = (gap, point)
    return None if best is None else lines.degrees(best[1])


def _closest(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> tuple[float, Point]:
    """The gap of two segments in metres and the middle of it."""
    if (cut := _cut(a, b)) is not None:
        return 0.0, cut
    best: tuple[float, Point] = (math.inf, (0.0, 0.0))
    for (px, py), s in (((a[0], a[1]), b), ((a[2], a[3]), b), ((b[0], b[1]), a), ((b[2], b[3]), a)):
        dx, dy = s[2] - s[0], s[3] - s[1]
        length = dx * dx + dy * dy
        t = (
            0.0
            if not length
            else max(0.0, min(1.0, ((px - s[0]) * dx + (py - s[1]) * dy) / length))
        )
        x, y = s[0] + t * dx, s[1] + t * dy
        gap = math.hypot(px - x, py - y)
        if gap < best[0]:
            best = (gap, ((px + x) / 2, (py + y) / 2))
    return best


def _cut(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> Point | None:
    rx, ry, sx, sy = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    across = rx * sy - ry * sx
    if not across:
        return None
    qx, qy = b[0] - a[0], b[1] - a[1]
    t, u = (qx * sy - qy * sx) / across, (qx * ry - qy * rx) / across
    if not (0 <= t <= 1 and 0 <= u <= 1):
        return None
    return a[0] + t * rx, a[1] + t * ry


def shifted(point: Point, east: float, north: float) -> Point:
    """A point so many metres away."""
    x, y = metres_per_degree(point[1])
    return point[0] + east / x, point[1] + north / y


@dataclass(frozen=True)
class House:
    """Where a house number lies. ``exact``: the register has it; else between or beside its neighbours."""

    lng: float
    lat: float
    exact: bool
    site_id: int | None = None
    shop_id: int | None = None
    name: str = ""


def house(road_id: int, road_name: str, number: int) -> House | None:
    """The place of a number on a road by the register's shops and sites; None where it has none near by.

    Numbers of one side of a road have one parity: neighbours are looked for there. Two statements.
    """
    rows: list[tuple[int, float, float, int | None, int | None, str]] = []
    shops = Shop.objects.filter(road_id=road_id, active=True).exclude(house_number="")
    for i, said, lng, lat, name in shops.values_list("id", "house_number", "lng", "lat", "name")[
        :MOST
    ]:
        if found := re.match(r"\D{0,3}(\d{1,4})", said):
            rows.append((int(found[1]), lng, lat, None, i, name))
    sites = Site.objects.filter(road_id=road_id, active=True).exclude(address="")
    written = re.compile(re.escape(road_name) + r"\s*(\d{1,4})\s*号")
    for i, address, lng, lat, name in sites.values_list("id", "address", "lng", "lat", "name")[
        :MOST
    ]:
        if found := written.search(address):
            rows.append((int(found[1]), lng, lat, i, None, name))
    for n, lng, lat, site_id, shop_id, name in rows:
        if n == number:
            return House(lng, lat, True, site_id, shop_id, name)
    side = sorted((r for r in rows if (r[0] - number) % 2 == 0), key=lambda r: r[0])
    numbers = [r[0] for r in side]
    at = bisect_left(numbers, number)
    below = side[at - 1] if at and number - numbers[at - 1] <= SPAN else None
    above = side[at] if at < len(side) and numbers[at] - number <= SPAN else None
    if below and above:
        share = (number - below[0]) / (above[0] - below[0])
        return House(
            below[1] + share * (above[1] - below[1]),
            below[2] + share * (above[2] - below[2]),
            exact=False,
        )
    one = below or above
    return None if one is None else House(one[1], one[2], exact=False)
