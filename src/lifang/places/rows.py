"""Rows as people give them: typed values, and the errors told by row and column."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.places.kinds import Column
from lifang.places.shapes import Area, Ring

Row = Mapping[str, Any]


@dataclass
class Clean:
    """A checked row: values by column, the row of the table it changes (if any), its shape."""

    values: dict[str, Any]
    target: Any = None
    #: checked shape of an area
    area: Area | None = None
    #: checked lines of a road
    lines: list[Ring] | None = None


@dataclass
class Errors:
    """Errors by path. One row: ``geometry``; several: ``rows.3.geometry`` (rows from 1)."""

    many: bool
    found: list[Field] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, message: str) -> None:
        path = f"rows.{row + 1}.{column}" if self.many else column
        self.found.append(Field(path, message))
        self.bad.add(row)

    def problem(self) -> Invalid:
        first = str(self.found[0].message)
        message = (
            _("%(n)s 处有误，第一处：%(first)s") % {"n": len(self.found), "first": first}
            if len(self.found) > 1
            else first
        )
        return Invalid("places.invalid", message, fields=self.found)


def value(column: Column, given: Any, row: int, errors: Errors) -> Any:
    if isinstance(given, str):
        given = given.strip().replace("\x00", "")
    if given is None or given == "":
        if column.required:
            errors.add(row, column.name, _("%(label)s必填") % {"label": column.label})
        return {"text": "", "bool": False}.get(column.type)
    try:
        return _typed(column, given)
    except ValueError as exc:
        errors.add(row, column.name, str(exc))
        return None


def _typed(column: Column, given: Any) -> Any:
    label = {"label": column.label}
    match column.type:
        case "int":
            number = _number(given)
            if number is None or number != int(number) or not 0 <= number < 2_000_000_000:
                raise ValueError(_("%(label)s应为不小于 0 的整数") % label)
            return int(number)
        case "float":
            number = _number(given)
            if number is None:
                raise ValueError(_("%(label)s应为数字") % label)
            return number
        case "bool":
            if isinstance(given, bool):
                return given
            if str(given) in (_("是"), _("否")):
                return str(given) == _("是")
            raise ValueError(_("%(label)s应为是或否") % label)
        case "date":
            return _date(given, label)
        case "choice":
            for key, name in column.choices:
                if given == key or str(given) in (str(key), str(name)):
                    return key
            names = "、".join(str(n) for _k, n in column.choices)
            raise ValueError(_("%(label)s只能是：%(list)s") % {**label, "list": names})
    # numbers typed into a code column of a sheet come as floats
    text = str(int(given)) if isinstance(given, float) and given.is_integer() else str(given)
    if column.max and len(text) > column.max:
        raise ValueError(_("%(label)s最多 %(n)s 个字") % {**label, "n": column.max})
    return text


def _number(given: Any) -> float | None:
    if isinstance(given, bool):
        return None
    try:
        number = float(given)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _date(given: Any, label: dict[str, Any]) -> dt.date:
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(str(given).replace("/", "-"))
    except ValueError as exc:
        raise ValueError(_("%(label)s格式有误，例：2026-03-01") % label) from exc
