"""A league table of units or towns from what was seen at their places: standardised, with bands, small ones apart.

A unit is not blamed for having more markets than another: rates of site types are put together at common
weights (direct standardisation). The spread comes from the Bayesian bootstrap over places (Rubin 1981), with
one more place nobody has seen, which is as places of its type are anywhere (Jeffreys' chance over all units).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from lifang.assessment.sampling.ranks import Ranked, rank, small

#: of one unit: site type → (met, observed) of each place
Places = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class League:
    """``table``: ranked units; ``rates``: standardised rate of every unit; ``small``: too few places to rank."""

    table: tuple[Ranked, ...]
    rates: Mapping[str, float]
    small: tuple[str, ...]


def league(
    units: Mapping[str, Places],
    weights: Mapping[str, float] | None = None,
    *,
    least: int = 5,
    draws: int = 1000,
    seed: int = 1,
) -> League:
    """Rank ``units``. ``weights``: of site types; by default what was observed of each type in all units.

    A type that a unit has none of is left out for it and the others' weights grow. Units without any
    observation are neither ranked nor small: they have no data.
    """
    common = dict(weights) if weights is not None else _observed(units)
    live = {u: _known(p, common) for u, p in units.items()}
    live = {u: p for u, p in live.items() if p}
    counts = {u: sum(len(rows) for rows in p.values()) for u, p in live.items()}
    few = small(counts, least)
    rates = {u: _rate({t: _pooled(rows) for t, rows in p.items()}, common) for u, p in live.items()}
    unseen = {t: _unseen([p[t] for p in live.values() if t in p]) for t in common}
    rng = Random(seed)  # noqa: S311  (a simulation that anybody can repeat)
    simulated = {
        u: [
            _rate({t: _drawn(rows, unseen[t], rng) for t, rows in live[u].items()}, common)
            for _n in range(draws)
        ]
        for u in sorted(live)
        if u not in few
    }
    return League(tuple(rank(simulated)), rates, tuple(few))


def _observed(units: Mapping[str, Places]) -> dict[str, float]:
    found: dict[str, float] = {}
    for places in units.values():
        for type_, rows in places.items():
            found[type_] = found.get(type_, 0.0) + sum(n for _met, n in rows)
    return found


def _known(places: Places, weights: Mapping[str, float]) -> dict[str, list[tuple[float, float]]]:
    found = {
        t: [(met, n) for met, n in rows if n > 0]
        for t, rows in places.items()
        if weights.get(t, 0) > 0
    }
    return {t: rows for t, rows in found.items() if rows}


def _pooled(rows: Sequence[tuple[float, float]]) -> float:
    return sum(met for met, _n in rows) / sum(n for _met, n in rows)


def _unseen(units: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float]:
    """A place of middling size as the type's places are anywhere."""
    rows = [row for unit in units for row in unit]
    n = sum(seen for _met, seen in rows)
    failed = n - sum(met for met, _n in rows)
    size = n / len(rows) if rows else 0.0
    return size * (1 - (failed + 0.5) / (n + 1)), size


def _drawn(rows: Sequence[tuple[float, float]], unseen: tuple[float, float], rng: Random) -> float:
    """A rate from Dirichlet weights over the places and one unseen place."""
    met = seen = 0.0
    for one, of in (*rows, unseen):
        weight = rng.expovariate(1.0)
        met, seen = met + weight * one, seen + weight * of
    return met / seen


def _rate(rates: Mapping[str, float], weights: Mapping[str, float]) -> float:
    whole = sum(weights[t] for t in rates)
    return sum(weights[t] * r for t, r in rates.items()) / whole
