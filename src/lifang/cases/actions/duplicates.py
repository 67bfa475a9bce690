"""What the machine may merge: measured anew from what people decided."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import tasks
from lifang.cases.duplicates import bound
from lifang.cases.models import DuplicateBound
from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Forbidden
from lifang.core.tasks import later
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.choices import Role
from lifang.understanding import rules as learning

#: fewer decisions say nothing; 73 without a mistake give a lower end of 0.95 (Wilson)
LEAST = 60


def ask_measure(*, by: Acting) -> None:
    """Have the bound measured anew in the background."""
    if not (by.automatic or by.has(Role.SYSTEM_ADMIN)):
        raise Forbidden("duplicates.forbidden", _("重新测定须由系统管理员发起"))
    with transaction.atomic():
        journal.write(by=by, room="cases", verb="ask_measure_duplicates")
        later(tasks.measure_duplicates)


@transaction.atomic
def measure_duplicates(*, by: Actor = SYSTEM, now: dt.datetime | None = None) -> DuplicateBound:
    """Measure from which score on merging is right often enough, and let that be in force.

    The lowest threshold of a fixed grid above which the lower end of the 95 % Wilson interval of precision
    meets the target; none: only the same words at the same place are merged without a person.
    """
    at = now or timezone.now()
    looked = bound.look(at)
    samples = looked.samples
    found = (
        learning.lowest_threshold(samples, target=bound.TARGET) if len(samples) >= LEAST else None
    )
    seen = found or learning.measure(samples, 0.0)
    row = DuplicateBound.objects.create(
        threshold=found.threshold if found else None, n=seen.n, right=seen.right, low=seen.low,
        high=seen.high, coverage=seen.coverage, target=bound.TARGET, reviewed=len(samples),
        figures=looked.as_json(), measured_at=at,
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
