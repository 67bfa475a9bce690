"""What the checks need to know of stored files: read once for each, kept in :class:`FileFacts`."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.core.files.store import incoming, key_of, local_copy
from lifang.core.models import StoredFile
from lifang.materials import pictures, reading
from lifang.materials.checks import Chosen
from lifang.materials.models import FileFacts


def facts_of(rows: Iterable[StoredFile]) -> dict[int, FileFacts]:
    """Facts by file; those not known yet are read now (10 to 200 ms a file, a few seconds at most)."""
    wanted = {row.pk: row for row in rows}
    known = FileFacts.objects.in_bulk(list(wanted))
    new = [_measure(row) for pk, row in wanted.items() if pk not in known]
    if new:
        FileFacts.objects.bulk_create(new, ignore_conflicts=True)
    return known | {f.file_id: f for f in new}


def _measure(row: StoredFile) -> FileFacts:
    found = FileFacts(file_id=row.pk)
    fetched = incoming() / f"measure-{uuid4().hex}"
    try:
        _read(row, local_copy(key_of(row.sha256), fetched), found)
    except FileNotFoundError:
        found.fault = _("文件不在存储中，请重新上传")
    finally:
        fetched.unlink(missing_ok=True)
    return found


def _read(row: StoredFile, path: Path, found: FileFacts) -> None:
    if row.kind == "image":
        try:
            seen = pictures.look(path)
        except (OSError, ValueError, SyntaxError, Invalid):
            found.fault = _("照片无法读取，请换一张")
            return
        found.sharpness, found.quality = seen.sharpness, seen.quality
        found.watermark = seen.watermark
        return
    text = reading.read(path, row.content_type)
    found.words, found.pages = text.words, text.pages
    found.excerpt, found.fault = text.excerpt, text.fault[:200]


def chosen(rows: Sequence[StoredFile], names: Sequence[str] = ()) -> list[Chosen]:
    """Stored files as the checks take them, in their order."""
    facts = facts_of(rows)
    found = []
    for n, row in enumerate(rows):
        f = facts[row.pk]
        found.append(
            Chosen(
                name=names[n] if n < len(names) else row.name,
                content_type=row.content_type,
                size=row.size,
                sha256=row.sha256,
                width=row.width,
                height=row.height,
                taken=_day(row.taken_at),
                words=f.words,
                pages=f.pages,
                sharpness=f.sharpness,
                quality=f.quality,
                watermark=f.watermark,
                fault=f.fault,
            )
        )
    return found


def _day(at: dt.datetime | None) -> dt.date | None:
    return timezone.localtime(at).date() if at else None
