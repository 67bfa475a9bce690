"""Text → place, by the names and other names in the place register: longest match first.

Names are looked up, not guessed: a place is proposed only because its name is said. Where a name
belongs to several places, the others are shown as alternatives; regions and the reporter's position
decide between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lifang.core import stamps
from lifang.places import atlas
from lifang.places.atlas import Located, Name
from lifang.places.finding import fold

LONGEST = 24
MAX_CHARS = 1_200
HEAD_CHARS = 60
#: a place is taken as said when nothing else is nearly as likely
SURE = 0.7
#: how much a kind narrows the place down
_NARROW = {"site": 3.0, "road": 2.0}
_REGION = {1: 0.2, 2: 1.0, 3: 1.8, 4: 2.4}
#: endings that people leave out
_ENDINGS = ("街道办事处", "街道办", "街道", "社区", "居委会", "村委会", "小区", "镇", "乡")
_SHORT_FACTOR = 0.6
_JOINTS = ("与", "和", "、", "及", "跟", "同", "-", "到", "至")
_CROSSINGS = ("交叉", "交汇", "交界", "路口", "十字", "丁字")


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

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE and not self.conflict


@dataclass
class _Candidate:
    name: Name
    said: str
    at: int
    score: float
    times: int = 1


@dataclass(frozen=True)
class Gazetteer:
    #: name → the places that bear it, with 1.0 or less for a shortened form
    names: dict[str, tuple[tuple[Name, float], ...]]
    lengths: dict[str, tuple[int, ...]]
    regions: dict[str, int] = field(default_factory=dict)


def gazetteer() -> Gazetteer:
    return stamps.cached("places.names", build, key="said")


def build() -> Gazetteer:
    found: dict[str, dict[tuple[str, int], tuple[Name, float]]] = defaultdict(dict)
    for name in atlas.names():
        whole = fold(name.text)
        forms = [(whole, 1.0)]
        if not name.alias and name.kind != "road":
            forms.extend((short, _SHORT_FACTOR) for short in _shortened(whole))
        for text, factor in forms:
            if 2 <= len(text) <= LONGEST:
                key = (name.kind, name.spot.id)
                if key not in found[text] or found[text][key][1] < factor:
                    found[text][key] = (name, factor)
    lengths: dict[str, set[int]] = defaultdict(set)
    for text in found:
        lengths[text[:2]].add(len(text))
    return Gazetteer(
        {text: tuple(own.values()) for text, own in found.items()},
        {k: tuple(sorted(v, reverse=True)) for k, v in lengths.items()},
        {spot.code: spot.id for spot in atlas.region_list().values()},
    )


def _shortened(text: str) -> Iterable[str]:
    for ending in _ENDINGS:
        if text.endswith(ending) and len(text) - len(ending) >= 2:
            yield text[: -len(ending)]
            return


def place_of(text: str, here: Located | None = None) -> Place | None:
    """The place a text speaks of, or ``None`` where it names none.

    ``here``: where the reporter's position lies; it decides between places of one name, and a
    place elsewhere is told as a conflict.
    """
    known = gazetteer()
    said = fold(text[:MAX_CHARS])
    mentions = list(_mentions(known, said))
    if not mentions:
        return None
    candidates = _candidates(known, mentions, here)
    best = max(candidates, key=lambda c: (c.score, -c.at))
    total = 0.0
    rivals: list[_Candidate] = []
    for c in candidates:
        if c is not best and not _within(c.name, best.name) and not _joined(said, c, best):
            # a rival counts by how near it comes
            total += 2.0 ** (2 * (c.score - best.score))
            rivals.append(c)
    own = _own_weight(best, known)
    confidence = round(own / (1 + total), 3)
    rivals.sort(key=lambda c: -c.score)
    return _made(known, said, best, candidates, rivals, confidence, here)


def _own_weight(best: _Candidate, known: Gazetteer) -> float:
    factor = max((f for n, f in known.names[best.said] if n is best.name), default=1.0)
    return 0.97 if factor == 1.0 else 0.8


def _mentions(known: Gazetteer, said: str) -> Iterable[tuple[int, str]]:
    at = 0
    while at < len(said) - 1:
        for length in known.lengths.get(said[at : at + 2], ()):
            name = said[at : at + length]
            if name in known.names:
                yield at, name
                at += length - 1
                break
        at += 1


def _candidates(
    known: Gazetteer, mentions: Sequence[tuple[int, str]], here: Located | None
) -> list[_Candidate]:
    found: dict[tuple[str, int], _Candidate] = {}
    for at, text in mentions:
        for name, factor in known.names[text]:
            key = (name.kind, name.spot.id)
            if key in found:
                found[key].times += 1
                continue
            narrow = _NARROW.get(name.kind, _REGION.get(name.level, 1.0))
            score = narrow * factor + (0.5 if at < HEAD_CHARS else 0.0)
            found[key] = _Candidate(name, text, at, score)
    candidates = list(found.values())
    areas = {c.name.area for c in candidates if c.name.kind == "region" and c.name.level >= 2}
    for c in candidates:
        c.score += 0.25 * min(c.times - 1, 3)
        others = areas - ({c.name.area} if c.name.kind == "region" else set())
        if c.name.area and others:
            c.score += 0.8 if any(_related(c.name.area, o) for o in others) else -0.8
        if here is not None and here.area and c.name.area:
            c.score += 1.5 if _related(c.name.area, here.area) else -1.5
    return candidates


def _related(a: str, b: str) -> bool:
    """Whether one area lies in the other."""
    return a.startswith(b) or b.startswith(a)


def _within(outer: Name, inner: Name) -> bool:
    """Whether ``outer`` only says more broadly where ``inner`` is, or is the road it lies on."""
    if outer.kind == "region":
        return inner.area.startswith(outer.area)
    return outer.kind == "road" and inner.kind == "site"


def _joined(said: str, a: _Candidate, b: _Candidate) -> bool:
    """Two roads named as a crossing or a stretch: ``书院路与人民路交叉口``."""
    if a.name.kind != "road" or b.name.kind != "road":
        return False
    first, second = (a, b) if a.at < b.at else (b, a)
    gap = said[first.at + len(first.said) : second.at]
    after = said[second.at + len(second.said) :][:4]
    near = len(gap) <= 3 and (not gap or any(j in gap for j in _JOINTS))
    return near or (len(gap) <= 6 and any(c in after for c in _CROSSINGS))


def _heard(c: _Candidate) -> str:
    """The name as the register writes it, or the shortened form that was said."""
    return c.name.text if fold(c.name.text) == c.said else c.said


def _made(
    known: Gazetteer,
    said: str,
    best: _Candidate,
    candidates: Sequence[_Candidate],
    rivals: Sequence[_Candidate],
    confidence: float,
    here: Located | None,
) -> Place:
    name = best.name
    area = name.area
    # the narrowest region said that fits the road says more than the road's own
    for c in candidates:
        if c.name.kind == "region" and c.name.area.startswith(area):
            area = max(area, c.name.area, key=len) if name.kind != "region" else area
    road = name.spot.id if name.kind == "road" else None
    if name.kind == "site":
        roads = [c for c in candidates if c.name.kind == "road" and _related(c.name.area, area)]
        road = min(roads, key=lambda c: abs(c.at - best.at)).name.spot.id if roads else None
    crossing = next(
        (c.name.spot.name for c in candidates if c is not best and _joined(said, c, best)), ""
    )
    shown = f"{name.spot.name}（{name.text}）" if name.alias else name.spot.name
    conflict = ""
    if here is not None and here.area and area and not _related(area, here.area):
        there = here.region.name if here.region else here.area
        conflict = _("定位在“%(there)s”，文字说的是“%(said)s”") % {"there": there, "said": shown}
    return Place(
        region_id=known.regions.get(area),
        road_id=road,
        site_id=name.spot.id if name.kind == "site" else None,
        area=area,
        name=shown,
        confidence=confidence,
        words=tuple(dict.fromkeys(_heard(c) for c in sorted(candidates, key=lambda c: c.at)))[:6],
        crossing=crossing,
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
        conflict=conflict,
    )
