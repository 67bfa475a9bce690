"""One indicator: from what its measures found to points, losses and units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from lifang.assessment.engine.facts import Fact, Mark, Override
from lifang.assessment.engine.measures.outcome import (
    NOT_APPLICABLE,
    Outcome,
    Part,
    State,
    missing,
)
from lifang.assessment.engine.numbers import (
    ONE,
    ZERO,
    apportion,
    half_up,
    of_units,
    units,
)
from lifang.assessment.engine.result import Figures, LeafResult, Loss, NextGrade
from lifang.rounds.scope import Round
from lifang.standards.editions import Node, Rounding

#: which state of a measure shows on the indicator, if one of them has it
_LOUDEST: tuple[State, ...] = ("disputed", "partial", "pending", "missing", "scored")


@dataclass(frozen=True)
class LeafOutcome:
    """Measures that apply, with the shares that are theirs now (they sum to 1)."""

    state: State
    measures: tuple[tuple[str, Fraction, Outcome], ...] = ()
    outcomes: tuple[tuple[str, Outcome], ...] = ()
    note: str = ""
    overridden: bool = False


def judge(
    leaf: Node, outcomes: Sequence[tuple[str, Outcome]], said: Sequence[Fact], *, applies: bool
) -> LeafOutcome:
    """Marks and overrides laid over what the measures found; the last one told counts."""
    said = sorted(said, key=lambda f: (f.at, f.id))
    overrides = [f for f in said if isinstance(f, Override)]
    if overrides:
        last = overrides[-1]
        r = Fraction(last.points) / Fraction(leaf.points) if leaf.points else ONE
        part = Part(1 - r, "override", 1 - r, cause=last.reason, facts=(last.id,))
        parts = (part,) if r < 1 else ()
        made = Outcome("scored", r, r, r, ONE, n=1, parts=parts)
        return LeafOutcome(
            "scored", (("", ONE, made),), tuple(outcomes), f"{last.approver}: {last.reason}", True
        )
    marks = {f.measure: f for f in said if isinstance(f, Mark)}
    if not applies:
        return LeafOutcome("not_applicable", outcomes=tuple(outcomes))
    found: list[tuple[str, Outcome]] = []
    for key, outcome in outcomes:
        mark = marks.get(key) or marks.get("")
        found.append((key, _marked(outcome, mark) if mark else outcome))
    share_of = {m.key: m.share for m in leaf.measures}
    live = [(k, share_of[k], o) for k, o in found if o.applies]
    whole = sum((share for _k, share, _o in live), ZERO)
    note = "；".join(f.reason for f in marks.values() if f.reason)
    if not whole:
        return LeafOutcome("not_applicable", outcomes=tuple(found), note=note)
    live = [(k, share / whole, o) for k, share, o in live]
    states = {o.state for _k, _s, o in live}
    state = next(s for s in _LOUDEST if s in states)
    if state == "pending" and len(states) > 1:
        state = "partial"
    if state == "missing" and len(states) > 1:
        state = "scored"
    return LeafOutcome(state, tuple(live), tuple(found), note)


def _marked(outcome: Outcome, mark: Mark) -> Outcome:
    match mark.state:
        case "not_applicable":
            return NOT_APPLICABLE
        case "missing":
            return missing(mark.id, cause=mark.reason)
        case _ if not outcome.applies:
            return outcome
        case _:
            # as it stands, but nothing of it is certain
            return replace(outcome, state="disputed", low=ZERO, high=ONE, coverage=ZERO)


def assemble(
    leaf: Node, judged: LeafOutcome, worth: Decimal, round_: Round, rounding: Rounding
) -> LeafResult:
    """Points. The losses add up to possible − earned exactly."""
    lead = round_.unit_of(leaf.lead) if leaf.lead else ""
    assist = _assisting(leaf, round_, lead, "")
    if judged.state == "not_applicable":
        return _absent(leaf, judged, worth, lead, assist)
    points = Fraction(worth)
    exact = [ZERO, ZERO, ZERO]
    covered = assessed = ZERO
    parts: list[tuple[str, Fraction, Part]] = []
    following: list[NextGrade] = []
    for key, share, o in judged.measures:
        for i, value in enumerate((o.r, o.low, o.high)):
            exact[i] += points * share * value
        covered += points * share * o.coverage
        assessed += points * share if o.n or o.coverage else ZERO
        parts += [(key, points * share, p) for p in o.parts]
        following += [
            NextGrade(
                key, half_up(points * share * (d.value - o.r)), half_up(d.target), d.fixes, d.what
            )
            for d in o.deficits
        ]
    if rounding.leaf is not None:
        exact = [Fraction(half_up(v, rounding.leaf)) for v in exact]
    earned, low, high = (min(worth, half_up(v)) for v in exact)
    lost = units(Fraction(worth - earned))
    split = apportion(lost, [w * p.weight for _k, w, p in parts])
    losses = []
    for (key, weight, part), share_units in zip(parts, split, strict=True):
        site = round_.sites.get(part.site)
        here = site.unit if site else ""
        leader = here if leaf.lead == "site" else lead
        losses.append(
            Loss(
                leaf.code,
                key,
                part.kind,
                of_units(share_units),
                half_up(weight * part.gain),
                leader,
                _assisting(leaf, round_, leader, here),
                part.site,
                part.item,
                part.cause,
                part.facts,
                part.how,
            )
        )
    figures = Figures(worth, earned, low, high, half_up(covered), half_up(assessed))
    return LeafResult(
        leaf.code,
        judged.state,
        figures,
        judged.outcomes,
        tuple(losses),
        tuple(following),
        (exact[0], exact[1], exact[2]),
        judged.note,
        judged.overridden,
    )


def _assisting(leaf: Node, round_: Round, lead: str, here: str) -> tuple[tuple[str, Fraction], ...]:
    """Units that assist, with their shares. ``site`` is whoever answers for the place; where nobody does, or
    the unit leads anyway, the share stays with the lead."""
    units = ((here if role == "site" else round_.unit_of(role), s) for role, s in leaf.assist)
    return tuple((unit, share) for unit, share in units if unit and unit != lead)


def _absent(
    leaf: Node,
    judged: LeafOutcome,
    worth: Decimal,
    lead: str,
    assist: tuple[tuple[str, Fraction], ...],
) -> LeafResult:
    """``full`` gives the points, ``zero`` takes them; the other policies left none."""
    earned = worth if leaf.na.policy == "full" else half_up(ZERO)
    exact = Fraction(earned)
    lost = worth - earned
    losses = (
        (Loss(leaf.code, "", "not_applicable", lost, half_up(ZERO), lead, assist),) if lost else ()
    )
    figures = Figures(worth, earned, earned, earned, worth, worth)
    return LeafResult(
        leaf.code,
        "not_applicable",
        figures,
        judged.outcomes,
        losses,
        exact=(exact, exact, exact),
        note=judged.note,
    )
