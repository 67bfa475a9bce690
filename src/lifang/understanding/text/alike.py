"""Which messages are the same or nearly so: they must not stand on both sides of a split.

MinHash with banding finds candidates (A. Broder, 1997), the share of common 4-grams decides.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lifang.understanding.text import features

#: share of common 4-grams (Jaccard) from which two messages are one
SAME = 0.5
_GRAM = 4
_BANDS = 24
_ROWS = 3
_PRIME = (1 << 31) - 1


def groups(cleaned: Sequence[str]) -> list[int]:
    """For each cleaned message the number of its group: the lowest position of a like message.

    Time grows with the number of messages, not with its square; 10,000 take some seconds.
    """
    import numpy as np

    parent = list(range(len(cleaned)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(a: int, b: int) -> None:
        a, b = find(a), find(b)
        parent[max(a, b)] = min(a, b)

    draw = np.random.default_rng(20)
    factors = draw.integers(1, _PRIME, size=(_BANDS * _ROWS, 1), dtype=np.int64)
    offsets = draw.integers(0, _PRIME, size=(_BANDS * _ROWS, 1), dtype=np.int64)
    first: dict[str, int] = {}
    sets: dict[int, Any] = {}
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for i, text in enumerate(cleaned):
        bare = features.key(text)
        if bare in first:
            join(first[bare], i)
            continue
        first[bare] = i
        shingles = _shingles(bare)
        if not len(shingles):
            continue
        sets[i] = shingles
        least = ((shingles[None, :] * factors + offsets) % _PRIME).min(axis=1)
        for band in range(_BANDS):
            part = least[band * _ROWS : (band + 1) * _ROWS].tobytes()
            bucket = buckets[band, part]
            for j in bucket[:20]:
                if find(j) != find(i) and _jaccard(sets[i], sets[j]) >= SAME:
                    join(j, i)
            bucket.append(i)
    return [find(i) for i in range(len(cleaned))]


def _shingles(text: str) -> Any:
    """Numbers of the 4-grams of a text, each once, below 2³¹."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    if len(codes) < _GRAM:
        return codes[:0]
    mixed = np.zeros(len(codes) - _GRAM + 1, dtype=np.int64)
    for k in range(_GRAM):
        mixed = (mixed * 1_000_003 + codes[k : k + len(mixed)]) % _PRIME
    return np.unique(mixed)


def _jaccard(a: Any, b: Any) -> float:
    import numpy as np

    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


def folds(labels: Sequence[str], group: Sequence[int], k: int) -> list[int]:
    """A fold for each message: groups stay whole, labels are spread evenly. No chance in it."""
    members: dict[int, list[int]] = defaultdict(list)
    for i, g in enumerate(group):
        members[g].append(i)
    held: list[dict[str, int]] = [defaultdict(int) for _k in range(k)]
    size = [0] * k
    chosen = [0] * len(labels)
    for g in sorted(members, key=lambda g: (-len(members[g]), g)):
        first = labels[members[g][0]]
        best = min(range(k), key=lambda f: (held[f][first], size[f], f))
        for i in members[g]:
            chosen[i] = best
            held[best][labels[i]] += 1
        size[best] += len(members[g])
    return chosen
