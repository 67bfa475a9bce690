"""Which files to look over for work that was lost, without reading them all each minute."""

import datetime as dt

from django.db.models import Max, Q

from lifang.core.models import StoredFile

#: files looked over at a time
SPAN = 5_000


def some(now: dt.datetime) -> Q:
    """The newest files, and in turn, minute by minute, all older ones: a million in three hours."""
    last = StoredFile.objects.aggregate(last=Max("id"))["last"] or 0
    turns = last // SPAN + 1
    start = int(now.timestamp() // 60) % turns * SPAN
    return Q(pk__gt=last - SPAN) | Q(pk__gt=start, pk__lte=start + SPAN)
