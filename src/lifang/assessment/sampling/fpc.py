"""Estimates from a stratified sample of places, with finite population correction (Cochran 1977, ch. 5 and 6).

Places are clusters of items: variances are of place totals, never of item rows. The true condition
(design-weighted) is a different number from the official style (drawn places pooled); both are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error; ``n`` places. ``lonely`` strata had one place only: their spread
    was taken around the whole, which is on the safe side."""

    value: float
    se: float
    n: int
    lonely: int = 0

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        z = NormalDist().inv_cdf((1 + level) / 2)
        return self.value - z * self.se, self.value + z * self.se

    def rate_interval(self, level: float = 0.95) -> tuple[float, float]:
        """As :meth:`interval`, kept within [0, 1]."""
        low, high = self.interval(level)
        return max(0.0, low), min(1.0, high)


@dataclass(frozen=True)
class Moments:
    """A stratum by its numbers: frame size, sample size, mean, variance (n - 1 below)."""

    size: int
    n: int
    mean: float
    variance: float


def mean(strata: Sequence[Moments]) -> Estimate:
    """ȳ = Σ W_h ȳ_h, Var = Σ W_h² (1 − f_h) s_h² / n_h (Cochran 1977, eqs. 5.1 and 5.11)."""
    whole = sum(s.size for s in strata)
    value = sum(s.size * s.mean for s in strata) / whole
    variance = sum((s.size / whole) ** 2 * (1 - s.n / s.size) * s.variance / s.n for s in strata)
    return Estimate(
        value, sqrt(variance), sum(s.n for s in strata), sum(s.n == 1 < s.size for s in strata)
    )


@dataclass(frozen=True)
class Clusters:
    """A stratum by its places: ``(met, observed)`` of each."""

    size: int
    places: tuple[tuple[float, float], ...]

    @property
    def n(self) -> int:
        return len(self.places)


def ratio(strata: Sequence[Clusters]) -> Estimate | None:
    """Met ÷ observed over the frame, as a combined ratio estimate (Cochran 1977, eq. 6.48).

    R = Ŷ/X̂ with Ŷ = Σ N_h ȳ_h; Var ≈ X̂⁻² Σ N_h² (1 − f_h) s²(y − Rx)_h / n_h. ``None`` where nothing
    was observed. Strata without a place in the sample are left out.
    """
    seen = [s for s in strata if s.n]
    met = sum(s.size * sum(y for y, _x in s.places) / s.n for s in seen)
    observed = sum(s.size * sum(x for _y, x in s.places) / s.n for s in seen)
    if not observed:
        return None
    value = met / observed
    variance, lonely = 0.0, 0
    for s in seen:
        if s.n >= s.size:
            continue
        rests = [y - value * x for y, x in s.places]
        if s.n == 1:
            spread, lonely = rests[0] ** 2, lonely + 1
        else:
            centre = sum(rests) / s.n
            spread = sum((e - centre) ** 2 for e in rests) / (s.n - 1)
        variance += s.size**2 * (1 - s.n / s.size) * spread / s.n
    return Estimate(value, sqrt(variance) / observed, sum(s.n for s in seen), lonely)


def standardised(
    strata: Sequence[tuple[float, Estimate | None]],
) -> Estimate | None:
    """Direct standardisation: rates of site types at common weights; types without a rate are left out."""
    known = [(w, e) for w, e in strata if e is not None and w > 0]
    whole = sum(w for w, _e in known)
    if not whole:
        return None
    value = sum(w * e.value for w, e in known) / whole
    variance = sum((w / whole * e.se) ** 2 for w, e in known)
    return Estimate(
        value, sqrt(variance), sum(e.n for _w, e in known), sum(e.lonely for _w, e in known)
    )


def kish(weights: Sequence[float]) -> float:
    """Design effect of unequal weights: n Σw² / (Σw)² (Kish 1965)."""
    total = sum(weights)
    if not total:
        raise ValueError("no weights")
    return len(weights) * sum(w * w for w in weights) / total**2
