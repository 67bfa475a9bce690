"""The case list: rows for tables, points for the map, counts with a ceiling."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Func, Q, QuerySet
from django.utils import timezone

from lifang.cases import rules
from lifang.cases.choices import FINAL, Light
from lifang.cases.models import Case
from lifang.cases.permissions import under
from lifang.cases.queries.filters import CaseFilter, filtered
from lifang.core.paging import page
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.places import atlas
from lifang.standards import queries as standards

#: how far a list is counted; beyond that "more than" is honest and cheap
CEILING = 10_000
POINTS_MOST = 5_000

COLUMNS = (
    "id", "number", "state", "source", "summary", "priority", "reports_count", "category_id",
    "lng", "lat", "address", "area", "region_id", "lead_unit_id", "handler__name",
    "desk_user__name", "reported_at", "filed_at", "dispatched_at", "handed_back_at", "closed_at",
    "due_at", "amber_at", "stage_due_at", "rework", "returns", "extensions", "arbitration",
    "automatic", "exempt", "relapse_of_id", "parent_id", "question", "version",
)  # fmt: skip
ORDERS = {
    "-id": ("-id",),
    "id": ("id",),
    "-reported_at": ("-reported_at",),
    "reported_at": ("reported_at",),
    "-priority": ("-priority", "-id"),
    "due_at": ("due_at",),
    "stage_due_at": ("stage_due_at",),
}


def rows(
    by: Acting, f: CaseFilter, *, order: str = "-id", cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of the list: one statement beside the caches. Names come from memory."""
    now = timezone.now()
    keys: Sequence[str] = ORDERS[order]
    cases = _listed(by, f, keys, now).order_by()
    if keys[0] in ("due_at", "stage_due_at"):
        cases = cases.filter(**{f"{keys[0]}__isnull": False})
    found = page(cases.values(*COLUMNS), order=keys, cursor=cursor, limit=limit)
    found["items"] = [dress(row, now) for row in found["items"]]
    return found


#: from so many cases on, they are found faster by walking down the newest than by an index
DENSE = 2_000


def _listed(by: Acting, f: CaseFilter, keys: Sequence[str], now: dt.datetime) -> QuerySet[Case]:
    """The filtered cases, with a word to SQLite where its planner goes wrong.

    A range of areas, or several units, cannot give rows by number: SQLite sorts all of them for a page of
    50 (130,000 of a million: 300 ms). PostgreSQL's statistics tell it better.
    """
    if keys[0] not in ("id", "-id") or connection.vendor != "sqlite":
        return filtered(by, f, now=now)
    units = tree().below(f.unit) if f.unit is not None else frozenset()
    area = _dense(under(f.area)) if f.area else False
    unit = _dense(Q(lead_unit__in=units)) if len(units) > 1 else False
    left_out = {**({"area": ""} if area else {}), **({"unit": None} if unit else {})}
    found = filtered(by, f.model_copy(update=left_out), now=now)
    if area:
        found = found.alias(area_walked=_Walked("area")).filter(under(f.area, "area_walked"))
    if unit:
        found = found.alias(unit_walked=_Walked("lead_unit")).filter(unit_walked__in=units)
    return found


def _dense(where: Q) -> bool:
    """Whether more than a few cases are there; one statement over an index."""
    return Case.objects.filter(where).order_by().values("pk")[: DENSE + 1].count() > DENSE


class _Walked(Func):
    """The column under a plus sign: SQLite then leaves its index alone."""

    template = "+%(expressions)s"
    arity = 1


def dress(row: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Add light and names to a row of the table."""
    row["light"] = rules.light(
        now, state=row["state"], due=row["due_at"], amber=row.pop("amber_at"),
        ended=row["handed_back_at"],
    )  # fmt: skip
    row["stage_light"] = stage_light(row["stage_due_at"], now)
    row["lead_unit"] = tree().name(row["lead_unit_id"])
    row["lead_unit_short"] = tree().short(row["lead_unit_id"])
    category = standards.any_by_id(row["category_id"])
    row["category"] = category.name if category else ""
    row["category_key"] = category.key if category else ""
    region = atlas.region_list().get(row["region_id"])
    row["region"] = region.name if region else ""
    row["handler"] = row.pop("handler__name") or ""
    row["desk_user"] = row.pop("desk_user__name") or ""
    return row


def stage_light(due: dt.datetime | None, now: dt.datetime) -> Light:
    """The light of a stage in the centre: red once its time is over."""
    if due is None:
        return Light.GREY
    return Light.RED if now > due else Light.GREEN


def count(by: Acting, f: CaseFilter) -> tuple[int, bool]:
    """(how many, whether that is all): counted up to a ceiling so that it never takes long."""
    n = filtered(by, f).order_by().values("pk")[: CEILING + 1].count()
    return min(n, CEILING), n <= CEILING


def features(
    by: Acting, f: CaseFilter, *, bbox: tuple[float, float, float, float] | None = None
) -> dict[str, Any]:
    """Points for the map as GeoJSON, newest first, with a mark where there are more."""
    now = timezone.now()
    cases: QuerySet[Case] = filtered(by, f, now=now).filter(lng__isnull=False)
    if bbox:
        west, south, east, north = bbox
        cases = cases.filter(lng__range=(west, east), lat__range=(south, north))
    names = (
        "id", "number", "lng", "lat", "state", "due_at", "amber_at", "handed_back_at", "summary",
        "category_id",
    )  # fmt: skip
    found = list(cases.order_by("-id").values(*names)[: POINTS_MOST + 1])
    points = [_feature(row, now) for row in found[:POINTS_MOST]]
    return {
        "type": "FeatureCollection",
        "features": points,
        "complete": len(found) <= POINTS_MOST,
    }


def _feature(row: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    category = standards.any_by_id(row["category_id"])
    light = rules.light(
        now, state=row["state"], due=row["due_at"], amber=row["amber_at"],
        ended=row["handed_back_at"],
    )  # fmt: skip
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": {"type": "Point", "coordinates": [row["lng"], row["lat"]]},
        "properties": {
            "number": row["number"],
            "state": row["state"],
            "light": light,
            "summary": row["summary"],
            "category": category.name if category else "",
        },
    }


def open_by_key(catalogue_id: int) -> dict[str, int]:
    """How many open cases stand under each class of a version, by key. One statement."""
    found = Case.objects.exclude(state__in=FINAL).filter(category__catalogue=catalogue_id)
    return dict(found.order_by().values_list("category__key").annotate(n=Count("pk")))
