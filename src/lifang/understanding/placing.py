"""Text → place, by the names and other names in the city's own registers: longest match first.

Names are looked up, not guessed: a place is proposed only because its name is said, or sounds like what is
said (less sure). Where a name belongs to several places, the others are shown as alternatives; regions and
the reporter's position decide between them. What stands beside a name (a house number, "opposite", "200 m
east of") moves the place; what words and position say is never averaged.
"""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from django.utils.translation import gettext as _

from lifang.core import geo
from lifang.places import atlas
from lifang.places.atlas import Located, Name
from lifang.places.finding import fold
from lifang.understanding.place import spots
from lifang.understanding.place.gazetteer import SOUND_FACTOR, Gazetteer, gazetteer
from lifang.understanding.place.phrases import INSIDE, Beside, beside, plain, stretch, whole
from lifang.understanding.voice.wording import simplified

MAX_CHARS = 1_200
HEAD_CHARS = 60
#: what is listened to for names that are only heard
HEARD_CHARS = 200
#: a place is taken as said when nothing else is nearly as likely
SURE = 0.7
#: a position so far from the point that the words name is a conflict, in metres
FAR = 1_000.0
#: how much a kind narrows the place down
_NARROW = {"site": 3.0, "shop": 3.0, "road": 2.0}
_REGION = {1: 0.2, 2: 1.0, 3: 1.8, 4: 2.4}
#: named only to say where something else is
_REFERENCE = 2.0
_JOINTS = ("与", "和", "、", "及", "跟", "同", "/")
_CROSSINGS = ("交叉", "交汇", "交界", "路口", "十字", "丁字", "转角", "拐角")


@dataclass(frozen=True)
class Option:
    """A place that may be meant."""

    kind: str
    id: int
    name: str
    area: str
    confidence: float
    #: what the text says
    said: str


@dataclass(frozen=True)
class Place:
    """Where a text says it is. Numbers are those of the tables; ``area`` a division code."""

    region_id: int | None
    road_id: int | None
    site_id: int | None
    area: str
    name: str
    confidence: float
    words: tuple[str, ...]
    #: the second road of a crossing
    crossing: str = ""
    alternatives: tuple[Option, ...] = ()
    #: set where the reporter's position lies elsewhere
    conflict: str = ""
    shop_id: int | None = None
    cell_id: int | None = None
    #: WGS-84 degrees that follow from the words: of a site, a crossing, a house number, so many metres from these
    lng: float | None = None
    lat: float | None = None
    #: beside it rather than at it, in the words of the text: ``对面``, ``以东200米``
    relation: str = ""
    #: the two roads that bound a stretch
    stretch: tuple[str, ...] = ()
    #: taken by sound, not by letter
    heard: bool = False

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE and not self.conflict


@dataclass
class _Candidate:
    name: Name
    #: as the register's key has it; ``said`` as the text has it
    key: str
    said: str
    at: int
    score: float
    factor: float
    beside: Beside = field(default_factory=Beside)
    heard: bool = False
    times: int = 1

    @property
    def end(self) -> int:
        return self.at + len(self.said)


@dataclass(frozen=True)
class _Roads:
    """What the roads of a text are to each other: a crossing or a stretch."""

    main: _Candidate | None = None
    others: tuple[_Candidate, ...] = ()
    stretch: bool = False
    #: two ends without the road between them
    open: bool = False


def folded(text: str) -> str:
    """One form of a text for looking names up: simplified, half width, lower case, no blanks."""
    # half a surrogate is no character; OpenCC would refuse the whole text for it
    kept = text[:MAX_CHARS].encode("utf-8", "ignore").decode()
    return fold(simplified(kept) if _opencc() else plain(kept))


@cache
def _opencc() -> bool:
    return importlib.util.find_spec("opencc") is not None


def place_of(
    text: str, here: Located | None = None, point: tuple[float, float] | None = None
) -> Place | None:
    """The place a text speaks of, or ``None`` where it names none.

    ``here`` and ``point`` (WGS-84 degrees): where the reporter's position lies; it decides between places of
    one name, and a place elsewhere is told as a conflict.
    """
    known = gazetteer()
    said = folded(text)
    candidates = _candidates(known, said, here)
    if not candidates:
        return None
    roads = _roads(said, candidates)
    if roads.main is not None and roads.stretch:
        roads.main.score += 1.0
    best = max(candidates, key=lambda c: (c.score, -c.at))
    if best in roads.others and roads.main is not None:
        best = roads.main
    total = 0.0
    rivals: list[_Candidate] = []
    joined = {id(c) for c in (roads.main, *roads.others) if c is not None}
    for c in candidates:
        if c is best or _within(c.name, best.name) or {id(c), id(best)} <= joined:
            continue
        # a rival counts by how near it comes
        total += 2.0 ** (2 * (c.score - best.score))
        rivals.append(c)
    confidence = _own_weight(best) / (1 + total)
    if roads.open and best is roads.main:
        confidence *= 0.7
    rivals.sort(key=lambda c: -c.score)
    place = _made(known, best, candidates, rivals, round(confidence, 3), roads)
    return _against(place, here, point)


