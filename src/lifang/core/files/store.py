"""Where bytes lie: the data folder, or S3 by ``LIFANG_MEDIA_URL``."""

import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages

from lifang.config import config


class Store(Protocol):
    """Keys are ``original/ab/cd/<sha256>`` and the like; a key's bytes never change."""

    def has(self, key: str) -> bool: ...
    def put(self, key: str, source: Path) -> None: ...
    def open(self, key: str) -> IO[bytes]: ...
    def delete(self, key: str) -> None: ...


def key_of(sha256: str, variant: str = "original") -> str:
    return f"{variant}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def incoming() -> Path:
    """The folder of what is on its way in: same disk as the store, so that moving is a rename."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sync_folder(folder: Path) -> None:
    """A new name is on disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderStore:
    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        return self.root / key

    def has(self, key: str) -> bool:
        return self.path(key).is_file()

    def put(self, key: str, source: Path) -> None:
        """Move ``source`` (already flushed to disk) to ``key``, durably."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        sync_folder(target.parent)

    def open(self, key: str) -> IO[bytes]:
        return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)


class BucketStore:
    """Any Django storage; S3 through django-storages."""

    def __init__(self) -> None:
        self.storage = storages["media"]

    def has(self, key: str) -> bool:
        return bool(self.storage.exists(key))

    def put(self, key: str, source: Path) -> None:
        with source.open("rb") as stream:
            self.storage.save(key, File(stream))
        source.unlink()

    def open(self, key: str) -> IO[bytes]:
        found: IO[bytes] = self.storage.open(key, "rb")
        return found

    def delete(self, key: str) -> None:
        self.storage.delete(key)


@lru_cache(maxsize=1)
def store() -> FolderStore | BucketStore:
    return BucketStore() if config().media_url else FolderStore(Path(settings.MEDIA_ROOT))


def local_copy(key: str, target: Path) -> Path:
    """A path to read ``key`` from; in a bucket it is fetched to ``target`` first."""
    where = store()
    if isinstance(where, FolderStore):
        return where.path(key)
    with where.open(key) as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out, 1024 * 1024)
    return target
