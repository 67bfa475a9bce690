"""Packages that were asked for and that no queue knows any more."""

import datetime as dt

from django.utils import timezone

from lifang.core.recovery import recovers, waiting
from lifang.core.tasks import later_many
from lifang.materials.choices import PackageStatus
from lifang.materials.models import Package
from lifang.materials.tasks import make_package

GRACE = dt.timedelta(minutes=10)


@recovers("material-packages")
def pack_again() -> int:
    rows = Package.objects.filter(
        status__in=(PackageStatus.WAITING, PackageStatus.MAKING),
        asked_at__lt=timezone.now() - GRACE,
    ).values_list("pk", flat=True)
    lost = sorted(set(rows) - waiting(make_package))
    later_many([(make_package, (pk,)) for pk in lost])
    return len(lost)
