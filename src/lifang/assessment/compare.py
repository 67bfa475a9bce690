"""Two periods on a common basis (Bennet 1920): what changed by performance, what by the rules.

ΔS = Σ P̄·Δr (performance) + Σ r̄·ΔP (points), P̄ and r̄ being means of both periods. There is no residual.
Indicators of one edition only are shown apart; a crosswalk says which of two editions are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

ZERO = Fraction(0)
#: (points, r) of an indicator
Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Change:
    """One indicator: its change of points is ``performance`` + ``rules`` exactly."""

    code: str
    before: Fraction
    after: Fraction
    performance: Fraction
    rules: Fraction


@dataclass(frozen=True)
class Comparison:
    """``common`` indicators split without residual; ``gone`` and ``new`` ones stand apart."""

    common: tuple[Change, ...]
    gone: Fraction
    new: Fraction

    @property
    def performance(self) -> Fraction:
        return sum((c.performance for c in self.common), ZERO)

    @property
    def rules(self) -> Fraction:
        return sum((c.rules for c in self.common), ZERO)

    @property
    def total(self) -> Fraction:
        """The whole change: performance + rules + new − gone."""
        return self.performance + self.rules + self.new - self.gone


def bennet(
    before: Mapping[str, Pair], after: Mapping[str, Pair], same: Mapping[str, str] | None = None
) -> Comparison:
    """``same``: old code → new code of indicators that are equal or only reworded; by default by code."""
    pairs = {old: old for old in before if old in after} if same is None else dict(same)
    changes = []
    for old, new in pairs.items():
        (p0, r0), (p1, r1) = before[old], after[new]
        changes.append(
            Change(new, p0 * r0, p1 * r1, (p0 + p1) / 2 * (r1 - r0), (r0 + r1) / 2 * (p1 - p0))
        )
    gone = sum((p * r for code, (p, r) in before.items() if code not in pairs), ZERO)
    taken = set(pairs.values())
    fresh = sum((p * r for code, (p, r) in after.items() if code not in taken), ZERO)
    return Comparison(tuple(changes), gone, fresh)


@dataclass(frozen=True)
class RateChange:
    """A pooled rate between two rounds: true change at common strata, and the mix of places drawn."""

    change: Fraction
    condition: Fraction
    mix: Fraction


def by_strata(
    before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]
) -> RateChange:
    """Split a change of met ÷ observed over strata ``{stratum: (met, observed)}`` (Bennet again).

    Condition: Σ w̄·Δrate over strata seen twice; mix: the rest, that is Σ r̄·Δw and what was seen only once.
    """

    def pooled(of: Mapping[str, tuple[int, int]]) -> tuple[Fraction, Fraction]:
        met, seen = sum(m for m, _n in of.values()), sum(n for _m, n in of.values())
        if not seen:
            raise ValueError("nothing was observed")
        return Fraction(met, seen), Fraction(seen)

    (r0, n0), (r1, n1) = pooled(before), pooled(after)
    condition = ZERO
    for stratum in before.keys() & after.keys():
        (m0, s0), (m1, s1) = before[stratum], after[stratum]
        if s0 and s1:
            weight = (Fraction(s0) / n0 + Fraction(s1) / n1) / 2
            condition += weight * (Fraction(m1, s1) - Fraction(m0, s0))
    return RateChange(r1 - r0, condition, r1 - r0 - condition)


def over_years(
    years: Sequence[tuple[Fraction, Fraction | None]],
) -> tuple[Fraction | None, Fraction]:
    """A cycle's total from ``(weight, score)`` of its years, e.g. 15 %, 25 %, 60 %.

    (weighted mean of the years that are known, share of the weight that they make up); ``None`` for none.
    """
    whole = sum((w for w, _s in years), ZERO)
    if whole <= 0:
        raise ValueError("the years have no weight")
    known = [(w, s) for w, s in years if s is not None]
    weight = sum((w for w, _s in known), ZERO)
    if not weight:
        return None, ZERO
    return sum((w * s for w, s in known), ZERO) / weight, weight / whole


def changed(difference: float, errors: Sequence[float], *, z: float = 1.96) -> bool | None:
    """Whether a difference of independent estimates is more than chance: |Δ| > z·√Σ se².

    ``None`` where no error is known: then nothing is said.
    """
    if not errors:
        return None
    return abs(difference) > z * sqrt(sum(e * e for e in errors))
