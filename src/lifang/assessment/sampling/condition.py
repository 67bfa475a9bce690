"""Two answers to "how good is it": as an inspector would score the drawn places, and as it truly is everywhere.

The official style pools what was drawn. The true condition weighs each stratum of the frame by its size,
with the error that the draw leaves. A rule that counts flawless places has exact limits beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.sampling import exact, fpc


@dataclass(frozen=True)
class Condition:
    """Of one field measure. ``flawed``: (fewest, most) places with a fault in the frame, where every stratum
    is a simple random draw; ``outside``: places seen that no stratum of the frame holds."""

    key: Key
    official: Fraction
    true: fpc.Estimate | None
    flawed: tuple[int, int] | None
    n: int
    outside: int


def conditions(plan: Plan, observations: Iterable[Observation]) -> list[Condition]:
    """Every field measure that was looked at, in the order of the edition."""
    seen: dict[Key, dict[str, list[int]]] = {}
    for o in observations:
        if o.state == "na":
            continue
        kind = plan.round.sites[o.site].type
        for key in plan.feeds.get((o.item, kind), ()):
            weight = plan.asked[key].weight_of[o.item, kind]
            place = seen.setdefault(key, {}).setdefault(o.site, [0, 0])
            place[0] += weight if o.state == "pass" else 0
            place[1] += weight
    return [_one(plan, key, seen[key]) for key in plan.asked if key in seen]


def _one(plan: Plan, key: Key, places: dict[str, list[int]]) -> Condition:
    by_stratum: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for code in sorted(places):
        site = plan.round.sites[code]
        met, looked = places[code]
        by_stratum.setdefault((site.type, site.district), []).append((met, looked))
    frame = {(s.type, s.district): s.size for s in plan.round.frame}
    strata = [
        fpc.Clusters(max(frame[k], len(rows)), tuple(rows))
        for k, rows in sorted(by_stratum.items())
        if k in frame
    ]
    outside = sum(len(rows) for k, rows in by_stratum.items() if k not in frame)
    flawed = None
    if strata and not outside:
        limits = [
            exact.limits(s.size, s.n, sum(met < looked for met, looked in s.places)) for s in strata
        ]
        flawed = (sum(low for low, _high in limits), sum(high for _low, high in limits))
    met, looked = (sum(row[i] for row in places.values()) for i in range(2))
    return Condition(
        key,
        Fraction(met, looked),
        fpc.ratio(strata) if strata else None,
        flawed,
        len(places),
        outside,
    )
