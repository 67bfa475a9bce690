"""The task breakdown: proposed from the edition, written, issued, taken up or sent back, reminded of."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, notify
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.models import Post
from lifang.orgs.tree import tree
from lifang.rounds import people, rules
from lifang.rounds.actions._base import WORKING, done, invalid, locked, unit_there
from lifang.rounds.choices import RoundStatus, Share, TaskStatus
from lifang.rounds.models import Round, RoundPlace, Task
from lifang.rounds.permissions import need_editor, own_units, tasks_visible_to
from lifang.rounds.queries.scopes import edition_of
from lifang.rounds.queries.tasks import task_row
from lifang.standards.rules import clean_name, clean_text

#: a unit is not reminded of the same tasks more often than that (减负)
REMIND_AFTER = dt.timedelta(hours=24)
DESK = "/round-tasks"


# ---------------------------------------------------------------- written down


@transaction.atomic
def propose(*, by: Acting, round_id: int, anew: bool = False) -> dict[str, int]:
    """Drafts for every indicator by roster and drawn places; what is there already stays as it is.

    ``anew``: drafts that nobody was told of yet are thrown away first.
    """
    r = locked(by, round_id, *WORKING)
    removed = Task.objects.filter(round=r, status=TaskStatus.DRAFT).delete()[0] if anew else 0
    nodes = tree().nodes
    ids = {n.code: n.id for n in nodes.values() if n.active}
    units: dict[str, set[str]] = defaultdict(set)
    for kind, unit_id in (
        RoundPlace.objects.filter(round=r, drawn=True, unit__isnull=False)
        .values_list("type", "unit_id")
        .distinct()
    ):
        units[kind].add(nodes[unit_id].code)
    edition = edition_of(r)
    order = {leaf.code: n for n, leaf in enumerate(rules.in_order(edition))}
    there = set(Task.objects.filter(round=r).values_list("leaf", "unit_id"))
    settled = {leaf for leaf, _unit in there}
    new = [
        Task(
            round=r, leaf=p.leaf, order=order[p.leaf], unit_id=ids[p.unit], part=p.part,
            share=p.share, due=r.visit or r.ends,
        )
        for p in rules.propose(edition, r.roster, units, r.context)
        if p.unit in ids and (p.leaf, ids[p.unit]) not in there
    ]  # fmt: skip
    Task.objects.bulk_create(new, batch_size=500)
    settle(r, {t.leaf for t in new} & settled)
    found = {"made": len(new), "kept": len(there), "removed": removed}
    done(by, "propose_tasks", r, after=found)
    return found


def settle(r: Round, leaves: Iterable[str]) -> None:
    """Leads take what assisting units leave; refuses shares that come to more than one."""
    wanted = set(leaves)
    if not wanted:
        return
    rows = Task.objects.filter(round=r, leaf__in=wanted) if len(wanted) < 500 else r.tasks.all()
    by_leaf: dict[str, list[Task]] = defaultdict(list)
    for task in rows.only("id", "leaf", "part", "share"):
        by_leaf[task.leaf].append(task)
    faults, changed = [], []
    for leaf in sorted(wanted & by_leaf.keys()):
        rest = rules.lead_share(t.share for t in by_leaf[leaf] if t.part == Share.ASSIST)
        if rest < 0:
            message = _("指标 %(leaf)s 的协办份额合计 %(sum)s，超过 1") % {
                "leaf": leaf, "sum": (1 - rest).normalize(),
            }  # fmt: skip
            faults.append(Field("share", message))
        for task in by_leaf[leaf]:
            if task.part == Share.LEAD and task.share != rest:
                task.share = rest
                changed.append(task)
    if faults:
        raise Invalid("task.shares", str(faults[0].message), fields=faults)
    Task.objects.bulk_update(changed, ["share"], batch_size=200)


def task_values(r: Round, given: Mapping[str, Any], leaf: str) -> dict[str, Any]:
    """Checked fields of a task."""
    order = {node.code: n for n, node in enumerate(rules.in_order(edition_of(r)))}
    if leaf not in order:
        raise invalid("leaf", _("测评体系中没有指标“%(leaf)s”") % {"leaf": leaf})
    unit_id = unit_there(given["unit_id"])
    part = Share(given.get("part") or Share.LEAD)
    share = Decimal(str(given.get("share") or 0)).quantize(rules.SHARE)
    if part == Share.ASSIST and not 0 <= share <= 1:
        raise invalid("share", _("份额应在 0 到 1 之间"))
    person_id, name = people.person(
        unit_id, given.get("person_id"), clean_name(given.get("person_name") or "")
    )
    return {
        "leaf": leaf,
        "order": order[leaf],
        "unit_id": unit_id,
        "part": part,
        "share": share if part == Share.ASSIST else Decimal(1),
        "post_id": people.post(unit_id, given.get("post_id")),
        "person_id": person_id,
        "person_name": name,
        "due": given.get("due"),
        "note": clean_text(given.get("note") or ""),
    }


def _once(r: Round, leaf: str, unit_id: int, *, but: int = 0) -> None:
    if Task.objects.filter(round=r, leaf=leaf, unit=unit_id).exclude(pk=but).exists():
        message = _("“%(unit)s”已有指标 %(leaf)s 的任务") % {
            "unit": tree().name(unit_id),
            "leaf": leaf,
        }
        raise Conflict("task.twice", message, fields=[Field("unit_id", message)])


@transaction.atomic
def create_task(*, by: Acting, round_id: int, leaf: str, **given: Any) -> Task:
    """A task written by hand; a draft until it is issued."""
    r = locked(by, round_id, *WORKING)
    values = task_values(r, given, leaf)
    _once(r, leaf, values["unit_id"])
    made = Task.objects.create(round=r, **values)
    settle(r, [leaf])
    done(by, "create_task", made, unit_id=made.unit_id, after=_plain(values))
    return task_row(by, made.pk)


@transaction.atomic
def change_task(*, by: Acting, task_id: int, **given: Any) -> Task:
    """Change a task. One that was issued keeps its unit: for another one there is :func:`reassign`."""
    need_editor(by)
    found = task_row(by, task_id)
    r = locked(by, found.round_id, *WORKING)
    new = task_values(r, given, found.leaf)
    if new["unit_id"] != found.unit_id:
        if found.status != TaskStatus.DRAFT:
            raise invalid("unit_id", _("任务已下达，换单位请用“改派”"))
        _once(r, found.leaf, new["unit_id"], but=found.pk)
    before = {k: getattr(found, k) for k in new}
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    settle(r, [found.leaf])
    changed = [k for k in new if before[k] != new[k]]
    done(
        by, "change_task", found, unit_id=found.unit_id,
        before=_plain({k: before[k] for k in changed}), after=_plain({k: new[k] for k in changed}),
    )  # fmt: skip
    return task_row(by, task_id)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        k: v.isoformat() if isinstance(v, dt.date) else str(v) if isinstance(v, Decimal) else v
        for k, v in values.items()
        if k != "order"
    }


@transaction.atomic
def delete_tasks(*, by: Acting, round_id: int, ids: Sequence[int], reason: str = "") -> int:
    """Take tasks out of the breakdown; those taken up stay."""
    r = locked(by, round_id, *WORKING)
    rows = _all_of(Task.objects.filter(round=r), ids)
    held = [t for t in rows if t.status == TaskStatus.TAKEN_UP]
    if held:
        raise Conflict(
            "task.taken_up", _("有 %(n)s 项任务已被签收，不能删除，可改派") % {"n": len(held)}
        )
    leaves = {t.leaf for t in rows}
    journal.write_many(
        journal.entry(
            by=by, room="rounds", verb="delete_task", subject=t, unit_id=t.unit_id,
            reason=clean_name(reason), before={"leaf": t.leaf, "part": t.part, "status": t.status},
        )
        for t in rows
    )  # fmt: skip
    Task.objects.filter(pk__in=[t.pk for t in rows]).delete()
    settle(r, leaves)
    return len(rows)


def _all_of(rows: Any, ids: Sequence[int]) -> list[Task]:
    """The tasks of these numbers, all of them or a refusal."""
    found = list(rows.filter(pk__in=ids).select_related("unit"))
    if len(found) != len(set(ids)):
        raise Conflict("task.gone", _("有任务已被删除或您无权处理，请刷新后重试"))
    return found


# ---------------------------------------------------------------- issued


@transaction.atomic
def issue(
    *, by: Acting, round_id: int, ids: Sequence[int] | None = None, unit_id: int | None = None
) -> dict[str, int]:
    """Hand out drafts (all, some, or those of a unit) and what came back; the units are told at once."""
    r = locked(by, round_id, RoundStatus.OPEN)
    rows = Task.objects.filter(round=r)
    waiting = rows.filter(status=TaskStatus.DRAFT)
    if ids is not None:
        waiting = rows.filter(pk__in=ids, status__in=rules.TURNS[TaskStatus.ISSUED])
    if unit_id is not None:
        waiting = waiting.filter(unit=unit_id)
    told = list(waiting.values_list("pk", "leaf", "unit_id"))
    if not told:
        raise Conflict("task.nothing", _("没有待下达的任务"))
    _need_leads(r, {leaf for _pk, leaf, _unit in told})
    rows.filter(pk__in=waiting.values("pk")).update(
        status=TaskStatus.ISSUED, issued_at=timezone.now(), reminded_at=None, returned_reason="",
    )  # fmt: skip
    by_unit: dict[int, list[str]] = defaultdict(list)
    for _pk, leaf, unit in told:
        by_unit[unit].append(leaf)
    journal.write_many(
        journal.entry(
            by=by, room="rounds", verb="issue_tasks", subject=r, unit_id=unit,
            after={"tasks": len(leaves), "leaves": sorted(leaves)},
        )
        for unit, leaves in sorted(by_unit.items())
    )  # fmt: skip
    _tell(
        r, {u: len(x) for u, x in by_unit.items()}, "rounds.issued",
        _("新的测评任务：%(n)s 项待签收"),
    )  # fmt: skip
    return {"tasks": len(told), "units": len(by_unit)}


def _need_leads(r: Round, leaves: set[str]) -> None:
    led = set(Task.objects.filter(round=r, part=Share.LEAD).values_list("leaf", flat=True))
    without = sorted(leaves - led)
    if without:
        raise Invalid(
            "task.no_lead",
            _("%(n)s 个指标没有牵头单位：%(list)s")
            % {"n": len(without), "list": "、".join(without[:8])},
        )


def _tell(r: Round, by_unit: Mapping[int, int], kind: str, title: str, body: str = "") -> None:
    """One message a unit, to its handlers."""
    whom = people.handlers(by_unit)
    notify.tell_many(
        notify.Message(
            whom[unit], kind, title % {"n": n}, body or r.title, f"{DESK}?round={r.pk}", r, unit
        )
        for unit, n in sorted(by_unit.items())
        if whom[unit]
    )


# ---------------------------------------------------------------- taken up, sent back


@transaction.atomic
def take_up(
    *,
    by: Acting,
    ids: Sequence[int],
    person_id: int | None = None,
    person_name: str = "",
    post_id: int | None = None,
) -> list[int]:
    """A unit's handler takes tasks up, naming post and person; all or none.

    Who is not named is the one named in the task, else the handler; the post is that person's, where the unit
    has posts at all. Of two at once the first wins.
    """
    rows = _own(by, ids)
    moments = timezone.now()
    for task in rows:
        _turn(task, TaskStatus.TAKEN_UP)
        _name(by, task, person_id, clean_name(person_name), post_id)
        task.status, task.taken_up_at, task.taken_up_by_id = (
            TaskStatus.TAKEN_UP,
            moments,
            by.user_id,
        )
        won = Task.objects.filter(pk=task.pk, status=TaskStatus.ISSUED).update(
            status=task.status, taken_up_at=moments, taken_up_by_id=by.user_id,
            person_id=task.person_id, person_name=task.person_name, post_id=task.post_id,
        )  # fmt: skip
        if not won:
            raise _not_now(task)
    journal.write_many(
        journal.entry(
            by=by, room="rounds", verb="take_up_task", subject=t, unit_id=t.unit_id,
            after={"leaf": t.leaf, "person": t.person_name, "post": t.post_id},
        )
        for t in rows
    )  # fmt: skip
    return [t.pk for t in rows]


def _own(by: Acting, ids: Sequence[int]) -> list[Task]:
    """Tasks of the handler's own units in open rounds."""
    mine = own_units(by)
    if not mine and not by.automatic:
        raise Forbidden("task.own", _("只有责任单位的处置人员可以签收或退回任务"))
    seen = tasks_visible_to(by).select_related("round").defer("round__document")
    rows = _all_of(seen if by.automatic else seen.filter(unit_id__in=mine), ids)
    for task in rows:
        if task.round.status != RoundStatus.OPEN:
            raise Conflict("round.closed", _("轮次“%(r)s”已结束，不能再修改") % {"r": task.round})
    return rows


