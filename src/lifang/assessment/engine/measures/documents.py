"""Filed documents: the grades of two levels of review."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from lifang.assessment.engine.facts import Review
from lifang.assessment.engine.measures.outcome import (
    NOT_APPLICABLE,
    Deficit,
    How,
    Outcome,
    Part,
    State,
    pending,
)
from lifang.assessment.engine.numbers import ONE, ZERO
from lifang.standards.editions.kinds import AllOrNothing, Deduct, GradeMap, RatioOfTarget
from lifang.standards.editions.shape import Measure

MISSING, NOT_ASKED = "missing", "na"


def outcome(measure: Measure, reviews: Sequence[Review], policy: str) -> Outcome:
    """Score the latest review of the highest level of each document."""
    last: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda r: (r.level, r.at, r.id)):
        last[review.slot] = review
    slots = measure.slots or tuple(sorted(last)) or ("",)
    asked = [s for s in slots if s not in last or last[s].grade != NOT_ASKED]
    if not asked:
        return NOT_APPLICABLE
    known = [last[s] for s in asked if s in last]
    rule = measure.rule
    if isinstance(rule, RatioOfTarget):
        return _ratio(rule, known, policy)
    if not known:
        return pending(policy)
    if policy == "zero":
        opened = [s for s in asked if s not in last]
        known += [Review(id="", leaf="", slot=s, grade=MISSING) for s in opened]
        asked = [r.slot for r in known]
    match rule:
        case GradeMap():
            return _graded(rule, known, len(asked))
        case AllOrNothing():
            return _all(rule, known, len(asked))
        case Deduct():
            return _deducted(rule, known, len(asked))
        case _:
            raise TypeError(f"{rule} is no rule for documents")


def _state(known: Sequence[Review], asked: int) -> tuple[State, Fraction]:
    disputed = sum(r.disputed for r in known)
    state: State
    if disputed:
        state = "disputed"
    elif len(known) < asked:
        state = "partial"
    else:
        state = "missing" if all(r.grade == MISSING for r in known) else "scored"
    return state, Fraction(len(known) - disputed, asked)


def _made(
    known: Sequence[Review],
    asked: int,
    bounds: tuple[Fraction, Fraction, Fraction],
    parts: Iterable[Part],
    deficits: Iterable[Deficit] = (),
) -> Outcome:
    state, coverage = _state(known, asked)
    low, r, high = bounds
    return Outcome(
        state,
        r=r,
        low=low,
        high=high,
        coverage=coverage,
        n=len(known),
        parts=tuple(parts),
        deficits=tuple(deficits),
        detail={r.slot: r.grade for r in known},
    )


def _part(review: Review, weight: Fraction, gain: Fraction, how: How = "linear") -> Part:
    kind = "missing" if review.grade == MISSING else "document"
    kind = "pending" if not review.id else "disputed" if review.disputed else kind
    ids = (review.id,) if review.id else ()
    return Part(weight, kind, gain, item=review.slot, cause=review.reason, facts=ids, how=how)


def _graded(rule: GradeMap, known: Sequence[Review], asked: int) -> Outcome:
    values = [rule.grades.get(r.grade, ZERO) for r in known]
    best = [rule.best if r.disputed else v for r, v in zip(known, values, strict=True)]
    opened = asked - len(known)
    if rule.combine == "min":
        r = min(values)
        low, high = (ZERO if opened else r), min(best)
        worst = [k for k, v in zip(known, values, strict=True) if v == r]
        second = min((v for v in values if v > r), default=rule.best)
        alone = second - r if len(worst) == 1 else ZERO
        split = [_part(k, (1 - r) / len(worst), alone, "shapley") for k in worst] if r < 1 else []
    else:
        r = sum(values, ZERO) / len(known)
        low = sum(values, ZERO) / asked
        high = (sum(best, ZERO) + opened * rule.best) / asked
        split = [
            _part(k, (1 - v) / len(known), (rule.best - v) / len(known))
            for k, v in zip(known, values, strict=True)
            if v < 1
        ]
    better = sorted({v for v in rule.grades.values() if v > r})
    deficits = [
        Deficit(v, v, 1, next(g for g, of in rule.grades.items() if of == v)) for v in better
    ]
    return _made(known, asked, (low, r, high), split, deficits if len(known) == 1 else ())


def _all(rule: AllOrNothing, known: Sequence[Review], asked: int) -> Outcome:
    bad = [k for k in known if k.grade not in rule.accept]
    r = ZERO if bad else ONE
    high = ZERO if any(not k.disputed for k in bad) else ONE
    low = ZERO if len(known) < asked else r
    gain = ONE if len(bad) == 1 else ZERO
    parts = [_part(k, ONE / len(bad), gain, "shapley") for k in bad]
    return _made(
        known,
        asked,
        (low, r, high),
        parts,
        [Deficit(ONE, ONE, len(bad), "documents")] if bad else (),
    )


def _deducted(rule: Deduct, known: Sequence[Review], asked: int) -> Outcome:
    """A fault is a document that is missing or below every grade: ``missing`` or ``C``."""
    bad = [k for k in known if k.grade in (MISSING, "C")]
    opened = asked - len(known)

    def at(faults: int) -> Fraction:
        return max(rule.floor, rule.full - rule.each * faults) / rule.full

    r = at(len(bad))
    bounds = at(len(bad) + opened), r, at(sum(not k.disputed for k in bad))
    gain = at(len(bad) - 1) - r if bad else ZERO
    parts = [_part(k, (1 - r) / len(bad), gain, "deduct") for k in bad] if r < 1 else []
    return _made(known, asked, bounds, parts)


def _ratio(rule: RatioOfTarget, known: Sequence[Review], policy: str) -> Outcome:
    if not known:
        return pending(policy)
    good = sum(k.grade not in (MISSING, "C") for k in known)
    r = rule(Fraction(good))
    lost = (Part(1 - r, "document", rule(Fraction(good + 1)) - r),) if r < 1 else ()
    short = rule.target * rule.cap - good
    deficits = (
        [Deficit(rule.cap, rule.target, -(-short.numerator // short.denominator), "documents")]
        if short > 0
        else ()
    )
    state: State = "scored"
    return Outcome(
        state,
        r=r, low=r, high=r, coverage=ONE, x=Fraction(good), n=len(known), parts=lost,
        deficits=tuple(deficits),
    )  # fmt: skip
