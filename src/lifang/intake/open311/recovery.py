"""Cases for another server that were due more than a minute ago and are in no queue."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from lifang.core.recovery import recovers, waiting
from lifang.core.tasks import later
from lifang.intake.open311.models import LinkState, Open311Link
from lifang.intake.open311.tasks import send_link


@recovers("open311 links")
def lost_links() -> int:
    old = timezone.now() - timedelta(minutes=1)
    due = Open311Link.objects.filter(state=LinkState.WAITING, due_at__lt=old).order_by("id")
    numbers = list(due.values_list("id", flat=True)[:200])
    queued = waiting(send_link) if numbers else set()
    lost = [n for n in numbers if n not in queued]
    with transaction.atomic():
        for number in lost:
            later(send_link, number)
    return len(lost)
