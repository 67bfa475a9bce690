"""Forgetting: what identifies reporters goes when it is needed no longer; the case stays."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lifang.cases.actions import _step
from lifang.cases.choices import FINAL
from lifang.cases.models import Report
from lifang.core import journal
from lifang.orgs.acting import SYSTEM

BATCH = 1000
_KEPT = (
    ~Q(reporter_name="") | ~Q(reporter_phone="") | ~Q(device="") | ~Q(payload={})
)  # what a report still holds of its reporter


@transaction.atomic
def forget(*, now: dt.datetime | None = None) -> int:
    """Empty name, telephone, device and channel data of reports whose case ended long ago.

    Returns how many reports; one line in the journal says so. Idempotent.
    """
    at = now or timezone.now()
    limit = at - dt.timedelta(days=_step.setting().retention_days)
    due = list(
        Report.objects.filter(_KEPT, case__state__in=FINAL, case__updated_at__lt=limit)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not due:
        return 0
    Report.objects.filter(pk__in=due).update(
        reporter_name="", reporter_phone="", device="", payload={}
    )
    journal.write(by=SYSTEM, room="cases", verb="forget_reporters", after={"reports": len(due)})
    return len(due)
