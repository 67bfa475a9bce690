"""Ranks with bands: a league table that says where it is sure (Goldstein & Spiegelhalter 1996)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ranked:
    """A unit by its mean score. ``low``–``high``: its rank in 90 % of the simulated draws.

    Units of one ``group`` (from 1) are not told apart: their bands overlap with the group's first.
    """

    unit: str
    score: float
    rank: int
    low: int
    high: int
    group: int


def rank(draws: Mapping[str, Sequence[float]], *, level: float = 0.9) -> list[Ranked]:
    """Rank units from simulated scores (the same number of draws each), best first.

    Ties share the better rank.
    """
    units = sorted(draws)
    if not units:
        return []
    rounds = {len(v) for v in draws.values()}
    if len(rounds) != 1 or 0 in rounds:
        raise ValueError("every unit needs the same number of draws")
    n = rounds.pop()
    ranks: dict[str, list[int]] = {u: [] for u in units}
    for i in range(n):
        column = sorted((draws[u][i] for u in units), reverse=True)
        place: dict[float, int] = {}
        for at, value in enumerate(column):
            place.setdefault(value, at + 1)
        for u in units:
            ranks[u].append(place[draws[u][i]])
    means = {u: sum(draws[u]) / n for u in units}
    order = sorted(units, key=lambda u: (-means[u], u))
    tail = (1 - level) / 2
    found: list[Ranked] = []
    group, edge = 0, 0
    for at, unit in enumerate(order):
        sorted_ranks = sorted(ranks[unit])
        low = sorted_ranks[int(tail * (n - 1) + 0.5)]
        high = sorted_ranks[int((1 - tail) * (n - 1) + 0.5)]
        if low > edge:
            group, edge = group + 1, high
        same = found and means[found[-1].unit] == means[unit]
        place_now = found[-1].rank if same else at + 1
        found.append(Ranked(unit, means[unit], place_now, low, high, group))
    return found


def small(n_of: Mapping[str, int], least: int) -> list[str]:
    """Units with fewer than ``least`` observations: flagged, not ranked."""
    return sorted(u for u, n in n_of.items() if n < least)
