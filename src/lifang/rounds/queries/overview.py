"""Rounds: the list, one of them with its counts and days, what it lacks before it can be opened."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import calendar
from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds import rules
from lifang.rounds.choices import RoundStatus, TaskStatus
from lifang.rounds.models import Milestone, Round, RoundPlace
from lifang.rounds.permissions import (
    letters_visible_to,
    may_edit,
    sees_all,
    steps_visible_to,
    tasks_visible_to,
    visible_to,
)
from lifang.rounds.queries.scopes import edition_of, known_types


def round_row(by: Acting, round_id: int) -> Round:
    """The round with its edition, both without their documents; raises :class:`Missing`. One statement."""
    found = _with_edition(visible_to(by)).filter(pk=round_id).first()
    if found is None:
        raise Missing("round.missing", _("没有这个测评轮次，或您无权查看"))
    return found


def _with_edition(rows: QuerySet[Round]) -> QuerySet[Round]:
    return rows.select_related("edition").defer("document", "edition__document")


def rounds(by: Acting, *, status: str = "", kind: str = "", q: str = "") -> QuerySet[Round]:
    rows = _with_edition(visible_to(by))
    if status:
        rows = rows.filter(status=status)
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(key__icontains=q))
    return rows


def open_rounds(by: Acting) -> QuerySet[Round]:
    return rounds(by, status=RoundStatus.OPEN)


def list_rows(by: Acting, found: list[Round]) -> list[dict[str, Any]]:
    """Rounds as the list shows them: with days, places drawn, tasks and steps. Three statements."""
    ids = [r.pk for r in found]
    counts = {r.pk: dict.fromkeys(("issued", "taken_up", "returned", "draft"), 0) for r in found}
    for round_id, status, n in (
        tasks_visible_to(by)
        .filter(round__in=ids)
        .order_by()
        .values_list("round_id", "status")
        .annotate(n=Count("pk"))
    ):
        counts[round_id][status] = n
    places = dict(
        RoundPlace.objects.filter(round__in=ids, drawn=True)
        .order_by()
        .values_list("round_id")
        .annotate(n=Count("pk"))
    )
    steps = {
        row[0]: row[1:]
        for row in steps_visible_to(by)
        .filter(round__in=ids)
        .order_by()
        .values_list("round_id")
        .annotate(n=Count("pk"), done=Count("pk", filter=Q(done_on__isnull=False)))
    }
    today = timezone.localdate()
    return [
        {
            **_facts(r),
            "days": _days(today, r),
            "drawn": places.get(r.pk, 0) if sees_all(by) else None,
            "tasks": counts[r.pk],
            "steps": steps.get(r.pk, (0, 0))[0],
            "steps_done": steps.get(r.pk, (0, 0))[1],
        }
        for r in found
    ]


def _facts(r: Round) -> dict[str, Any]:
    return {
        "id": r.pk,
        "key": r.key,
        "title": r.title,
        "kind": r.kind,
        "status": r.status,
        "edition_id": r.edition_id,
        "edition": str(r.edition),
        "starts": r.starts,
        "ends": r.ends,
        "visit": r.visit,
    }


def _days(today: dt.date, r: Round) -> int:
    return ((r.visit or r.ends) - today).days


def one(by: Acting, round_id: int) -> dict[str, Any]:
    """One round with all that its first page shows; at most eight statements."""
    r, today, cal = round_row(by, round_id), timezone.localdate(), calendar.default()
    whole = sees_all(by)
    places = _place_counts(r) if whole else []
    tasks = dict.fromkeys(TaskStatus.values, 0)
    units: set[int] = set()
    for status, unit_id, n in (
        tasks_visible_to(by)
        .filter(round=r)
        .order_by()
        .values_list("status", "unit_id")
        .annotate(n=Count("pk"))
    ):
        tasks[status] += n
        units.add(unit_id)
    steps = steps_visible_to(by).filter(round=r).aggregate(
        all=Count("pk"),
        done=Count("pk", filter=Q(done_on__isnull=False)),
        overdue=Count("pk", filter=Q(done_on=None, due__lt=today)),
    )  # fmt: skip
    signed = set(letters_visible_to(by).filter(round=r).values_list("unit_id", flat=True))
    return {
        **_facts(r),
        "previous_id": r.previous_id,
        "context": r.context,
        "population": r.population if whole else {},
        "quota": r.quota if whole else {},
        "note": r.note,
        "sha256": r.sha256,
        "frame_sha256": r.frame_sha256,
        "frame_at": r.frame_at,
        "design": r.design if whole else {},
        "opened_at": r.opened_at,
        "closed_at": r.closed_at,
        "may_edit": may_edit(by),
        "sees_all": whole,
        "countdowns": {
            name: asdict(rules.countdown(today, day, cal))
            for name, day in (("visit", r.visit), ("end", r.ends))
            if day is not None
        },
        "milestones": [
            {
                "id": m.pk, "title": m.title, "due": m.due, "done_on": m.done_on, "note": m.note,
                "days": (m.due - today).days,
            }
            for m in r.milestones.all()
        ],
        "places": places,
        "tasks": tasks,
        "units": len(units),
        "steps": steps,
        "letters": len(signed),
        "letters_missing": len(units - signed),
        "lacks": lacks(r, places) if whole and r.status == RoundStatus.PREPARING else [],
        "leaves": len(edition_of(r).leaves),
    }  # fmt: skip


def _place_counts(r: Round) -> list[dict[str, Any]]:
    """By type: how many in the frame, drawn, drawn without a unit that answers. One statement."""
    rows = RoundPlace.objects.filter(round=r).order_by("type").values("type")
    counted = rows.annotate(
        frame=Count("pk"),
        taken=Count("pk", filter=Q(drawn=True)),
        nobody=Count("pk", filter=Q(drawn=True, unit=None)),
    )
    return [
        {"type": c["type"], "frame": c["frame"], "drawn": c["taken"], "nobody": c["nobody"]}
        for c in counted
    ]


def lacks(r: Round, places: list[dict[str, Any]] | None = None) -> list[dict[str, str]]:
    """What stands in the way of opening: ``{"what", "message"}``, empty when it may be opened."""
    places = _place_counts(r) if places is None else places
    edition = edition_of(r)
    found = []

    def say(what: str, message: str) -> None:
        found.append({"what": what, "message": message})

    types = rules.site_types(edition, known_types())
    if types and not r.frame_sha256:
        say("frame", _("还没有提取点位总体"))
    elif types and not any(p["drawn"] for p in places):
        say("draw", _("还没有抽取点位"))
    nobody = sum(p["nobody"] for p in places)
    if nobody:
        say("units", _("%(n)s 个抽中点位没有责任单位，请在“点位”中指定") % {"n": nobody})
    codes = {n.code for n in tree().nodes.values() if n.active}
    empty = [role for role in rules.roles(edition) if not r.roster.get(role)]
    gone = [role for role, code in r.roster.items() if code and code not in codes]
    if empty:
        say("roster", _("%(n)s 个角色没有对应单位：%(list)s") % _listed(empty))
    if gone:
        say("roster", _("%(n)s 个角色的单位已撤销或不存在：%(list)s") % _listed(gone))
    return found


def _listed(names: list[str]) -> dict[str, Any]:
    return {"n": len(names), "list": "、".join(names[:5]) + ("…" if len(names) > 5 else "")}


def roster(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """Roles of the edition with the unit of each and how many indicators it leads or helps with."""
    r = round_row(by, round_id)
    edition, by_code = edition_of(r), {n.code: n for n in tree().nodes.values()}
    leads: dict[str, int] = {}
    for leaf in edition.leaves:
        leads[leaf.lead] = leads.get(leaf.lead, 0) + 1
    rows = []
    for role, leaves in rules.roles(edition).items():
        unit = by_code.get(r.roster.get(role, ""))
        rows.append(
            {
                "role": role,
                "unit_id": unit.id if unit else None,
                "unit": unit.name if unit else "",
                "code": r.roster.get(role, ""),
                "active": unit.active if unit else False,
                "leads": leads.get(role, 0),
                "assists": len(leaves) - leads.get(role, 0),
                "leaves": list(leaves),
            }
        )
    return rows


def leaves(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """Indicators of the round that apply, in the edition's order, with the names of what is above them."""
    r = round_row(by, round_id)
    edition = edition_of(r)
    return [
        {
            "code": leaf.code,
            "title": leaf.title,
            "path": " / ".join(
                edition.nodes[c].title or c for c in reversed(edition.ancestors(leaf.code)[:-1])
            ),
            "points": str(leaf.points),
            "kind": leaf.kind,
            "methods": [m.method for m in leaf.measures],
            "lead": leaf.lead,
        }
        for leaf in rules.in_order(edition)
        if rules.applies(leaf, edition, r.context)
    ]


def leaf_titles(r: Round) -> Mapping[str, str]:
    """Code → title of every indicator."""
    return {leaf.code: leaf.title for leaf in edition_of(r).leaves}


def milestone(round_id: int, milestone_id: int) -> Milestone:
    found = Milestone.objects.filter(round=round_id, pk=milestone_id).first()
    if found is None:
        raise Missing("milestone.missing", _("没有这个节点，可能已被删除"))
    return found
