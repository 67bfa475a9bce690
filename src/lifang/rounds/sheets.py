"""Rounds as Excel: the frame with its draw, the breakdown (comes in again by the importer), the plans."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from lifang.core import exports
from lifang.core.exports import Column
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds import rules
from lifang.rounds.choices import Share, StepKind, StepOrigin, TaskStatus
from lifang.rounds.models import Round, Step, Task
from lifang.rounds.queries import places, steps, tasks


def download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=exports.XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return answer


def _book(
    title: str,
    columns: Sequence[Column],
    lines: Iterable[Sequence[Any]],
    about: Sequence[tuple[str, str]],
    by: Acting,
) -> bytes:
    out = io.BytesIO()
    exports.table(out, title=title, columns=columns, rows=lines, filters=about, by=by.name)
    return out.getvalue()


def frame_sheet(by: Acting, r: Round) -> bytes:
    """Every place of the frame with its stratum and its number, so that the draw can be done again by hand."""
    design = rules.read_design(r.design)
    rows = places.named(list(places.places(by, r.pk).order_by("code")))

    def lines() -> Iterator[list[Any]]:
        for row in rows:
            p = rules.FramePlace(row["code"], row["type"], row["district"])
            yield [
                row["code"], row["title"], row["type_name"], row["district_name"], row["unit"],
                rules.stratum(p, design.by), rules.draw_number(p, design) if design.seed else "",
                row["order"], _("抽中") if row["drawn"] else _("备选") if row["order"] else "",
                row["instead_title"] or "", row["reason"],
            ]  # fmt: skip

    columns = [
        Column(_("点位编码"), 16), Column(_("点位名称"), 30), Column(_("点位类型"), 18),
        Column(_("区域"), 16), Column(_("责任单位"), 28), Column(_("抽样层"), 22),
        Column(_("抽样号"), 18), Column(_("次序"), 8, "int"), Column(_("结果"), 10),
        Column(_("替换原点位"), 30), Column(_("替换理由"), 30),
    ]  # fmt: skip
    about = [
        (_("总体指纹"), r.frame_sha256),
        (_("随机种子"), design.seed),
        (
            _("抽样号算法"),
            "SHA-256(随机种子|抽样层|点位编码) 十六进制前 12 位，每层由小到大取前 n 个",
        ),
    ]
    return _book(_("点位"), columns, lines(), about, by)


TASK_COLUMNS = (
    ("指标编码", 14), ("指标名称", 40), ("责任单位编码", 14), ("责任单位", 28), ("分工", 8),
    ("份额", 8), ("岗位", 18), ("责任人", 12), ("完成时限", 12), ("备注", 30), ("状态", 10),
)  # fmt: skip


def tasks_sheet(by: Acting, r: Round, rows: QuerySet[Task, dict[str, Any]]) -> bytes:
    """The breakdown with the importer's titles."""
    kinds = {"份额": "number", "完成时限": "date"}
    columns = [Column(name, width, kinds.get(name, "text")) for name, width in TASK_COLUMNS]
    nodes = tree().nodes

    def lines() -> Iterator[list[Any]]:
        for row in tasks.full(list(rows.order_by("order", "-part", "id")), r):
            yield [
                row["leaf"], row["leaf_title"], nodes[row["unit_id"]].code, row["unit"],
                str(Share(row["part"]).label), row["share"], row["post"], row["person_name"],
                row["due"], row["note"], str(TaskStatus(row["status"]).label),
            ]  # fmt: skip

    return _book(_("任务分解"), columns, lines(), [(_("轮次"), r.title)], by)


def steps_sheet(by: Acting, r: Round, rows: QuerySet[Step, dict[str, Any]]) -> bytes:
    columns = [
        Column(_("责任单位"), 28), Column(_("类别"), 10), Column(_("指标编码"), 14),
        Column(_("指标名称"), 36), Column(_("点位"), 26), Column(_("检查内容"), 26),
        Column(_("要达到的标准"), 40), Column(_("措施"), 40), Column(_("责任人"), 12),
        Column(_("完成时限"), 12, "date"), Column(_("完成日期"), 12, "date"),
        Column(_("完成情况"), 30), Column(_("来源"), 10), Column(_("预计挽回分值"), 12, "number"),
    ]  # fmt: skip

    def lines() -> Iterator[list[Any]]:
        for row in steps.full(list(steps.by_day(rows)), r):
            yield [
                row["unit"], str(StepKind(row["kind"]).label), row["leaf"], row["leaf_title"],
                row["place_title"], row["item_title"], row["standard"], row["measure"],
                row["person_name"], row["due"], row["done_on"], row["done_note"],
                str(StepOrigin(row["origin"]).label), row["gain"],
            ]  # fmt: skip

    return _book(_("工作方案"), columns, lines(), [(_("轮次"), r.title)], by)
