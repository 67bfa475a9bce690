"""What a walk through a recording finds."""

from dataclasses import dataclass, field

#: more parts than any honest recording has
MOST_PARTS = 2_000_000


class Broken(Exception):
    """The container is none, or has nothing in it that can be played."""


@dataclass
class Walked:
    """Length and what a copy has in other places: (offset, bytes), each of the same length."""

    seconds: float = 0.0
    edits: list[tuple[int, bytes]] = field(default_factory=list)
    #: something that must not be in a copy cannot be taken out of it
    unclean: bool = False

    def zero(self, start: int, end: int) -> None:
        """Overwrite ``start`` to ``end`` with zeros."""
        if end > start:
            self.edits.append((start, b"\0" * (end - start)))
