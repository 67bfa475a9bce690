"""What the page about merging duplicates shows: the bound in force and what it was measured on."""

from typing import Any

from django.utils.translation import gettext as _

from lifang.cases.duplicates import bound
from lifang.cases.models import DuplicateBound
from lifang.cases.tasks import measure_duplicates
from lifang.core.errors import Forbidden
from lifang.core.recovery import waiting
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.understanding.rules import wilson

READERS = (Role.DUTY_CHIEF, Role.LEADER, Role.SYSTEM_ADMIN)
#: earlier measurements that are shown
HISTORY = 30


def duplicates_board(by: Acting) -> dict[str, Any]:
    """Everything of the page, as of the last measurement: two statements."""
    if not (by.automatic or by.has(*READERS)):
        raise Forbidden("duplicates.forbidden", _("重复合并由值班长、领导和系统管理员查看"))
    rows = list(DuplicateBound.objects.order_by("-id")[:HISTORY])
    newest = rows[0] if rows else None
    figures = newest.figures if newest else {}
    whole = max(1, newest.reviewed if newest else 0)
    alone, undone = figures.get("alone", 0), figures.get("undone", 0)
    return {
        "target": newest.target if newest else bound.TARGET,
        "days": bound.DAYS,
        "may_measure": by.automatic or by.has(Role.SYSTEM_ADMIN),
        "measuring": bool(waiting(measure_duplicates)),
        "bound": _measured(newest) if newest else None,
        "counts": {k: figures.get(k, 0) for k in _COUNTS},
        # a merger that nobody took back counts as right: the upper side of what is true
        "kept": _share(alone - undone, alone),
        "curve": [
            {"threshold": step, "coverage": n / whole, **_share(right, n)}
            for step, n, right in figures.get("curve", [])
        ],
        "history": [_measured(row) for row in rows],
    }


_COUNTS = ("proposed", "alone", "undone", "by_person", "apart", "waiting")


def _share(right: int, n: int) -> dict[str, Any]:
    low, high = wilson(right, n)
    return {"right": right, "n": n, "value": right / n if n else None, "low": low, "high": high}


def _measured(row: DuplicateBound) -> dict[str, Any]:
    return {
        "threshold": row.threshold,
        "acts": row.threshold is not None and row.low >= row.target,
        "coverage": row.coverage,
        "reviewed": row.reviewed,
        "target": row.target,
        "measured_at": row.measured_at,
        **_share(row.right, row.n),
    }
