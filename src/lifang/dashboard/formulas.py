"""The city's formulas, read from its packs: the base pack's, overridden key by key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from lifang.cases.counts import COUNTS
from lifang.core import stamps
from lifang.core.errors import Invalid
from lifang.dashboard.models import FormulaBook
from lifang.dashboard.rules import ROUNDING, Expression, Figure, Formulas, Rate, Rounding

BASE = Path(__file__).parent.parent / "packs" / "base" / "dashboard" / "formulas.yaml"
STAMP = "formulas"
NAMES = frozenset(COUNTS)
_RATE = {"key", "name", "numerator", "denominator", "group", "good"}


def read(data: Mapping[str, Any]) -> Formulas:
    """Formulas from a pack's ``dashboard/formulas.yaml``; an :class:`Invalid` names the row."""
    rounding = Rounding(**(data.get("rounding") or {}))
    if rounding.mode not in ROUNDING or not 0 <= rounding.digits <= 6:
        raise Invalid(
            "formula.rounding", _("取整方式只能是 %s，小数 0 到 6 位") % "、".join(ROUNDING)
        )
    rates: dict[str, Rate] = {}
    for row in data.get("rates") or ():
        _check(row, _RATE, {"key", "name", "numerator", "denominator"}, rates)
        rates[row["key"]] = Rate(
            key=row["key"],
            name=row["name"],
            numerator=Expression(str(row["numerator"]), NAMES),
            denominator=Expression(str(row["denominator"]), NAMES),
            group=row.get("group", "units"),
            good=row.get("good", "high"),
        )
    figures: dict[str, Figure] = {}
    for row in data.get("figures") or ():
        _check(row, {"key", "name", "value"}, {"key", "name", "value"}, figures)
        figures[row["key"]] = Figure(row["key"], row["name"], Expression(str(row["value"]), NAMES))
    return Formulas(rounding, rates, figures)


def _check(row: object, allowed: set[str], needed: set[str], known: Mapping[str, object]) -> None:
    if not isinstance(row, dict) or not needed <= row.keys() <= allowed:
        raise Invalid("formula.row", _("公式行“%s”缺少或多出字段") % str(row)[:80])
    if row["key"] in known:
        raise Invalid("formula.twice", _("公式“%s”出现了两次") % row["key"])


def built_in() -> dict[str, Any]:
    """What ships: ``packs/base/dashboard/formulas.yaml``."""
    found: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    return found


def merged(own: Mapping[str, Any]) -> dict[str, Any]:
    """The built-in formulas with the city's ``own`` over them, key by key; new ones at the end."""
    found = built_in()
    found["rounding"] = own.get("rounding") or found["rounding"]
    for part in ("rates", "figures"):
        rows = {row["key"]: row for row in found.get(part) or ()}
        rows |= {row["key"]: row for row in own.get(part) or ()}
        found[part] = list(rows.values())
    return found


def formulas() -> Formulas:
    """The formulas in force, from this process's cache."""
    return stamps.cached(STAMP, _read)


def _read() -> Formulas:
    book = FormulaBook.objects.first()
    return read(merged(book.content if book else {}))
