"""The task breakdown: what is asked of whom, what nobody took up."""

import datetime as dt
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.choices import TaskStatus
from lifang.rounds.models import Round, Task
from lifang.rounds.permissions import own_units, tasks_visible_to
from lifang.rounds.queries.overview import leaf_titles

_COLUMNS = (
    "id", "round_id", "leaf", "order", "unit_id", "part", "share", "post_id", "person_id",
    "person_name", "due", "note", "status", "issued_at", "reminded_at", "taken_up_at",
    "returned_reason",
)  # fmt: skip


def task_row(by: Acting, task_id: int) -> Task:
    """A task with its round and unit; raises :class:`Missing`."""
    found = (
        tasks_visible_to(by)
        .select_related("round__edition", "unit", "post", "person")
        .defer("round__document", "round__edition__document")
        .filter(pk=task_id)
        .first()
    )
    if found is None:
        raise Missing("task.missing", _("没有这项任务，或您无权查看"))
    return found


def tasks(
    by: Acting,
    r: Round,
    *,
    q: str = "",
    leaf: str = "",
    unit: int | None = None,
    below: bool = False,
    part: str = "",
    status: str = "",
    overdue: bool = False,
    mine: bool = False,
) -> QuerySet[Task, dict[str, Any]]:
    """Tasks of a round as dicts; page by ``("order", "-part", "id")``.

    ``below``: with the units under ``unit``. ``overdue``: issued, not taken up and past their day.
    """
    rows = tasks_visible_to(by).filter(round=r)
    if leaf:
        rows = rows.filter(leaf=leaf)
    if unit:
        rows = rows.filter(unit_id__in=tree().below(unit) if below else (unit,))
    if mine:
        rows = rows.filter(unit_id__in=own_units(by))
    if part:
        rows = rows.filter(part=part)
    if status:
        rows = rows.filter(status=status)
    if overdue:
        rows = rows.filter(status=TaskStatus.ISSUED, due__lt=timezone.localdate())
    if q:
        told = [code for code, title in leaf_titles(r).items() if q in title or code == q]
        rows = rows.filter(
            Q(leaf__in=told) | Q(unit__name__icontains=q) | Q(person_name__icontains=q)
        )
    found: QuerySet[Task, dict[str, Any]] = rows.values(
        *_COLUMNS,
        unit_name=F("unit__name"),
        post_title=F("post__title"),
        taken_up_name=F("taken_up_by__name"),
    )
    return found


def full(rows: list[dict[str, Any]], r: Round) -> list[dict[str, Any]]:
    """Rows with titles of indicators and, of those nobody took up, their age in whole days."""
    titles, now = leaf_titles(r), timezone.now()
    return [
        row
        | {
            "leaf_title": titles.get(row["leaf"], ""),
            "unit": row["unit_name"],
            "post": row["post_title"] or "",
            "taken_up_name": row["taken_up_name"] or "",
            "waits": _age(row["issued_at"], now) if row["status"] == TaskStatus.ISSUED else None,
        }
        for row in rows
    ]


def one_full(by: Acting, task_id: int) -> dict[str, Any]:
    """One task as lists show it."""
    r = task_row(by, task_id).round
    [row] = full(list(tasks(by, r).filter(pk=task_id)), r)
    return row


def _age(since: dt.datetime | None, now: dt.datetime) -> int:
    return (now - since).days if since else 0


def tasks_of_unit(round_id: int, unit_id: int) -> QuerySet[Task]:
    """What a unit has been asked in a round, in the edition's order; not what is only written down."""
    return Task.objects.filter(round=round_id, unit=unit_id).exclude(status=TaskStatus.DRAFT)


def by_unit(by: Acting, r: Round) -> list[dict[str, Any]]:
    """Units with how many tasks they lead, help with, have taken up, let lie, sent back. One statement.

    Those who let most lie come first; ``waits`` is the age of the oldest in whole days.
    """
    now = timezone.now()
    rows = (
        tasks_visible_to(by)
        .filter(round=r)
        .order_by()
        .values("unit_id", name=F("unit__name"), phone=F("unit__phone"))
        .annotate(
            tasks=Count("pk"),
            leads=Count("pk", filter=Q(part="lead")),
            drafts=Count("pk", filter=Q(status=TaskStatus.DRAFT)),
            taken_up=Count("pk", filter=Q(status=TaskStatus.TAKEN_UP)),
            untaken=Count("pk", filter=Q(status=TaskStatus.ISSUED)),
            returned=Count("pk", filter=Q(status=TaskStatus.RETURNED)),
            oldest=Min("issued_at", filter=Q(status=TaskStatus.ISSUED)),
            reminded=Min("reminded_at", filter=Q(status=TaskStatus.ISSUED)),
        )
    )
    found = [
        {k: v for k, v in row.items() if k != "oldest"}
        | {"waits": _age(row["oldest"], now) if row["untaken"] else None}
        for row in rows
    ]
    return sorted(found, key=lambda u: (-u["untaken"], -u["tasks"], u["name"]))
