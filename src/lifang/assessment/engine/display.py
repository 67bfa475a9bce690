"""Points as a table prints them: few places, and children still add up to their parents."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lifang.assessment.engine.numbers import apportion, of_units, units
from lifang.assessment.engine.result import Result
from lifang.standards.editions import Edition

Column = Literal["earned", "possible", "low", "high", "covered", "bonus"]


def rounded(
    edition: Edition, result: Result, column: Column, places: int = 2
) -> dict[str, Decimal]:
    """``{code: points}`` of every node, the whole under the empty code.

    The whole is rounded half up; each node's units are then split over its children by largest remainder,
    so a leaf may stand one last unit away from its own rounding.
    """
    exact = {code: Fraction(getattr(f, column)) for code, f in result.nodes.items()}
    found = {"": units(exact[""], places)}
    for code in ("", *edition.nodes):  # parents before children
        below = edition.children.get(code, ())
        if below:
            split = apportion(found[code], [exact[c] for c in below])
            found.update(zip(below, split, strict=True))
    return {code: of_units(n, places) for code, n in found.items()}
