"""A run as an Excel workbook: the tree, losses by unit and by place, every lost point."""

import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lifang.assessment import gathering, naming, queries
from lifang.assessment.models import Run, RunLoss
from lifang.core.exports import Column, workbook, write_rows
from lifang.orgs.acting import Acting


def workbook_of(by: Acting, run: Run) -> bytes:
    """Bytes of an ``.xlsx``."""
    target = io.BytesIO()
    book = workbook(target)
    write_rows(book, book.add_worksheet(_("成绩")), _TREE, _tree(run))
    for view, title in (("unit", _("单位失分")), ("leaf", _("指标失分")), ("site", _("点位失分"))):
        write_rows(book, book.add_worksheet(title), _LINES, _lines(queries.lines(by, run, view)))
    write_rows(book, book.add_worksheet(_("失分明细")), _ROWS, _rows(run))
    book.close()
    return target.getvalue()


_TREE = [
    Column(lazy("编码"), 14), Column(lazy("名称"), 50), Column(lazy("得分"), 10, "number"),
    Column(lazy("满分"), 10, "number"), Column(lazy("最低"), 10, "number"),
    Column(lazy("最高"), 10, "number"), Column(lazy("已测"), 10, "percent"), Column(lazy("状态"), 12),
]  # fmt: skip
_LINES = [
    Column(lazy("编码"), 18), Column(lazy("名称"), 40), Column(lazy("失分"), 12, "number"),
    Column(lazy("未测"), 12, "number"), Column(lazy("处"), 8, "int"),
]  # fmt: skip
_ROWS = [
    Column(lazy("指标"), 12), Column(lazy("指标名称"), 40), Column(lazy("失分"), 12, "number"),
    Column(lazy("单独整改可回"), 14, "number"), Column(lazy("责任单位"), 24), Column(lazy("点位"), 24),
    Column(lazy("检查项"), 30), Column(lazy("原因"), 18), Column(lazy("类型"), 10),
]  # fmt: skip


def _tree(run: Run) -> Iterable[list[Any]]:
    plan = gathering.plan_of(run.round)
    for code, node in plan.edition.nodes.items():
        f = run.result["nodes"][code]
        leaf = run.result["leaves"].get(code)
        yield [
            code, node.title, *(Decimal(f[k]) for k in ("earned", "possible", "low", "high")),
            None if f["coverage"] is None else Decimal(f["coverage"]), leaf["state"] if leaf else "",
        ]  # fmt: skip


def _lines(found: Iterable[dict[str, Any]]) -> Iterable[list[Any]]:
    return ([r["key"], r["name"], r["lost"], r["open"], r["rows"]] for r in found)


def _rows(run: Run) -> Iterable[list[Any]]:
    plan, units = gathering.plan_of(run.round), naming.units()
    for row in RunLoss.objects.filter(run=run).order_by("-points", "id").iterator(2_000):
        site, item = plan.round.sites.get(row.site), plan.edition.items.get(row.item)
        yield [
            row.leaf, plan.edition.nodes[row.leaf].title, row.points, row.gain,
            units.get(row.lead, row.lead), site.title if site else "",
            item.title if item else row.item, row.cause, row.kind,
        ]  # fmt: skip