def _turn(task: Task, to: str) -> None:
    if task.status not in rules.TURNS[to]:
        raise _not_now(task)


def _not_now(task: Task) -> Conflict:
    now = Task.objects.filter(pk=task.pk).select_related("taken_up_by").first()
    label = TaskStatus(now.status).label if now else "–"
    who = f"（{now.taken_up_by.name}）" if now and now.taken_up_by else ""
    return Conflict(
        "task.state",
        _("指标 %(leaf)s 的任务现在是“%(state)s”%(who)s，不能进行此操作，请刷新")
        % {"leaf": task.leaf, "state": label, "who": who},
    )


def _name(by: Acting, task: Task, person_id: int | None, name: str, post_id: int | None) -> None:
    """Put person and post into the task (not saved)."""
    if person_id is not None or name:
        task.person_id, task.person_name = people.person(task.unit_id, person_id, name)
    elif not task.person_name:
        task.person_id, task.person_name = by.user_id, by.name
    if post_id is not None:
        task.post_id = people.post(task.unit_id, post_id)
    if task.post_id is None:
        posts = list(
            Post.objects.filter(unit=task.unit_id, active=True).values_list("pk", "holder")
        )
        held = [pk for pk, holder in posts if holder is not None and holder == task.person_id]
        if held or len(posts) == 1:
            task.post_id = held[0] if held else posts[0][0]
        elif posts:
            raise invalid("post_id", _("请选择负责这项任务的岗位"))


