"""Catalogue versions, classes and filing conditions for the tests of every room."""

from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import lifang
from lifang.core import stamps
from lifang.orgs.acting import SYSTEM
from lifang.standards import actions
from lifang.standards.choices import CatalogueStatus, CategoryKind, LimitUnit
from lifang.standards.models import Catalogue, Category, Condition

_n = count(1)

#: the catalogue that ships
BASE = Path(lifang.__file__).parent / "packs" / "base" / "standards"


def make_catalogue(*, in_force: bool = True, **kw: Any) -> Catalogue:
    """An empty version, published and in force unless told otherwise."""
    n = next(_n)
    status = CatalogueStatus.PUBLISHED if in_force else CatalogueStatus.DRAFT
    values = {"code": f"c{n}", "version": "1", "name": f"目录{n}", "status": status}
    if in_force:
        Catalogue.objects.filter(in_force=True).update(in_force=False)
    made = Catalogue.objects.create(**values | {"in_force": in_force} | kw)
    stamps.bump("standards")
    return made


def make_category(
    *, catalogue: Catalogue | None = None, parent: Category | None = None, **kw: Any
) -> Category:
    """A class without conditions, in the catalogue in force (a new one if there is none)."""
    n = next(_n)
    catalogue = (
        catalogue
        or (parent.catalogue if parent else None)
        or Catalogue.objects.filter(in_force=True).first()
        or make_catalogue()
    )
    values = {
        "kind": parent.kind if parent else CategoryKind.EVENT,
        "code": (parent.code if parent else "") + f"{n % 100:02}",
        "key": f"{parent.key}.x{n}" if parent else f"event-x{n}",
        "name": f"类别{n}",
        "parent": parent,
    }
    made = Category.objects.create(catalogue=catalogue, **values | kw)
    stamps.bump("standards")
    return made


def make_condition(*, category: Category | None = None, **kw: Any) -> Condition:
    """A filing condition of four working hours; the first of its class is the default."""
    category = category or make_category()
    n = category.conditions.count() + 1
    values = {
        "number": n,
        "text": f"情形{n}",
        "limit": Decimal(4),
        "unit": LimitUnit.WORK_HOUR,
        "closing": "已恢复",
        "default": n == 1,
    }
    made = Condition.objects.create(category=category, **values | kw)
    stamps.bump("standards")
    return made


def load_base() -> Catalogue:
    """The catalogue that ships, loaded, published and in force."""
    actions.load_pack(by=SYSTEM, folder=BASE)
    return Catalogue.objects.get(in_force=True)
