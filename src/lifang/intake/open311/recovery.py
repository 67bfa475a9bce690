"""What must not lie around: cases for another server in no queue, servers that fail again and again."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.doctor import Finding, check
from lifang.core.recovery import recovers, waiting
from lifang.core.tasks import later
from lifang.intake.open311.models import LinkState, Open311Link, Open311Server
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


#: failed polls in a row after which the system page says so
TOLD_AFTER = 3


@check("open311", gettext_lazy("外部平台（Open311）"))
def servers() -> Iterable[Finding]:
    for row in Open311Server.objects.filter(active=True, failures__gte=TOLD_AFTER):
        said = {"name": row.name, "n": row.failures, "why": row.error}
        yield Finding("warning", _("“%(name)s”连续 %(n)s 次未取到：%(why)s") % said)
    if failed := Open311Link.objects.filter(state=LinkState.FAILED).count():
        yield Finding(
            "warning", _("有 %(n)s 个案件未能发送到外部平台，请处理后重试") % {"n": failed}
        )
