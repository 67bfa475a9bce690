"""The closed set of rule kinds. A rule turns what was found into r in [0, 1], or changes the total.

Every kind but ``step`` and ``linear_clamp`` over a statistic where less is better is monotone: more passes,
better grades, more awards never lower r. What-if relies on it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

ONE, ZERO = Fraction(1), Fraction(0)
#: what x is, over the observations of a field measure
By = Literal["pass_rate", "site_rate", "site_pass"]


@dataclass(frozen=True)
class GradeMap:
    """Grades to values, e.g. A 1, B 0.6, C 0. Several documents count by their mean or by the worst."""

    grades: Mapping[str, Fraction] = field(hash=False)
    combine: Literal["mean", "min"] = "mean"

    @property
    def best(self) -> Fraction:
        return max(self.grades.values())


@dataclass(frozen=True)
class Step:
    """x at or beyond a cut earns its value; ``cuts`` from the hardest to the easiest."""

    cuts: tuple[tuple[Fraction, Fraction], ...]
    otherwise: Fraction = ZERO
    by: By = "pass_rate"
    better: Literal["high", "low"] = "high"

    def __call__(self, x: Fraction) -> Fraction:
        for cut, value in self.cuts:
            if (x >= cut) if self.better == "high" else (x <= cut):
                return value
        return self.otherwise

    @property
    def levels(self) -> list[Fraction]:
        """Values from the lowest to the highest."""
        return sorted({self.otherwise, *(v for _c, v in self.cuts)})

    def next_up(self, value: Fraction) -> list[tuple[Fraction, Fraction]]:
        """Cuts that earn more than ``value``, nearest first."""
        levels = self.levels
        above = levels[bisect_right(levels, value) :]
        return [next(c for c in self.cuts[::-1] if c[1] == v) for v in above]


@dataclass(frozen=True)
class LinearClamp:
    """(x - lo) / (hi - lo), kept within [0, 1]; ``hi`` below ``lo`` where less is better."""

    lo: Fraction = ZERO
    hi: Fraction = ONE
    by: By = "pass_rate"

    def __call__(self, x: Fraction) -> Fraction:
        return min(ONE, max(ZERO, (x - self.lo) / (self.hi - self.lo)))


@dataclass(frozen=True)
class Deduct:
    """Start with ``full``, lose ``each`` a fault, not below ``floor``.

    ``per`` site: every place starts anew, a place loses ``site_cap`` at most, and the places are averaged.
    """

    full: Fraction
    each: Fraction
    floor: Fraction = ZERO
    per: Literal["all", "site"] = "all"
    site_cap: Fraction | None = None


@dataclass(frozen=True)
class RatioOfTarget:
    """n / target, at most ``cap``."""

    target: Fraction
    cap: Fraction = ONE

    def __call__(self, x: Fraction) -> Fraction:
        return min(self.cap, max(ZERO, x / self.target))


@dataclass(frozen=True)
class AllOrNothing:
    """Everything asked for is there (documents with a grade in ``accept``), or nothing is earned."""

    accept: frozenset[str] = frozenset({"A", "B"})


@dataclass(frozen=True)
class SurveyMean:
    """Mean of recoded options, through ``then`` if given. An option worth ``None`` is left out."""

    options: Mapping[str, Fraction | None] = field(hash=False)
    then: Step | LinearClamp | None = None

    def __call__(self, x: Fraction) -> Fraction:
        return self.then(x) if self.then else min(ONE, max(ZERO, x))


@dataclass(frozen=True)
class Bonus:
    """Awards added up, at most ``cap``."""

    cap: Fraction


@dataclass(frozen=True)
class Veto:
    """A confirmed event deducts points, caps the total, or ends the matter."""

    effect: Literal["deduct", "cap", "suspend", "disqualify"]
    value: Fraction = ZERO


@dataclass(frozen=True)
class Prerequisite:
    """Another edition's score must reach ``at_least``."""

    edition: str
    at_least: Fraction


@dataclass(frozen=True)
class Blend:
    """Another edition counts ``share`` of the total; it is out of ``full`` points."""

    edition: str
    share: Fraction
    full: Fraction = Fraction(100)


Rule = (
    GradeMap
    | Step
    | LinearClamp
    | Deduct
    | RatioOfTarget
    | AllOrNothing
    | SurveyMean
    | Bonus
    | Veto
)
#: which kinds a method may have
KINDS_OF: dict[str, tuple[str, ...]] = {
    "document": ("grade_map", "all_or_nothing", "deduct", "ratio_of_target"),
    "field": ("step", "linear_clamp", "deduct", "all_or_nothing"),
    "statistic": ("step", "linear_clamp", "ratio_of_target", "deduct"),
    "survey": ("survey_mean",),
    "special": ("bonus",),
    "veto": ("veto",),
}
