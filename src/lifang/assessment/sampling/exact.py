"""Exact limits for counts: hypergeometric for a finite frame, Clopper–Pearson for an endless one."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import comb, exp, lgamma, log

from lifang.standards.editions.kinds import LinearClamp, Step


def hypergeometric(size: int, marked: int, drawn: int) -> dict[int, Fraction]:
    """P(k marked among ``drawn``) when ``marked`` of ``size`` are, drawn without replacement."""
    whole = comb(size, drawn)
    low, high = max(0, drawn - (size - marked)), min(drawn, marked)
    return {
        k: Fraction(comb(marked, k) * comb(size - marked, drawn - k), whole)
        for k in range(low, high + 1)
    }


def _at_most(size: int, marked: int, drawn: int, seen: int) -> Fraction:
    """P(at most ``seen`` marked)."""
    top = min(seen, drawn, marked)
    ways = sum(
        comb(marked, k) * comb(size - marked, drawn - k)
        for k in range(max(0, drawn - (size - marked)), top + 1)
    )
    return Fraction(ways, comb(size, drawn))


def limits(size: int, drawn: int, seen: int, *, level: float = 0.95) -> tuple[int, int]:
    """(fewest, most) marked places in a frame of ``size`` that ``seen`` of ``drawn`` leave possible.

    Two-sided: the tail on either side is not more likely than (1 - level) / 2.
    """
    return least(size, drawn, seen, level=(1 + level) / 2), most(
        size, drawn, seen, level=(1 + level) / 2
    )


def most(size: int, drawn: int, seen: int, *, level: float = 0.95) -> int:
    """One-sided upper limit: none failing of 5 drawn from 30 still allows 12 (``most(30, 5, 0)``)."""
    _check(size, drawn, seen)
    tail = Fraction(1) - Fraction(str(level))
    found = seen
    for marked in range(seen, size - drawn + seen + 1):
        if _at_most(size, marked, drawn, seen) < tail:
            break
        found = marked
    return found


def least(size: int, drawn: int, seen: int, *, level: float = 0.95) -> int:
    """One-sided lower limit."""
    return size - most(size, drawn, drawn - seen, level=level)


def _check(size: int, drawn: int, seen: int) -> None:
    if not 0 <= seen <= drawn <= size:
        raise ValueError(f"{seen} of {drawn} of {size}")


def clopper_pearson(drawn: int, seen: int, *, level: float = 0.95) -> tuple[float, float]:
    """Limits of a rate without a finite frame (Clopper & Pearson 1934)."""
    _check(drawn, drawn, seen)
    tail = (1 - level) / 2
    low = 0.0 if seen == 0 else _root(lambda p: 1 - _binomial(drawn, seen - 1, p) - tail)
    high = 1.0 if seen == drawn else _root(lambda p: tail - _binomial(drawn, seen, p))
    return low, high


def _binomial(n: int, k: int, p: float) -> float:
    """P(at most k of n)."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if p > 0.5:  # from the other end, where powers do not vanish
        return 1 - _binomial(n, n - k - 1, 1 - p)
    if p <= 0:
        return 1.0
    term = (1 - p) ** n
    if term < 1e-280:
        ways = lgamma(n + 1)
        logs = (
            ways - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p)
            for i in range(k + 1)
        )
        return min(1.0, sum(map(exp, logs)))
    odds, total = p / (1 - p), 0.0
    for i in range(k + 1):
        total += term
        term *= odds * (n - i) / (i + 1)
    return min(1.0, total)


def _root(rising: Callable[[float], float]) -> float:
    """Where a rising function crosses zero in (0, 1)."""
    low, high = 0.0, 1.0
    for _step in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def grades_of_a_draw(
    size: int, good: int, drawn: int, rule: Step | LinearClamp
) -> dict[Fraction, Fraction]:
    """How likely each value of ``rule`` is when ``drawn`` of ``size`` places are visited, ``good`` being good."""
    found: dict[Fraction, Fraction] = {}
    for k, chance in hypergeometric(size, good, drawn).items():
        value = rule(Fraction(k, drawn))
        found[value] = found.get(value, Fraction(0)) + chance
    return dict(sorted(found.items(), reverse=True))


def expected(chances: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((value * chance for value, chance in chances), Fraction(0))
