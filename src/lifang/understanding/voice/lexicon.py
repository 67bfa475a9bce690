"""Homophones mended by the city's own words. Needs ``pypinyin``.

What an engine gets wrong it gets wrong by ear: 晶盖 for 井盖, a road's name by others of its sound. A
stretch that sounds like a word of the catalogue or a name of the place register, and is no word of
its own, is taken for it. Tones, zh/z, ch/c, sh/s, n/l and -ng/-n do not count, as in much of
the south; in words of two characters only tones do not.
"""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lifang.core import stamps
from lifang.places import atlas
from lifang.places.models import Shop
from lifang.standards import queries as standards

LONGEST = 12
#: names of shops in the lexicon
SHOPS = 20_000
_HAN = re.compile(r"[\u4e00-\u9fff]+")
Sound = tuple[str, ...]


@dataclass(frozen=True)
class Mended:
    """A text after repair: what was taken for what, and where names of places stand in it."""

    text: str
    repairs: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[int, int], ...] = ()


@dataclass
class Lexicon:
    #: how it sounds → words that sound so
    words: dict[Sound, list[str]] = field(default_factory=lambda: defaultdict(list))
    known: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def add(self, words: Iterable[str], *, places: bool) -> None:
        for word in words:
            if word in self.known or not _HAN.fullmatch(word) or not 2 <= len(word) <= LONGEST:
                continue
            if places and len(word) < 3:
                continue  # two characters sound like too many things
            self.known.add(word)
            if places:
                self.places.add(word)
            # two characters must sound the same to a northern ear too: 电线 is no 电箱
            self.words[exact(word) if len(word) == 2 else sound(word)].append(word)


def installed() -> bool:
    return importlib.util.find_spec("pypinyin") is not None


def lexicon() -> Lexicon:
    """Words of the catalogue in force and names of places, kept by their stamps."""
    held: dict[int, Lexicon] = stamps.cached("places.names", dict, key="lexicon")
    now = stamps.version(standards.STAMP)
    if now not in held:
        held.clear()
        held[now] = _build()
    return held[now]


def _build() -> Lexicon:
    found = Lexicon()
    for leaf in standards.in_force().leaves:
        found.add((leaf.name, *leaf.words.split()), places=False)
    found.add((n.text for n in atlas.names()), places=True)
    shops = Shop.objects.filter(active=True).values_list("name", flat=True)[:SHOPS]
    found.add(shops, places=True)
    return found


def exact(text: str) -> Sound:
    """How characters sound, without tones, one entry each."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))


def sound(text: str) -> Sound:
    """How they sound in the south."""
    return tuple(_blur(p) for p in exact(text))


def _blur(pinyin: str) -> str:
    for sharp, flat in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if pinyin.startswith(sharp):
            pinyin = flat + pinyin[2:]
    if pinyin.startswith("n") and len(pinyin) > 1:
        pinyin = "l" + pinyin[1:]
    return pinyin[:-1] if pinyin.endswith("ng") else pinyin


def mend(text: str, words: Lexicon) -> Mended:
    """Longest match first at each place; what is a word already is left alone."""
    from pypinyin.constants import PHRASES_DICT

    out: list[str] = []
    repairs: list[tuple[str, str]] = []
    names: list[tuple[int, int]] = []
    at, length = 0, 0

    def put(piece: str) -> None:
        nonlocal length
        out.append(piece)
        length += len(piece)

    for run in _HAN.finditer(text):
        put(text[at : run.start()])
        said, clear = run[0], exact(run[0])
        heard = tuple(_blur(p) for p in clear)
        n = 0
        while n < len(said):
            word, size = _match(words, said, (clear, heard), n, PHRASES_DICT)
            if size:
                if word in words.places:
                    names.append((length, length + len(word)))
                if word != said[n : n + size]:
                    repairs.append((said[n : n + size], word))
                put(word)
                n += size
            else:
                put(said[n])
                n += 1
        at = run.end()
    put(text[at:])
    return Mended("".join(out), tuple(repairs), tuple(names))


def _match(
    words: Lexicon, said: str, sounds: tuple[Sound, Sound], n: int, phrases: Mapping[str, object]
) -> tuple[str, int]:
    for size in range(min(LONGEST, len(said) - n), 1, -1):
        piece = said[n : n + size]
        if piece in words.known:
            return piece, size
        if piece in phrases:
            continue  # an ordinary word; 井盖 may still begin within it
        found = words.words.get(sounds[size > 2][n : n + size], [])
        # two names of one sound: nothing is won by guessing
        if len(found) == 1:
            return found[0], size
    return "", 0