def _own_weight(best: _Candidate) -> float:
    weight = 0.97 if best.factor == 1.0 else 0.8 if best.factor > INSIDE else 0.6
    return weight * (0.85 if best.beside.away else 1.0)


def _candidates(known: Gazetteer, said: str, here: Located | None) -> list[_Candidate]:
    found: dict[tuple[str, int], _Candidate] = {}
    ended = -1
    for at, text in known.found(said):
        times = whole(said, at, text, ended == at)
        ended = at + len(text)
        _add(found, known, at, text, text, times, said)
    if not any(kind in ("site", "shop", "road") for kind, _i in found):
        taken = {i for c in found.values() for i in range(c.at, c.end)}
        for at, text, spoken in known.heard(said[:HEARD_CHARS]):
            if not taken & set(range(at, at + len(text))):
                _add(found, known, at, text, spoken, SOUND_FACTOR, said, heard=True)
    candidates = list(found.values())
    _weigh(candidates, here)
    _references(said, candidates)
    return candidates


def _add(
    found: dict[tuple[str, int], _Candidate],
    known: Gazetteer,
    at: int,
    text: str,
    spoken: str,
    times: float,
    said: str,
    *,
    heard: bool = False,
) -> None:
    for name, own in known.names[text]:
        if heard and own < 1:
            continue
        key, factor = (name.kind, name.spot.id), own * times
        if key in found:
            found[key].times += 1
            if factor <= found[key].factor:
                continue
        narrow = _NARROW.get(name.kind, _REGION.get(name.level, 1.0))
        score = narrow * factor + (0.5 if at < HEAD_CHARS else 0.0)
        before = found[key].times if key in found else 1
        found[key] = _Candidate(
            name, text, spoken, at, score, factor, beside(said[at + len(text) :]), heard, before
        )


def _weigh(candidates: Sequence[_Candidate], here: Located | None) -> None:
    areas = {c.name.area for c in candidates if c.name.kind == "region" and c.name.level >= 2}
    for c in candidates:
        c.score += 0.25 * min(c.times - 1, 3)
        others = areas - ({c.name.area} if c.name.kind == "region" else set())
        if c.name.area and others:
            c.score += 0.8 if any(_related(c.name.area, o) for o in others) else -0.8
        if here is not None and here.area and c.name.area:
            c.score += 1.5 if _related(c.name.area, here.area) else -1.5


def _references(said: str, candidates: Sequence[_Candidate]) -> None:
    """``梧桐小区对面的幸福小区``: the first is named only to say where the second is."""
    begins = {c.at for c in candidates}
    for c in candidates:
        if c.name.kind == "region" or not (c.beside.away or c.beside.nearby):
            continue
        after = c.end + c.beside.length
        if {after, after + 1} & begins and said[after : after + 1] in (
            "的",
            *said[after : after + 1],
        ):
            follows = after if after in begins else after + 1
            if follows == after or said[after] == "的":
                c.score -= _REFERENCE


def _related(a: str, b: str) -> bool:
    """Whether one area lies in the other."""
    return a.startswith(b) or b.startswith(a)


def _within(outer: Name, inner: Name) -> bool:
    """Whether ``outer`` only says more broadly where ``inner`` is, or is the road it lies on."""
    if outer.kind == "region":
        return inner.area.startswith(outer.area)
    return outer.kind == "road" and inner.kind in ("site", "shop")


def _roads(said: str, candidates: Iterable[_Candidate]) -> _Roads:
    """Two roads named as a crossing, or one between two others."""
    roads = sorted((c for c in candidates if c.name.kind == "road"), key=lambda c: c.at)
    if len(roads) < 2:
        return _Roads()
    part = stretch(said, [(c.at, c.end) for c in roads])
    if part is not None:
        ends = (roads[part.first], roads[part.second])
        if part.road is not None:
            return _Roads(roads[part.road], ends, stretch=True)
        return _Roads(ends[0], ends[1:], stretch=True, open=True)
    for first, second in pairwise(roads):
        gap, after = said[first.end : second.at], said[second.end :][:4]
        near = len(gap) <= 3 and (not gap or any(j in gap for j in _JOINTS))
        if near or (len(gap) <= 6 and any(c in after for c in _CROSSINGS)):
            return _Roads(first, (second,))
    return _Roads()


def _heard(c: _Candidate) -> str:
    """The name as the register writes it, or the form that was said."""
    return c.name.text if fold(c.name.text) == c.said else c.said


