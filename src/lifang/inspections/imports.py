"""The sheet that inspectors fill in: a line a place and item."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.inspections import actions
from lifang.inspections.rules import MOST, Line, state_of
from lifang.orgs.acting import Acting
from lifang.rounds.models import Round

COLUMNS = (
    Column(key="round", title="轮次", required=True, aliases=("测评轮次", "轮次编号"), note=gettext_lazy("测评轮次的编号")),
    Column(key="place", title="点位编码", required=True, aliases=("点位", "编码")),
    Column(key="item", title="检查项", required=True, aliases=("检查项编码", "项目编码")),
    Column(key="state", title="结果", required=True, aliases=("考察结果", "是否符合"), note=gettext_lazy("符合、不符合、不适用")),
    Column(key="count", title="问题数", kind="int", aliases=("处数",), note=gettext_lazy("不填为 1")),
    Column(key="cause", title="原因"),
    Column(key="note", title="备注", aliases=("说明",)),
    Column(key="seen_at", title="考察时间", kind="datetime", aliases=("时间", "日期")),
    Column(key="lng", title="经度", kind="decimal"),
    Column(key="lat", title="纬度", kind="decimal"),
    Column(key="seen_by_name", title="考察人", aliases=("检查人",)),
    Column(key="form", title="表号", aliases=("考察表编号",), note=gettext_lazy("同一表号的同一点位同一检查项只登记一次")),
)  # fmt: skip


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by = cast(Acting, context.by)
    rounds = {r.key: r for r in Round.objects.all()}
    now = timezone.now()
    lines: dict[str, list[tuple[Row, Line]]] = {}
    for row in rows:
        values = row.values
        key, state = str(values["round"]).strip(), state_of(str(values["state"]))
        if key not in rounds:
            outcome.error(row, "round", _("没有编号为“%(key)s”的测评轮次") % {"key": key})
            continue
        if not state:
            outcome.error(row, "state", _("应为符合、不符合或不适用"))
            continue
        lines.setdefault(key, []).append((row, _line(values, state, now)))
    if outcome.errors:
        return
    for key, every in lines.items():
        for start in range(0, len(every), MOST):
            _record(by, rounds[key], every[start : start + MOST], now, outcome)


def _record(
    by: Acting, of: Round, found: list[tuple[Row, Line]], now: dt.datetime, outcome: Outcome
) -> None:
    try:
        made = actions.record(by=by, round_id=of.pk, lines=[line for _row, line in found], now=now)
    except Problem as problem:
        if not problem.fields:
            outcome.error(found[0][0], "", str(problem))
        for fault in problem.fields:
            number, _dot, column = fault.path.removeprefix("lines[").partition("].")
            outcome.error(found[int(number)][0], column, str(fault.message))
        return
    for (row, _taken), one in zip(found, made, strict=True):
        if one.at < now:
            outcome.keep(row)
        else:
            outcome.create(row, f"{one.place.title} {one.item}")


def _line(values: Mapping[str, Any], state: str, now: dt.datetime) -> Line:
    def text(name: str) -> str:
        return str(values.get(name) or "").strip()

    return Line(
        place=text("place"),
        item=text("item"),
        state=state,
        seen_at=values.get("seen_at") or now,
        count=int(values.get("count") or 1),
        cause=text("cause"),
        note=text("note"),
        lng=_degrees(values.get("lng")),
        lat=_degrees(values.get("lat")),
        seen_by_name=text("seen_by_name"),
        form=text("form"),
    )


def _degrees(value: object) -> float | None:
    return None if value is None else float(cast(Decimal, value))


OBSERVATIONS = register(
    ImportSpec(
        kind="observations",
        title=gettext_lazy("实地考察结果"),
        columns=COLUMNS,
        load=_load,
        roles=actions.WRITERS,
    )
)
