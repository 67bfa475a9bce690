"""What the first report would wait for, built before it comes.

Catalogue, classifier, names of places, map, rules of responsibility and calendar are kept in each
process and built at their first use: most of a second, by every thread that asks at that moment. A
process that has just started builds them once by going the way of a report that is not kept.
"""

import gc
import threading
import time
from collections.abc import Callable

import structlog
from django.db import connections
from django.db.models import F
from django.urls import get_resolver
from django.utils import timezone

from lifang.cases import people
from lifang.cases.actions import _auto, _clock
from lifang.cases.actions.report import understood
from lifang.cases.models import Case
from lifang.core import channels, codes, stamps
from lifang.duties import queries as duties
from lifang.places.models import Region
from lifang.standards import queries as standards
from lifang.understanding.learning import judge

log = structlog.get_logger(__name__)

#: seconds that a starting process waits for it; what takes longer goes on beside its work
WAIT = 10.0


def start(wait: float = WAIT) -> threading.Thread:
    """Warm this process in a thread of its own, and wait a little for it. Never raises."""
    thread = threading.Thread(target=_run, name="warming", daemon=True)
    thread.start()
    thread.join(wait)
    return thread


def warm() -> list[str]:
    """Build everything; the names of what failed. A failure is logged and hinders nothing."""
    begun, failed = time.monotonic(), []
    stamps.begin()
    try:
        for name, build in STEPS:
            try:
                build()
            except Exception:  # no table yet, no database: whoever needs it will say so
                log.exception("warming_failed", what=name)
                failed.append(name)
    finally:
        stamps.end()
    log.info("warmed", seconds=round(time.monotonic() - begun, 2), failed=failed)
    return failed


def _run() -> None:
    try:
        warm()
        # what was built stays for good: the collector need not walk through it again and again
        gc.collect()
        gc.freeze()
    finally:
        connections.close_all()


def _addresses() -> None:
    """All routes with their schemas."""
    len(get_resolver().url_patterns)


def _model() -> None:
    judge.in_force()


def _report() -> None:
    """A matter of the catalogue in the middle of the map, as far as its unit and its time limit."""
    leaves = standards.in_force().leaves
    regions = Region.objects.filter(active=True, west__isnull=False, south__isnull=False)
    middle = regions.order_by("-level", "code").values_list(
        "name", (F("west") + F("east")) / 2, (F("south") + F("north")) / 2
    )
    found = middle.first()
    if not leaves or found is None:
        return
    name, lng, lat = found
    now = timezone.now()
    words = f"{name}{leaves[0].name}{leaves[0].words}"
    case = Case(text=words, lng=lng, lat=lat, reported_at=now)
    _auto.plan(case, understood(case, words), now=now)
    condition = leaves[0].default_condition
    if condition is not None:
        _clock.start(case, condition.limit, condition.unit, now)
    answer = duties.answer_for(
        category_key=leaves[0].key, area=case.area, road_id=case.road_id, site_id=case.site_id,
        grid_cell_id=case.cell_id,
    )  # fmt: skip
    people.of_unit(answer.unit_id)
    codes.template_of("case")
    channels.active()


STEPS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("addresses", _addresses),
    ("model", _model),
    ("report", _report),
)