def _made(
    known: Gazetteer,
    best: _Candidate,
    candidates: Sequence[_Candidate],
    rivals: Sequence[_Candidate],
    confidence: float,
    roads: _Roads,
) -> Place:
    name = best.name
    area = name.area
    # the narrowest region said that fits the road says more than the road's own
    for c in candidates:
        if c.name.kind == "region" and c.name.area.startswith(area):
            area = max(area, c.name.area, key=len) if name.kind != "region" else area
    road = name.spot.id if name.kind == "road" else None
    if name.kind in ("site", "shop"):
        said = [c for c in candidates if c.name.kind == "road" and _related(c.name.area, area)]
        road = min(said, key=lambda c: abs(c.at - best.at)).name.spot.id if said else None
    mine = best is roads.main or best in roads.others
    shown = f"{name.spot.name}（{name.text}）" if name.alias else name.spot.name
    place = Place(
        region_id=known.regions.get(area),
        road_id=road,
        site_id=name.spot.id if name.kind == "site" else None,
        shop_id=name.spot.id if name.kind == "shop" else None,
        area=area,
        name=shown,
        confidence=confidence,
        words=tuple(dict.fromkeys(_heard(c) for c in sorted(candidates, key=lambda c: c.at)))[:6],
        crossing=roads.others[0].name.spot.name if mine and not roads.stretch else "",
        stretch=_ends(roads) if mine and roads.stretch else (),
        relation=best.beside.words,
        heard=best.heard,
        alternatives=tuple(
            Option(
                c.name.kind,
                c.name.spot.id,
                c.name.spot.name,
                c.name.area,
                round(confidence * 2.0 ** (2 * (c.score - best.score)), 3),
                _heard(c),
            )
            for c in rivals[:4]
        ),
    )
    return _pointed(known, place, best, roads)


def _ends(roads: _Roads) -> tuple[str, ...]:
    own = (roads.main,) if roads.open and roads.main is not None else ()
    return tuple(c.name.spot.name for c in (*own, *roads.others))


def _pointed(known: Gazetteer, place: Place, best: _Candidate, roads: _Roads) -> Place:
    """The point that follows from the words, and the cell and region in which it lies."""
    name, near = best.name, best.beside
    point = known.points.get((name.kind, name.spot.id))
    if name.kind == "road":
        if place.crossing:
            point = spots.crossing(name.spot.id, roads.others[0].name.spot.id)
        elif near.number is not None:
            place, point = _numbered(place, name, near.number)
    if near.away:
        # what is opposite a place, or so far from it, does not belong to it
        place = replace(place, site_id=None, shop_id=None, name=f"{place.name}{near.words}")
        if point is not None and (near.east or near.north):
            point = spots.shifted(point, near.east, near.north)
        elif near.words and not (near.east or near.north):
            return place
    elif near.nearby:
        place = replace(place, name=f"{place.name}{near.words}")
    if point is None:
        return place
    lies = atlas.locate(*point)
    if lies.area and (not place.area or _related(lies.area, place.area)):
        place = replace(
            place,
            area=max(lies.area, place.area, key=len),
            region_id=lies.region.id if lies.region and len(lies.area) >= len(place.area) else place.region_id,
            cell_id=lies.cell.id if lies.cell else None,
        )  # fmt: skip
    return replace(place, lng=round(point[0], 7), lat=round(point[1], 7))


def _numbered(place: Place, road: Name, number: int) -> tuple[Place, tuple[float, float] | None]:
    """A house number on a road: the shop or site that has it, or the point between its neighbours."""
    shown = f"{place.name}{number}号"
    house = spots.house(road.spot.id, road.spot.name, number)
    if house is None:
        return replace(place, name=shown), None
    if house.exact:
        shown = f"{shown}（{house.name}）" if house.name else shown
        place = replace(place, site_id=house.site_id, shop_id=house.shop_id)
    else:
        place = replace(place, confidence=round(place.confidence * 0.9, 3))
    return replace(place, name=shown), (house.lng, house.lat)


def _against(place: Place, here: Located | None, point: tuple[float, float] | None) -> Place:
    """Words and position that disagree are told, and neither is bent towards the other."""
    if here is None:
        return place
    if here.area and place.area and not _related(place.area, here.area):
        there = here.region.name if here.region else here.area
        words = _("定位在“%(there)s”，文字说的是“%(said)s”")
        return replace(place, conflict=words % {"there": there, "said": place.name})
    if point is not None and place.lng is not None and place.lat is not None:
        metres = geo.metres(point, (place.lng, place.lat))
        if metres > FAR:
            words = _("定位距文字所说的“%(said)s” %(km).1f 公里")
            return replace(place, conflict=words % {"said": place.name, "km": metres / 1000})
    return place
