"""The question "what regains most at the next official draw": kinds of problems across all places.

A problem seen at 2 of 5 markets is taken to be at two fifths of all markets. An action mends one kind of
problem (an item, in one type of place, in one district, by one unit) everywhere; it costs what the places
that have it cost. What it wins is the rise of the expected score over simulated draws.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.engine.quick import LAST_BITS, Row, of_rate
from lifang.assessment.engine.result import Result
from lifang.assessment.planner.options import Options, whole
from lifang.assessment.planner.problem import Action, Curve, Problem
from lifang.assessment.sampling.predict import Predictor
from lifang.standards.editions.kinds import AllOrNothing, Deduct, LinearClamp, Step

#: failing weights are counted in thousandths of an expected observation
GRAIN = 1000
#: shares of a measure's failing weight at which its expected points are worked out
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Kind:
    """One kind of problem: seen ``failed`` times in ``seen`` looks, so at ``places`` places of the frame."""

    item: str
    type: str
    district: str
    unit: str
    failed: int
    seen: int
    places: Decimal
    #: failing looks that the next draw is to expect of it
    drawn: float
    facts: tuple[str, ...]


def kinds(plan: Plan, observations: Iterable[Observation], result: Result) -> list[Kind]:
    """Kinds of problems, from what failed."""
    lead = {id_: row.lead for row in result.losses for id_ in row.facts}
    seen: dict[tuple[str, str, str], int] = {}
    failed: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for o in sorted(observations, key=lambda o: o.id):
        if o.state == "na":
            continue
        site = plan.round.sites[o.site]
        key = (o.item, site.type, site.district)
        seen[key] = seen.get(key, 0) + 1
        if o.state == "fail":
            unit = lead.get(o.id, site.unit)
            failed.setdefault(key, {}).setdefault(unit, []).append(o.id)
    frame = {(s.type, s.district): s for s in plan.round.frame}
    found = []
    for (item, type_, district), units in sorted(failed.items()):
        stratum = frame.get((type_, district))
        if stratum is None or not stratum.draw:
            continue
        looks = seen[item, type_, district]
        for unit, ids in sorted(units.items()):
            share = len(ids) / looks
            places = Decimal(stratum.size) * len(ids) / looks
            found.append(
                Kind(
                    item,
                    type_,
                    district,
                    unit,
                    len(ids),
                    looks,
                    places,
                    stratum.draw * share,
                    tuple(ids),
                )
            )
    return found


def build(
    plan: Plan,
    predictor: Predictor,
    observations: Sequence[Observation],
    result: Result,
    options: Options,
    budget: int,
    *,
    draws: int = 200,
    seed: int = 1,
) -> Problem:
    """The problem of the next draw; curves are expectations over ``draws`` simulated ones."""
    simulated = predictor.draws(draws, seed)
    worth = predictor.weights()
    rules = {(n.code, m.key): m.rule for n in plan.edition.leaves for m in n.measures}
    made = [k for k in kinds(plan, observations, result) if options.item_in_time(k.item)]
    index: dict[Key, int] = {}
    curves: list[Curve] = []
    actions: list[Action] = []
    for kind in made:
        fixes: dict[int, int] = {}
        for key in plan.feeds.get((kind.item, kind.type), ()):
            if key not in worth:
                continue
            if key not in index:
                index[key] = len(curves)
                curves.append(_curve(plan, key, rules[key], simulated, worth[key]))
            weight = plan.asked[key].weight_of[kind.item, kind.type]
            fixes[index[key]] = fixes.get(index[key], 0) + round(GRAIN * kind.drawn * weight)
        effort = kind.places * (options.visit + options.of_item(kind.item))
        named = {kind.item, *kind.facts, *(key[0] for key in plan.feeds[kind.item, kind.type])}
        actions.append(
            Action(
                f"kind:{kind.item}:{kind.type}:{kind.district}:{kind.unit}",
                whole(effort),
                tuple(fixes.items()),
                unit=kind.unit,
                must=bool(named & options.must),
                facts=kind.facts,
                title=f"{kind.type} {kind.district} {kind.item}".replace("  ", " ")
                + f"（约 {kind.places:.1f} 处，{kind.failed}/{kind.seen}）",
            )
        )
    capacity = {unit: whole(n) for unit, n in options.capacity.items()}
    return Problem(tuple(curves), tuple(actions), budget, capacity)


class Worth:
    """What one more place with a problem costs in the expected score: "this case is worth 0.12 points".

    The slope of the expected points where the measure stands now, for the chance that the next draw visits
    the place. Zero for what no indicator asks, or where nothing will be drawn.
    """

    def __init__(
        self, plan: Plan, predictor: Predictor, *, draws: int = 200, seed: int = 1
    ) -> None:
        self.plan = plan
        self.simulated = predictor.draws(draws, seed)
        self.weights = predictor.weights()
        self.rules = {(n.code, m.key): m.rule for n in plan.edition.leaves for m in n.measures}
        self.frame = {(s.type, s.district): s for s in plan.round.frame}
        self._slopes: dict[Key, float] = {}

    def of(self, item: str, site_type: str, district: str) -> float:
        """Points expected to go with a problem of this item at one such place."""
        return sum(self.by_leaf(item, site_type, district).values())

    def by_leaf(self, item: str, site_type: str, district: str) -> dict[str, float]:
        """The same by indicator."""
        stratum = self.frame.get((site_type, district))
        if stratum is None or not stratum.size:
            return {}
        chance = stratum.draw / stratum.size
        found: dict[str, float] = {}
        for key in self.plan.feeds.get((item, site_type), ()):
            if key in self.weights:
                weight = self.plan.asked[key].weight_of[item, site_type]
                points = self._slope(key) * GRAIN * weight * chance
                found[key[0]] = found.get(key[0], 0.0) + points
        return found

    def _slope(self, key: Key) -> float:
        if key not in self._slopes:
            curve = _curve(self.plan, key, self.rules[key], self.simulated, self.weights[key])
            # a tenth of what fails: beyond the grain of a step, near where things are
            x, y = curve.knots[1] if len(curve.knots) > 1 else (1, 0.0)
            self._slopes[key] = y / x
        return self._slopes[key]


def _curve(
    plan: Plan,
    key: Key,
    rule: object,
    simulated: Sequence[Mapping[Key, Sequence[Row]]],
    points: float,
) -> Curve:
    """Expected points by the share of failing weight that is gone."""
    scale = plan.asked[key].scale
    rows = [found for draw in simulated if (found := draw.get(key))]
    name = " ".join(key)
    mean = sum(f for found in rows for _p, f, _c in found) / max(1, len(simulated))
    top = round(GRAIN * mean)
    if not top:
        return Curve(name, ((0, 0.0),))
    expected = _expected(rule, rows, scale)
    base = expected(0.0)
    knots: list[tuple[int, float]] = [(0, 0.0)]
    for share in SHARES:
        x = round(top * share)
        y = points * (expected(share) - base) * len(rows) / len(simulated)
        if x > knots[-1][0]:
            knots.append((x, max(knots[-1][1], y)))
    return Curve(name, tuple(knots))


def _expected(
    rule: object, simulated: Sequence[Sequence[Row]], scale: int
) -> Callable[[float], float]:
    """Mean r when each failing look is a pass with chance ``gone``, as a function of it.

    A place is flawless, and a whole draw faultless, with ``gone`` to the power of its failing looks.
    """
    n = len(simulated)
    match rule:
        case AllOrNothing():
            looks = [sum(f for _p, f, _c in rows) / scale for rows in simulated]
            return lambda gone: sum(gone**bad if bad else 1.0 for bad in looks) / n
        case Deduct():
            return _deducted(rule, simulated, scale)
        case Step() | LinearClamp():
            r = of_rate(rule)
            if rule.by == "site_pass":
                # failing looks of each place that has any, and how many have none
                places = [
                    (
                        [f / scale for _p, f, _c in rows if f],
                        sum(not f for _p, f, _c in rows),
                        len(rows),
                    )
                    for rows in simulated
                ]
                return lambda gone: (
                    sum(
                        r((good + sum(gone**k for k in bad)) / size + (LAST_BITS if gone else 0.0))
                        for bad, good, size in places
                    )
                    / n
                )
            if rule.by == "pass_rate":
                failing = [
                    sum(f for _p, f, _c in rows) / sum(p + f for p, f, _c in rows)
                    for rows in simulated
                ]
            else:
                failing = [sum(f / (p + f) for p, f, _c in rows) / len(rows) for rows in simulated]
            return lambda gone: (
                sum(r(1 - (1 - gone) * x + (LAST_BITS if gone else 0.0)) for x in failing) / n
            )
    raise TypeError(f"{rule} is no field rule")


def _deducted(
    rule: Deduct, simulated: Sequence[Sequence[Row]], scale: int
) -> Callable[[float], float]:
    full, each, floor = float(rule.full), float(rule.each) / scale, float(rule.floor)
    n = len(simulated)
    if rule.per == "all":
        sums = [each * sum(c for _p, _f, c in rows) for rows in simulated]
        return lambda gone: sum(max(floor, full - (1 - gone) * lost) for lost in sums) / full / n
    cap = float("inf") if rule.site_cap is None else float(rule.site_cap)
    # places without a fault keep everything, however many they are
    places = [([each * c for _p, _f, c in rows if c], len(rows)) for rows in simulated]
    return lambda gone: (
        sum(
            1 - sum(full - max(floor, full - min(cap, (1 - gone) * x)) for x in bad) / full / size
            for bad, size in places
        )
        / n
    )
