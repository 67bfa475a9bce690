"""Tables of rules and pairings for the importer. Rules are told apart by number."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.duties import actions, queries, sheets
from lifang.duties.models import DutyRule, Pairing
from lifang.orgs.acting import Acting

_NOTES = {
    "编号": gettext_lazy("不填则自动编号；填已有编号则修改那条规则"),
    "类别标识": gettext_lazy("目录中的标识或其前段，例：event-street、event；留空表示全部类别"),
    "主办单位": gettext_lazy("单位编码，或不重名的单位名称"),
    "协办单位": gettext_lazy("多个单位用顿号或换行隔开"),
    "区划代码": gettext_lazy("区划代码或其前段；留空表示全域"),
    "权属优先": gettext_lazy("是：部件有登记权属单位时由其主办"),
}
_ALIASES = {
    "主办单位": ("责任单位", "牵头单位", "lead_unit"),
    "类别标识": ("类别", "category"),
    "区划代码": ("区划", "片区", "area"),
    "姓名": ("负责人", "路长", "网格员", "包抓领导"),
    "电话": ("联系电话", "手机"),
    "职务": ("职责", "称谓"),
}


def _columns(table: Iterable[tuple[str, int]], kinds: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(
            key=heading,
            title=heading,
            kind=kinds.get(heading, "text"),
            required=heading == "类型",
            aliases=_ALIASES.get(heading, ()),
            note=_NOTES.get(heading, ""),
        )
        for heading, _width in table
    )


def _records(rows: list[Row]) -> Iterable[tuple[int, Mapping[str, object]]]:
    return ((r.number, r.values) for r in rows)


def _load_rules(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by, found = cast(Acting, context.by), sheets.read_rules(_records(rows))
    if _told(found, outcome):
        return
    numbers = [v["number"] for _n, v in found.rows if v["number"]]
    there = {r.number: r for r in queries.duty_rules(active=None).filter(number__in=numbers)}
    for n, values in found.rows:
        old = there.get(values["number"])
        row = Row(n, {})
        if old is not None and _same_rule(old, values):
            outcome.keep(row)
            continue
        try:
            if old is not None:
                actions.change_rule(by=by, rule_id=old.pk, **values)
                outcome.change(row, str(old))
            else:
                active = values.pop("active")
                made = actions.create_rule(by=by, **values)
                if not active:
                    actions.close_rule(by=by, rule_id=made.pk)
                outcome.create(row, str(made))
        except Problem as problem:
            _refused(outcome, n, problem)


def _same_rule(old: DutyRule, values: Mapping[str, Any]) -> bool:
    plain = {k: v for k, v in values.items() if k != "assisting"}
    helpers = [u.pk for u in old.assisting.all()]
    return {k: getattr(old, k) for k in plain} == plain and helpers == values["assisting"]


_IDENTITY = (
    "kind", "unit_id", "user_id", "person_name", "area", "road_id", "site_id", "shop_id",
    "component_id", "grid",
)  # fmt: skip


def _load_pairings(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by, found = cast(Acting, context.by), sheets.read_pairings(_records(rows))
    if _told(found, outcome):
        return
    there = {
        tuple(getattr(p, k) for k in _IDENTITY): p
        for p in queries.pairings(active=None).order_by("-id")
    }
    for n, values in found.rows:
        row = Row(n, {})
        old: Pairing | None = there.get(tuple(values[k] for k in _IDENTITY))
        if old is not None and {k: getattr(old, k) for k in values} == values:
            outcome.keep(row)
            continue
        try:
            if old is not None:
                actions.change_pairing(by=by, pairing_id=old.pk, **values)
                outcome.change(row, values["person_name"])
            else:
                active = values.pop("active")
                made = actions.create_pairing(by=by, **values)
                if not active:
                    actions.close_pairing(by=by, pairing_id=made.pk)
                outcome.create(row, made.person_name or str(made.unit or ""))
        except Problem as problem:
            _refused(outcome, n, problem)


def _told(found: sheets.Reading, outcome: Outcome) -> bool:
    for e in found.errors:
        outcome.error(e.row, e.column, e.message)
    return bool(found.errors)


#: column of each field that an action may refuse
_COLUMN = {
    "number": "编号", "category": "类别标识", "lead_unit_id": "主办单位", "assisting": "协办单位",
    "post_id": "岗位", "area": "区划代码", "road_id": "道路", "site_id": "点位", "shop_id": "商铺",
    "component_id": "部件", "grid": "责任网格", "valid_from": "生效日期", "valid_to": "失效日期",
    "kind": "类型", "region_id": "区划代码", "user_id": "姓名", "person_name": "姓名",
    "unit_id": "单位",
}  # fmt: skip


def _refused(outcome: Outcome, n: int, problem: Problem) -> None:
    if problem.fields:
        for f in problem.fields:
            outcome.error(n, _COLUMN.get(f.path, f.path), f.message)
    else:
        outcome.error(n, _("整行"), problem.message)


RULES = register(
    ImportSpec(
        kind="duty-rules",
        title=gettext_lazy("责任规则"),
        columns=_columns(sheets.RULE_COLUMNS, {"编号": "code"}),
        load=_load_rules,
        roles=actions.EDITORS,
        key=("编号",),
    )
)
PAIRINGS = register(
    ImportSpec(
        kind="pairings",
        title=gettext_lazy("包联关系"),
        columns=_columns(sheets.PAIRING_COLUMNS, {}),
        load=_load_pairings,
        roles=actions.EDITORS,
    )
)