@transaction.atomic
def name_person(
    *,
    by: Acting,
    ids: Sequence[int],
    person_id: int | None = None,
    person_name: str = "",
    post_id: int | None = None,
) -> list[int]:
    """Another person or post in the unit carries tasks that were taken up."""
    rows = _own(by, ids)
    if person_id is None and not clean_name(person_name) and post_id is None:
        raise invalid("person_id", _("请选择人员或岗位"))
    for task in rows:
        before = {"person": task.person_name, "post": task.post_id}
        _name(by, task, person_id, clean_name(person_name), post_id)
        task.save(update_fields=["person", "person_name", "post"])
        done(
            by, "name_person", task, unit_id=task.unit_id, before=before,
            after={"person": task.person_name, "post": task.post_id},
        )  # fmt: skip
    return [t.pk for t in rows]


@transaction.atomic
def send_back(*, by: Acting, ids: Sequence[int], reason: str) -> list[int]:
    """A unit says that tasks are not its own, and why; those who run the round are told."""
    reason = clean_name(reason)[:300]
    if not reason:
        raise invalid("reason", _("请写明退回理由，如应由哪个单位承担"))
    rows = _own(by, ids)
    for task in rows:
        _turn(task, TaskStatus.RETURNED)
        won = Task.objects.filter(pk=task.pk, status=TaskStatus.ISSUED).update(
            status=TaskStatus.RETURNED, returned_reason=reason
        )
        if not won:
            raise _not_now(task)
        done(by, "send_back_task", task, unit_id=task.unit_id, reason=reason)
    whom = people.evaluators()
    for (round_id, unit), n in Counter((t.round_id, t.unit.name) for t in rows).items():
        notify.tell(
            whom, kind="rounds.returned", title=_("%(unit)s退回 %(n)s 项测评任务") % {"unit": unit, "n": n},
            body=reason, link=f"/rounds/{round_id}/tasks?status=returned", subject=rows[0],
        )  # fmt: skip
    return [t.pk for t in rows]


