"""The live run beside the message board: reply times there, times to the unit and to close here."""

import datetime as dt
from statistics import median
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from lifang.cases.choices import State
from lifang.cases.models import Report
from lifang.cases.permissions import visible_to
from lifang.demo.models import Fed
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.tree import tree
from lifang.places import atlas

DAY = 86400


def _rows(by: Acting, limit: int | None = None) -> list[dict[str, Any]]:
    """Fed messages with their cases, the newest first."""
    own = Report.objects.filter(client_id=OuterRef("client_id")).values("case_id")[:1]
    fed = list(Fed.objects.annotate(case=Subquery(own))[:limit])
    cases = {
        row["id"]: row
        for row in visible_to(by)
        .filter(id__in=[f.case for f in fed if f.case])
        .values(
            "id", "number", "state", "automatic", "area", "lead_unit_id", "category__name",
            "understanding", "reported_at", "filed_at", "dispatched_at", "closed_at",
        )
    }  # fmt: skip
    return [{"fed": f, "case": cases[f.case]} for f in fed if f.case in cases]


def _seconds(start: dt.datetime | None, end: dt.datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _to_unit(row: dict[str, Any]) -> float | None:
    """From sending the message to its dispatch: the request itself, and what came after it."""
    after = _seconds(row["case"]["reported_at"], row["case"]["dispatched_at"])
    return None if after is None else round(after + row["fed"].took, 2)


def _proposed(understanding: dict[str, Any]) -> str:
    """What the machine proposes to the acceptor, where it may not decide."""
    first = understanding.get("category")
    return _("建议：%(name)s") % {"name": first["name"]} if first else _("待分类")


def _median(values: list[float | None]) -> float | None:
    there = [v for v in values if v is not None]
    return round(median(there), 2) if there else None


def figures(by: Acting = SYSTEM) -> dict[str, Any]:
    """Both medians, and what became of what came in."""
    rows = _rows(by)
    cases = [r["case"] for r in rows]
    board = [_seconds(r["fed"].asked_at, r["fed"].answered_at) for r in rows]
    closed = [
        span * r["fed"].speed / DAY
        for r in rows
        if (span := _seconds(r["case"]["reported_at"], r["case"]["closed_at"])) is not None
    ]
    return {
        "fed": len(rows),
        "real": bool(rows) and rows[0]["fed"].real,
        "speed": rows[0]["fed"].speed if rows else None,
        "board_days": _median([b / DAY if b is not None else None for b in board]),
        "to_unit_seconds": _median([_to_unit(r) for r in rows]),
        "dispatched": sum(c["dispatched_at"] is not None for c in cases),
        "automatic": sum(bool(c["automatic"]) for c in cases),
        "waiting": sum(c["state"] in (State.REPORTED, State.VERIFIED, State.FILED) for c in cases),
        "merged": sum(c["state"] == State.MERGED for c in cases),
        "closed": len(closed),
        "closed_days": _median(list(closed)),
    }


def line() -> str:
    """Both medians in one line, for the operator's screen."""
    f = figures()
    board = "无" if f["board_days"] is None else f"{f['board_days']:.1f} 天"
    ours = "无" if f["to_unit_seconds"] is None else f"{f['to_unit_seconds']:.1f} 秒"
    closed = f"，办结 {f['closed']} 件（折合中位 {f['closed_days']:.1f} 天）" if f["closed"] else ""
    return (
        f"已进 {f['fed']} 条：自动立案 {f['automatic']}、已派到单位 {f['dispatched']}、"
        f"待人工 {f['waiting']}{closed}｜到单位用时中位 {ours}，留言板答复用时中位 {board}"
    )


def listing(by: Acting, limit: int = 100) -> list[dict[str, Any]]:
    """The newest messages, ours beside the board's."""
    names = {s.code: s.name for s in atlas.region_list().values()}
    found = []
    for row in _rows(by, limit):
        fed, case = row["fed"], row["case"]
        board = _seconds(fed.asked_at, fed.answered_at)
        found.append(
            {
                "case_id": case["id"],
                "number": case["number"],
                "title": fed.title,
                "fed_at": fed.fed_at,
                "state": str(State(case["state"]).label),
                "automatic": case["automatic"],
                "category": case["category__name"] or _proposed(case["understanding"]),
                "area": names.get(case["area"][:9], ""),
                "unit": tree().name(case["lead_unit_id"]),
                "to_unit_seconds": _to_unit(row),
                "board_days": round(board / DAY, 1) if board is not None else None,
                "board_answer": fed.answer,
            }
        )
    return found
