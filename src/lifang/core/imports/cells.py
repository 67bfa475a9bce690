"""One cell into the value of its column, or a message that says what is wrong with it."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.imports.spec import Column
from lifang.core.imports.tables import as_text, is_empty

#: full-width digits, letters and blank, as a Chinese keyboard gives them
_WIDE: dict[int, int | None] = {0xFF10 + n: 0x30 + n for n in range(10)}
_WIDE |= {0xFF21 + n: 0x41 + n for n in range(26)} | {0xFF41 + n: 0x61 + n for n in range(26)}
_WIDE |= {0x3000: 0x20, 0xA0: 0x20, 0xFF0E: 0x2E, 0xFF0D: 0x2D, 0x200B: None, 0xFEFF: None}
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:：时]\s*(\d{1,2})(?:\s*[:：分]\s*(\d{1,2}))?")
_YES = {"是", "有", "对", "√", "y", "yes", "true", "1", "启用"}
_NO = {"否", "无", "不", "×", "n", "no", "false", "0", "停用"}


class BadCell(ValueError):
    """The message is for the one who filled the table in."""


def value(cell: Any, column: Column) -> Any:
    """The value of a cell, ``None`` if it is empty; raises :class:`BadCell`."""
    if is_empty(cell):
        if column.required:
            raise BadCell(_("必填"))
        return None
    if isinstance(cell, str) and _ERROR.match(cell.strip()):
        raise BadCell(_("单元格是公式错误 %(e)s，请改为实际内容") % {"e": cell.strip()})
    found = _READ[column.kind](cell, column)
    if column.max_length and isinstance(found, str) and len(found) > column.max_length:
        raise BadCell(_("最多 %(n)s 个字") % {"n": column.max_length})
    return found


def narrow(text: str) -> str:
    """Full-width digits and letters made half-width; Chinese punctuation stays."""
    return text.translate(_WIDE)


def _text(cell: Any, column: Column) -> str:
    return narrow(as_text(cell)).replace("\x00", "").replace("\r\n", "\n").strip()


def _code(cell: Any, column: Column) -> str:
    text = "".join(_text(cell, column).split())
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text):
        raise BadCell(_("编码被 Excel 显示成了科学计数法，请把该列设为文本后重新填写"))
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    return text.zfill(column.pad) if column.pad and text.isdigit() else text


def _decimal(cell: Any, column: Column) -> Decimal:
    text = _text(cell, column).replace(",", "").replace("，", "")
    try:
        found = Decimal(text)
    except InvalidOperation as problem:
        raise BadCell(_("应为数字，现在是“%(v)s”") % {"v": text[:30]}) from problem
    if not found.is_finite() or abs(found) > Decimal(10) ** 18:
        raise BadCell(_("数字超出范围"))
    return found


def _int(cell: Any, column: Column) -> int:
    found = _decimal(cell, column)
    if found != found.to_integral_value():
        raise BadCell(_("应为整数，现在是 %(v)s") % {"v": found})
    return int(found)


def _date(cell: Any, column: Column) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = _text(cell, column)
    asked = _DATE.match(text)
    try:
        if asked:
            return dt.date(*(int(g) for g in asked.groups()))
        if re.fullmatch(r"\d{8}", text):
            return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as problem:
        raise BadCell(_("没有“%(v)s”这一天") % {"v": text[:30]}) from problem
    raise BadCell(_("日期无法识别：“%(v)s”，例：2026-03-01") % {"v": text[:30]})


def _datetime(cell: Any, column: Column) -> dt.datetime:
    """Local time unless the text says otherwise."""
    zone = timezone.get_default_timezone()
    if isinstance(cell, dt.datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=zone)
    text = _text(cell, column) if not isinstance(cell, dt.date) else str(cell)
    try:
        found = dt.datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except ValueError:
        day = _date(cell, column)
        clock = _TIME.search(text)
        try:
            h, m, s = (int(g or 0) for g in clock.groups()) if clock else (0, 0, 0)
            hour = dt.time(h, m, s)
        except ValueError as problem:
            raise BadCell(_("时间无法识别：“%(v)s”") % {"v": text[:30]}) from problem
        return dt.datetime.combine(day, hour, tzinfo=zone)


def _bool(cell: Any, column: Column) -> bool:
    if isinstance(cell, bool):
        return cell
    text = _text(cell, column).lower()
    if text in _YES or text in _NO:
        return text in _YES
    raise BadCell(_("应填“是”或“否”"))


def _choice(cell: Any, column: Column) -> str:
    choices = column.choices or {}
    text = _text(cell, column)
    if text in choices:
        return choices[text]
    if text in choices.values():
        return text
    raise BadCell(
        _("“%(v)s”不在可选范围：%(list)s") % {"v": text[:30], "list": "、".join(list(choices)[:20])}
    )


def _geometry(cell: Any, column: Column) -> dict[str, Any]:
    if isinstance(cell, str):
        try:
            cell = orjson.loads(cell)
        except orjson.JSONDecodeError as problem:
            raise BadCell(_("应为 GeoJSON 图形")) from problem
    if not isinstance(cell, dict) or "type" not in cell or "coordinates" not in cell:
        raise BadCell(_("应为 GeoJSON 图形"))
    return cell


_READ = {
    "text": _text,
    "code": _code,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "choice": _choice,
    "geometry": _geometry,
}
