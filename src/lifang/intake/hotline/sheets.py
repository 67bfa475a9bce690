"""Orders as a table: reading what a hotline exports, writing what it wants back."""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.intake.hotline import rules
from lifang.intake.hotline.actions import Order
from lifang.intake.hotline.queries import Result

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def order_of(row: dict[str, Any]) -> Order:
    """An order from a row whose keys are our fields. Raises :class:`Invalid` with every wrong cell."""
    wrong: list[Field] = []
    zone = timezone.get_current_timezone()

    def read(name: str, parse: Any, message: str) -> Any:
        try:
            return parse(row.get(name))
        except (ValueError, TypeError):
            wrong.append(Field(name, message % {"value": str(row.get(name))[:40]}))
            return None

    def when(value: object) -> datetime | None:
        return rules.parse_time(value, zone)

    def figure(value: object) -> float | None:
        return None if value is None or str(value).strip() == "" else float(str(value))

    bad_time = _("时间“%(value)s”看不懂，例：2026-03-01 09:30")
    made = Order(
        number=_text(row, "number"),
        text=_text(row, "text"),
        title=_text(row, "title"),
        at=read("at", when, bad_time),
        due=read("due", when, bad_time),
        address=_text(row, "address"),
        lng=read("lng", figure, _("经度“%(value)s”不是数字")),
        lat=read("lat", figure, _("纬度“%(value)s”不是数字")),
        system=_text(row, "system").lower(),
        kind=_text(row, "kind"),
        subject=_text(row, "subject"),
        urgency=_text(row, "urgency"),
        name=_text(row, "name"),
        phone=_text(row, "phone"),
        contacted=read("contacted", rules.parse_yes, _("“%(value)s”应为是或否")),
        solved=read("solved", rules.parse_yes, _("“%(value)s”应为是或否")),
        stars=read("satisfied", rules.parse_stars, _("满意度“%(value)s”看不懂，例：满意")),
    )
    if wrong:
        raise Invalid("hotline.row", str(wrong[0].message), fields=wrong)
    return made


def _text(row: dict[str, Any], name: str) -> str:
    """A cell as text. Excel holds order numbers and telephones as figures: 138… not 1.38e10."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def headings() -> Sequence[tuple[str, Any]]:
    """Columns of the results' table: heading and how to get the cell."""
    return (
        (_("工单编号"), lambda r: r.number),
        (_("案件编号"), lambda r: r.case_number),
        (_("状态"), lambda r: r.state_words),
        (_("承办单位"), lambda r: r.unit),
        (_("类别"), lambda r: r.category),
        (_("答复"), lambda r: r.reply),
        (_("退回原因"), lambda r: r.back_reason),
        (_("来电时间"), lambda r: _cell(r.received_at)),
        (_("处置期限"), lambda r: _cell(r.due_at)),
        (_("立案时间"), lambda r: _cell(r.filed_at)),
        (_("派遣时间"), lambda r: _cell(r.dispatched_at)),
        (_("反馈时间"), lambda r: _cell(r.handed_back_at)),
        (_("结案时间"), lambda r: _cell(r.closed_at)),
        (_("是否联系"), lambda r: _yes(r.contacted)),
        (_("是否解决"), lambda r: _yes(r.solved)),
        (_("满意度"), lambda r: "" if r.stars is None else str(r.stars)),
        (_("处置后照片"), lambda r: "\n".join(r.evidence)),
        (_("更新时间"), lambda r: _cell(r.updated_at)),
    )


def write(found: Iterable[Result], base: str) -> bytes:
    """The results' table. ``base``: address of this site, for the evidence links."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("热线工单结果"))
    head = book.add_format({"bold": True, "bg_color": "#E9F0FC", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    columns = headings()
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, 18)
    sheet.set_column(5, 6, 40)
    for n, (heading, _read) in enumerate(columns):
        sheet.write_string(0, n, heading, head)
    for line, result in enumerate(found, start=1):
        result.evidence = [base + path for path in result.evidence]
        for n, (_heading, read) in enumerate(columns):
            sheet.write_string(line, n, str(read(result))[:32_000], wrap)
    book.close()
    return out.getvalue()


def _cell(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _yes(value: bool | None) -> str:
    return {None: "", True: _("是"), False: _("否")}[value]


def rows_of(table: Iterable[Sequence[Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """``(row number as in the sheet, our fields)`` below the first row that reads like headings.

    Hotlines print a title above the headings; the first ten rows are tried. Empty rows are left out.
    """
    columns: dict[int, str] | None = None
    for line, cells in enumerate(table, start=1):
        if columns is None:
            found = rules.mapping(list(cells))
            if {"number"} <= set(found.values()) and {"text", "title"} & set(found.values()):
                columns = found
            elif line >= 10:
                break
            continue
        row = {name: cells[n] for n, name in columns.items() if n < len(cells)}
        if any(str(v).strip() for v in row.values() if v is not None):
            yield line, row
    if columns is None:
        raise Invalid(
            "hotline.headings",
            _("没有找到表头：至少要有“工单编号”和“诉求内容”两列（前 10 行内）"),
        )
