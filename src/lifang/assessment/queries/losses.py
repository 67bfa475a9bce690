"""Lost points of a run by who, what, where and why, down to the photo."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from lifang.assessment import access, gathering, naming
from lifang.assessment.engine.numbers import half_up
from lifang.assessment.models import Run, RunLoss, UnitLoss
from lifang.inspections.models import Observation
from lifang.materials.models import Review
from lifang.orgs.acting import Acting

#: view → column
VIEWS = {
    "leaf": "leaf", "site": "site", "item": "item", "cause": "cause", "kind": "kind",
    "measure": "measure", "lead": "lead",
}  # fmt: skip
ZERO = Decimal(0)
PLACES = Decimal("1e-10")


def visible_to(by: Acting, run: Run) -> QuerySet[RunLoss]:
    """All losses of the run, or those that a unit leads or bears a share of."""
    own = access.own_units(by)
    found = RunLoss.objects.filter(run=run)
    return found if own is None else found.filter(borne_by(own))


def borne_by(units: Iterable[str]) -> Q:
    return Q(lead__in=units) | Q(assist__has_any_keys=sorted(units))


def lines(by: Acting, run: Run, view: str, **filters: str) -> list[dict[str, Any]]:
    """``key name lost open rows``, most lost first. By ``unit``, those that assist bear their shares."""
    sums: Iterable[Any]
    if view == "unit" and not any(filters.values()):
        found = UnitLoss.objects.filter(run=run)
        own = access.own_units(by)
        if own is not None:
            found = found.filter(unit__in=own)
        sums = found.values(key=F("unit")).annotate(
            lost=Sum("lost"), open=Sum("open"), n=Sum("rows")
        )
    else:
        column = VIEWS.get(view, "lead")
        sums = (
            _filtered(visible_to(by, run), filters)
            .order_by()
            .values(key=F(column))
            .annotate(
                lost=Sum("points", filter=~Q(kind="pending")),
                open=Sum("points", filter=Q(kind="pending")),
                n=Count("id"),
            )
        )
    names = _names(run, view)
    rows_ = [
        {
            "key": row["key"],
            "name": names.get(row["key"], row["key"]),
            "lost": _exact(row["lost"]),
            "open": _exact(row["open"]),
            "rows": row["n"],
        }
        for row in sums
    ]
    return sorted(rows_, key=lambda r: (-r["lost"], -r["open"], r["key"]))


def _exact(points: Decimal | None) -> Decimal:
    """SQLite adds in floating point: ten places are what the rows have."""
    return (points or ZERO).quantize(PLACES)


def _filtered(found: QuerySet[RunLoss], filters: dict[str, str]) -> QuerySet[RunLoss]:
    for name in ("leaf", "site", "item", "cause", "kind", "measure", "lead"):
        if filters.get(name):
            found = found.filter(**{name: filters[name]})
    if filters.get("unit"):
        found = found.filter(borne_by([filters["unit"]]))
    return found


def _names(run: Run, view: str) -> dict[str, str]:
    plan = gathering.plan_of(run.round)
    match view:
        case "leaf":
            return {code: node.title for code, node in plan.edition.nodes.items()}
        case "site":
            return {code: s.title for code, s in plan.round.sites.items()}
        case "item":
            return {code: i.title for code, i in plan.edition.items.items()}
        case "unit" | "lead":
            return naming.units()
    return {}


def rows(by: Acting, run: Run, **filters: str) -> list[dict[str, Any]]:
    """Single losses, the largest first, at most 200: with place, line, unit, and the photos or reasons."""
    found = list(_filtered(visible_to(by, run), filters).order_by("-points", "id")[:200])
    plan, units = gathering.plan_of(run.round), naming.units()
    seen = _observations(found)
    graded = _reviews(found)
    answer = []
    for row in found:
        site = plan.round.sites.get(row.site)
        item = plan.edition.items.get(row.item)
        first = next((seen[f] for f in row.facts if f in seen), None)
        review = next((graded[f] for f in row.facts if f in graded), None)
        answer.append(
            {
                "id": row.pk,
                "leaf": row.leaf,
                "leaf_title": plan.edition.nodes[row.leaf].title,
                "measure": row.measure,
                "kind": row.kind,
                "how": row.how,
                "points": str(row.points),
                "gain": str(row.gain),
                "unit": units.get(row.lead, row.lead),
                "assist": [
                    {"unit": units.get(u, u), "share": str(half_up(Fraction(share)))}
                    for u, share in row.assist.items()
                ],
                "site": row.site,
                "site_title": site.title if site else "",
                "item": row.item,
                "item_title": item.title if item else row.item,
                "cause": row.cause,
                "observation_id": first.pk if first else None,
                "seen_at": first.seen_at if first else None,
                "case_id": first.case_id if first else None,
                "photos": [f.sha256 for f in first.photos.all()] if first else [],
                "grade": review.grade if review else "",
                "reason": review.reason if review else (first.note if first else ""),
            }
        )
    return answer


def _numbers(found: Iterable[RunLoss], table: str) -> set[int]:
    prefix = f"{table}:"
    return {int(f[len(prefix) :]) for row in found for f in row.facts[:3] if f.startswith(prefix)}


def _observations(found: Iterable[RunLoss]) -> dict[str, Observation]:
    wanted = _numbers(found, "observation")
    if not wanted:
        return {}
    rows_ = Observation.objects.filter(pk__in=wanted).prefetch_related("photos")
    return {f"observation:{o.pk}": o for o in rows_}


def _reviews(found: Iterable[RunLoss]) -> dict[str, Review]:
    wanted = _numbers(found, "review")
    return {f"review:{r.pk}": r for r in Review.objects.filter(pk__in=wanted)} if wanted else {}


def heat(by: Acting, run: Run) -> dict[str, Any]:
    """Units × indicators: points that each unit answers for. Only what is not zero."""
    own = access.own_units(by)
    found = UnitLoss.objects.filter(run=run).filter(Q(lost__gt=0) | Q(open__gt=0))
    if own is not None:
        found = found.filter(unit__in=own)
    plan, names = gathering.plan_of(run.round), naming.units()
    cells = list(found.values_list("unit", "leaf", "lost", "open"))
    lost: dict[str, Decimal] = {}
    for unit, _leaf, points, _open in cells:
        lost[unit] = lost.get(unit, ZERO) + points
    units = sorted(lost, key=lambda u: (-lost[u], u))
    leaves = [n.code for n in plan.edition.leaves if n.code in {c[1] for c in cells}]
    return {
        "units": [{"code": u, "name": names.get(u, u), "lost": lost[u]} for u in units],
        "leaves": [{"code": c, "title": plan.edition.nodes[c].title} for c in leaves],
        "cells": [
            {"unit": u, "leaf": leaf, "lost": points, "open": open_}
            for u, leaf, points, open_ in cells
        ],
    }
