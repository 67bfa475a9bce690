"""How good a search for duplicates and a merging of them is: pure, with intervals by bootstrap.

Right is what is in the same labelled cluster. A message of the corpus without a label is a matter of its
own: found among duplicates or merged with them it counts as wrong.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

#: bootstrap draws and their seed; the same files give the same intervals
DRAWS = 1_000
SEED = 20_240_601
#: two-sided 95 %
TAIL = 0.025


@dataclass(frozen=True)
class Measure:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    precision: Measure
    recall: Measure
    f1: Measure


@dataclass(frozen=True)
class Judged:
    """One labelled message: counts that every measure is a mean or a ratio of."""

    cluster: str
    average_precision: float
    #: others in its merged group: with a label, of these of its cluster, and without a label
    joined: int
    right: int
    strangers: int
    #: others of its cluster
    wanted: int


@dataclass(frozen=True)
class Figures:
    n: int
    map: Measure
    pairwise: Quality
    bcubed: Quality

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def average_precision(ranked: Sequence[Hashable], relevant: set[Hashable]) -> float:
    """Mean of the precision at the rank of each relevant one; those not found count 0."""
    found, total = 0, 0.0
    for rank, one in enumerate(ranked, 1):
        if one in relevant:
            found += 1
            total += found / rank
            if found == len(relevant):
                break
    return total / len(relevant) if relevant else 0.0


def judged(
    clusters: Mapping[int, str], groups: Sequence[int], ranked: Callable[[int], Sequence[int]]
) -> list[Judged]:
    """The labelled messages, judged. ``clusters``: position in the corpus → its label; ``groups``: merged group
    of every message; ``ranked``: all other messages, the most alike first."""
    by_cluster: dict[str, set[int]] = defaultdict(set)
    for position, name in clusters.items():
        by_cluster[name].add(position)
    by_group: dict[int, set[int]] = defaultdict(set)
    for position, group in enumerate(groups):
        by_group[group].add(position)
    labelled = set(clusters)
    out = []
    for position, name in clusters.items():
        relevant = by_cluster[name] - {position}
        joined = by_group[groups[position]] - {position}
        out.append(
            Judged(
                name,
                average_precision(ranked(position), set(relevant)),
                len(joined & labelled),
                len(joined & relevant),
                len(joined - labelled),
                len(relevant),
            )
        )
    return out


def figures(rows: Sequence[Judged], *, draws: int = DRAWS, seed: int = SEED) -> Figures:
    """All measures with 95 % intervals.

    Bootstrap over clusters (Field & Welsh 2007): messages of one cluster are alike, so a draw takes whole
    clusters with replacement. With few clusters the interval is wide, as it should be; of one cluster there is
    nothing to draw from, and the interval is 0 to 1.
    """
    by_cluster: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        by_cluster[row.cluster].append(row)
    names = sorted(by_cluster)
    sums = {name: _sums(by_cluster[name]) for name in names}
    whole = _values(list(sums.values()))
    dice = random.Random(seed)  # noqa: S311  # a bootstrap, not a secret
    drawn = [_values([sums[dice.choice(names)] for _n in names]) for _d in range(draws)]

    def measure(key: int) -> Measure:
        if len(names) < 2:
            return Measure(whole[key], 0.0, 1.0)
        seen = sorted(values[key] for values in drawn)
        last = len(seen) - 1
        return Measure(whole[key], seen[round(TAIL * last)], seen[round((1 - TAIL) * last)])

    return Figures(
        n=len(rows),
        map=measure(0),
        pairwise=Quality(measure(1), measure(2), measure(3)),
        bcubed=Quality(measure(4), measure(5), measure(6)),
    )


def _sums(rows: Sequence[Judged]) -> tuple[float, ...]:
    return (
        float(len(rows)),
        sum(r.average_precision for r in rows),
        # a pair of two labelled messages is seen from both ends
        sum(r.joined / 2 + r.strangers for r in rows),
        sum(r.right / 2 for r in rows),
        sum(r.wanted / 2 for r in rows),
        # B-cubed (Bagga & Baldwin 1998): the message itself counts as one of its own
        sum((r.right + 1) / (r.joined + r.strangers + 1) for r in rows),
        sum((r.right + 1) / (r.wanted + 1) for r in rows),
    )


def _values(sums: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    n, ap, joined, right, wanted, precise, recalled = (
        sum(column) for column in zip(*sums, strict=True)
    )
    # nothing joined is nothing wrong
    precision = right / joined if joined else 1.0
    recall = right / wanted if wanted else 1.0
    b_precision, b_recall = precise / n, recalled / n
    return (
        ap / n, precision, recall, _f1(precision, recall),
        b_precision, b_recall, _f1(b_precision, b_recall),
    )  # fmt: skip


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
