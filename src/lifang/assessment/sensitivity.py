"""How much the total leans on adding up: the same indicators under other means. For study, never published.

A sum lets good parks pay for blocked fire exits; a geometric or harmonic mean does not (OECD/JRC *Handbook*,
2008, step 6: compensability). Where these differ much, the negative list should speak.
"""

from decimal import Decimal
from fractions import Fraction

from lifang.assessment import table
from lifang.assessment.engine import Result
from lifang.assessment.engine.numbers import half_up
from lifang.standards.editions import Edition

#: no indicator has this code
_ALL = "\0"


def means(edition: Edition, result: Result) -> dict[table.Mean, Decimal | None]:
    """The base score by each mean of the indicators' rates, weighted by points; ``None`` where none counts.

    The arithmetic one is the score itself.
    """
    leaves = {c: leaf for c, leaf in result.leaves.items() if leaf.figures.possible}
    whole = result.nodes[""].possible
    if not leaves:
        return dict.fromkeys(table.MEANS)
    rows = [(_ALL, ""), *((code, _ALL) for code in leaves)]
    weights = {code: leaf.figures.possible for code, leaf in leaves.items()}
    with_rates = {
        "r": {
            code: _decimal(Fraction(leaf.figures.earned) / Fraction(leaf.figures.possible))
            for code, leaf in leaves.items()
        }
    }
    found: dict[table.Mean, Decimal | None] = {}
    for mean in table.MEANS:
        rate = table.roll_up(table.tree(rows, weights, mean=mean), with_rates)["r"][_ALL]
        found[mean] = None if rate is None else half_up(rate * whole, edition.rounding.total)
    return found


def _decimal(value: Fraction) -> Decimal:
    return table.CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
