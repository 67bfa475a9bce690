"""An empty table to fill in: titles, an example, choices as drop-downs, a sheet that explains."""

import io

from django.utils.translation import gettext as _

from lifang.core.exports import clean, workbook
from lifang.core.imports.spec import Column, ImportSpec

_KINDS = {
    "text": "文字",
    "code": "编码（文本）",
    "int": "整数",
    "decimal": "数字",
    "date": "日期，例：2026-03-01",
    "datetime": "时间，例：2026-03-01 09:30",
    "bool": "是 / 否",
    "choice": "从列表中选择",
    "geometry": "GeoJSON 图形",
}


def template(spec: ImportSpec) -> bytes:
    """The template of a kind as an .xlsx."""
    out = io.BytesIO()
    book = workbook(out)
    sheet = book.add_worksheet(clean(str(spec.title))[:31])
    text = book.add_format({"num_format": "@"})
    must = book.add_format(
        {"bold": True, "font_color": "#B42318", "bg_color": "#EEF1F5", "bottom": 1}
    )
    may = book.add_format({"bold": True, "bg_color": "#EEF1F5", "bottom": 1})
    for at, column in enumerate(spec.columns):
        sheet.set_column(at, at, max(12, 2 * len(str(column.title)) + 4), text)
        if column.kind == "choice" and column.choices:
            _drop_down(sheet, at, column)
    for at, column in enumerate(spec.columns):
        title = str(column.title)
        sheet.write_string(
            0, at, f"*{title}" if column.required else title, must if column.required else may
        )
    for at, column in enumerate(spec.columns):
        if column.example:
            sheet.write_string(1, at, column.example, text)
    sheet.freeze_panes(1, 0)
    about = book.add_worksheet(_("填写说明"))
    about.set_column(0, 1, 20)
    about.set_column(2, 2, 80)
    for at, head in enumerate((_("列名"), _("类型"), _("说明"))):
        about.write_string(0, at, head, may)
    for n, column in enumerate(spec.columns, start=1):
        about.write_string(n, 0, str(column.title))
        about.write_string(n, 1, _KINDS[column.kind])
        about.write_string(n, 2, _explain(column))
    book.close()
    return out.getvalue()


def _explain(column: Column) -> str:
    parts = [_("必填") if column.required else _("可不填"), str(column.note)]
    if column.choices:
        parts.append(_("可选：%(list)s") % {"list": "、".join(column.choices)})
    if column.carry:
        parts.append(_("空白表示与上一行相同"))
    if column.max_length:
        parts.append(_("最多 %(n)s 个字") % {"n": column.max_length})
    return "；".join(p for p in parts if p)


def _drop_down(sheet: object, at: int, column: Column) -> None:
    """Excel takes a list of 255 characters at most; a longer one is only explained."""
    labels = list(column.choices or {})
    if sum(len(label) + 1 for label in labels) <= 255:
        sheet.data_validation(1, at, 5000, at, {"validate": "list", "source": labels})  # type: ignore[attr-defined]  # XlsxWriter has no types
