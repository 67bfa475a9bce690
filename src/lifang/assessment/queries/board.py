"""The board of a round: the tree with five numbers a node, and whether they are of now."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import access, gathering, naming
from lifang.assessment.models import Entry, Plan, Run
from lifang.assessment.queries.runs import last_of, latest
from lifang.assessment.queries.worth import open_cases
from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.rounds import queries as rounds
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round


def overview(by: Acting) -> list[dict[str, Any]]:
    """Rounds that were opened, each with its last figures; three statements."""
    access.own_units(by)
    found = list(rounds.rounds(by).exclude(status=RoundStatus.PREPARING)[:100])
    runs = {r.round_id: r for r in last_of(r.pk for r in found).only(*_SHORT, "round_id")}
    return [{**_round(r), "run": _short(runs[r.pk]) if r.pk in runs else None} for r in found]


_SHORT = (
    "id",
    "key",
    "as_of",
    "score",
    "low",
    "high",
    "possible",
    "coverage",
    "status",
    "facts",
    "pinned",
)


def _short(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in _SHORT}


def _round(r: Round) -> dict[str, Any]:
    days = (r.visit or r.ends) - timezone.localdate()
    return {
        "id": r.pk, "key": r.key, "title": r.title, "kind": r.kind, "status": r.status,
        "edition": r.edition.title, "edition_version": r.edition.version, "starts": r.starts,
        "ends": r.ends, "visit": r.visit, "days_left": days.days,
    }  # fmt: skip


def board(by: Acting, round_id: int) -> dict[str, Any]:
    """Round, last run, its tree with expected losses by open cases; ``stale``: facts have come since.

    Who does not see all figures gets the tree without other units' losses (:func:`my_units` has theirs).
    """
    access.own_units(by)
    round_ = rounds.round_row(by, round_id)
    run = Run.objects.filter(round_id=round_id, complete=True).defer("seen").first()
    answer: dict[str, Any] = {"round": _round(round_), "run": None, "stale": False, "nodes": []}
    if round_.status == RoundStatus.PREPARING:
        return answer
    if run is None:
        return answer | {"stale": True}
    previous = latest(round_.previous_id) if round_.previous_id else None
    return answer | {
        "run": {
            **_short(run),
            "forecast": run.forecast,
            "steps": run.result["total"]["steps"],
            "digest": run.digest,
        },
        "previous": _short(previous) if previous else None,
        "stale": run.marker != gathering.marker(round_),
        "nodes": _tree(round_, run),
    }


def _tree(round_: Round, run: Run) -> list[dict[str, Any]]:
    plan, units = gathering.plan_of(round_), naming.units()
    expected = open_cases(round_, run.worth)
    figures, leaves = run.result["nodes"], run.result["leaves"]
    found = []
    for code, node in plan.edition.nodes.items():
        leaf = leaves.get(code)
        unit = plan.round.unit_of(node.lead) if node.lead else ""
        found.append(
            {
                "code": code,
                "parent": node.parent,
                "title": node.title,
                "kind": node.kind if node.measures else "group",
                "points": str(node.points),
                "methods": [m.method for m in node.measures],
                "lead": units.get(unit, unit),
                **figures[code],
                "state": leaf["state"] if leaf else "",
                "note": leaf.get("note", "") if leaf else "",
                "open_cases": expected.get(code),
            }
        )
    return found


def entries_of(by: Acting, round_id: int, *, leaf: str = "", kind: str = "") -> QuerySet[Entry]:
    """What was entered at a desk, all of it: superseded rows are told as such."""
    access.need_reader(by)
    found = Entry.objects.filter(round_id=round_id)
    found = found.filter(leaf=leaf) if leaf else found
    found = found.filter(kind=kind) if kind else found
    return found.select_related("by", "approver", "superseded_by", "proof")


def plans_of(by: Acting, round_id: int) -> QuerySet[Plan]:
    access.need_reader(by)
    return Plan.objects.filter(round_id=round_id).select_related("created_by")


def plan_row(by: Acting, plan_id: int) -> Plan:
    """A plan whose actions have words beside their keys."""
    access.need_reader(by)
    found = (
        Plan.objects.select_related("created_by", "round__edition")
        .defer("round__document", "round__edition__document")
        .filter(pk=plan_id)
        .first()
    )
    if found is None:
        raise Missing("plan.missing", _("没有这个方案"))
    units, names = naming.units(), naming.places()
    for row in found.report.get("actions", ()):
        row["name"] = naming.action(found.round, row, names)
        row["unit_name"] = units.get(row["unit"], row["unit"])
    return found
