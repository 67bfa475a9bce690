"""Finding places by name: exact, beginning, part, then alike by character pairs.

Names of regions, roads and sites (a few thousand) are kept in memory as an inverted index of
character pairs; shops are many and are searched in the database (``core.search``).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from lifang.core import search as texts
from lifang.core import stamps
from lifang.places import atlas
from lifang.places.atlas import Name
from lifang.places.models import Region, Road, Shop, Site

#: share of the query's character pairs a name must hold to be offered at all
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Hit:
    """A place found. ``name`` is its own name, ``matched`` the name or alias that was meant."""

    kind: str
    id: int
    code: str
    name: str
    matched: str
    area: str
    score: float
    lng: float | None = None
    lat: float | None = None
    address: str = ""


@dataclass(frozen=True)
class Names:
    all: Sequence[Name]
    by_pair: dict[str, list[int]]


def fold(text: str) -> str:
    """One form for what people type in many: no blanks, lower case, half width."""
    out = []
    for ch in text:
        code = ord(ch)
        if code == 0x3000 or ch.isspace():
            continue
        out.append(chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else ch)
    return "".join(out).lower()


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text}


def _build() -> Names:
    found = atlas.names()
    by_pair: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(found):
        text = fold(name.text)
        for pair in _pairs(text) | set(text):
            by_pair[pair].append(i)
    return Names(found, dict(by_pair))


def _score(query: str, pairs: set[str], shared: int, text: str) -> float:
    if text == query:
        return 1.0
    if text.startswith(query):
        return 0.9 - 0.1 * (1 - len(query) / len(text))
    if query in text:
        return 0.8 - 0.1 * (1 - len(query) / len(text))
    return 0.6 * shared / len(pairs)


def search(q: str, *, limit: int = 20, kinds: Sequence[str] = ()) -> list[Hit]:
    """Places whose name or alias is like ``q``, best first; one hit for each place."""
    query = fold(q)[:60]
    if not query:
        return []
    index = stamps.cached("places.names", _build, key="pairs")
    pairs = _pairs(query)
    shared: Counter[int] = Counter()
    for pair in pairs:
        shared.update(index.by_pair.get(pair, ()))
    best: dict[tuple[str, int], tuple[float, Name]] = {}
    for i, n in shared.items():
        name = index.all[i]
        if kinds and name.kind not in kinds:
            continue
        score = _score(query, pairs, n, fold(name.text))
        if score < 0.6 * ALIKE:
            continue
        key = (name.kind, name.spot.id)
        if key not in best or best[key][0] < score:
            best[key] = (score, name)
    hits = [
        Hit(n.kind, n.spot.id, n.spot.code, n.spot.name, n.text, n.area, round(score, 3))
        for score, n in best.values()
    ]
    if not kinds or "shop" in kinds:
        hits.extend(_shops(query, pairs, limit))
    hits.sort(key=lambda h: (-h.score, len(h.matched), h.kind, h.code))
    return _with_points(hits[:limit])


def _shops(query: str, pairs: set[str], limit: int) -> list[Hit]:
    ids = texts.ids("shop", query, limit)
    rows = Shop.objects.filter(id__in=ids, active=True).values_list(
        "id", "code", "name", "region__code"
    )
    hits = []
    for i, code, name, area in rows:
        text = fold(name)
        score = _score(query, pairs, len(pairs & _pairs(text)), text)
        hits.append(Hit("shop", i, code, name, name, area, round(score, 3)))
    return hits


def _with_points(hits: list[Hit]) -> list[Hit]:
    """Give each hit a point for the map: its own, or the middle of its box."""
    points: dict[tuple[str, int], tuple[float | None, float | None, str]] = {}
    wanted: dict[str, list[int]] = defaultdict(list)
    for h in hits:
        wanted[h.kind].append(h.id)
    for kind, pointed in (("site", Site), ("shop", Shop)):
        if wanted[kind]:
            found = pointed._default_manager.filter(id__in=wanted[kind])
            where: list[Any]
            for i, *where in found.values_list("id", "lng", "lat", "address"):
                points[kind, i] = (where[0], where[1], str(where[2]))
    for kind, shaped in (("region", Region), ("road", Road)):
        if wanted[kind]:
            boxes = shaped._default_manager.filter(id__in=wanted[kind], west__isnull=False)
            middle = boxes.annotate(x=(F("west") + F("east")) / 2, y=(F("south") + F("north")) / 2)
            for i, mid_x, mid_y in middle.values_list("id", "x", "y"):
                points[kind, i] = (mid_x, mid_y, "")
    out = []
    for h in hits:
        lng, lat, address = points.get((h.kind, h.id), (None, None, ""))
        out.append(Hit(h.kind, h.id, h.code, h.name, h.matched, h.area, h.score, lng, lat, address))
    return out