@transaction.atomic
def reassign(*, by: Acting, task_id: int, unit_id: int, reason: str = "", **given: Any) -> Task:
    """Give the task to another unit (or once more to the same); in an open round it is issued at once."""
    need_editor(by)
    found = task_row(by, task_id)
    r = locked(by, found.round_id, *WORKING)
    unit_there(unit_id)
    _once(r, found.leaf, unit_id, but=found.pk)
    before = {"unit": found.unit_id, "status": found.status, "person": found.person_name}
    person_id, name = people.person(
        unit_id, given.get("person_id"), clean_name(given.get("person_name") or "")
    )
    found.unit_id, found.person_id, found.person_name = unit_id, person_id, name
    found.post_id, found.returned_reason, found.reminded_at = None, "", None
    found.taken_up_at = found.taken_up_by = None
    opened = r.status == RoundStatus.OPEN
    found.status = TaskStatus.ISSUED if opened else TaskStatus.DRAFT
    found.issued_at = timezone.now() if opened else None
    found.save()
    done(
        by, "reassign_task", found, unit_id=unit_id, reason=clean_name(reason), before=before,
        after={"unit": unit_id, "status": found.status, "person": name},
    )  # fmt: skip
    if opened:
        _tell(r, {unit_id: 1}, "rounds.issued", _("新的测评任务：%(n)s 项待签收"))
    return task_row(by, task_id)


@transaction.atomic
def remind(
    *,
    by: Acting,
    round_id: int,
    unit_ids: Sequence[int] | None = None,
    ids: Sequence[int] | None = None,
) -> dict[str, int]:
    """Remind units of what they let lie. Who was reminded within a day is left alone (减负)."""
    r = locked(by, round_id, RoundStatus.OPEN)
    rows = Task.objects.filter(round=r, status=TaskStatus.ISSUED)
    if unit_ids is not None:
        rows = rows.filter(unit__in=unit_ids)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    now = timezone.now()
    told: dict[int, list[int]] = defaultdict(list)
    skipped = 0
    for pk, unit, last in rows.values_list("pk", "unit_id", "reminded_at"):
        if last is not None and now - last < REMIND_AFTER:
            skipped += 1
        else:
            told[unit].append(pk)
    Task.objects.filter(pk__in=[pk for pks in told.values() for pk in pks]).update(reminded_at=now)
    n = {u: len(pks) for u, pks in told.items()}
    if n:
        _tell(r, n, "rounds.reminded", _("催办：%(n)s 项测评任务待签收"))
        done(by, "remind", r, after={"tasks": sum(n.values()), "units": sorted(n)})
    return {"units": len(n), "tasks": sum(n.values()), "skipped": skipped}
