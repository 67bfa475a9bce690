"""A zip that somebody made on some machine, taken apart without trusting it."""

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.core.files.store import incoming
from lifang.materials.matching import noise

#: entries, bytes unpacked in all, and how much a file may grow by unpacking
MOST_ENTRIES = 5_000
#: of a zip as it comes; a folder of files has no such bound
MOST_ZIP = 500 * 1024**2
MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A file of the zip: its path there as people read it."""

    path: str
    info: zipfile.ZipInfo


def entries(archive: zipfile.ZipFile) -> list[Entry]:
    """Files of a zip worth taking; raises :class:`Invalid` for bombs and locked ones."""
    found, total = [], 0
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        told = _("压缩包里有 %(n)s 个文件，最多 %(most)s 个，请分批上传")
        raise Invalid("batch.entries", told % {"n": len(infos), "most": MOST_ENTRIES})
    for info in infos:
        path = name_of(info)
        if info.is_dir() or noise(path):
            continue
        if info.flag_bits & 0x1:
            raise Invalid("batch.locked", _("压缩包设了密码，请去掉密码后重新打包"))
        total += info.file_size
        if total > MOST_BYTES or (
            info.file_size > 1024 * 1024
            and info.file_size > MOST_RATIO * max(1, info.compress_size)
        ):
            raise Invalid("batch.bomb", _("压缩包解压后过大，疑似恶意文件，未予接收"))
        found.append(Entry(path, info))
    return found


def name_of(info: zipfile.ZipInfo) -> str:
    """The name as its maker saw it: Windows in China writes GBK without saying so.

    ``..`` and drives are dropped: a name is only ever a name here, never a place to write to.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeEncodeError):
            raw = name.encode("cp437")
            if not raw.isascii():
                for encoding in ("utf-8", "gb18030"):
                    with suppress(UnicodeDecodeError):
                        name = raw.decode(encoding)
                        break
    parts = name.replace("\\", "/").split("/")
    return "/".join(p for p in parts if p not in ("", ".", "..") and not p.endswith(":"))


def opened(stream: IO[bytes]) -> zipfile.ZipFile:
    """The zip; raises :class:`Invalid` where it is none."""
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as problem:
        raise Invalid("batch.zip", _("压缩包打不开，请用 .zip 格式重新打包")) from problem


def unpacked(archive: zipfile.ZipFile, found: list[Entry]) -> Iterator[tuple[Entry, Path | None]]:
    """Each file in a place of its own, gone after its turn; ``None`` where it is broken."""
    for entry in found:
        path = incoming() / f"zip-{uuid4().hex}"
        try:
            try:
                with archive.open(entry.info) as source, path.open("wb") as out:
                    # not more than was declared: the header may lie
                    shutil.copyfileobj(_Bounded(source, entry.info.file_size), out, 1024 * 1024)
            except _BROKEN:
                yield entry, None
                continue
            yield entry, path
        finally:
            path.unlink(missing_ok=True)


class _Bounded:
    def __init__(self, source: IO[bytes], most: int) -> None:
        self.source, self.left = source, most

    def read(self, n: int = -1) -> bytes:
        data = self.source.read(n)
        self.left -= len(data)
        if self.left < 0:
            raise ValueError("longer than declared")
        return data
