"""Statistics and questionnaires: one number through a rule."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from lifang.assessment.engine.facts import Answer, Statistic
from lifang.assessment.engine.measures.outcome import Deficit, How, Outcome, Part, State, pending
from lifang.assessment.engine.numbers import ONE, ZERO
from lifang.standards.editions.kinds import Deduct, LinearClamp, RatioOfTarget, Step, SurveyMean
from lifang.standards.editions.shape import Measure


def statistic(measure: Measure, facts: Sequence[Statistic], policy: str) -> Outcome:
    """The latest value (by period, then by when it was told), or the mean of the periods."""
    if not facts:
        return pending(policy)
    last: dict[str, Statistic] = {}
    for fact in sorted(facts, key=lambda f: (f.period, f.at, f.id)):
        last[fact.period] = fact
    used = list(last.values()) if measure.take == "mean" else [last[max(last)]]
    x = sum((Fraction(f.value) for f in used), ZERO) / len(used)
    rule = measure.rule
    deficits: list[Deficit] = []
    match rule:
        case Step():
            r = rule(x)
            deficits = [Deficit(v, cut, None, "value") for cut, v in rule.next_up(r)]
        case LinearClamp():
            r = rule(x)
            deficits = [Deficit(ONE, rule.hi, None, "value")] if r < 1 else []
        case RatioOfTarget():
            r = rule(x)
            top = rule.target * rule.cap
            deficits = [Deficit(rule.cap, top, None, "value")] if r < rule.cap else []
        case Deduct():
            r = max(rule.floor, rule.full - rule.each * max(ZERO, x)) / rule.full
            deficits = [Deficit(ONE, ZERO, None, "value")] if r < 1 else []
        case _:
            raise TypeError(f"{rule} is no rule for statistics")
    ids = tuple(f.id for f in used)
    parts = (Part(1 - r, "statistic", 1 - r, facts=ids, how="whole"),) if r < 1 else ()
    return Outcome(
        "scored", r=r, low=r, high=r, coverage=ONE, x=x, n=len(used), parts=parts,
        deficits=tuple(deficits),
    )  # fmt: skip


def survey(
    rule: SurveyMean,
    answers: Sequence[Answer],
    population: Mapping[str, Decimal],
    quota: int,
    policy: str,
) -> Outcome:
    """Mean of recoded answers, weighted to the population by stratum where its shares are known.

    A stratum without answers is left out and its share spread over the others. Below the quota the
    measure is partly open.
    """
    sums: dict[str, tuple[Fraction, Fraction, int]] = {}
    for answer in answers:
        worth = rule.options.get(answer.option)
        if worth is None:
            continue
        stratum = answer.stratum if population else ""
        total, weight, n = sums.get(stratum, (ZERO, ZERO, 0))
        w = Fraction(answer.weight)
        sums[stratum] = (total + w * worth, weight + w, n + 1)
    sums = {s: v for s, v in sums.items() if v[1] > 0 and (not population or population.get(s))}
    if not sums:
        return pending(policy)
    shares = {s: Fraction(population[s]) if population else ONE for s in sums}
    whole = sum(shares.values(), ZERO)
    means = {s: total / weight for s, (total, weight, _n) in sums.items()}
    x = sum((means[s] * shares[s] for s in sums), ZERO) / whole
    n = sum(n for _t, _w, n in sums.values())
    coverage = min(ONE, Fraction(n, quota)) if quota else ONE
    r = rule(x)
    low, high = sorted((rule(x * coverage), rule(x * coverage + 1 - coverage)))
    if policy == "zero":
        r, high, coverage = low, low, ONE
    short = {s: (1 - means[s]) * shares[s] for s in sums}
    lack = sum(short.values(), ZERO)
    then = rule.then
    how: How = "linear" if then is None else "pro_rata"
    parts: tuple[Part, ...] = ()
    if r < 1:
        split = {s: v / lack for s, v in short.items() if v} if lack else {"": ONE}
        parts = tuple(
            Part(
                (1 - r) * share,
                "survey",
                rule(x + short.get(s, ZERO) / whole) - r if policy != "zero" else ZERO,
                site=s,
                how=how,
            )
            for s, share in split.items()
        )
    deficits = (
        tuple(Deficit(v, cut, None, "value") for cut, v in then.next_up(r))
        if isinstance(then, Step)
        else ()
    )
    state: State = "scored" if coverage == 1 else "partial"
    return Outcome(state, r, low, high, coverage, x, n, parts, deficits)
