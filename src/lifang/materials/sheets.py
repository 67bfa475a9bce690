"""Filings, wall and burden as Excel: the figures of the page, from the same functions."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from lifang.core import exports
from lifang.core.exports import Column, Text
from lifang.materials.choices import GRADE_WORDS, FilingStatus, Known
from lifang.materials.queries import dress

#: rows of one workbook
MOST = 100_000


def _download(out: io.BytesIO, name: str) -> HttpResponse:
    answer = HttpResponse(out.getvalue(), content_type=exports.XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return answer


def grade_word(grade: str) -> str:
    return str(GRADE_WORDS.get(grade, grade))


def _known(key: str) -> str:
    return str(Known(key).label) if key else ""


def filings(rows: Any, *, filters: Sequence[tuple[Text, Text]], by: str) -> HttpResponse:
    """The filtered list, streamed row by row."""
    columns = [
        Column(_("编号"), 14), Column(_("材料"), 48), Column(_("责任单位"), 22),
        Column(_("状态"), 10), Column(_("等级"), 8), Column(_("争议"), 6),
        Column(_("来源"), 16), Column(_("文件数"), 8, "int"), Column(_("版本"), 6, "int"),
        Column(_("截止日期"), 12, "date"), Column(_("逾期"), 6),
        Column(_("提交时间"), 18, "datetime"), Column(_("提交人"), 10),
    ]  # fmt: skip
    out = io.BytesIO()
    exports.table(
        out, title=_("网报资料"), columns=columns, filters=filters, by=by,
        rows=map(_cells, map(dress, rows.order_by("order", "id")[:MOST].iterator(2000))),
    )  # fmt: skip
    return _download(out, _("网报资料"))


def _cells(r: dict[str, Any]) -> tuple[Any, ...]:
    return (
        r["number"], r["title"], r["unit"], str(FilingStatus(r["status"]).label),
        grade_word(r["grade"]), r["disputed"], _known(r["known"]), r["files"], r["revision"],
        r["due"], r["late"], r["submitted_at"], r["submitted_by"],
    )  # fmt: skip


def wall(data: dict[str, Any], *, title: str, by: str) -> HttpResponse:
    """Units × states."""
    columns = [
        Column(_("责任单位"), 26), Column(_("应报"), 8, "int"),
        *(Column(FilingStatus(s).label, 10, "int") for s in data["statuses"]),
        Column(_("逾期"), 8, "int"), Column(_("提交率"), 10, "percent"),
    ]  # fmt: skip
    rows = (
        (
            u["unit"], u["total"], *(u["counts"][s] for s in data["statuses"]), u["late"],
            u["given"] / u["total"] if u["total"] else None,
        )
        for u in data["units"]
    )  # fmt: skip
    out = io.BytesIO()
    exports.table(out, title=_("进度"), columns=columns, rows=rows, by=by,
                  filters=[(_("测评轮次"), title)])  # fmt: skip
    return _download(out, _("网报资料进度"))


def burden(data: dict[str, Any], *, title: str, by: str) -> HttpResponse:
    """By unit and by indicator, a sheet each, with what the columns mean."""
    columns = [
        Column(_("名称"), 44), Column(_("应报"), 8, "int"), Column(_("已报"), 8, "int"),
        Column(_("新上传"), 8, "int"), Column(_("引用已有材料"), 12, "int"),
        Column(_("系统已有数据生成"), 16, "int"), Column(_("重复上传"), 10, "int"),
        Column(_("文件数"), 8, "int"), Column(_("系统已掌握比例"), 14, "percent"),
    ]  # fmt: skip
    out = io.BytesIO()
    book = exports.workbook(out)
    for name, rows in ((_("按单位"), data["units"]), (_("按指标"), data["leaves"])):
        exports.write_rows(book, book.add_worksheet(name), columns, _burden([*rows, data["total"]]))
    about = book.add_worksheet(_("说明"))
    about.set_column(0, 0, 100)
    for n, line in enumerate(
        (
            _("测评轮次：%(title)s；导出人：%(by)s") % {"title": title, "by": by},
            _(
                "系统已掌握 =（引用已有材料 + 系统已有数据生成 + 重复上传）÷ 已报；还没有上报的不计。"
            ),
            _("重复上传：系统里已有完全相同的文件，却又上传了一次。"),
        )
    ):
        about.write_string(n, 0, exports.clean(line))
    book.close()
    return _download(out, _("填报负担报告"))


def _burden(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[Any, ...]]:
    for r in rows:
        yield (
            r["name"], r["asked"], r["given"], r["upload"], r["reuse"], r["proposal"], r["again"],
            r["files"], r["known_share"],
        )  # fmt: skip
