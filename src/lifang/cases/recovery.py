"""What a broker may have lost between commit and queue: steps of which nobody was told."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from lifang.cases.models import Step
from lifang.cases.tasks import tell_step
from lifang.core.models import JournalCursor
from lifang.core.recovery import recovers
from lifang.core.tasks import in_database, later_many

CURSOR = "cases.told"
#: time enough for the task itself
GRACE = dt.timedelta(minutes=1)
BATCH = 500


@recovers("case-steps")
@transaction.atomic
def tell_again() -> int:
    """Enqueue the telling of steps once more; it tells only those who were not told.

    Rows of the database commit with the step and are never lost, so there is nothing to do there.
    """
    if in_database():
        return 0
    cursor, _made = JournalCursor.objects.select_for_update().get_or_create(name=CURSOR)
    steps = list(
        Step.objects.filter(pk__gt=cursor.position, at__lt=timezone.now() - GRACE)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not steps:
        return 0
    later_many([(tell_step, (pk,)) for pk in steps])
    cursor.position = steps[-1]
    cursor.save(update_fields=["position"])
    return len(steps)
