"""Exact numbers, and the one rounding rule: half up.

Inside, everything is a fraction. Points that are handed out are decimals of :data:`PLACES` places, so that
sums of them are exact; published figures are rounded half up from the exact value, never twice.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

PLACES = 10
UNIT = 10**PLACES
ONE, ZERO = Fraction(1), Fraction(0)


def units(value: Fraction, places: int = PLACES) -> int:
    """``value`` in units of the last place, half up (away from zero)."""
    ten: int = 10**places
    n, d = abs(value.numerator) * ten, value.denominator
    whole = (2 * n + d) // (2 * d)
    return whole if value >= 0 else -whole


def of_units(whole: int, places: int = PLACES) -> Decimal:
    return Decimal(whole).scaleb(-places)


def half_up(value: Fraction | Decimal, places: int = PLACES) -> Decimal:
    """Half up to ``places``, always showing that many."""
    return of_units(units(Fraction(value), places), places)


def text(value: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: ``1.5``, ``0``, ``70``."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def apportion(total: int, parts: Sequence[Fraction]) -> list[int]:
    """``total`` units split in the proportions of ``parts`` (largest remainder; ties to the first).

    The result adds up to ``total`` exactly. Raises :class:`ValueError` where nothing has a part of something.
    """
    whole = sum(parts, ZERO)
    if not whole:
        if total:
            raise ValueError(f"{total} units and nobody to take them")
        return [0] * len(parts)
    exact = [p * total / whole for p in parts]
    floors = [e.numerator // e.denominator for e in exact]
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors
