"""A run as an Excel workbook, and every other page of the score as one of its own."""

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from lifang.assessment import gathering, naming, queries
from lifang.assessment.choices import EntryKind, MarkState
from lifang.assessment.models import Entry, Plan, Run, RunLoss
from lifang.core.exports import Column, workbook, write_rows
from lifang.orgs.acting import Acting
from lifang.rounds.choices import Share
from lifang.rounds.models import Round

_STATES = {
    "scored": _t("已测"), "partial": _t("部分已测"), "pending": _t("未测"), "missing": _t("无证据"),
    "disputed": _t("有争议"), "not_applicable": _t("不适用"),
}  # fmt: skip
_KINDS = {
    "observation": _t("实地问题"), "document": _t("材料等级"), "missing": _t("缺材料"),
    "pending": _t("未测"), "disputed": _t("有争议"), "rule": _t("规则"), "survey": _t("问卷"),
    "statistic": _t("统计"), "override": _t("裁定"), "not_applicable": _t("不适用"),
}  # fmt: skip


def workbook_of(by: Acting, run: Run) -> bytes:
    """Bytes of an ``.xlsx``."""
    target = io.BytesIO()
    book = workbook(target)
    write_rows(book, book.add_worksheet(_("成绩")), _TREE, _tree(run))
    for view, title in (("unit", _("单位失分")), ("leaf", _("指标失分")), ("site", _("点位失分"))):
        write_rows(book, book.add_worksheet(title), _LINES, _lines(queries.lines(by, run, view)))
    write_rows(book, book.add_worksheet(_("失分明细")), _ROWS, _rows(run))
    heads, heat = _heat(queries.heat(by, run))
    write_rows(book, book.add_worksheet(_("单位指标失分")), heads, heat)
    write_rows(
        book, book.add_worksheet(_("单位比较")), _PEERS, _peers(queries.peers(by, run.round))
    )
    trend = queries.trend(by, run.round_id)
    write_rows(book, book.add_worksheet(_("趋势")), _TREND, _trend(trend))
    book.close()
    return target.getvalue()


def plan_book(plan: Plan) -> bytes:
    """A plan: what it comes to, then its actions in their order. It must be worked out."""
    report = plan.report
    head = [
        (_("整改前"), report.get("before")), (_("整改后"), report.get("after")),
        (_("可增"), report.get("gain")), (_("工作量"), _number(report.get("effort"))),
        (_("可投入工作量"), _number(report.get("budget"))), (_("离最优最多差"), report.get("gap")),
    ]  # fmt: skip
    actions = report.get("actions", ())
    return _book(
        (_("整改项"), _ACTIONS, (_action(n, a) for n, a in enumerate(actions, start=1))),
        (_("结果"), _HEAD, ([name, value] for name, value in head)),
    )


def comparison_book(found: Mapping[str, Any]) -> bytes:
    """Two runs side by side: by indicator, then the sums."""
    sums = [
        (_("工作变化"), found["performance"]), (_("规则变化"), found["rules"]),
        (_("新增的指标"), found["new"]), (_("取消的指标"), found["gone"]), (_("合计"), found["total"]),
    ]  # fmt: skip
    names = ("before", "after", "performance", "rules")
    leaves = (
        [row["leaf"], row["title"], *(Decimal(row[k]) for k in names)] for row in found["leaves"]
    )
    return _book(
        (_("指标对比"), _COMPARED, leaves),
        (_("合计"), _HEAD, ([name, _number(value)] for name, value in sums)),
    )


def my_book(by: Acting, found: Mapping[str, Any]) -> bytes:
    """A unit's page: its indicators, the places that cost it most, every lost point that it bears."""
    leaves = (
        [
            r["leaf"], r["title"], Share(r["part"]).label, _number(r["earned"]),
            _number(r["possible"]), _STATES.get(r["state"], r["state"]), Decimal(r["lost"]), Decimal(r["open"]), r["due"],
        ]
        for r in found["leaves"]
    )  # fmt: skip
    places = ([r["site"], r["title"], Decimal(r["lost"]), r["faults"]] for r in found["places"])
    codes = [unit["code"] for unit in found["units"]]
    run = found["run"]
    rows = _rows(queries.run_seen(by, run["id"]), codes) if run else ()
    return _book(
        (_("指标"), _MINE, leaves), (_("点位失分"), _PLACES, places), (_("失分明细"), _ROWS, rows)
    )


def what_if_book(run: Run, found: Mapping[str, Any]) -> bytes:
    """A what-if: the indicators that were tried, then the total as it would be."""
    nodes = gathering.plan_of(run.round).edition.nodes
    leaves = (
        [
            r["leaf"], nodes[r["leaf"]].title, Decimal(r["before"]), Decimal(r["rate"]),
            Decimal(r["earned"]), Decimal(r["earned"]) - Decimal(r["before"]),
        ]
        for r in found["leaves"]
    )  # fmt: skip
    sums = [
        (_("现在得分"), run.score), (_("推演得分"), found["score"]), (_("变化"), found["delta"]),
        (_("最低"), found["low"]), (_("最高"), found["high"]),
    ]  # fmt: skip
    return _book(
        (_("推演的指标"), _TRIED, leaves),
        (_("合计"), _HEAD, ([name, _number(value)] for name, value in sums)),
    )


def entries_book(round_: Round, rows: Iterable[Entry]) -> bytes:
    """What was entered at a desk, superseded rows too."""
    nodes = gathering.plan_of(round_).edition.nodes
    lines = (
        [
            EntryKind(e.kind).label, e.leaf or e.edition,
            nodes[e.leaf].title if e.leaf in nodes else "", e.value,
            MarkState(e.state).label if e.state else "", e.period or e.on, e.source, e.reason,
            e.by.name if e.by else "", e.approver.name if e.approver else "", e.at,
            hasattr(e, "superseded_by"),
        ]
        for e in rows
    )  # fmt: skip
    return _book((_("数据"), _ENTRIES, lines))


def _book(*sheets: tuple[str, Sequence[Column], Iterable[Sequence[Any]]]) -> bytes:
    target = io.BytesIO()
    book = workbook(target)
    for title, columns, rows in sheets:
        write_rows(book, book.add_worksheet(title), columns, rows)
    book.close()
    return target.getvalue()


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


_TREE = [
    Column(_t("编码"), 14), Column(_t("名称"), 50), Column(_t("得分"), 10, "number"),
    Column(_t("满分"), 10, "number"), Column(_t("最低"), 10, "number"),
    Column(_t("最高"), 10, "number"), Column(_t("已测"), 10, "percent"), Column(_t("状态"), 12),
]  # fmt: skip
_LINES = [
    Column(_t("编码"), 18), Column(_t("名称"), 40), Column(_t("失分"), 12, "number"),
    Column(_t("未测"), 12, "number"), Column(_t("处"), 8, "int"),
]  # fmt: skip
_ROWS = [
    Column(_t("指标"), 12), Column(_t("指标名称"), 40), Column(_t("失分"), 12, "number"),
    Column(_t("单独整改可回"), 14, "number"), Column(_t("责任单位"), 24), Column(_t("点位"), 24),
    Column(_t("检查项"), 30), Column(_t("原因"), 18), Column(_t("类型"), 10),
]  # fmt: skip

_PEERS = [
    Column(_t("名次"), 8, "int"), Column(_t("档次"), 8, "int"), Column(_t("单位"), 30),
    Column(_t("达标率"), 10, "percent"), Column(_t("点位"), 8, "int"),
    Column(_t("名次不低于"), 12, "int"), Column(_t("名次不高于"), 12, "int"),
]  # fmt: skip
_TREND = [
    Column(_t("编号"), 20), Column(_t("截至"), 18, "datetime"), Column(_t("得分"), 10, "number"),
    Column(_t("最低"), 10, "number"), Column(_t("最高"), 10, "number"),
    Column(_t("已测"), 10, "percent"), Column(_t("留存"), 8),
]  # fmt: skip
_HEAD = [Column(_t("项目"), 18), Column(_t("数值"), 14, "number")]
_ACTIONS = [
    Column(_t("序"), 6, "int"), Column(_t("整改什么"), 60), Column(_t("责任单位"), 24),
    Column(_t("工作量"), 10, "number"), Column(_t("可增"), 12, "number"),
    Column(_t("累计可增"), 12, "number"), Column(_t("必办"), 8),
]  # fmt: skip
_COMPARED = [
    Column(_t("编码"), 14), Column(_t("名称"), 50), Column(_t("前"), 10, "number"),
    Column(_t("后"), 10, "number"), Column(_t("工作变化"), 12, "number"),
    Column(_t("规则变化"), 12, "number"),
]  # fmt: skip
_TRIED = [
    Column(_t("编码"), 14), Column(_t("名称"), 50), Column(_t("现在得分"), 12, "number"),
    Column(_t("推演得分率"), 12, "percent"), Column(_t("推演得分"), 12, "number"),
    Column(_t("变化"), 12, "number"),
]  # fmt: skip
_ENTRIES = [
    Column(_t("种类"), 14), Column(_t("编码"), 14), Column(_t("名称"), 40),
    Column(_t("数值"), 12, "number"), Column(_t("状态"), 12), Column(_t("时期、日期"), 14),
    Column(_t("来源"), 24), Column(_t("理由"), 40), Column(_t("登记人"), 12),
    Column(_t("批准人"), 12), Column(_t("登记时间"), 18, "datetime"), Column(_t("已被替换"), 10),
]  # fmt: skip
_MINE = [
    Column(_t("编码"), 14), Column(_t("名称"), 50), Column(_t("分工"), 8),
    Column(_t("得分"), 10, "number"), Column(_t("满分"), 10, "number"), Column(_t("状态"), 12),
    Column(_t("失分"), 12, "number"), Column(_t("未测"), 12, "number"),
    Column(_t("期限"), 12, "date"),
]  # fmt: skip
_PLACES = [
    Column(_t("编码"), 18), Column(_t("名称"), 40), Column(_t("失分"), 12, "number"),
    Column(_t("处"), 8, "int"),
]  # fmt: skip


def _heat(found: Mapping[str, Any]) -> tuple[list[Column], Iterable[list[Any]]]:
    """Indicators down, units across: points lost."""
    units, leaves = found["units"], found["leaves"]
    lost = {(c["unit"], c["leaf"]): c["lost"] for c in found["cells"]}
    heads = [Column(_t("编码"), 14), Column(_t("名称"), 50)]
    heads += [Column(u["name"] or _("未明确单位"), 12, "number") for u in units]
    rows = (
        [leaf["code"], leaf["title"], *(lost.get((u["code"], leaf["code"])) for u in units)]
        for leaf in leaves
    )
    return heads, rows


def _peers(found: Mapping[str, Any]) -> Iterable[list[Any]]:
    for row in found["table"]:
        yield [row[k] for k in ("rank", "group", "name", "rate", "places", "low", "high")]
    for row in found["small"]:  # too few places to be ranked
        yield [None, None, row["name"], row["rate"], row["places"], None, None]


def _trend(found: Iterable[Mapping[str, Any]]) -> Iterable[list[Any]]:
    for row in found:
        figures = [row[k] for k in ("key", "as_of", "score", "low", "high", "coverage")]
        yield [*figures, _("是") if row["pinned"] else ""]


def _action(number: int, row: Mapping[str, Any]) -> list[Any]:
    return [
        number, row["name"], row["unit_name"], _number(row["effort"]), row["gain"], row["so_far"],
        _("是") if row["must"] else "",
    ]  # fmt: skip


def _tree(run: Run) -> Iterable[list[Any]]:
    plan = gathering.plan_of(run.round)
    for code, node in plan.edition.nodes.items():
        f = run.result["nodes"][code]
        leaf = run.result["leaves"].get(code)
        yield [
            code, node.title, *(Decimal(f[k]) for k in ("earned", "possible", "low", "high")),
            None if f["coverage"] is None else Decimal(f["coverage"]), _STATES.get(leaf["state"], leaf["state"]) if leaf else "",
        ]  # fmt: skip


def _lines(found: Iterable[dict[str, Any]]) -> Iterable[list[Any]]:
    return ([r["key"], r["name"], r["lost"], r["open"], r["rows"]] for r in found)


def _rows(run: Run, units_only: Sequence[str] | None = None) -> Iterable[list[Any]]:
    """Single losses, the largest first: all, or those that these units lead or bear a share of."""
    plan, units = gathering.plan_of(run.round), naming.units()
    found = RunLoss.objects.filter(run=run)
    if units_only is not None:
        found = found.filter(queries.borne_by(units_only))
    for row in found.order_by("-points", "id").iterator(2_000):
        site, item = plan.round.sites.get(row.site), plan.edition.items.get(row.item)
        yield [
            row.leaf, plan.edition.nodes[row.leaf].title, row.points, row.gain,
            units.get(row.lead, row.lead), site.title if site else "",
            item.title if item else row.item, row.cause, _KINDS.get(row.kind, row.kind),
        ]  # fmt: skip
