"""Taking a file in: streamed to disk while hashed, looked at, then kept by its content."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core.errors import Invalid, TooLarge
from lifang.core.files import arrivals, pictures, sniff, sound
from lifang.core.files.store import incoming, key_of, store
from lifang.core.models import StoredFile
from lifang.core.tasks import later

_CHUNK = 256 * 1024
#: controls, separators of paths, marks that turn the direction of writing, reserved characters
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff/\\:*?\"<>|]+"
)


def most_bytes() -> int:
    return config().upload_max_mb * 1024 * 1024


def accept(
    stream: IO[bytes], *, name: str, owner: str, kinds: Sequence[str] = ("image",)
) -> StoredFile:
    """Take in what ``stream`` gives; returns its row, the present one if it is already there.

    On return the bytes are on disk (or in the bucket). Raises :class:`TooLarge` or
    :class:`Invalid` with a message for the sender; nothing is left behind then.
    """
    path = incoming() / f"in-{uuid4().hex}"
    try:
        digest = hashlib.sha256()
        size = 0
        with path.open("wb") as out:
            for chunk in _chunks(stream):
                size += len(chunk)
                if size > most_bytes():
                    raise _too_large()
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        return _keep(path, digest.hexdigest(), size, name, owner, kinds)
    finally:
        path.unlink(missing_ok=True)


def accept_path(
    path: Path, *, name: str, owner: str, kinds: Sequence[str] = ("image",)
) -> StoredFile:
    """Take in a file that lies in :func:`store.incoming` already; it is moved away."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            size += len(chunk)
            digest.update(chunk)
        os.fsync(stream.fileno())
    if size > most_bytes():
        raise _too_large()
    return _keep(path, digest.hexdigest(), size, name, owner, kinds)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _too_large() -> TooLarge:
    return TooLarge(
        "file.too_large",
        _("文件超过 %(mb)s MB，请压缩或分成几个后重试") % {"mb": config().upload_max_mb},
    )


def _keep(
    path: Path, sha256: str, size: int, name: str, owner: str, kinds: Sequence[str]
) -> StoredFile:
    if size == 0:
        raise Invalid("file.empty", _("文件是空的，请重新选择"))
    known = StoredFile.objects.filter(sha256=sha256).first()
    found = sniff.identify(path, name=name)
    if found is None or found.kind not in kinds:
        wanted = "、".join(sniff.KIND_NAMES[k] for k in kinds if k in sniff.KIND_NAMES)
        raise Invalid("file.kind", _("不接受这种文件，请上传：%(kinds)s") % {"kinds": wanted})
    if known is not None:
        if not store().has(key_of(sha256)):
            store().put(key_of(sha256), path)  # lost from the disk, now back
        return known
    seen = pictures.look(path, found) if found.kind == "image" else None
    heard = sound.look(path, found) if found.kind in ("audio", "video") else None
    store().put(key_of(sha256), path)
    with transaction.atomic():
        row, made = StoredFile.objects.get_or_create(
            sha256=sha256,
            defaults={
                "kind": found.kind,
                "content_type": found.content_type,
                "name": clean_name(name, found.suffix),
                "size": size,
                "width": seen.width if seen else None,
                "height": seen.height if seen else None,
                "seconds": round(heard.seconds, 2) if heard else None,
                "taken_at": seen.taken_at if seen else None,
                "exif_lng": seen.lng if seen else None,
                "exif_lat": seen.lat if seen else None,
                "owner": owner[:80],
                "copies_made": found.kind != "image",
            },
        )
        if made and found.kind == "image":
            from lifang.core.files.tasks import make_copies

            later(make_copies, row.id)
        if made:
            arrivals.tell(row)
    return row


def clean_name(name: str, suffix: str) -> str:
    """A name that is safe to show and to save under: no path, no tricks, the true suffix."""
    text = unicodedata.normalize("NFC", name or "")
    text = text.replace("\\", "/").rsplit("/", 1)[-1]
    text = _UNSAFE.sub("", text).strip(" .")
    stem = PurePosixPath(text).stem if "." in text else text
    stem = stem.strip(" .")[:100] or "文件"
    return stem + suffix
