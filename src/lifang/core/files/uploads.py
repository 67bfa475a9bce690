"""Uploads in pieces. The bytes on disk are the offset: killed at any point, it goes on from there.

Pieces lie in the data folder of the web process; several web machines need a shared folder or a
balancer that keeps a client on one machine (docs/operations.md).
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Field, Invalid, Missing, TooLarge
from lifang.core.files.intake import accept_path, most_bytes
from lifang.core.files.sniff import KIND_NAMES
from lifang.core.files.store import incoming
from lifang.core.models import StoredFile, Upload

#: what a client should send at a time, and the most it may
CHUNK, MOST_CHUNK = 1024 * 1024, 8 * 1024 * 1024


def path_of(upload: Upload) -> Path:
    return incoming() / f"up-{upload.id.hex}"


def offset(upload: Upload) -> int:
    """How many bytes have come."""
    if upload.file_id is not None:
        return upload.size
    path = path_of(upload)
    return path.stat().st_size if path.exists() else 0


def create(*, name: str, size: int, owner: str, kinds: Sequence[str] = ("image",)) -> Upload:
    """Begin an upload of ``size`` bytes."""
    if size < 1:
        raise Invalid(
            "file.empty", _("文件是空的，请重新选择"), fields=[Field("size", _("须大于 0"))]
        )
    if size > most_bytes():
        raise TooLarge(
            "file.too_large",
            _("文件超过 %(mb)s MB，请压缩或分成几个后重试") % {"mb": most_bytes() // 1024 // 1024},
        )
    wrong = [k for k in kinds if k not in KIND_NAMES]
    if wrong or not kinds:
        raise Invalid(
            "file.kind",
            _("文件类别只能是：%(list)s") % {"list": "、".join(KIND_NAMES)},
            fields=[Field("kinds", _("无法识别"))],
        )
    upload = Upload.objects.create(
        name=name[:200], size=size, owner=owner[:80], kinds=",".join(kinds)
    )
    path_of(upload).touch()
    return upload


def get(upload_id: UUID, *, owner: str) -> Upload:
    """An upload of ``owner``; of those without an account the number itself is the secret."""
    found = Upload.objects.select_related("file").filter(id=upload_id).first()
    if found is None or (found.owner.startswith(("user:", "token:")) and found.owner != owner):
        raise Missing("upload.not_found", _("没有这个上传，可能已过期，请重新上传"))
    return found


def append(upload: Upload, *, at: int, stream: IO[bytes]) -> int:
    """Append one piece at offset ``at``; returns the new offset.

    A piece whose connection breaks keeps what came; the client asks for the offset and goes on.
    """
    if upload.file_id is not None:
        return upload.size
    path = path_of(upload)
    if not path.exists():
        raise Missing("upload.not_found", _("没有这个上传，可能已过期，请重新上传"))
    with path.open("r+b") as out:
        # of two pieces of one upload at once, the second waits and then meets a new offset
        fcntl.flock(out, fcntl.LOCK_EX)
        here = out.seek(0, os.SEEK_END)
        if at != here:
            raise Conflict(
                "upload.offset",
                _("续传位置不符，应从 %(n)s 字节处继续") % {"n": here},
                fields=[Field("offset", str(here))],
            )
        came = 0
        while chunk := stream.read(64 * 1024):
            came += len(chunk)
            if here + came > upload.size or came > MOST_CHUNK:
                out.truncate(here)
                raise TooLarge("upload.too_long", _("这一段超出了声明的大小，请从头重新上传"))
            out.write(chunk)
        out.flush()
    return here + came


def finish(upload: Upload) -> StoredFile:
    """Take the whole file in. Asked again, it answers the same."""
    if upload.file is not None:
        return upload.file
    here = offset(upload)
    if here != upload.size:
        raise Conflict(
            "upload.unfinished",
            _("文件还没有传完：已收到 %(n)s / %(size)s 字节") % {"n": here, "size": upload.size},
            fields=[Field("offset", str(here))],
        )
    path = path_of(upload)
    # a second name of the same bytes: killed before the row below, the piece file is still there
    taken = incoming() / f"in-{uuid4().hex}"
    os.link(path, taken)
    try:
        file = accept_path(
            taken, name=upload.name, owner=upload.owner, kinds=upload.kinds.split(",")
        )
    except (Invalid, TooLarge):
        path.unlink(missing_ok=True)
        upload.delete()
        raise
    finally:
        taken.unlink(missing_ok=True)
    Upload.objects.filter(id=upload.id).update(file=file)
    path.unlink(missing_ok=True)
    return file
