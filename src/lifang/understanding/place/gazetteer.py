"""Names of the city's own register, ready to be found in a text: as written, shortened, and by sound."""

import importlib.util
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from lifang.core import stamps
from lifang.places import atlas
from lifang.places.atlas import Name, Spot
from lifang.places.finding import fold
from lifang.places.models import Shop, Site
from lifang.understanding.text.features import syllable

LONGEST = 24
#: endings that people leave out
_ENDINGS = ("街道办事处", "街道办", "街道", "社区", "居委会", "村委会", "小区", "镇", "乡")
SHORT_FACTOR = 0.6
#: of what only sounds so: worth asking, never sure
SOUND_FACTOR = 0.45
#: shorter names sound like too many things
SOUND_LEAST = 3
#: more shops are not kept in memory; their names are then found by search only
SHOPS = 50_000
#: a name of more shops than this is a brand and no place
CHAIN = 5
#: sounds that speakers of the south and recognisers of speech do not tell apart
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))

Owners = tuple[tuple[Name, float], ...]
Sound = tuple[str, ...]
K = TypeVar("K", str, Sound)


@dataclass(frozen=True)
class Gazetteer:
    #: name → the places that bear it, with 1.0 or less for a shortened form
    names: dict[str, Owners]
    #: first two characters → lengths of names that begin so, longest first
    lengths: dict[str, tuple[int, ...]]
    regions: dict[str, int] = field(default_factory=dict)
    #: sound of a name → its spellings; empty where no pinyin is installed
    sounds: dict[Sound, tuple[str, ...]] = field(default_factory=dict)
    sound_lengths: dict[Sound, tuple[int, ...]] = field(default_factory=dict)
    #: degrees of sites and shops
    points: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)

    def found(self, said: str) -> Iterable[tuple[int, str]]:
        """Names in a folded text, longest first, none inside another: (position, name)."""
        at = 0
        while at < len(said) - 1:
            for length in self.lengths.get(said[at : at + 2], ()):
                name = said[at : at + length]
                if name in self.names:
                    yield at, name
                    at += length - 1
                    break
            at += 1

    def heard(self, said: str) -> Iterable[tuple[int, str, str]]:
        """Names that sound like what is said: (position, name, what is said). Nothing without pinyin."""
        if not self.sounds:
            return
        sounds = [sound(c) for c in said]
        at = 0
        while at < len(said) - SOUND_LEAST + 1:
            for length in self.sound_lengths.get(tuple(sounds[at : at + 2]), ()):
                names = self.sounds.get(tuple(sounds[at : at + length]))
                if names:
                    for name in names:
                        yield at, name, said[at : at + length]
                    at += length - 1
                    break
            at += 1


def gazetteer() -> Gazetteer:
    """Of the register as it is now; kept by its stamps, as shops change apart from the other names."""
    held: dict[int, Gazetteer] = stamps.cached("places.names", dict, key="said")
    now = stamps.version("places.shops")
    if now not in held:
        held.clear()
        held[now] = build()
    return held[now]


def build() -> Gazetteer:
    found: dict[str, dict[tuple[str, int], tuple[Name, float]]] = defaultdict(dict)
    points: dict[tuple[str, int], tuple[float, float]] = {}
    for i, lng, lat in Site.objects.filter(active=True).values_list("id", "lng", "lat"):
        points["site", i] = (lng, lat)
    for name in (*atlas.names(), *_shops(points)):
        whole = fold(name.text)
        forms = [(whole, 1.0)]
        if not name.alias and name.kind in ("region", "site"):
            forms.extend((short, SHORT_FACTOR) for short in _shortened(whole))
        for text, factor in forms:
            if 2 <= len(text) <= LONGEST:
                key = (name.kind, name.spot.id)
                if key not in found[text] or found[text][key][1] < factor:
                    found[text][key] = (name, factor)
    names = {text: tuple(own.values()) for text, own in found.items()}
    sounds = _sounds(names)
    return Gazetteer(
        names,
        _lengths(names),
        {spot.code: spot.id for spot in atlas.region_list().values()},
        sounds,
        _lengths(sounds),
        points,
    )


def _shops(points: dict[tuple[str, int], tuple[float, float]]) -> list[Name]:
    rows = list(
        Shop.objects.filter(active=True)
        .order_by("id")
        .values_list("id", "code", "name", "region__code", "lng", "lat")[: SHOPS + 1]
    )
    if len(rows) > SHOPS:
        return []
    often = Counter(row[2] for row in rows)
    out = []
    for i, code, name, area, lng, lat in rows:
        if len(name) >= 3 and often[name] <= CHAIN:
            out.append(Name(name, "shop", Spot(i, code, name), area))
            points["shop", i] = (lng, lat)
    return out


def _shortened(text: str) -> Iterable[str]:
    for ending in _ENDINGS:
        if text.endswith(ending) and len(text) - len(ending) >= 2:
            yield text[: -len(ending)]
            return


def _lengths(names: Iterable[K]) -> dict[K, tuple[int, ...]]:
    lengths: dict[K, set[int]] = defaultdict(set)
    for text in names:
        lengths[text[:2]].add(len(text))
    return {k: tuple(sorted(v, reverse=True)) for k, v in lengths.items()}


def _sounds(names: dict[str, Owners]) -> dict[Sound, tuple[str, ...]]:
    if importlib.util.find_spec("pypinyin") is None:
        return {}
    found: dict[Sound, list[str]] = defaultdict(list)
    for text, owners in names.items():
        han = len(text) >= SOUND_LEAST and all("\u4e00" <= c <= "\u9fff" for c in text)
        # a shortened form that is only heard says too little
        if han and any(factor == 1.0 for _name, factor in owners):
            found[tuple(sound(c) for c in text)].append(text)
    return {k: tuple(v) for k, v in found.items()}


def sound(character: str) -> str:
    """How a character sounds to somebody who does not hear the difference of zh and z, ang and an."""
    said = syllable(character)
    for fine, coarse in _MERGED:
        said = said.replace(fine, coarse)
    return said
