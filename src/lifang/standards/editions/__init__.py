"""Assessment editions (测评体系): the tree of indicators with points, rules and checklists. Pure.

An edition is a document: :func:`read` turns it into :class:`Edition` or tells every fault of it at once;
:func:`digest` is the SHA-256 of its canonical form, which publishing freezes. ``docs/assessment.md`` has
the format.
"""

from lifang.standards.editions.canon import canonical, digest
from lifang.standards.editions.reading import read
from lifang.standards.editions.shape import Edition, Item, Measure, NaPolicy, Node, Rounding, Slot

__all__ = [
    "Edition",
    "Item",
    "Measure",
    "NaPolicy",
    "Node",
    "Rounding",
    "Slot",
    "canonical",
    "digest",
    "read",
]
