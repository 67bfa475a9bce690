"""What is known of recordings."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from lifang.core.models import StoredFile
from lifang.understanding.voice import engines
from lifang.understanding.voice.models import Heard, Transcript
from lifang.understanding.windows import some

#: nobody waits any more for the words of older recordings
WITHIN = dt.timedelta(days=30)
#: outcomes with words in them
SAID = (Heard.WORDS, Heard.CORRECTED)


def able() -> bool:
    """Whether recordings are written down here."""
    return bool(engines.chosen())


def current(file_ids: Iterable[int]) -> dict[int, Transcript]:
    """The transcript that holds for each recording: the last correction, else the machine's."""
    rows = Transcript.objects.filter(file_id__in=list(file_ids), superseded_by=None)
    return {t.file_id: t for t in rows}


def machine(file_ids: Iterable[int]) -> dict[int, Transcript]:
    """What the machine wrote, whatever people made of it."""
    rows = Transcript.objects.filter(file_id__in=list(file_ids), supersedes=None)
    return {t.file_id: t for t in rows}


def said(file_ids: Iterable[int]) -> str:
    """All words spoken in some recordings, in the order given; empty where there are none (yet)."""
    wanted = list(file_ids)
    if not wanted:
        return ""
    found = current(wanted)
    texts = [found[i].text for i in wanted if i in found and found[i].heard in SAID]
    return "\n".join(t for t in texts if t)


def due(*, now: dt.datetime | None = None) -> list[int]:
    """Recordings nobody listened to yet, oldest first, at most 100."""
    if not able():
        return []
    at = now or timezone.now()
    rows = StoredFile.objects.filter(some(at), kind="audio", transcripts=None)
    rows = rows.filter(created_at__gte=at - WITHIN)
    return list(rows.order_by("id").values_list("id", flat=True)[:100])
