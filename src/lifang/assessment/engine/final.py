"""From the sum of the indicators to the total: bonus, other editions, negative list, in this order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial

from lifang.assessment.engine.facts import Award, Fact, Linked, VetoEvent
from lifang.assessment.engine.numbers import ONE, ZERO, half_up
from lifang.assessment.engine.plan import WHOLE, Key, Plan
from lifang.assessment.engine.result import Step, Total
from lifang.standards.editions.kinds import Bonus, Veto

#: earned, low, high
Three = tuple[Fraction, Fraction, Fraction]


def bonuses(plan: Plan, buckets: Mapping[Key, Sequence[Fact]]) -> dict[str, Fraction]:
    """Awards of each bonus indicator, within its own cap."""
    found = {}
    for leaf in plan.edition.leaves:
        rule = leaf.measures[0].rule
        if isinstance(rule, Bonus) and leaf.code in plan.applicable:
            facts = buckets.get((leaf.code, ""), ())
            got = sum((Fraction(f.points) for f in facts if isinstance(f, Award)), ZERO)
            found[leaf.code] = max(ZERO, min(rule.cap, got))
    return found


def total(
    plan: Plan,
    buckets: Mapping[Key, Sequence[Fact]],
    base: Three,
    possible: Fraction,
    bonus: Fraction,
) -> Total:
    """The published total and how it came about. ``bonus``: the sum of all bonus indicators."""
    edition = plan.edition
    cap = edition.bonus_cap
    kept = bonus if cap is None else min(bonus, Fraction(cap))
    walk: list[tuple[str, Three, str]] = [("base", base, "")]
    now: Three = (base[0] + kept, base[1] + kept, base[2] + kept)
    walk.append(("bonus", now, ""))
    linked = _linked(buckets.get(WHOLE, ()))
    status = "ok"
    for rule in edition.prerequisites:
        got = linked.get(rule.edition)
        if got is not None and got < rule.at_least:
            status = "barred"
    now = _blended(plan, now, possible, linked, walk)
    events = list(_events(plan, buckets))
    for code, veto in events:
        if veto.effect == "deduct":
            now = _each(now, partial(_less, veto.value))
            walk.append((f"veto:{code}", now, "deduct"))
    for code, veto in events:
        if veto.effect == "cap":
            now = _each(now, partial(min, veto.value))
            walk.append((f"veto:{code}", now, "cap"))
    for code, veto in events:
        if veto.effect == "suspend":
            status = "suspended"
            walk.append((f"veto:{code}", now, "suspend"))
    for code, veto in events:
        if veto.effect == "disqualify":
            status, now = "disqualified", (ZERO, ZERO, ZERO)
            walk.append((f"veto:{code}", now, "disqualify"))
    places = edition.rounding.total
    score, low, high = (half_up(v, places) for v in now)
    return Total(score, low, high, status, tuple(_steps(walk)))


def _each(now: Three, change: Callable[[Fraction], Fraction]) -> Three:
    return change(now[0]), change(now[1]), change(now[2])


def _less(points: Fraction, value: Fraction) -> Fraction:
    return max(ZERO, value - points)


def _linked(facts: Iterable[Fact]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    linked = [f for f in facts if isinstance(f, Linked)]
    for fact in sorted(linked, key=lambda f: (f.at, f.id)):
        found[fact.edition] = Fraction(fact.score)
    return found


def _blended(
    plan: Plan,
    now: Three,
    possible: Fraction,
    linked: Mapping[str, Fraction],
    walk: list[tuple[str, Three, str]],
) -> Three:
    """Own points shrink to what the others leave; a score that is not known yet spans its range."""
    blends = plan.edition.blends
    left = ONE - sum((b.share for b in blends), ZERO)
    for i, rule in enumerate(blends):
        got = linked.get(rule.edition)
        rates = (ZERO, ZERO, ONE) if got is None else (min(ONE, max(ZERO, got / rule.full)),) * 3
        own = tuple(v * left for v in now) if i == 0 else now
        a, b, c = (v + rule.share * rate * possible for v, rate in zip(own, rates, strict=True))
        now = (a, b, c)
        walk.append((f"blend:{rule.edition}", now, "pending" if got is None else ""))
    return now


def _events(plan: Plan, buckets: Mapping[Key, Sequence[Fact]]) -> Iterable[tuple[str, Veto]]:
    """Confirmed events within the round's dates, in the order of the edition; one each kind of event counts
    as often as it happened."""
    start, end = plan.round.start, plan.round.end
    for leaf in plan.edition.leaves:
        rule = leaf.measures[0].rule
        if not isinstance(rule, Veto):
            continue
        for fact in sorted(buckets.get((leaf.code, ""), ()), key=lambda f: f.id):
            if isinstance(fact, VetoEvent) and fact.confirmed:
                day = fact.on[:10]
                if not day or ((not start or day >= start) and (not end or day <= end)):
                    yield leaf.code, rule


def _steps(walk: Sequence[tuple[str, Three, str]]) -> Iterable[Step]:
    """Differences of rounded stages: they add up to the last one exactly."""
    before = [half_up(ZERO)] * 3
    for key, values, note in walk:
        here = [half_up(v) for v in values]
        delta, low, high = (a - b for a, b in zip(here, before, strict=True))
        yield Step(key, delta, low, high, note)
        before = here
