"""Lists: rounds, filings, the library of materials."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.materials import rules
from lifang.materials.choices import FilingStatus
from lifang.materials.models import (
    Filing,
    Material,
    Revision,
)
from lifang.materials.permissions import (
    materials_of,
    visible_to,
)
from lifang.materials.queries.one import revisions
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round

_LIST = (
    "id", "round_id", "leaf", "slot", "number", "title", "kind", "unit_id", "due", "status", "known",
    "grade", "disputed", "submitted_at", "submitted_by__name", "order", "material_id",
    "revision__number", "revision__files_count", "first_by_id", "submitted_by_id",
)  # fmt: skip


def rounds(by: Acting) -> list[dict[str, Any]]:
    """Rounds, newest first, with how many filings ``by`` sees there and how far they are."""
    counts: dict[int, dict[str, Any]] = {
        row["round"]: {**row}
        for row in visible_to(by)
        .values("round")
        .annotate(n=Count("id"), settled=Count("id", filter=Q(status=FilingStatus.ACCEPTED)))
    }
    rows = Round.objects.order_by("-starts", "-id").values(
        "id", "title", "status", "starts", "ends"
    )
    return [
        r
        | {
            "filings": counts.get(r["id"], {}).get("n", 0),
            "settled": counts.get(r["id"], {}).get("settled", 0),
        }
        for r in rows[:200]
    ]


def filings(
    by: Acting,
    *,
    round_id: int | None = None,
    unit: int | None = None,
    status: Sequence[str] = (),
    leaf: str = "",
    q: str = "",
    late: bool = False,
    level: int | None = None,
    known: str = "",
    unassigned: bool = False,
) -> QuerySet[Filing, Any]:
    """Rows of the list. ``level``: what waits for that review and that ``by`` may do himself."""
    rows = visible_to(by)
    if round_id is not None:
        rows = rows.filter(round=round_id)
    if unit is not None:
        rows = rows.filter(unit__in=tree().below(unit))
    if unassigned:
        rows = rows.filter(unit=None)
    if status:
        rows = rows.filter(status__in=status)
    if leaf:
        rows = rows.filter(leaf=leaf)
    if known:
        rows = rows.filter(known=known)
    if late:
        rows = rows.filter(due__lt=timezone.localdate(), status__in=rules.OPEN)
    if level is not None:
        # what a closed round left is judged no more
        rows = rows.filter(round__status=RoundStatus.OPEN)
    if level == 1:
        rows = rows.filter(status=FilingStatus.SUBMITTED).exclude(submitted_by=by.user_id)
    if level == 2:
        rows = rows.filter(status=FilingStatus.FIRST_PASSED).exclude(first_by=by.user_id)
        rows = rows.exclude(submitted_by=by.user_id)
    for word in q.split()[:5]:
        rows = rows.filter(Q(title__icontains=word) | Q(number__istartswith=word))
    listed: QuerySet[Filing, Any] = rows.values(*_LIST)
    return listed


def dress(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the list as people read it."""
    today = timezone.localdate()
    return {
        "id": row["id"],
        "round_id": row["round_id"],
        "number": row["number"],
        "leaf": row["leaf"],
        "title": row["title"],
        "kind": row["kind"],
        "unit_id": row["unit_id"],
        "unit": tree().name(row["unit_id"]),
        "due": row["due"],
        "late": rules.late(row["due"], row["status"], today),
        "status": row["status"],
        "known": row["known"],
        "grade": row["grade"],
        "disputed": row["disputed"],
        "submitted_at": row["submitted_at"],
        "submitted_by": row["submitted_by__name"] or "",
        "material_id": row["material_id"],
        "revision": row["revision__number"],
        "files": row["revision__files_count"] or 0,
    }


def library(
    by: Acting, *, q: str = "", unit: int | None = None, kind: str = ""
) -> QuerySet[Material, Any]:
    """Materials that ``by`` may see, with how many slots use each."""
    rows = materials_of(by)
    if unit is not None:
        rows = rows.filter(unit__in=tree().below(unit))
    if kind:
        rows = rows.filter(kind=kind)
    for word in q.split()[:5]:
        rows = rows.filter(title__icontains=word)
    return rows.values("id", "title", "kind", "unit_id", "last", "made_at")


def dress_materials(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of :func:`library` with uses and the newest revision; two statements."""
    ids = [r["id"] for r in rows]
    uses = dict(
        Filing.objects.filter(material__in=ids)
        .order_by()
        .values_list("material")
        .annotate(n=Count("id"))
    )
    newest: dict[int, dict[str, Any]] = {
        r["material_id"]: {**r}
        for r in Revision.objects.filter(material__in=ids)
        .order_by("number")
        .values("material_id", "number", "dated", "files_count", "made_at")
    }
    return [
        {
            **r,
            "unit": tree().name(r["unit_id"]),
            "used_by": uses.get(r["id"], 0),
            "dated": newest.get(r["id"], {}).get("dated"),
            "files": newest.get(r["id"], {}).get("files_count", 0),
            "changed_at": newest.get(r["id"], {}).get("made_at") or r["made_at"],
        }
        for r in rows
    ]


def material(by: Acting, material_id: int) -> dict[str, Any]:
    """A material with all its revisions, their files, and the slots that use it."""
    found = materials_of(by).filter(pk=material_id).first()
    if found is None:
        raise Missing("material.missing", _("没有这份材料，或您无权查看"))
    uses = Filing.objects.filter(material=found).order_by("-round_id", "order")
    return {
        "id": found.pk,
        "title": found.title,
        "kind": found.kind,
        "unit_id": found.unit_id,
        "unit": tree().name(found.unit_id),
        "made_at": found.made_at,
        "revisions": revisions(found.pk),
        "uses": [
            {
                "filing_id": u["id"], "round": u["round__title"], "number": u["number"],
                "title": u["title"], "status": u["status"], "grade": u["grade"],
                "revision": u["revision__number"],
            }
            for u in uses.values("id", "round__title", "number", "title", "status", "grade",
                                 "revision__number")[:200]
        ],
    }  # fmt: skip
