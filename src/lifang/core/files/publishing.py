"""Copies for everybody. There is one only where somebody checked the picture; it fails closed."""

import os
from uuid import uuid4

from PIL import Image

from lifang.core.files import pictures
from lifang.core.files.store import incoming, key_of, store
from lifang.core.models import StoredFile

#: variant → the copy whose size it has
PUBLIC = {"public": "view", "public-thumb": "thumb"}


def publish(row: StoredFile, image: Image.Image) -> None:
    """Keep ``image`` as what everybody may see of ``row``. Idempotent; an earlier one is replaced."""
    for variant, size in PUBLIC.items():
        path = incoming() / f"copy-{uuid4().hex}-{variant}"
        try:
            copy = image.convert("RGB")
            copy.thumbnail((pictures.COPIES[size],) * 2, reducing_gap=2.0)
            copy.info = {}
            with path.open("wb") as out:
                copy.save(out, "JPEG", quality=pictures.QUALITY[size], optimize=True)
                out.flush()
                os.fsync(out.fileno())
            store().delete(key_of(row.sha256, variant))
            store().put(key_of(row.sha256, variant), path)
        finally:
            path.unlink(missing_ok=True)


def withdraw(row: StoredFile) -> None:
    """Nobody but those with a right sees it any more."""
    for variant in PUBLIC:
        store().delete(key_of(row.sha256, variant))
