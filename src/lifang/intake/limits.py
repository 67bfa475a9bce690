"""Counting what comes in through the public door, and saying no in time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import TooMany
from lifang.intake.models import Tally
from lifang.intake.rules import HOUR, wait
from lifang.orgs.acting import Acting

_TABLE = Tally._meta.db_table


def hit(limits: Mapping[str, int], *, window: timedelta = HOUR) -> datetime | None:
    """Count one for each key. ``None``, or the start of the window of a key that is over its limit.

    One statement for all keys: two requests at the same moment never count as one.
    """
    now = timezone.now()
    adapt = connection.ops.adapt_datetimefield_value
    # sorted: two requests that share keys lock them in the same order
    keys = sorted(limits)
    rows = ", ".join(["(%s, %s, 1)"] * len(keys))
    expired = f"{_TABLE}.started_at <= %s"
    sql = (
        f"INSERT INTO {_TABLE} (key, started_at, count) VALUES {rows} "  # noqa: S608 constants
        f"ON CONFLICT (key) DO UPDATE SET "
        f"count = CASE WHEN {expired} THEN 1 ELSE {_TABLE}.count + 1 END, "
        f"started_at = CASE WHEN {expired} THEN %s ELSE {_TABLE}.started_at END "
        f"RETURNING key, count"
    )
    values: list[Any] = []
    for key in keys:
        values += [key, adapt(now)]
    values += [adapt(now - window), adapt(now - window), adapt(now)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        over = [key for key, count in cursor.fetchall() if count > limits[key]]
    if not over:
        return None
    return min(Tally.objects.filter(key__in=over).values_list("started_at", flat=True))


def unhit(keys: Mapping[str, int]) -> None:
    """Take one back from each key: the same report came a second time."""
    Tally.objects.filter(key__in=list(keys), count__gt=0).update(count=F("count") - 1)


def full(limits: Mapping[str, int], *, window: timedelta = HOUR) -> datetime | None:
    """Like :func:`hit` without counting: the window start of a key whose limit is used up."""
    now = timezone.now()
    found = Tally.objects.filter(key__in=list(limits), started_at__gt=now - window)
    starts = [t.started_at for t in found if t.count >= limits[t.key]]
    return min(starts) if starts else None


def too_many(started: datetime) -> TooMany:
    """The refusal, with the minutes to wait."""
    seconds, minutes = wait(started, timezone.now())
    problem = TooMany(
        "too_many",
        _("提交过于频繁，请 %(minutes)s 分钟后再试。紧急情况请拨打 12345 热线。")
        % {"minutes": minutes},
    )
    problem.retry_after = seconds
    return problem


def purge(*, older_than: timedelta = HOUR) -> int:
    """Forget windows that are over. Returns how many."""
    with transaction.atomic():
        return Tally.objects.filter(started_at__lt=timezone.now() - older_than).delete()[0]


#: looks (place search, class suggestion) an address may take within ten minutes
LOOKS = 600


def look(by: Acting) -> None:
    """Count a look that costs us work. In process: exact counting would cost more than the look."""
    key = f"look:{by.address}"
    cache.add(key, 0, 600)
    try:
        count = cache.incr(key)
    except ValueError:  # ran out between the two lines
        return
    if count > LOOKS:
        raise too_many(timezone.now() - HOUR + timedelta(minutes=10))
