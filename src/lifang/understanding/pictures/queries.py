"""What is known of pictures."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from lifang.config import config
from lifang.core.models import StoredFile
from lifang.understanding.pictures import faces, reading
from lifang.understanding.pictures.models import PictureFinding, Publicity
from lifang.understanding.windows import some

#: decisions after which a copy is for everybody
SHOWN = (Publicity.CHECKED, Publicity.RELEASED)


def able() -> bool:
    """Whether this installation looks at pictures by itself: the extra is there and not turned off."""
    return config().picture_checks and faces.model_path() is not None and reading.installed()


def published(file_ids: Iterable[int]) -> set[int]:
    """Those of the pictures of which everybody may see a copy; one statement."""
    return set(
        PictureFinding.objects.filter(file_id__in=list(file_ids), publicity__in=SHOWN).values_list(
            "file_id", flat=True
        )
    )


def findings(file_ids: Iterable[int]) -> dict[int, PictureFinding]:
    """What was found, by file; pictures nobody looked at are left out."""
    return {f.pk: f for f in PictureFinding.objects.filter(file_id__in=list(file_ids))}


def due(*, now: dt.datetime | None = None) -> list[int]:
    """Pictures with copies at which nobody looked yet, oldest first, at most 200."""
    if not able():
        return []
    rows = StoredFile.objects.filter(some(now or timezone.now()))
    rows = rows.filter(kind="image", copies_made=True, finding=None)
    return list(rows.order_by("id").values_list("id", flat=True)[:200])
