"""From one edition to the next: which indicator becomes which, which facts go along, what every score becomes.

Nothing is edited in place: facts that are carried are new facts of a new round. Only what is ``equal`` or
``reworded`` is compared; the rest is shown apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from lifang.assessment.compare import Comparison, bennet
from lifang.assessment.engine import Result, Round, score
from lifang.assessment.engine import facts as fact_rules
from lifang.assessment.engine.facts import Fact
from lifang.assessment.engine.plan import compile_plan
from lifang.standards.editions import Edition
from lifang.standards.editions.crosswalk import FORMAT, Row, read, same

__all__ = ["FORMAT", "Carried", "Line", "Preview", "Row", "carry", "preview", "read", "same"]


@dataclass(frozen=True)
class Carried:
    """Facts of the new round; ``left``: (id, why) of those that stay behind; ``again``: indicators to review."""

    facts: tuple[Fact, ...]
    left: tuple[tuple[str, str], ...]
    again: tuple[str, ...]


def carry(
    facts: Iterable[Fact],
    rows: Sequence[Row],
    new: Edition,
    round_: Round,
    there: Iterable[Fact] = (),
) -> Carried:
    """Take facts along. ``there``: facts that the new round has already (``copy_if_unset`` leaves those be).

    Observations and answers name items and questions, not indicators: they go where the new edition sends them.
    """
    plan = compile_plan(new, round_)
    to = {code: row for row in rows for code in row.old}
    have = {getattr(f, "leaf", "") for f in there} - {""}
    found: list[Fact] = []
    left: list[tuple[str, str]] = []
    for fact in fact_rules.in_force(facts):
        leaf = getattr(fact, "leaf", "")
        row = to.get(leaf)
        targets: tuple[str, ...] = ("",)
        if leaf:
            if row is None or row.carry == "none" or not row.new:
                left.append((fact.id, _("指标“%(code)s”不再沿用") % {"code": leaf}))
                continue
            targets = row.new
            if row.carry == "copy_if_unset":
                targets = tuple(c for c in targets if c not in have)
        for target in targets:
            id_ = fact.id if len(targets) == 1 else f"{fact.id}>{target}"
            made = replace(fact, id=id_, supersedes="")
            if target:
                made = replace(made, leaf=target)  # type: ignore[call-arg]
            try:
                plan.keys(made)
            except KeyError as unknown:
                left.append((fact.id, str(unknown.args[0])))
            else:
                found.append(made)
    again = [c for row in rows if row.carry == "review" for c in row.new]
    return Carried(tuple(found), tuple(left), tuple(again))


@dataclass(frozen=True)
class Line:
    """One row: points before and after, of how many."""

    row: Row
    before: Decimal
    after: Decimal
    worth_before: Decimal
    worth_after: Decimal


@dataclass(frozen=True)
class Preview:
    """Every changed score, before anything is moved."""

    before: Result
    after: Result
    lines: tuple[Line, ...]
    comparison: Comparison
    carried: Carried


def preview(
    old: Edition, new: Edition, rows: Sequence[Row], round_: Round, facts: Iterable[Fact]
) -> Preview:
    """The same round under both editions."""
    held = list(facts)
    before = score(old, round_, held)
    carried = carry(held, rows, new, round_)
    after = score(new, round_, carried.facts)
    lines = tuple(
        Line(row, *(_sum(before, row.old, "earned"), _sum(after, row.new, "earned")),
             _sum(before, row.old, "possible"), _sum(after, row.new, "possible"))
        for row in rows
    )  # fmt: skip
    kept = {r.old[0]: r.new[0] for r in rows if r.relation in ("equal", "reworded")}
    kept = {a: b for a, b in kept.items() if a in before.leaves and b in after.leaves}
    return Preview(before, after, lines, bennet(_pairs(before), _pairs(after), kept), carried)


def _sum(result: Result, codes: Iterable[str], name: str) -> Decimal:
    figures = (result.nodes[c] for c in codes)
    return sum(
        (getattr(f, name) + (f.bonus if name == "earned" else 0) for f in figures), Decimal(0)
    )


def _pairs(result: Result) -> dict[str, tuple[Fraction, Fraction]]:
    """(points, r) of every indicator that counts."""
    found = {}
    for code, leaf in result.leaves.items():
        points = Fraction(leaf.figures.possible)
        found[code] = (points, Fraction(leaf.figures.earned) / points if points else Fraction(0))
    return found
