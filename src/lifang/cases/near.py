"""Cases near a point: candidates for duplicates and relapses. One indexed query."""

import datetime as dt
from dataclasses import dataclass

from lifang.cases import rules
from lifang.cases.choices import State
from lifang.cases.models import Case
from lifang.core import geo

#: rows read of one place
ROWS = 400


@dataclass(frozen=True)
class Near:
    id: int
    number: str
    state: str
    category_id: int | None
    text: str
    metres: float


def near(
    *,
    lng: float,
    lat: float,
    metres: float,
    category_id: int | None = None,
    since: dt.datetime | None = None,
    closed: bool = False,
    most: int = 50,
) -> list[Near]:
    """Open cases (``closed``: closed ones) within ``metres``, nearest first.

    ``since`` bounds the report's time (closed ones: the closing time). Without ``category_id`` all
    classes are looked at.
    """
    west, south, east, north = geo.bbox_around(lng, lat, metres)
    rows = Case.objects.filter(lat__range=(south, north), lng__range=(west, east))
    if closed:
        rows = rows.filter(state=State.CLOSED)
        rows = rows.filter(closed_at__gte=since) if since else rows
    else:
        rows = rows.filter(state__in=sorted(rules.OPEN))
        rows = rows.filter(reported_at__gte=since) if since else rows
    if category_id is not None:
        rows = rows.filter(category_id=category_id)
    # no order in SQL: one by number would tempt the planner to walk the whole table for it
    found = [
        Near(i, number, state, category, text, geo.metres((lng, lat), (x or 0.0, y or 0.0)))
        for i, number, state, category, text, x, y in rows.order_by().values_list(
            "id", "number", "state", "category_id", "text", "lng", "lat"
        )[:ROWS]
    ]
    return sorted((n for n in found if n.metres <= metres), key=lambda n: n.metres)[:most]
