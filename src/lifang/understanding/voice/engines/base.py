"""The shape of an engine, and of a recording as engines get it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

#: samples a second that all engines take
RATE = 16_000


class NoEngine(Exception):
    """There is none, or it cannot be loaded; the message says what to set up."""


@dataclass(frozen=True)
class Spoken:
    """What an engine heard, as it gave it. ``confidence`` 0 to 1 where it says so."""

    text: str
    model: str
    confidence: float | None = None


class Recording:
    """A recording on disk. Decoded at most once, and no further than ``most`` seconds."""

    def __init__(self, path: Path, content_type: str, *, most: float) -> None:
        self.path, self.content_type, self.most = path, content_type, most

    @cached_property
    def pcm(self) -> "np.ndarray":
        """float32 of 16,000 samples a second, one channel, −1 to 1."""
        from lifang.understanding.voice.audio import decode

        return decode(self.path, self.content_type, most=self.most)


class Engine(Protocol):
    """One speech recogniser. ``decodes``: it wants ``pcm``; else it takes the file as it is."""

    name: str
    decodes: bool

    def transcribe(self, sound: Recording, *, hints: Sequence[str]) -> Spoken:
        """Write down Mandarin. ``hints``: words likely to be said. Raises whatever went wrong."""
        ...
