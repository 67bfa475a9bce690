"""Reads the values of a document and collects what is wrong with them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")


class Reader:
    """Walks a document and collects what is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[Field] = []

    def fault(self, path: str, message: str) -> None:
        self.faults.append(Field(path, message))

    def number(
        self,
        value: Any,
        path: str,
        *,
        default: Any = None,
        least: Any = None,
        most: Any = None,
        positive: bool = False,
    ) -> Decimal:
        """An exact number: a string or a whole number, never a float that has lost digits."""
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
            self.fault(path, _('应为数，写作字符串，如 "1.50"'))
            return Decimal(0)
        text = str(value)
        if not _NUMBER.fullmatch(text):
            self.fault(path, _("“%(text)s”不是数（最多 10 位小数）") % {"text": text[:40]})
            return Decimal(0)
        number = Decimal(text)
        if least is not None and number < Decimal(least):
            self.fault(path, _("不能小于 %(least)s") % {"least": least})
        if most is not None and number > Decimal(most):
            self.fault(path, _("不能大于 %(most)s") % {"most": most})
        if positive and number <= 0:
            self.fault(path, _("必须大于 0"))
            return Decimal(1)
        return number

    def part(self, *args: Any, **kwargs: Any) -> Fraction:
        return Fraction(self.number(*args, **kwargs))

    def text(self, value: Any, path: str, *, required: bool = False) -> str:
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.fault(path, _("应为文字"))
            return ""
        return value.strip()

    def one_of(self, value: Any, among: tuple[str, ...], path: str, default: str = "") -> Any:
        value = default if value is None else value
        if value not in among:
            self.fault(path, _("应为 %(list)s 之一") % {"list": "、".join(among)})
            return among[0]
        return value

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(path, _("应为对象"))
            return {}
        return value

    def rows(self, value: Any, path: str) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(path, _("应为列表"))
            return []
        return value

    def done(self, code: str, message: str) -> None:
        if self.faults:
            raise Invalid(code, message % {"n": len(self.faults)}, fields=self.faults)
