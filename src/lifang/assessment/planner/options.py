"""What mending costs and who can do how much: read from a document, with sensible values where it is silent."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lifang.standards.editions.reader import Reader

FORMAT = "lifang.plan-options/1"
#: efforts are counted in hundredths
PARTS = 100


@dataclass(frozen=True)
class Options:
    """Efforts in the city's own unit (a crew's half day, say); ``days`` from order to done.

    ``must``: codes of facts, items, places or indicators whose mending is not up for choice.
    """

    visit: Decimal = Decimal(1)
    fault: Decimal = Decimal("0.2")
    document: Decimal = Decimal(2)
    items: Mapping[str, Decimal] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    visit_days: int = 0
    document_days: int = 0
    capacity: Mapping[str, Decimal] = field(default_factory=dict)
    must: frozenset[str] = frozenset()
    #: days that are left; ``None``: no date
    left: int | None = None

    def of_item(self, item: str) -> Decimal:
        return self.items.get(item, self.fault)

    def in_time(self, days: int) -> bool:
        return self.left is None or days <= self.left

    def item_in_time(self, item: str) -> bool:
        return self.in_time(self.days.get(item, self.visit_days))


def whole(effort: Decimal) -> int:
    """In hundredths, rounded up: an effort is never less than it is."""
    return int((effort * PARTS).to_integral_value(rounding="ROUND_CEILING"))


def read(document: Any, *, today: dt.date | None = None, by: dt.date | None = None) -> Options:
    """Options of a document; raises ``Invalid`` naming every fault."""
    r = Reader()
    doc = r.mapping(document, "")
    if doc.get("format") != FORMAT:
        r.fault("format", _("应为 %(format)s") % {"format": FORMAT})
    items = r.mapping(doc.get("items"), "items")
    rows = {code: r.mapping(row, f"items.{code}") for code, row in items.items()}
    found = Options(
        visit=r.number(doc.get("visit"), "visit", default="1", least=0),
        fault=r.number(doc.get("fault"), "fault", default="0.2", least=0),
        document=r.number(doc.get("document"), "document", default="2", least=0),
        items={
            c: r.number(row["effort"], f"items.{c}.effort", least=0)
            for c, row in rows.items()
            if "effort" in row
        },
        days={
            c: int(r.number(row["days"], f"items.{c}.days", least=0))
            for c, row in rows.items()
            if "days" in row
        },
        visit_days=int(r.number(doc.get("visit_days"), "visit_days", default=0, least=0)),
        document_days=int(r.number(doc.get("document_days"), "document_days", default=0, least=0)),
        capacity={
            unit: r.number(n, f"capacity.{unit}", least=0)
            for unit, n in r.mapping(doc.get("capacity"), "capacity").items()
        },
        must=frozenset(map(str, r.rows(doc.get("must"), "must"))),
        left=(by - today).days if by and today else None,
    )
    r.done("plan.options", _("方案条件有 %(n)s 处错误"))
    return found
