"""The sheet of a survey firm: a line a respondent and question."""

from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.orgs.acting import Acting
from lifang.rounds.models import Round
from lifang.surveys import actions
from lifang.surveys.rules import MOST, Line

COLUMNS = (
    Column(key="round", title="轮次", required=True, aliases=("测评轮次", "轮次编号")),
    Column(key="respondent", title="问卷编号", kind="code", required=True, aliases=("编号", "序号")),
    Column(key="question", title="题目", required=True, aliases=("题号",)),
    Column(key="option", title="选项", required=True, aliases=("答案",)),
    Column(key="stratum", title="分层", aliases=("区域", "街道"), note=gettext_lazy("与轮次人口构成的名称一致")),
    Column(key="weight", title="权重", kind="decimal", note=gettext_lazy("不填为 1")),
    Column(key="answered_on", title="日期", kind="date", aliases=("调查日期",)),
)  # fmt: skip


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by = cast(Acting, context.by)
    rounds = {r.key: r for r in Round.objects.all()}
    lines: dict[str, list[tuple[Row, Line]]] = {}
    for row in rows:
        key = str(row["round"]).strip()
        if key not in rounds:
            outcome.error(row, "round", _("没有编号为“%(key)s”的测评轮次") % {"key": key})
            continue
        lines.setdefault(key, []).append((row, _line(row)))
    if outcome.errors:
        return
    for key, every in lines.items():
        for start in range(0, len(every), MOST):
            _record(by, rounds[key], every[start : start + MOST], outcome)


def _record(by: Acting, of: Round, found: list[tuple[Row, Line]], outcome: Outcome) -> None:
    try:
        counts = actions.record(by=by, round_id=of.pk, lines=[line for _row, line in found])
    except Problem as problem:
        if not problem.fields:
            outcome.error(found[0][0], "", str(problem))
        for fault in problem.fields:
            number, _dot, column = fault.path.removeprefix("lines[").partition("].")
            outcome.error(found[int(number)][0], column, str(fault.message))
        return
    outcome.created += counts["made"]
    outcome.changed += counts["changed"]
    outcome.same += counts["same"]


def _line(row: Row) -> Line:
    text = {n: str(row[n] or "").strip() for n in ("respondent", "question", "option", "stratum")}
    weight, day = row["weight"], row["answered_on"]
    return Line(
        weight=Decimal(1) if weight is None else Decimal(weight),
        answered_on="" if day is None else day.isoformat(),
        **text,
    )


ANSWERS = register(
    ImportSpec(
        kind="survey-answers",
        title=gettext_lazy("问卷答案"),
        columns=COLUMNS,
        load=_load,
        roles=actions.WRITERS,
    )
)
