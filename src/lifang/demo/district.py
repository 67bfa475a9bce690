"""Building the made-up district: small tables by the actions of forms and imports, large ones at once."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from lifang.core import calendar, search, stamps
from lifang.demo import fast, geography
from lifang.demo.geography import Layout, Square
from lifang.demo.text import read
from lifang.orgs.acting import SYSTEM
from lifang.places import actions as places
from lifang.places.models import Cell, Component, PlaceName, Region, Road, Shop

Say = Callable[[str], None]
COMMUNITIES, SITES, SHOPS, COMPONENTS = 96, 1200, 1500, 4200


@dataclass
class Street:
    """One of the 13 areas."""

    code: str
    name: str
    short: str
    weight: float
    #: community code → its cells
    communities: dict[str, list[Square]] = field(default_factory=dict)

    @property
    def squares(self) -> list[Square]:
        return [s for cells in self.communities.values() for s in cells]


@dataclass
class RoadLine:
    code: str
    name: str
    level: str
    points: list[list[float]]


@dataclass
class Ground:
    """What the later parts need of the places."""

    layout: Layout
    streets: list[Street]
    roads: list[RoadLine]
    #: cell → community code
    community: dict[Square, str]
    #: cell → id of its row
    cells: dict[Square, int] = field(default_factory=dict)
    estates: list[tuple[str, list[float], str]] = field(default_factory=list)
    shops: list[tuple[str, list[float], str]] = field(default_factory=list)


def years(today: dt.date) -> None:
    """The working calendar for last year to next year; a year not announced yet: a plain one."""
    calendar.seed()
    known = set(calendar.default().years)
    for year in (today.year - 1, today.year, today.year + 1):
        if year not in known:
            calendar.set_year(
                by=SYSTEM, year=year, days=[], source="演示：放假安排尚未公布，按普通周末计"
            )


@transaction.atomic
def build(luck: random.Random) -> Ground:
    """Regions, cells, roads, sites, shops, components."""
    names = read("names")
    layout = geography.layout(luck, [s["weight"] for s in names["streets"]], COMMUNITIES)
    ground = _regions(luck, names, layout)
    _cells(ground)
    ground.roads = _roads(luck, names, ground)
    _sites(luck, names, ground)
    _shops(luck, names, ground)
    _components(luck, ground)
    _aliases(ground)
    return ground


def _regions(luck: random.Random, names: Any, layout: Layout) -> Ground:
    city, district = names["city"], names["district"]
    whole = geography.outline(layout.area)
    rows: list[dict[str, Any]] = [
        {"code": city["code"], "name": city["name"], "level": 1, "geometry": whole},
        {
            "code": district["code"],
            "name": district["name"],
            "level": 2,
            "parent": city["code"],
            "population": district["population"],
            "geometry": whole,
        },
    ]
    streets = []
    total = sum(s["weight"] for s in names["streets"])
    for n, spec in enumerate(names["streets"]):
        code = f"{district['code']}{n + 1:03}"
        street = Street(
            code, spec["name"], spec["name"].removesuffix("街道").removesuffix("镇"), spec["weight"]
        )
        streets.append(street)
        squares = [s for s, a in layout.area.items() if a == n]
        rows.append(
            {
                "code": code,
                "name": street.name,
                "level": 3,
                "parent": district["code"],
                "population": round(district["population"] * spec["weight"] / total),
                "geometry": geography.outline(squares),
            }
        )
    words = names["communities"]
    by_community: dict[int, list[Square]] = {}
    for square, c in layout.community.items():
        by_community.setdefault(c, []).append(square)
    used: set[str] = set()
    codes: dict[Square, str] = {}
    for c, area in layout.area_of.items():
        street = streets[area]
        code = f"{street.code}{len(street.communities) + 1:03}"
        word = next(
            w
            for w in (luck.choice(words) for _try in range(10_000))
            if (street.name + w) not in used
        )
        used.add(street.name + word)
        street.communities[code] = by_community[c]
        codes |= dict.fromkeys(by_community[c], code)
        rows.append(
            {
                "code": code,
                "name": f"{word}社区" if not street.name.endswith("镇") else f"{word}村",
                "level": 4,
                "parent": street.code,
                "population": luck.randint(3200, 9800),
                "geometry": geography.outline(by_community[c]),
            }
        )
    places.put(by=SYSTEM, kind="region", rows=rows)
    return Ground(layout, streets, [], codes)


def _cells(ground: Ground) -> None:
    regions = dict(Region.objects.values_list("code", "id"))
    first = fast.last_id(Cell) + 1
    rows: list[dict[str, Any]] = []
    for street in ground.streets:
        for code, squares in street.communities.items():
            for n, square in enumerate(sorted(squares)):
                shape = geography.box(square)
                ground.cells[square] = first + len(rows)
                rows.append(
                    {
                        "id": first + len(rows),
                        "code": f"{code}{n + 1:03}",
                        "region_id": regions[code],
                        "grid": f"{code}G{n * 2 // len(squares) + 1}",
                        "geometry": shape,
                        "area_m2": geography.METRES**2,
                        **geography.bounds(shape),
                    }
                )
    fast.insert(Cell, rows)
    fast.mend_sequences(Cell)
    stamps.bump("places.cells")


def _roads(luck: random.Random, names: Any, ground: Ground) -> list[RoadLine]:
    land = ground.layout.area
    made: list[RoadLine] = []
    rows = []
    spans = []
    main, secondary = names["roads"]["main"], names["roads"]["secondary"]
    across = [(True, at) for at in range(5, geography.ROWS - 3, 7)]
    down = [(False, at) for at in range(6, geography.COLUMNS - 4, 8)]
    long = [*across, *down]
    luck.shuffle(long)
    for level, list_of_names in (("main", main), ("secondary", secondary)):
        for name in list_of_names:
            if not long:
                break
            is_across, at = long.pop()
            line = [
                n
                for n in range(geography.COLUMNS if is_across else geography.ROWS)
                if ((n, at) if is_across else (at, n)) in land
            ]
            if len(line) > 10:
                spans.append((level, name, is_across, at + 0.5, line[0], line[-1] + 1))
    squares = list(land)
    for level, length in (("branch", 12), ("lane", 4)):
        for name in names["roads"][level]:
            x, y = luck.choice(squares)
            is_across = luck.random() < 0.5
            start, at = (x, y) if is_across else (y, x)
            end = start
            while end - start < length and ((end, at) if is_across else (at, end)) in land:
                end += 1
            spans.append((level, name, is_across, at + luck.random(), start, max(end, start + 2)))
    for n, (level, name, is_across, where, start, end) in enumerate(spans):
        last = max(end, start + 3)
        shape = geography.line(luck, across=is_across, at=where, start=start, end=last)
        code = f"990102R{n + 1:04}"
        points: Any = shape["coordinates"]
        made.append(RoadLine(code, name, level, points))
        middle = points[len(points) // 2]
        rows.append(
            {
                "code": code,
                "name": name,
                "level": level,
                "region": _street_at(ground, middle) if level in ("branch", "lane") else "990102",
                "geometry": shape,
            }
        )
    places.put(by=SYSTEM, kind="road", rows=rows)
    return made


def square_at(point: list[float]) -> Square:
    """The raster cell of a point in degrees."""
    return (
        int((point[0] - geography.WEST) / geography.LNG),
        int((point[1] - geography.SOUTH) / geography.LAT),
    )


def _street_at(ground: Ground, point: list[float]) -> str:
    code = ground.community.get(square_at(point))
    return code[:9] if code else "990102"


def _anywhere(luck: random.Random, ground: Ground) -> tuple[list[float], str]:
    """A point, denser where more people live, and its community."""
    [street] = luck.choices(ground.streets, [s.weight for s in ground.streets])
    code = luck.choice(list(street.communities))
    x, y = luck.choice(street.communities[code])
    return geography.corner(x + luck.random(), y + luck.random()), code


def along(luck: random.Random, ground: Ground, road: RoadLine) -> tuple[list[float], str] | None:
    """A point beside a road, and its community; None where the road leaves the land."""
    a, b = luck.choice(list(zip(road.points, road.points[1:], strict=False)))
    share = luck.random()
    off = luck.choice((-1, 1)) * luck.uniform(0.06, 0.15) * geography.LAT
    point = [
        round(a[0] + (b[0] - a[0]) * share + off, 6),
        round(a[1] + (b[1] - a[1]) * share + off, 6),
    ]
    code = ground.community.get(square_at(point))
    return (point, code) if code else None


def _sites(luck: random.Random, names: Any, ground: Ground) -> None:
    from lifang.places.models import SiteType

    kinds = dict(SiteType.objects.filter(active=True).values_list("code", "name"))
    common = {
        "estate": 14, "old-estate": 8, "restaurant": 8, "small-shop": 7, "bus-stop": 8, "school": 5,
        "school-around": 5, "community": 6, "practice-station": 5, "public-toilet": 5, "market": 3,
        "back-lane": 4, "crossing": 5, "bank": 4, "pharmacy": 5, "park": 2, "square": 2, "village": 2,
    }  # fmt: skip
    weights = [common.get(k, 1) for k in kinds]
    rows = []
    used: set[str] = set()
    for n in range(SITES):
        [kind] = luck.choices(list(kinds), weights)
        point, code = _anywhere(luck, ground)
        street = next(s for s in ground.streets if s.code == code[:9])
        word = luck.choice(names["estates"] if "estate" in kind else names["communities"])
        name = (
            f"{street.short}{word}{kinds[kind]}"
            if "estate" not in kind
            else f"{street.short}{word}"
        )
        if kind == "old-estate":
            name += "老旧小区"
        if name in used:
            name += f"{n}号"
        used.add(name)
        if "estate" in kind:
            ground.estates.append((name, point, code))
        rows.append(
            {
                "code": f"990102P{n + 1:05}",
                "name": name,
                "type": kind,
                "lng": point[0],
                "lat": point[1],
                "address": f"{street.name}{name}",
                "region": code,
            }
        )
    places.put(by=SYSTEM, kind="site", rows=rows)


def _shops(luck: random.Random, names: Any, ground: Ground) -> None:
    rows: list[dict[str, Any]] = []
    people = names["people"]
    regions = dict(Region.objects.values_list("code", "id"))
    roads = dict(Road.objects.values_list("code", "id"))
    first = fast.last_id(Shop) + 1
    weights = [{"main": 5, "secondary": 4, "branch": 3, "lane": 1}[r.level] for r in ground.roads]
    while len(rows) < SHOPS:
        [road] = luck.choices(ground.roads, weights)
        found = along(luck, ground, road)
        if found is None:
            continue
        point, code = found
        name = luck.choice(names["shops"]["first"]) + luck.choice(names["shops"]["second"])
        number = luck.randint(1, 288)
        signed = luck.random() < 0.8
        ground.shops.append((f"{road.name}{name}", point, code))
        rows.append(
            {
                "id": first + len(rows),
                "code": f"990102S{len(rows) + 1:06}",
                "name": f"{name}（{road.name}店）",
                "lng": point[0],
                "lat": point[1],
                "address": f"{road.name}{number}号",
                "house_number": f"{number}号",
                "owner_name": luck.choice(people["family"]) + luck.choice(people["given"]),
                "owner_phone": f"000{luck.randint(10_000_000, 99_999_999)}",
                "duties_signed_on": f"2025-0{luck.randint(1, 6)}-15" if signed else None,
                "region_id": regions[code],
                "road_id": roads[road.code],
                "cell_id": ground.cells[square_at(point)],
            }
        )
    fast.insert(Shop, rows)
    fast.mend_sequences(Shop)
    search.put_many("shop", [(r["id"], r["name"]) for r in rows])
    stamps.bump("places.shops")


#: class code → (name, how many of a hundred)
_PARTS = {
    "0102": ("污水井盖", 16), "0103": ("雨水井盖", 10), "0104": ("雨水箅子", 14), "0137": ("路灯", 18),
    "0127": ("通讯交接箱", 4), "0128": ("电力设施", 3), "0111": ("燃气井盖", 3), "0101": ("上水井盖", 4),
    "0204": ("公交站亭", 3), "0212": ("路名牌", 3), "0216": ("交通信号灯", 2), "0217": ("交通护栏", 4),
    "0305": ("垃圾箱", 8), "0301": ("公共厕所", 1), "0402": ("行道树", 12), "0404": ("护树设施", 2),
    "0407": ("街头座椅", 2), "0146": ("户外健身设施", 2),
}  # fmt: skip


def _components(luck: random.Random, ground: Ground) -> None:
    units = read("units")
    owner: dict[str, str] = {}
    for unit in (*units["departments"], *units["enterprises"]):
        owner |= dict.fromkeys(unit.get("owns", ()), unit["code"])
    rows: list[dict[str, Any]] = []
    codes = list(_PARTS)
    weights = [_PARTS[c][1] for c in codes]
    regions = dict(Region.objects.values_list("code", "id"))
    roads = dict(Road.objects.values_list("code", "id"))
    first = fast.last_id(Component) + 1
    while len(rows) < COMPONENTS:
        road = luck.choice(ground.roads)
        found = along(luck, ground, road)
        if found is None:
            continue
        point, community = found
        [kind] = luck.choices(codes, weights)
        # one in fifty has no known owner: the arbitration queue needs something to decide
        known = luck.random() < 0.98
        rows.append(
            {
                "id": first + len(rows),
                "code": f"990102{kind}{len(rows) + 1:06}",
                "category_code": kind,
                "name": _PARTS[kind][0],
                "lng": point[0],
                "lat": point[1],
                "owner_code": (owner.get(kind) or owner.get(kind[:2], "")) if known else "",
                "state": "完好" if luck.random() < 0.97 else "破损",
                "region_id": regions[community],
                "cell_id": ground.cells[square_at(point)],
                "road_id": roads[road.code],
            }
        )
    fast.insert(Component, rows)
    fast.mend_sequences(Component)
    stamps.bump("places.components")


def alias_of(letter: str, number: int, areas: int) -> int:
    """Which of the areas the anonymised place ``A3区`` stands for."""
    return ((ord(letter) - ord("A")) * 5 + number) % areas


def _aliases(ground: Ground) -> None:
    """Anonymised places of the message board (A3区, K4县) as other names of the areas."""
    by_code = {r.code: r for r in Region.objects.filter(level=3)}
    streets = [by_code[s.code] for s in ground.streets]
    first = fast.last_id(PlaceName) + 1
    names = [(a, n, kind) for a in "ABCDEFGHIJKLM" for n in range(1, 16) for kind in "区县市"]
    fast.insert(
        PlaceName,
        (
            {
                "id": first + i,
                "name": f"{letter}{n}{kind}",
                "region_id": streets[alias_of(letter, n, len(streets))].pk,
                "note": "留言板匿名地名",
            }
            for i, (letter, n, kind) in enumerate(names)
        ),
    )
    fast.mend_sequences(PlaceName)
    stamps.bump("places.names")
