"""What an indicator is worth once those that do not apply have been dealt with."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction

from lifang.assessment.engine.numbers import PLACES, apportion, of_units
from lifang.standards.editions import Edition


def allocate(edition: Edition, absent: Collection[str]) -> Mapping[str, Decimal]:
    """Points of every base leaf when ``absent`` ones do not apply.

    ``drop``: 0, the total shrinks. ``full`` and ``zero`` keep their points. ``redistribute``: the
    others below the named ancestor grow in proportion; where none is left there, the next one above
    takes over; where none is left at all, the points are dropped. Sums are exact to the last unit.
    """
    base = [n for n in edition.leaves if n.kind == "base"]
    worth = {n.code: Decimal(0) for n in base}
    takers = {}
    for node in base:
        if node.code not in absent:
            takers[node.code] = node.points
            worth[node.code] = node.points
        elif node.na.policy in ("full", "zero"):
            worth[node.code] = node.points
    freed: dict[str, Decimal] = {}
    above = {code: edition.ancestors(code) for code in worth}
    for node in base:
        if node.code in absent and node.na.policy == "redistribute" and node.points:
            groups = above[node.code]
            start = groups.index(node.na.within) if node.na.within else 0
            for group in groups[start:]:
                if any(group in above[t] and p for t, p in takers.items()):
                    freed[group] = freed.get(group, Decimal(0)) + node.points
                    break
    for group, points in freed.items():
        members = [t for t, p in takers.items() if group in above[t] and p]
        units = apportion(int(points.scaleb(PLACES)), [Fraction(takers[t]) for t in members])
        for code, more in zip(members, units, strict=True):
            worth[code] += of_units(more)
    return worth
