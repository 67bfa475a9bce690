"""Text → class, from nothing but the catalogue in force: its names, words and conditions.

Two kinds of evidence are added up: phrases of the catalogue found in the text (longest first, none
inside another), and character pairs that text and class share (TF-IDF cosine), which also speaks
where people use words that nobody foresaw. The index is kept in process by the standards' stamp.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from lifang.core import stamps
from lifang.standards import queries as standards
from lifang.standards.queries import CategoryView, Tree
from lifang.understanding.rules import shares

#: Longer messages repeat themselves; what matters is said early.
MAX_CHARS = 1_200
#: the first words name the matter; what follows tells the story
HEAD_CHARS = 60
HEAD_WEIGHT = 2.5
BODY_SCALE = 3.0
PHRASE_MAX = 10
#: round figures, looked at with bench/understanding.py
PAIR_WEIGHT = 50.0
NAME_WEIGHT = 1.3
FEW = 16
HEAT = 4.0
#: score of the silent rival: about one common word in the body
DOUBT = 4.0


@dataclass(frozen=True)
class Proposal:
    """A class with its confidence and the words that spoke for it."""

    key: str
    name: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    leaves: tuple[CategoryView, ...]
    #: phrase → (leaf position, weight) …
    phrases: dict[str, tuple[tuple[int, float], ...]]
    #: first two characters → lengths of phrases that begin so, longest first
    lengths: dict[str, tuple[int, ...]]
    #: character pair → (leaf position, weight) …, rows of unit length
    pairs: dict[str, tuple[tuple[int, float], ...]]
    idf: dict[str, float]


def index() -> Index:
    return stamps.cached(standards.STAMP, lambda: build(standards.in_force()), key="understanding")


def build(tree: Tree) -> Index:
    """The index of a catalogue."""
    leaves = tree.leaves
    owners: dict[str, dict[int, float]] = defaultdict(dict)
    documents: list[Counter[str]] = []
    for i, leaf in enumerate(leaves):
        for phrase in {fold(w) for w in (*leaf.words.split(), leaf.name)}:
            if 2 <= len(phrase) <= PHRASE_MAX:
                owners[phrase][i] = NAME_WEIGHT if phrase == fold(leaf.name) else 1.0
        documents.append(_document(leaf))
    n = max(1, len(leaves))
    phrases = {
        phrase: tuple((i, w * _phrase_weight(phrase, len(own), n)) for i, w in own.items())
        for phrase, own in owners.items()
    }
    lengths: dict[str, set[int]] = defaultdict(set)
    for phrase in phrases:
        lengths[phrase[:2]].add(len(phrase))
    df = Counter(pair for d in documents for pair in d)
    idf = {pair: math.log((1 + n) / (1 + c)) + 1 for pair, c in df.items()}
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for i, document in enumerate(documents):
        weights = {p: (1 + math.log(c)) * idf[p] for p, c in document.items()}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        for pair, w in weights.items():
            rows[pair].append((i, w / length))
    return Index(
        leaves,
        phrases,
        {k: tuple(sorted(v, reverse=True)) for k, v in lengths.items()},
        {k: tuple(v) for k, v in rows.items()},
        idf,
    )


def _phrase_weight(phrase: str, owners: int, n: int) -> float:
    """Rare and long phrases say more."""
    return math.log(1 + n / owners) * math.sqrt(len(phrase) / 2)


def _document(leaf: CategoryView) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, weight in (
        (leaf.name, 3),
        *((w, 2) for w in leaf.words.split()),
        (leaf.help, 1),
        *((c.text, 1) for c in leaf.conditions if c.active and len(leaf.conditions) > 1),
    ):
        for pair in pairs(fold(text)):
            found[pair] += weight
    return found


def fold(text: str) -> str:
    """Lower case, half width, no blanks."""
    out = []
    for ch in text:
        code = ord(ch)
        if code == 0x3000 or ch.isspace():
            continue
        out.append(chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else ch)
    return "".join(out).lower()


def pairs(text: str) -> Iterable[str]:
    """Character pairs of two letters, figures or characters; none across punctuation."""
    for a, b in pairwise(text):
        if a.isalnum() and b.isalnum():
            yield a + b


def classify(text: str, *, most: int = 5) -> list[Proposal]:
    """The likeliest classes of a message, best first; none where nothing speaks for any."""
    return rank(index(), text, most=most)


def rank(known: Index, text: str, *, most: int = 5) -> list[Proposal]:
    if not known.leaves:
        return []
    said = fold(text[:MAX_CHARS])
    # the first line is the title of a message, or its first words
    head = min(len(fold(text.split("\n", 1)[0][:HEAD_CHARS])), HEAD_CHARS)
    heads: dict[int, float] = defaultdict(float)
    bodies: dict[int, float] = defaultdict(float)
    spoke: dict[int, dict[str, float]] = defaultdict(dict)
    for phrase, at in _first_places(known, said).items():
        for i, weight in known.phrases[phrase]:
            (heads if at < head else bodies)[i] += weight
            spoke[i][phrase] = weight * (HEAD_WEIGHT if at < head else 1.0)
    scores = {i: PAIR_WEIGHT * c for i, c in _cosines(known, said, head).items()}
    for i, weight in heads.items():
        scores[i] = scores.get(i, 0.0) + HEAD_WEIGHT * weight
    for i, weight in bodies.items():
        # a long story touches many matters: each further word says less
        scores[i] = scores.get(i, 0.0) + BODY_SCALE * math.log1p(weight / BODY_SCALE)
    if not scores:
        return []
    positions = list(scores)
    confidences = shares([scores[i] for i in positions], HEAT, DOUBT)
    best = sorted(zip(confidences, positions, strict=True), key=lambda x: (-x[0], x[1]))[:most]
    return [
        Proposal(
            known.leaves[i].key,
            known.leaves[i].name,
            round(confidence, 4),
            tuple(sorted(spoke[i], key=lambda w: -spoke[i][w])[:6]),
        )
        for confidence, i in best
    ]


def _first_places(known: Index, said: str) -> dict[str, int]:
    """Each phrase found with where it is said first."""
    places: dict[str, int] = {}
    for at, phrase in find(known, said):
        places.setdefault(phrase, at)
    return places


def find(known: Index, said: str) -> Iterable[tuple[int, str]]:
    """Phrases in the text with their places: longest first at each place, none inside another."""
    at, end = 0, len(said) - 1
    while at < end:
        for length in known.lengths.get(said[at : at + 2], ()):
            phrase = said[at : at + length]
            if phrase in known.phrases:
                yield at, phrase
                at += length - 1
                break
        at += 1


def _cosines(known: Index, said: str, head: int) -> dict[int, float]:
    counts: Counter[str] = Counter(pairs(said))
    for pair in pairs(said[:head]):
        counts[pair] += 1
    weights = {p: (1 + math.log(c)) * known.idf[p] for p, c in counts.items() if p in known.idf}
    if not weights:
        return {}
    # a few pairs are alike by chance: short texts need phrases
    length = math.sqrt(sum(w * w for w in weights.values())) * max(
        1.0, math.sqrt(FEW / len(counts))
    )
    found: dict[int, float] = defaultdict(float)
    for pair, w in weights.items():
        for i, v in known.pairs[pair]:
            found[i] += w * v / length
    return found
