"""Case histories with exactly the counts asked for, straight into the tables."""

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from lifang.cases.models import Case
from lifang.demo import fast
from lifang.orgs.models import Unit
from lifang.standards.models import Catalogue, Category

_number = itertools.count(1)
Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)


def day(text: str, hour: int = 10) -> dt.datetime:
    """Ten in the morning, local time, of an ISO day."""
    return dt.datetime.fromisoformat(text).replace(
        hour=hour, tzinfo=timezone.get_default_timezone()
    )


def unit(code: str = "U1", **more: Any) -> Unit:
    found: Unit = Unit.objects.get_or_create(
        code=code, defaults={"name": f"单位{code}", "kind": "department", **more}
    )[0]
    return found


def category(key: str) -> Category:
    """A category by key, its major class made with it."""
    catalogue, _ = Catalogue.objects.get_or_create(
        code="T", version="1", defaults={"name": "试", "in_force": True}
    )
    kind = "component" if key.startswith("component") else "event"
    major, minor = key.split(".")
    parent, _ = Category.objects.get_or_create(
        catalogue=catalogue, key=major, defaults={"kind": kind, "code": major[-8:], "name": major}
    )
    found: Category = Category.objects.get_or_create(
        catalogue=catalogue,
        key=key,
        defaults={"kind": kind, "code": minor[-8:], "name": minor, "parent": parent},
    )[0]
    return found


def case(**more: Any) -> Row:
    """A case not yet written."""
    at = more.setdefault("reported_at", day("2024-12-03"))
    return {
        "number": f"T{next(_number):08}",
        "text": "试",
        "updated_at": at,
        "source": "collector",
        "state": "reported",
        "area": "990102001",
        **more,
    }


def filed(at: dt.datetime, due: dt.datetime, lead: Unit, **more: Any) -> Row:
    """A case dispatched an hour after its report and in handling since."""
    return case(
        **{
            "state": "handling",
            "reported_at": at,
            "filed_at": at + HOUR / 2,
            "dispatched_at": at + HOUR,
            "due_at": due,
            "lead_unit_id": lead.pk,
            "first_unit_id": lead.pk,
            **more,
        }
    )


def closed(at: dt.datetime, due: dt.datetime, lead: Unit, *, late: bool, **more: Any) -> Row:
    back = due + HOUR if late else due - HOUR
    return filed(
        at,
        due,
        lead,
        **{
            "state": "closed",
            "handed_back_at": back,
            "checked_at": back + HOUR,
            "closed_at": back + 2 * HOUR,
            "closed_as": "normal",
            **more,
        },
    )


def load(rows: list[Row]) -> list[int]:
    """Write the cases; returns their ids."""
    first = fast.last_id(Case) + 1
    fast.insert(Case, ({"id": n, **row} for n, row in enumerate(rows, first)))
    fast.mend_sequences(Case)
    return list(range(first, first + len(rows)))
