"""Whether more is reported than before, or whether that is chance. Pure.

Reports come one by one, so counts are Poisson. Of ``now + before`` reports the share that is new follows a binomial
when nothing changed (Przyborowski & Wilenski 1940); the interval of that share (Wilson) is an interval of the ratio
of rates. Hundreds of places are looked at each time, so the interval is 99 % and a few are never enough: in equal spans seven
are needed where none was before; one and then two is nothing.
"""

from dataclasses import dataclass

from lifang.understanding.rules import wilson

#: two-sided 99 %
Z = 2.5758293035489004
#: fewer than these are no matter for a meeting, however fast they came
LEAST = 5


@dataclass(frozen=True)
class Growth:
    """``ratio`` of the present rate to the earlier one with its interval; None where nothing was before."""

    ratio: float | None
    low: float
    high: float | None

    @property
    def rising(self) -> bool:
        return self.low > 1


def growth(now: int, before: int, *, times: float) -> Growth:
    """``times``: how many times as long the earlier span is as the present one."""
    if now + before == 0:
        return Growth(None, 0.0, None)
    low, high = wilson(now, now + before, Z)
    return Growth(
        ratio=now / before * times if before else None,
        low=_ratio(low, times),
        high=_ratio(high, times) if before else None,
    )


def _ratio(share: float, times: float) -> float:
    return share / (1 - share) * times


def hot(now: int, found: Growth) -> bool:
    return now >= LEAST and found.rising
