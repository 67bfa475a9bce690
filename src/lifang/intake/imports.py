"""Hotline orders as a table for the importer: many headings, one meaning; bad rows listed by cell."""

from typing import cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.intake.hotline import actions, rules, sheets
from lifang.orgs.acting import Acting

_NOTES = {
    "number": _("同一编号只导入一次，重复导入不会重复立案"),
    "at": _("例：2026-03-01 09:30"),
    "system": _("有经纬度时必填：wgs84、cgcs2000、gcj02 或 bd09"),
    "contacted": _("已办结工单的回访结果：是或否"),
    "satisfied": _("例：满意、不满意，或 1 至 5"),
}
_EXAMPLES = {
    "number": "20260301000123",
    "text": "解放路 3 号门前路灯不亮",
    "at": "2026-03-01 09:30",
    "address": "解放路 3 号",
    "kind": "投诉",
    "due": "2026-03-06 18:00",
}


def _columns() -> tuple[Column, ...]:
    return tuple(
        Column(
            key=name,
            title=headings[0],
            kind="code" if name in ("number", "phone") else "text",
            required=name in ("number", "text"),
            aliases=headings[1:],
            example=_EXAMPLES.get(name, ""),
            note=_NOTES.get(name, ""),
        )
        for name, headings in rules.HEADINGS.items()
    )


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by = cast(Acting, context.by)
    actions.check_role(by)
    for row in rows:
        try:
            # a bad row must not spoil the transaction in which the others are looked at
            with transaction.atomic():
                taken = actions.take(by=by, order=sheets.order_of(row.values))
        except Problem as problem:
            for field in problem.fields:
                outcome.error(row, field.path, field.message)
            if not problem.fields:
                outcome.error(row, "number", problem.message)
            continue
        if taken.created:
            outcome.create(row, taken.number)
        else:
            outcome.keep(row)


SPEC = register(
    ImportSpec(
        kind="hotline_orders",
        title=_("热线工单"),
        columns=_columns(),
        load=_load,
        roles=tuple(str(r) for r in actions.ROLES),
        key=("number",),
    )
)
