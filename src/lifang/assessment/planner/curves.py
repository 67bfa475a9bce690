"""The rules as curves: how many points come back by how much is mended.

Exact: what a curve promises is what the engine says once those faults are gone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, lcm

from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.measures.documents import MISSING
from lifang.assessment.engine.measures.field import FieldRule, value
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.engine.result import Loss, Result
from lifang.assessment.planner.problem import Curve
from lifang.standards.editions.kinds import AllOrNothing, Deduct, GradeMap, LinearClamp, Step

ONE, ZERO = Fraction(1), Fraction(0)
#: beyond this, shares of places are counted in millionths
_FINEST = 10**9
#: a curve, and by task what it mends of it
Found = tuple[Curve, dict[int, int]]
Knots = tuple[tuple[int, float], ...]


@dataclass
class Tally:
    """A field measure as it stands: by place passed, failed, faults; what each failed fact weighs."""

    scale: int
    places: dict[str, list[int]] = field(default_factory=dict)
    weight_of: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: faults of a place that no visit mends: items that nobody looked at where that counts as failed
    stuck: dict[str, int] = field(default_factory=dict)

    def total(self, column: int) -> int:
        return sum(row[column] for row in self.places.values())


def tally(plan: Plan, key: Key, seen: Sequence[Observation]) -> Tally:
    asked = plan.asked[key]
    made = Tally(asked.scale)
    known: dict[str, set[str]] = {}
    for o in seen:
        known.setdefault(o.site, set()).add(o.item)
        if o.state == "na":
            continue
        weight = asked.weight_of[o.item, plan.site_type(o.site)]
        place = made.places.setdefault(o.site, [0, 0, 0])
        if o.state == "pass":
            place[0] += weight
        else:
            faults = weight * max(1, o.count)
            place[1] += weight
            place[2] += faults
            made.weight_of[o.id] = (weight, faults)
    if plan.edition.nodes[key[0]].missing == "zero":
        for site, items in asked.sites.items():
            for item, weight in items.items():
                if item not in known.get(site, ()):
                    place = made.places.setdefault(site, [0, 0, 0])
                    place[1] += weight
                    place[2] += weight
                    made.stuck[site] = made.stuck.get(site, 0) + 1
    return made


def field_curves(
    plan: Plan,
    key: Key,
    rule: FieldRule,
    seen: Sequence[Observation],
    rows: Sequence[tuple[int, Loss]],
    points: Fraction,
) -> list[Found]:
    """The curves of a field measure that ``points`` hang on; ``rows`` are (task, what it mends)."""
    t = tally(plan, key, seen)
    name = " ".join(key)
    match rule:
        case AllOrNothing():
            most = len(t.weight_of) + sum(t.stuck.values())
            knots = ((0, 0.0), (most, 0.0), (most, float(points)))
            return [(Curve(name, knots), _sums((task, 1) for task, _row in rows))]
        case Deduct(per="all"):
            return [_deducted(name, rule, t, rows, points)]
        case Deduct():
            return list(_deducted_by_place(name, rule, t, rows, points))
        case _ if rule.by == "site_pass":
            return [_flawless(name, rule, t, rows, points)]
        case _:
            return [_rated(name, rule, t, rows, points)]


def _sums(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for task, weight in pairs:
        found[task] = found.get(task, 0) + weight
    return found


def _deducted(
    name: str, rule: Deduct, t: Tally, rows: Sequence[tuple[int, Loss]], points: Fraction
) -> Found:
    faults = t.total(2)

    def left(x: int) -> Fraction:
        return max(rule.floor, rule.full - rule.each * Fraction(faults - x, t.scale)) / rule.full

    bend = floor(faults - (rule.full - rule.floor) * t.scale / rule.each) if rule.each else 0
    weights = _sums((task, t.weight_of[row.facts[0]][1]) for task, row in rows)
    return Curve(name, _knots(points, left, [bend, bend + 1], faults)), weights


def _deducted_by_place(
    name: str, rule: Deduct, t: Tally, rows: Sequence[tuple[int, Loss]], points: Fraction
) -> Iterable[Found]:
    """Places that one task clears lie on one line; a place that several share has a curve of its own."""
    share = points / len(t.places)
    by_site: dict[str, dict[int, int]] = {}
    for task, row in rows:
        of_site = by_site.setdefault(row.site, {})
        of_site[task] = of_site.get(task, 0) + t.weight_of[row.facts[0]][1]
    lost: dict[str, Fraction] = {}
    for site, tasks in by_site.items():
        passed, failed, faults = t.places[site]
        if len(tasks) == 1 and sum(tasks.values()) == faults:
            lost[site] = 1 - value(rule, [(passed, failed, faults)], t.scale)[0]
            continue

        def left(
            x: int, passed: int = passed, failed: int = failed, faults: int = faults
        ) -> Fraction:
            return value(rule, [(passed, failed, faults - x)], t.scale)[0]

        # every weight is a knot: caps and floors bend where they like
        most = min(faults, sum(tasks.values()))
        yield Curve(f"{name} {site}", _knots(share, left, range(1, most), most)), tasks
    if lost:
        unit = lcm(*(x.denominator for x in lost.values()))
        weights = _sums((next(iter(by_site[s])), int(x * unit)) for s, x in lost.items())
        top = int(sum(lost.values(), ZERO) * unit)
        knots = ((0, 0.0), (top, float(share / unit * top))) if top else ((0, 0.0),)
        yield Curve(name, knots), weights


def _flawless(
    name: str,
    rule: Step | LinearClamp,
    t: Tally,
    rows: Sequence[tuple[int, Loss]],
    points: Fraction,
) -> Found:
    """Places count whole: a task counts where it mends all that failed there."""
    failed_at: dict[str, int] = {}
    tasks_at: dict[str, set[int]] = {}
    for task, row in rows:
        failed_at[row.site] = failed_at.get(row.site, 0) + t.weight_of[row.facts[0]][0]
        tasks_at.setdefault(row.site, set()).add(task)
    clear = [
        (next(iter(tasks_at[site])), 1)
        for site, weight in failed_at.items()
        if weight == t.places[site][1] and len(tasks_at[site]) == 1
    ]
    have = sum(not failed for _p, failed, _c in t.places.values())
    return Curve(name, _of_rate(rule, points, have, len(t.places) - have)), _sums(clear)


def _rated(
    name: str,
    rule: Step | LinearClamp,
    t: Tally,
    rows: Sequence[tuple[int, Loss]],
    points: Fraction,
) -> Found:
    slack = 0
    if rule.by == "pass_rate":
        have, most = t.total(0), t.total(1)
        weights = _sums((task, t.weight_of[row.facts[0]][0]) for task, row in rows)
    else:
        unit = lcm(*{p + f for p, f, _c in t.places.values()})
        if unit * len(t.places) > _FINEST:
            unit, slack = 1_000_000, len(rows)
        size = {s: p + f for s, (p, f, _c) in t.places.items()}
        weights = _sums(
            (task, round(Fraction(t.weight_of[row.facts[0]][0] * unit, size[row.site])))
            for task, row in rows
        )
        most = sum(round(Fraction(f * unit, p + f)) for p, f, _c in t.places.values())
        have = unit * len(t.places) - most
    return Curve(name, _of_rate(rule, points, have, most, slack)), weights


def _of_rate(
    rule: Step | LinearClamp, points: Fraction, have: int, most: int, slack: int = 0
) -> Knots:
    """Knots of ``rule((have + x) / (have + most))``. ``slack``: what rounding may have taken."""
    total = have + most

    def r(x: int) -> Fraction:
        return rule(Fraction(min(total, have + x + (slack if x else 0)), total))

    if isinstance(rule, Step):
        return _stairs(points, r, [ceil(cut * total) - have - slack for cut, _v in rule.cuts], most)
    edges = [edge * total - have for edge in (rule.lo, rule.hi)]
    return _knots(points, r, [end(e) for e in edges for end in (floor, ceil)], most)


def _knots(points: Fraction, r: Callable[[int], Fraction], at: Iterable[int], most: int) -> Knots:
    """Knots of ``points * (r(x) - r(0))``; a jump stands at the weight that reaches it."""
    now = r(0)
    knots: list[tuple[int, float]] = [(0, 0.0)]
    for x in sorted({x for x in at if 0 < x < most} | {most}):
        before = float(points * (r(x - 1) - now))
        here = float(points * (r(x) - now))
        if x - 1 > knots[-1][0]:
            knots.append((x - 1, max(before, knots[-1][1])))
        knots.append((x, max(here, knots[-1][1])))
    return tuple(knots)


def _stairs(points: Fraction, r: Callable[[int], Fraction], at: Iterable[int], most: int) -> Knots:
    """Knots of a staircase: flat, then up at the weight that reaches a cut."""
    now = r(0)
    knots: list[tuple[int, float]] = [(0, 0.0)]
    for x in sorted({x for x in at if 0 < x <= most}):
        knots += [(x, knots[-1][1]), (x, max(float(points * (r(x) - now)), knots[-1][1]))]
    return tuple(knots)


def document_curve(
    key: Key,
    rule: object,
    rows: Sequence[tuple[int, Loss]],
    result: Result,
    points: Fraction,
) -> Found:
    """A document that is mended gets the best grade."""
    name = " ".join(key)
    outcome = dict(result.leaves[key[0]].outcomes)[key[1]]
    top = rule.best if isinstance(rule, GradeMap) else ONE
    rise = float(points * (top - outcome.r))
    if isinstance(rule, GradeMap) and rule.combine == "mean":
        grades = {slot: rule.grades.get(grade, ZERO) for slot, grade in outcome.detail.items()}
        unit = lcm(*(v.denominator for v in grades.values()), top.denominator)
        weights = {t: int((top - grades[row.item]) * unit) for t, row in rows}
        most = sum(weights.values())
        each = points / (unit * max(1, len(grades)))
        return Curve(name, ((0, 0.0), (max(1, most), float(each * most)))), weights
    weights = dict.fromkeys((t for t, _row in rows), 1)
    grades_now = list(outcome.detail.values())
    if isinstance(rule, Deduct):
        bad = sum(g in (MISSING, "C") for g in grades_now)

        def left(x: int) -> Fraction:
            return max(rule.floor, rule.full - rule.each * (bad - x)) / rule.full

        return Curve(name, _knots(points, left, range(1, bad), bad)), weights
    if isinstance(rule, GradeMap):
        values = [rule.grades.get(g, ZERO) for g in grades_now]
        most = values.count(min(values))
        second = min((v for v in values if v > min(values)), default=top)
        rise = float(points * (second - outcome.r))
    else:
        accept = rule.accept if isinstance(rule, AllOrNothing) else frozenset("AB")
        most = sum(g not in accept for g in grades_now)
    return Curve(name, ((0, 0.0), (most, 0.0), (most, max(0.0, rise)))), weights
