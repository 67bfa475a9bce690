"""How alike two texts are, in pure Python: characters and pairs of them, rare ones counting more.

The vectors are those of the TF-IDF that was measured best on real messages (characters 1–2, sublinear
term frequency, smoothed idf, Salton & Buckley 1988), with the title a second time at ``TITLE``.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

#: share of the title's own vector beside that of title and text together
TITLE = 0.2
#: what is read of a text, in characters
MOST = 4_000
_RUN = re.compile(r"[^\W_]+")
#: an account, a line, a road number: `204路`, `s105`, `ktv` is one thing and not its letters
_WORD = re.compile(r"[a-z]+\d*|\d+")

Vector = Mapping[str, float]


def runs(text: str) -> list[str]:
    """What stands together, in half width and lower case; punctuation and blanks divide."""
    return _RUN.findall(unicodedata.normalize("NFKC", text[:MOST]).casefold())


def features(text: str) -> list[str]:
    """Characters, pairs of neighbours, and whole words of Latin letters and digits."""
    found: list[str] = []
    for run in runs(text):
        found.extend(run)
        found.extend(a + b for a, b in pairwise(run))
        found.extend(f"={w}" for w in _WORD.findall(run) if len(w) > 1)
    return found


@dataclass(frozen=True)
class Rarity:
    """In how many of ``n`` texts a feature stands. An unknown one is as rare as can be."""

    n: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)
    _known: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Rarity":
        seen: Counter[str] = Counter()
        n = 0
        for text in texts:
            seen.update(set(features(text)))
            n += 1
        return cls(n, dict(seen))

    def idf(self, feature: str) -> float:
        """``ln((1 + n) / (1 + df)) + 1``; 1 for everything where nothing has been read."""
        found = self._known.get(feature)
        if found is None:
            found = math.log((1 + self.n) / (1 + self.seen.get(feature, 0))) + 1
            if feature in self.seen:  # what is unknown has no end
                self._known[feature] = found
        return found


def vector(text: str, rarity: Rarity) -> dict[str, float]:
    """The text as a vector of length 1; empty for a text without letters."""
    counts = Counter(features(text))
    idf = rarity.idf
    raw = {f: idf(f) if n == 1 else (1 + math.log(n)) * idf(f) for f, n in counts.items()}
    length = math.sqrt(sum(v * v for v in raw.values()))
    return {f: v / length for f, v in raw.items()} if length else {}


def cosine(a: Vector, b: Vector) -> float:
    """0 (nothing in common) to 1 (the same), for vectors of length 1."""
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    return sum(v * large[f] for f, v in small.items() if f in large)


def likeness(
    a: Vector, b: Vector, title_a: Vector | None = None, title_b: Vector | None = None
) -> float:
    """How alike two messages are, 0 to 1: their whole words, and their titles again where both have one."""
    whole = cosine(a, b)
    if not title_a or not title_b:
        return min(1.0, whole)
    return min(1.0, (whole + TITLE * cosine(title_a, title_b)) / (1 + TITLE))
