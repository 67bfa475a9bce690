"""A document out of a file, with where in the file each part of it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lifang.core.errors import Field, Invalid
from lifang.standards import editions
from lifang.standards.edition_tidy import tidy

#: told at most; beyond that nobody reads on
MOST_FAULTS = 1000


@dataclass(frozen=True)
class Place:
    """Sheet, row as Excel counts (in YAML: the line), heading of the column, cell. Empty: not known."""

    sheet: str = ""
    row: int = 0
    column: str = ""
    cell: str = ""


@dataclass(frozen=True)
class FileFault:
    """One thing wrong in a file."""

    message: str
    place: Place = Place()
    path: str = ""


@dataclass
class Sheetful:
    """What was read: a document in its one form, and every fault."""

    document: dict[str, Any] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    #: "nodes[3].points" → where it stands
    places: dict[str, Place] = field(default_factory=dict)

    def fault(self, message: str, place: Place | None = None, path: str = "") -> None:
        """What is wrong in a cell is told once: what follows from it would only confuse."""
        place = place or Place()
        if place.cell and any(f.place == place for f in self.faults[-500:]):
            return
        self.faults.append(FileFault(message, place, path))

    def where(self, path: str) -> Place:
        """The place of ``path`` or of the nearest thing that it lies in."""
        while path and path not in self.places:
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return self.places.get(path, Place())

    def take(self, fields: Iterable[Field]) -> None:
        """Faults of the document become faults of the file; one told twice is told once."""
        seen = {(f.place, f.message) for f in self.faults}
        for f in fields:
            place = self.where(f.path)
            if (place, str(f.message)) not in seen:
                seen.add((place, str(f.message)))
                self.fault(str(f.message), place, f.path)

    def finish(self, document: Any) -> "Sheetful":
        """Tidy ``document``, check what it means, and tell everything with its place."""
        self.document, lost = tidy(document)
        self.take(lost)
        try:
            editions.read(self.document)
        except Invalid as refused:
            self.take(refused.fields)
        order = {s: i for i, s in enumerate(dict.fromkeys(f.place.sheet for f in self.faults))}
        self.faults.sort(key=lambda f: (order[f.place.sheet], f.place.row))
        del self.faults[MOST_FAULTS:]
        return self
