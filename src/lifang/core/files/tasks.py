"""Copies of pictures, made in the background and, where one is missing, on demand."""

import os
from pathlib import Path
from uuid import uuid4

from django.utils.translation import gettext as _
from PIL import Image

from lifang.core.errors import Problem
from lifang.core.files import pictures, sniff, sound
from lifang.core.files.likeness import remember
from lifang.core.files.store import incoming, key_of, local_copy, store
from lifang.core.models import PictureMark, StoredFile
from lifang.core.tasks import task

_TYPES = {t.content_type: t for t in vars(sniff).values() if isinstance(t, sniff.Type)}


@task(retries=3)
def make_copies(file_id: int) -> None:
    """Make the copies of a picture that are not there. Idempotent."""
    row = StoredFile.objects.filter(id=file_id).first()
    if row is not None and row.kind == "image":
        ensure_copies(row)


def ensure_copies(row: StoredFile) -> None:
    """Write missing copies; a picture that cannot be read is marked so, and not tried again."""
    missing = [v for v in pictures.COPIES if not store().has(key_of(row.sha256, v))]
    if missing:
        mark = uuid4().hex
        targets = {v: incoming() / f"copy-{mark}-{v}" for v in missing}
        fetched = incoming() / f"copy-{mark}-original"
        try:
            source = local_copy(key_of(row.sha256), fetched)
            pictures.copies(source, _TYPES[row.content_type], targets)
            for variant, path in targets.items():
                _flush(path)
                store().put(key_of(row.sha256, variant), path)
        except (Problem, *pictures._BROKEN) as problem:
            if isinstance(problem, FileNotFoundError):
                raise
            StoredFile.objects.filter(id=row.id).update(
                copies_error=str(problem)[:200] or _("照片无法读取")
            )
            raise
        finally:
            for path in (*targets.values(), fetched):
                path.unlink(missing_ok=True)
    if not PictureMark.objects.filter(file_id=row.id).exists():
        with store().open(key_of(row.sha256, "thumb")) as stream, Image.open(stream) as thumb:
            remember(row.id, thumb)
    if not row.copies_made:
        StoredFile.objects.filter(id=row.id).update(copies_made=True, copies_error="")


def ensure_clean(row: StoredFile) -> None:
    """Write the copy of a recording or film that people hear and see, if it is missing."""
    key = key_of(row.sha256, "view")
    if store().has(key):
        return
    mark = uuid4().hex
    target, fetched = incoming() / f"copy-{mark}-view", incoming() / f"copy-{mark}-original"
    try:
        sound.clean(local_copy(key_of(row.sha256), fetched), row.content_type, target)
        _flush(target)
        store().put(key, target)
    finally:
        for path in (target, fetched):
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
