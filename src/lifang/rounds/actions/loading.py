"""A whole breakdown from a table, all or nothing: few statements for thousands of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from lifang.core.errors import Problem
from lifang.core.imports import Outcome, Row
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.actions._base import WORKING, done, locked
from lifang.rounds.actions.tasks import settle, task_values
from lifang.rounds.choices import Share
from lifang.rounds.models import Task

#: field → title of its column, for the preview
TITLES = {
    "part": "分工", "share": "份额", "post_id": "岗位", "person_name": "责任人",
    "due": "完成时限", "note": "备注",
}  # fmt: skip
_COLUMN = {"unit_id": "unit", "person_id": "person_name", "post_id": "post"}


@dataclass(frozen=True)
class Line:
    """A row: its number in the table, the indicator, the fields that the table has."""

    number: int
    leaf: str
    values: Mapping[str, Any]


@transaction.atomic
def load_tasks(*, by: Acting, round_id: int, lines: Sequence[Line], outcome: Outcome) -> None:
    """Create or change tasks by indicator and unit; what is wrong goes into ``outcome``.

    Tasks that the table does not name stay. New ones are drafts.
    """
    r = locked(by, round_id, *WORKING)
    there = {(t.leaf, t.unit_id): t for t in Task.objects.filter(round=r)}
    made: list[Task] = []
    changed: list[Task] = []
    for line in lines:
        old = there.get((line.leaf, line.values["unit_id"]))
        given = (_kept(old) if old else {"due": r.visit or r.ends}) | dict(line.values)
        try:
            new = task_values(r, given, line.leaf)
        except Problem as problem:
            for f in problem.fields:
                outcome.error(line.number, _COLUMN.get(f.path, f.path), f.message)
            continue
        name = f"{line.leaf} {tree().name(new['unit_id'])}"
        if old is None:
            made.append(Task(round=r, **new))
            outcome.create(Row(line.number, {}), name)
            continue
        differs = {k: (getattr(old, k), v) for k, v in new.items() if getattr(old, k) != v}
        if new["part"] == old.part == Share.LEAD:
            differs.pop("share", None)  # what a lead takes follows from the others
        for field, (_before, value) in differs.items():
            setattr(old, field, value)
        if differs:
            changed.append(old)
        told = {TITLES[k]: pair for k, pair in differs.items() if k in TITLES}
        outcome.put(Row(line.number, {}), made=False, name=name, changes=_shown(told))
    if outcome.error_count:
        return
    Task.objects.bulk_create(made, batch_size=500)
    Task.objects.bulk_update(
        changed,
        ["order", "part", "share", "post", "person", "person_name", "due", "note"],
        batch_size=200,
    )
    settle(r, {t.leaf for t in (*made, *changed)})
    if made or changed:
        done(by, "load_tasks", r, after={"made": len(made), "changed": len(changed)})


def _kept(old: Task) -> dict[str, Any]:
    return {
        k: getattr(old, k)
        for k in ("part", "share", "post_id", "person_id", "person_name", "due", "note")
    }


def _shown(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[str, str]]:
    def plain(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return str(Share(value).label) if value in Share.values else str(value)

    return {title: (plain(a), plain(b)) for title, (a, b) in pairs.items()}
