"""What the machine may merge: measured anew from what people decided."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from lifang.cases.duplicates import bound
from lifang.cases.models import DuplicateBound
from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.orgs.acting import SYSTEM
from lifang.understanding import rules as learning

#: fewer decisions say nothing; 73 without a mistake give a lower end of 0.95 (Wilson)
LEAST = 60


@transaction.atomic
def measure_duplicates(*, by: Actor = SYSTEM, now: dt.datetime | None = None) -> DuplicateBound:
    """Measure from which score on merging is right often enough, and let that be in force.

    The lowest threshold of a fixed grid above which the lower end of the 95 % Wilson interval of precision
    meets the target; none: only the same words at the same place are merged without a person.
    """
    at = now or timezone.now()
    samples = bound.reviewed(at)
    found = (
        learning.lowest_threshold(samples, target=bound.TARGET) if len(samples) >= LEAST else None
    )
    seen = found or learning.measure(samples, 0.0)
    row = DuplicateBound.objects.create(
        threshold=found.threshold if found else None, n=seen.n, right=seen.right, low=seen.low,
        high=seen.high, coverage=seen.coverage, target=bound.TARGET, reviewed=len(samples),
        measured_at=at,
    )  # fmt: skip
    stamps.bump(bound.STAMP)
    journal.write_many(
        [
            journal.entry(
                by=by, room="cases", verb="measure_duplicates", subject=row, automatic=by.automatic,
                after={"threshold": row.threshold, "n": row.n, "right": row.right, "low": row.low}, at=at,
            )
        ]
    )  # fmt: skip
    return row
