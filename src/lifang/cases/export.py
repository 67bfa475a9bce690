"""The case list as a workbook: constant memory, Chinese heads, the filter on its own sheet."""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.choices import Light, Source, State
from lifang.cases.queries.filters import CaseFilter, filtered
from lifang.cases.queries.lists import COLUMNS, dress
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.standards import queries as standards

#: rows of one workbook; Excel itself ends at 1,048,576
MOST = 200_000
BATCH = 2_000


def names() -> dict[str, str]:
    """What each filter is called on the sheet."""
    return {
        "q": _("关键词"), "state": _("状态"), "queue": _("队列"), "light": _("时限"), "source": _("来源"),
        "category": _("类别"), "category_id": _("类别"), "area": _("区划代码"),
        "unit": _("主办单位（含下级）"), "lead": _("主办单位"), "assisting": _("协办单位"),
        "handler": _("处置人"), "road": _("道路"), "cell": _("网格"), "site": _("点位"), "shop": _("商铺"),
        "reported_from": _("上报时间起"), "reported_to": _("上报时间止"), "closed_from": _("结案时间起"),
        "closed_to": _("结案时间止"), "due_from": _("处置时限起"), "due_to": _("处置时限止"),
        "mine": _("我的"), "open": _("未结案"), "rework": _("有返工"), "relapse": _("反复"),
        "reopened": _("重新办理过"), "automatic": _("机器立案"), "long_unsolved": _("长期未决"),
        "late": _("超期"), "placed": _("已定位"), "priority": _("优先级不低于"), "near_case": _("附近案件"),
        "count": _("统计口径"), "count_from": _("统计起"), "count_to": _("统计止"),
    }  # fmt: skip


def in_words(f: CaseFilter) -> list[tuple[str, str]]:
    """The filters in force as people call them, for the sheet beside the rows."""
    called = names()
    return [
        (
            called[name],
            "、".join(_said(name, v) for v in (value if isinstance(value, list) else [value])),
        )
        for name, value in f.dict(exclude_defaults=True).items()
    ]


def _said(name: str, value: Any) -> str:
    labels = {"state": State, "light": Light, "source": Source}
    if name in labels:
        return str(labels[name](value).label)
    if name in ("unit", "lead", "assisting"):
        return tree().name(value)
    if name == "category":
        found = standards.in_force().by_key(value)
        return found.name if found else str(value)
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    return str(value)


def heads() -> list[tuple[str, str, int]]:
    """(column, head, width) of the sheet."""
    return [
        ("number", _("案件编号"), 22),
        ("state", _("状态"), 14),
        ("light", _("时限"), 8),
        ("source", _("来源"), 12),
        ("category", _("类别"), 16),
        ("summary", _("问题摘要"), 48),
        ("address", _("地址"), 30),
        ("region", _("社区/街道"), 16),
        ("lead_unit", _("主办单位"), 24),
        ("handler", _("处置人"), 10),
        ("reported_at", _("上报时间"), 18),
        ("filed_at", _("立案时间"), 18),
        ("dispatched_at", _("派遣时间"), 18),
        ("due_at", _("处置时限"), 18),
        ("handed_back_at", _("反馈时间"), 18),
        ("closed_at", _("结案时间"), 18),
        ("rework", _("返工次数"), 9),
        ("returns", _("退回次数"), 9),
        ("reports_count", _("上报人数"), 9),
    ]


def _rows(by: Acting, f: CaseFilter) -> Iterator[dict[str, Any]]:
    now = timezone.now()
    rows = filtered(by, f, now=now).order_by("-id").values(*COLUMNS)[:MOST]
    for row in rows.iterator(chunk_size=BATCH):
        yield dress(row, now)


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if name == "state":
        return str(State(value).label)
    if name == "source":
        return str(Source(value).label)
    if name == "light":
        return str(Light(value).label)
    return value


def workbook(by: Acting, f: CaseFilter) -> bytes:
    """The filtered cases as .xlsx. Cells are written as text or numbers, never as formulas."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1})
    sheet = book.add_worksheet(_("案件"))
    sheet.freeze_panes(1, 1)
    columns = heads()
    for x, (_name, head, width) in enumerate(columns):
        sheet.set_column(x, x, width)
        sheet.write_string(0, x, head, bold)
    y = 0
    for y, row in enumerate(_rows(by, f), start=1):
        for x, (name, _head, _width) in enumerate(columns):
            sheet.write(y, x, _shown(name, row[name]))
    sheet.autofilter(0, 0, max(y, 1), len(columns) - 1)
    _filter_sheet(book, f, y, bold)
    book.close()
    return out.getvalue()


def _filter_sheet(book: Any, f: CaseFilter, count: int, bold: Any) -> None:
    sheet = book.add_worksheet(_("筛选条件"))
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 60)
    lines = [(_("导出时间"), timezone.localtime().strftime("%Y-%m-%d %H:%M")), (_("案件数"), count)]
    lines += in_words(f)
    for y, (name, value) in enumerate(lines):
        sheet.write_string(y, 0, str(name), bold)
        sheet.write(y, 1, value)
