"""Reads of filed documents. Every one of a person's screen starts at ``visible_to``."""

from lifang.materials.queries.boards import burden, package, package_row, packages, wall
from lifang.materials.queries.choosing import check, match, offered
from lifang.materials.queries.facts import facts
from lifang.materials.queries.lists import (
    dress,
    dress_materials,
    filings,
    library,
    material,
    rounds,
)
from lifang.materials.queries.one import filing

__all__ = [
    "burden",
    "check",
    "dress",
    "dress_materials",
    "facts",
    "filing",
    "filings",
    "library",
    "match",
    "material",
    "offered",
    "package",
    "package_row",
    "packages",
    "rounds",
    "wall",
]
