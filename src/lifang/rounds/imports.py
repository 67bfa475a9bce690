"""The task breakdown as a table: a row a unit and indicator, told apart by both."""

from collections import defaultdict
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.orgs.acting import Acting
from lifang.orgs.models import Post, User
from lifang.orgs.tree import tree
from lifang.rounds.actions.loading import Line, load_tasks
from lifang.rounds.permissions import EDITORS

#: key of a field of the action → column
_COLUMN = {"unit_id": "unit", "person_id": "person_name", "post_id": "post"}


class _Names:
    """Units, people and posts by what tables call them; three statements for a whole table."""

    def __init__(self) -> None:
        self.units: dict[str, set[int]] = defaultdict(set)
        self.codes: dict[str, int] = {}
        for n in tree().nodes.values():
            if n.active:
                self.codes[n.code] = n.id
                for name in {n.name, n.short_name} - {""}:
                    self.units[name].add(n.id)
        self.people: dict[tuple[int, str], list[int]] = defaultdict(list)
        for pk, name, unit_id in User.objects.filter(is_active=True).values_list(
            "pk", "name", "unit_id"
        ):
            for node in tree().path(unit_id) if unit_id else ():
                self.people[node.id, name].append(pk)
        self.posts = {
            (unit, title): pk
            for pk, unit, title in Post.objects.filter(active=True).values_list(
                "pk", "unit_id", "title"
            )
        }

    def unit(self, code: str | None, name: str | None) -> int | str:
        """The unit, or what is wrong."""
        if code:
            found = self.codes.get(code)
            return found if found is not None else _("没有编码为“%(code)s”的单位") % {"code": code}
        ids = self.units.get(name or "", set()) or {
            self.codes[x] for x in [name] if x in self.codes
        }
        if not name:
            return _("请填写责任单位编码或责任单位")
        if len(ids) > 1:
            return _("有多个单位叫“%(name)s”，请填单位编码") % {"name": name}
        return next(iter(ids)) if ids else _("没有叫“%(name)s”的单位") % {"name": name}


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    wanted = context.options.get("round", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        outcome.error(0, "leaf", _("请从轮次的“任务分解”页打开导入"))
        return
    names, lines = _Names(), []
    seen: dict[tuple[str, int], int] = {}
    for row in rows:
        unit = names.unit(row["unit_code"], row["unit"])
        if isinstance(unit, str):
            outcome.error(row, "unit_code" if row["unit_code"] else "unit", unit)
            continue
        first = seen.setdefault((row["leaf"], unit), row.number)
        if first != row.number:
            outcome.error(row, "unit", _("与第 %(n)s 行重复") % {"n": first})
            continue
        lines.append(Line(row.number, row["leaf"], _fields(row, unit, names, outcome)))
    if outcome.error_count:
        return
    try:
        load_tasks(by=cast(Acting, context.by), round_id=int(wanted), lines=lines, outcome=outcome)
    except Problem as problem:
        for f in problem.fields:
            outcome.error(0, _COLUMN.get(f.path, f.path), f.message)
        if not problem.fields:
            outcome.error(0, "leaf", problem.message)


def _fields(row: Row, unit: int, names: _Names, outcome: Outcome) -> dict[str, Any]:
    """Fields of the task that the table has; others stay as they are."""
    values: dict[str, Any] = {"unit_id": unit}
    for key in ("part", "share", "due", "note"):
        if row.has(key):
            values[key] = row[key]
    if row.has("person_name"):
        name = row["person_name"] or ""
        ids = names.people.get((unit, name), [])
        values |= {"person_id": ids[0] if len(ids) == 1 else None, "person_name": name}
    if row.has("post"):
        title = row["post"]
        values["post_id"] = names.posts.get((unit, title)) if title else None
        if title and values["post_id"] is None:
            outcome.error(row, "post", _("该单位没有岗位“%(title)s”") % {"title": title})
    return values


TASKS = register(
    ImportSpec(
        kind="round-tasks",
        title=gettext_lazy("任务分解"),
        columns=(
            Column("leaf", gettext_lazy("指标编码"), kind="code", required=True, max_length=40),
            Column("leaf_title", gettext_lazy("指标名称"), note=gettext_lazy("只供对照，不导入")),
            Column(
                "unit_code", gettext_lazy("责任单位编码"), kind="code", max_length=32,
                note=gettext_lazy("与“责任单位”填一个即可"),
            ),
            Column(
                "unit", gettext_lazy("责任单位"), aliases=("单位", "牵头单位"), max_length=120,
                note=gettext_lazy("单位名称或简称，不能重名"),
            ),
            Column(
                "part", gettext_lazy("分工"), kind="choice", required=True,
                choices={str(label): key for key, label in (("lead", "牵头"), ("assist", "协办"))},
            ),
            Column(
                "share", gettext_lazy("份额"), kind="decimal",
                note=gettext_lazy("协办单位的份额，0 到 1；牵头单位承担其余部分，不用填"),
            ),
            Column("post", gettext_lazy("岗位"), max_length=80),
            Column("person_name", gettext_lazy("责任人"), aliases=("姓名",), max_length=60),
            Column("due", gettext_lazy("完成时限"), kind="date", aliases=("时限",)),
            Column("note", gettext_lazy("备注"), max_length=2000),
            Column("status", gettext_lazy("状态"), note=gettext_lazy("只供对照，不导入")),
        ),
        load=_load,
        roles=tuple(EDITORS),
        options={"round": gettext_lazy("轮次")},
    )
)  # fmt: skip
