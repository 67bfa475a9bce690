"""The field rules in floating point, for simulations: the same numbers as the exact ones to 1e-12.

A step is met exactly where it is met in fractions: k/n and a cut of few decimals round to the same double
if they are equal, and lie further apart than rounding if they are not. A mean of rates is a sum that has lost
its last bits; it gets them back before it is held against a cut.
"""

from collections.abc import Callable, Sequence

from lifang.standards.editions.kinds import AllOrNothing, Deduct, LinearClamp, Step

#: more than sums of thousands of rates lose, less than lies between a rate and a cut
LAST_BITS = 1e-12
#: a place's weights: passed, failed, faults
Row = tuple[float, float, float]
FieldRule = Step | LinearClamp | Deduct | AllOrNothing


def compiled(rule: FieldRule, scale: int) -> Callable[[Sequence[Row]], float | None]:
    """``rows → r``; ``None`` where no row holds an observation."""
    match rule:
        case AllOrNothing():
            return _all
        case Deduct():
            return _deduct(rule, scale)
        case Step() | LinearClamp():
            return _rated(rule)


def of_rate(rule: Step | LinearClamp) -> Callable[[float], float]:
    """``x → r`` of a rule."""
    if isinstance(rule, LinearClamp):
        lo, span = float(rule.lo), float(rule.hi - rule.lo)
        return lambda x: min(1.0, max(0.0, (x - lo) / span))
    cuts = [(float(cut), float(value)) for cut, value in rule.cuts]
    otherwise, high = float(rule.otherwise), rule.better == "high"

    def step(x: float) -> float:
        for cut, value in cuts:
            if (x >= cut) if high else (x <= cut):
                return value
        return otherwise

    return step


def _all(rows: Sequence[Row]) -> float | None:
    seen = False
    for passed, failed, _faults in rows:
        if failed:
            return 0.0
        seen = seen or bool(passed)
    return 1.0 if seen else None


def _deduct(rule: Deduct, scale: int) -> Callable[[Sequence[Row]], float | None]:
    full, each, floor = float(rule.full), float(rule.each) / scale, float(rule.floor)
    cap = float("inf") if rule.site_cap is None else float(rule.site_cap)

    def together(rows: Sequence[Row]) -> float | None:
        if not any(p or f for p, f, _c in rows):
            return None
        return max(floor, full - each * sum(c for _p, _f, c in rows)) / full

    def apart(rows: Sequence[Row]) -> float | None:
        lost = [max(floor, full - min(cap, each * c)) for p, f, c in rows if p or f]
        return sum(lost) / len(lost) / full if lost else None

    return together if rule.per == "all" else apart


def _rated(rule: Step | LinearClamp) -> Callable[[Sequence[Row]], float | None]:
    r = of_rate(rule)
    lost = LAST_BITS if isinstance(rule, Step) else 0.0

    def pooled(rows: Sequence[Row]) -> float | None:
        passed = sum(p for p, _f, _c in rows)
        seen = passed + sum(f for _p, f, _c in rows)
        return r(passed / seen) if seen else None

    def sites(rows: Sequence[Row]) -> float | None:
        rates = [p / (p + f) for p, f, _c in rows if p or f]
        return r(sum(rates) / len(rates) + lost) if rates else None

    def flawless(rows: Sequence[Row]) -> float | None:
        seen = [f for p, f, _c in rows if p or f]
        return r(sum(not f for f in seen) / len(seen)) if seen else None

    return {"pass_rate": pooled, "site_rate": sites, "site_pass": flawless}[rule.by]
