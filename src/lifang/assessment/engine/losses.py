"""Lost points by who, what, where and why. Views are kept apart, never blended.

(a) :func:`by` with ``unit``: losses weighted by responsibility; (b) :func:`rates`: what a unit earned of the
points it leads; (c), how punctually it mends, comes from the orders and not from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lifang.assessment.engine.numbers import ONE, ZERO, apportion, half_up, of_units, units
from lifang.assessment.engine.result import Loss, Result
from lifang.rounds.scope import Round
from lifang.standards.editions import Edition

View = Literal["unit", "leaf", "site", "item", "cause", "kind", "measure"]
VIEWS: tuple[View, ...] = ("unit", "leaf", "site", "item", "cause", "kind", "measure")


@dataclass(frozen=True, slots=True)
class Line:
    """Points lost under one key, and points that are open because nothing is known yet."""

    key: str
    lost: Decimal
    open: Decimal
    rows: int


def shares(row: Loss) -> list[tuple[str, Decimal]]:
    """A row's points over the unit that leads and those that assist; they add up to the row exactly."""
    rest = ONE - sum((s for _u, s in row.assist), ZERO)
    parts = [(row.lead, rest), *row.assist]
    parts = [(unit, share) for unit, share in parts if share > 0]
    whole = units(Fraction(row.points))
    split = apportion(whole, [share for _unit, share in parts])
    return [(unit, of_units(n)) for (unit, _share), n in zip(parts, split, strict=True)]


def by(rows: Iterable[Loss], view: View) -> list[Line]:
    """Lines by points lost, most first; all lines add up to all rows exactly."""
    sums: dict[str, list[Decimal | int]] = {}
    for row in rows:
        keyed = shares(row) if view == "unit" else [(getattr(row, view), row.points)]
        for key, points in keyed:
            line = sums.setdefault(key, [Decimal(0), Decimal(0), 0])
            line[1 if row.kind == "pending" else 0] += points
            line[2] += 1
    lines = [Line(k, Decimal(a), Decimal(b), int(n)) for k, (a, b, n) in sums.items()]
    return sorted(lines, key=lambda line: (-line.lost, -line.open, line.key))


@dataclass(frozen=True, slots=True)
class UnitRate:
    """What a unit earned of the assessed points that it leads; ``rate`` is ``None`` where it leads none."""

    unit: str
    earned: Decimal
    assessed: Decimal
    leaves: int

    @property
    def rate(self) -> Decimal | None:
        return (
            half_up(Fraction(self.earned) / Fraction(self.assessed), 4) if self.assessed else None
        )


def rates(edition: Edition, round_: Round, result: Result) -> list[UnitRate]:
    """Score rates of units on the indicators they lead by name (not by place), worst first."""
    sums: dict[str, list[Decimal | int]] = {}
    for code, leaf in result.leaves.items():
        role = edition.nodes[code].lead
        if not role or role == "site":
            continue
        line = sums.setdefault(round_.unit_of(role), [Decimal(0), Decimal(0), 0])
        line[0] += leaf.figures.earned
        line[1] += leaf.figures.assessed
        line[2] += 1
    found = [UnitRate(u, Decimal(e), Decimal(a), int(n)) for u, (e, a, n) in sums.items()]
    return sorted(found, key=lambda u: (Decimal(2) if u.rate is None else u.rate, u.unit))


def grade_counts(result: Result, grades: Mapping[str, Fraction]) -> dict[str, int]:
    """How many measures that were assessed came out at each grade's value (``134 A, 7 B, 2 C``)."""
    named = {value: name for name, value in grades.items()}
    counts = dict.fromkeys(grades, 0)
    for leaf in result.leaves.values():
        for _key, outcome in leaf.outcomes:
            if outcome.n and outcome.r in named:
                counts[named[outcome.r]] += 1
    return counts


def hanging(edition: Edition, result: Result) -> dict[tuple[str, str], Fraction]:
    """Points that hang on each measure that applies and is not overridden: ``{(leaf, measure): points}``."""
    found: dict[tuple[str, str], Fraction] = {}
    for code, leaf in result.leaves.items():
        if leaf.state == "not_applicable" or leaf.overridden:
            continue
        shares = {m.key: m.share for m in edition.nodes[code].measures}
        live = {key: shares[key] for key, o in leaf.outcomes if o.applies}
        whole = sum(live.values(), ZERO)
        for key, share in live.items():
            found[code, key] = Fraction(leaf.figures.possible) * share / whole
    return found
