"""Saved views, and the loop's setting as the console edits it."""

from typing import Any

from django.db.models import Q

from lifang.cases.actions._step import setting
from lifang.cases.models import SavedView
from lifang.orgs.acting import Acting

SETTING_FIELDS = (
    "accept_minutes", "dispatch_minutes", "verify_minutes", "check_minutes", "amber_share",
    "duplicate_metres", "duplicate_hours", "relapse_metres", "relapse_days", "max_extensions",
    "max_suspensions", "long_unsolved_days", "rating_days", "answer_days", "retention_days", "automatic_filing", "words",
)  # fmt: skip


def views(by: Acting, subject: str) -> list[dict[str, Any]]:
    """One's own views of a list and the shared ones."""
    rows = SavedView.objects.filter(Q(user=by.user_id) | Q(shared=True), subject=subject)
    return [view_row(by, v) for v in rows[:200]]


def view_row(by: Acting, v: SavedView) -> dict[str, Any]:
    return {
        "id": v.pk, "name": v.name, "filters": v.filters, "columns": v.columns,
        "shared": v.shared, "subject": v.subject, "own": v.user_id == by.user_id,
    }  # fmt: skip


def setting_row() -> dict[str, Any]:
    """How the loop runs."""
    return {name: getattr(setting(), name) for name in SETTING_FIELDS}
