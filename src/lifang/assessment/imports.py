"""The sheet of a statistics office: a line an indicator and period."""

from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.assessment import actions
from lifang.assessment.choices import EntryKind
from lifang.assessment.models import Entry
from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.models import Round

COLUMNS = (
    Column(key="round", title="轮次", required=True, aliases=("测评轮次", "轮次编号")),
    Column(key="leaf", title="指标编码", kind="code", required=True, aliases=("指标", "编码")),
    Column(key="value", title="数值", kind="decimal", required=True, aliases=("指标值", "完成值")),
    Column(key="period", title="时期", kind="code", required=True, aliases=("年度", "年份"), note=gettext_lazy("如 2026、2026-Q3")),
    Column(key="source", title="来源", required=True, aliases=("数据来源",)),
    Column(key="measure", title="测评方式", note=gettext_lazy("指标只有一种统计方式时不填")),
)  # fmt: skip


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by = cast(Acting, context.by)
    rounds = {r.key: r.pk for r in Round.objects.all()}
    for row in rows:
        values = {n: str(row[n] or "").strip() for n in ("leaf", "period", "source", "measure")}
        round_id = rounds.get(str(row["round"]).strip())
        if round_id is None:
            told = _("没有编号为“%(key)s”的测评轮次") % {"key": row["round"]}
            outcome.error(row, "round", told)
            continue
        old = Entry.objects.filter(
            round=round_id,
            kind=EntryKind.STATISTIC,
            leaf=values["leaf"],
            measure=values["measure"],
            period=values["period"],
            superseded_by=None,
        ).first()
        if old is not None and (old.value, old.source) == (row["value"], values["source"]):
            outcome.keep(row)
            continue
        try:
            made = actions.enter(
                by=by,
                round_id=round_id,
                kind=EntryKind.STATISTIC,
                supersedes_id=old.pk if old else None,
                value=row["value"],
                **values,
            )
        except Problem as problem:
            _refused(outcome, row, problem)
            continue
        if old is None:
            outcome.create(row, made.leaf)
        else:
            outcome.change(row, made.leaf, {str(_("数值")): (old.value, made.value)})


def _refused(outcome: Outcome, row: Row, problem: Problem) -> None:
    known = {c.key for c in COLUMNS}
    for fault in problem.fields or ():
        outcome.error(row, fault.path if fault.path in known else "leaf", fault.message)
    if not problem.fields:
        outcome.error(row, "", problem.message)


STATISTICS = register(
    ImportSpec(
        kind="statistics",
        title=gettext_lazy("统计数据"),
        columns=COLUMNS,
        load=_load,
        roles=(Role.EVALUATOR,),
    )
)
