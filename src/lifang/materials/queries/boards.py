"""The wall of progress, the burden report, packages."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.materials import rules
from lifang.materials.choices import FilingStatus
from lifang.materials.models import (
    Package,
)
from lifang.materials.permissions import (
    packages_of,
    visible_to,
)
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.models import Round
from lifang.standards.edition_rows import edition


def wall(by: Acting, round_id: int) -> dict[str, Any]:
    """Units × states with counts; one statement. Units without filings are not in it."""
    today = timezone.localdate()
    rows = (
        visible_to(by)
        .filter(round=round_id)
        .order_by()
        .values("unit_id", "status")
        .annotate(n=Count("id"), late=Count("id", filter=Q(due__lt=today, status__in=rules.OPEN)))
    )
    found: dict[int | None, dict[str, Any]] = {}
    for r in rows:
        one = found.setdefault(r["unit_id"], _blank(r["unit_id"]))
        one["counts"][r["status"]] = r["n"]
        one["total"] += r["n"]
        one["late"] += r["late"]
    for one in found.values():
        done = one["total"] - sum(one["counts"][s] for s in rules.OPEN)
        one["given"] = done
        one["settled"] = one["counts"][FilingStatus.ACCEPTED]
    order = sorted(found.values(), key=lambda u: (u["unit_id"] is None, -u["late"], u["unit"]))
    return {"statuses": list(FilingStatus.values), "units": order}


def _blank(unit_id: int | None) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "unit": tree().name(unit_id) or _("尚未落实单位"),
        "counts": dict.fromkeys(FilingStatus.values, 0),
        "total": 0,
        "late": 0,
        "given": 0,
        "settled": 0,
    }


def burden(by: Acting, round_id: int) -> dict[str, Any]:
    """What was asked of whom, and how much of it was already known; by unit and by indicator.

    Of what was handed in: ``again`` people brought although lifang held the very same file; ``reuse`` and
    ``proposal`` cost a click; only ``upload`` was new. Three statements.
    """
    rows = visible_to(by).filter(round=round_id).order_by()
    counted: dict[str, Any] = dict(  # noqa: C408  (names of columns)
        asked=Count("id"),
        given=Count("id", filter=Q(submitted_at__isnull=False)),
        upload=Count("id", filter=Q(submitted_at__isnull=False, known="upload")),
        reuse=Count("id", filter=Q(submitted_at__isnull=False, known="reuse")),
        proposal=Count("id", filter=Q(submitted_at__isnull=False, known="proposal")),
        again=Count("id", filter=Q(submitted_at__isnull=False, known="again")),
        files=Sum("revision__files_count", filter=Q(submitted_at__isnull=False)),
    )
    titles = {}
    round = Round.objects.select_related("edition").filter(pk=round_id).first()
    if round is not None:
        titles = {n.code: n.title for n in edition(round.edition).leaves}
    by_unit = list(rows.values("unit_id").annotate(**counted))
    by_leaf = list(rows.values("leaf").annotate(**counted))
    units = [
        {
            "key": str(r["unit_id"] or ""),
            "name": tree().name(r["unit_id"]) or _("尚未落实单位"),
            **_share({**r}),
        }
        for r in by_unit
    ]
    leaves = [
        {
            "key": r["leaf"],
            "name": f"{r['leaf']} {titles.get(r['leaf'], '')}".strip(),
            **_share({**r}),
        }
        for r in by_leaf
    ]
    place = {code: n for n, code in enumerate(titles)}
    return {
        "units": sorted(units, key=lambda u: (-u["asked"], u["name"])),
        "leaves": sorted(leaves, key=lambda u: place.get(u["key"], len(place))),
        "total": _total(units),
    }


def _share(r: dict[str, Any]) -> dict[str, Any]:
    known = r["reuse"] + r["proposal"] + r["again"]
    return {
        "asked": r["asked"], "given": r["given"], "upload": r["upload"], "reuse": r["reuse"],
        "proposal": r["proposal"], "again": r["again"], "files": r["files"] or 0,
        "known": known, "known_share": round(known / r["given"], 4) if r["given"] else None,
    }  # fmt: skip


def _total(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    keys = ("asked", "given", "upload", "reuse", "proposal", "again", "files")
    whole = dict.fromkeys(keys, 0)
    for r in rows:
        for k in keys:
            whole[k] += r[k]
    return {"key": "", "name": _("合计"), **_share(whole)}


def packages(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """The newest packages of a round."""
    rows = packages_of(by).filter(round=round_id).select_related("asked_by")[:20]
    return [package_row(p) for p in rows]


def package(by: Acting, package_id: int) -> Package:
    found = packages_of(by).select_related("asked_by", "round").filter(pk=package_id).first()
    if found is None:
        raise Missing("package.missing", _("没有这个资料包，可能已过期，请重新打包"))
    return found


def package_row(p: Package) -> dict[str, Any]:
    return {
        "id": p.pk, "status": p.status, "unit_id": p.unit_id,
        "unit": tree().name(p.unit_id) if p.unit_id else _("全部单位"),
        "accepted_only": p.accepted_only, "done": p.done, "total": p.total, "size": p.size,
        "error": p.error, "asked_by": p.asked_by.name if p.asked_by else "", "asked_at": p.asked_at,
        "made_at": p.made_at,
    }  # fmt: skip
