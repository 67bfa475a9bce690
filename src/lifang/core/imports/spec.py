"""What a table of a kind looks like, and what loading it came to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lifang.core.acts import Actor
from lifang.core.errors import Missing

#: text | code | int | decimal | date | datetime | bool | choice | geometry
Kind = str
Text = str | Promise
MOST_ERRORS = 500
MOST_SHOWN = 500


@dataclass(frozen=True)
class Column:
    """One column: the title that people see, the key under which a row has its value.

    ``code`` is text that Excel likes to spoil: full-width digits are turned, ``1001.0`` becomes
    ``1001``, ``pad`` puts back leading zeros to that length.
    """

    key: str
    title: Text
    kind: Kind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    #: label → key, of kind ``choice``; keys are understood too
    choices: Mapping[str, str] | None = None
    max_length: int = 0
    pad: int = 0
    #: an empty cell means what stands above it (tables with merged cells)
    carry: bool = False
    example: str = ""
    note: Text = ""


@dataclass(frozen=True)
class Row:
    """One row: ``row["code"]`` is the value of a column, ``None`` where the cell is empty."""

    #: as Excel counts, or the number of the feature
    number: int
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)

    def has(self, key: str) -> bool:
        """Whether the table has that column at all (an update leaves other fields alone)."""
        return key in self.values


@dataclass(frozen=True)
class Context:
    """What else ``load`` may need: who acts, what was chosen beside the file."""

    by: Actor
    options: Mapping[str, str]
    preview: bool


@dataclass
class Outcome:
    """What became of each row. ``load`` fills it; columns are told by key."""

    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    created: int = 0
    changed: int = 0
    same: int = 0
    error_count: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    #: free remarks to the whole: columns not understood, a sheet chosen
    notes: list[str] = field(default_factory=list)

    def error(self, row: Row | int, column: str, message: Text) -> None:
        """Something is wrong in a cell; nothing will be loaded."""
        self.error_count += 1
        if len(self.errors) >= MOST_ERRORS:
            return
        number = row if isinstance(row, int) else row.number
        title, letter = self.columns.get(column, (column, ""))
        self.errors.append(
            {
                "row": number,
                "column": title,
                "cell": f"{letter}{number}" if letter else "",
                "message": str(message),
            }
        )

    def create(self, row: Row, name: str = "") -> None:
        self.created += 1
        self._show(row, "created", name)

    def change(self, row: Row, name: str = "", changes: Mapping[str, Any] | None = None) -> None:
        """``changes``: field title → (before, after)."""
        self.changed += 1
        self._show(row, "changed", name, changes)

    def keep(self, row: Row) -> None:
        """The row is there already, just as it is in the table."""
        self.same += 1

    def put(
        self, row: Row, *, made: bool, name: str = "", changes: Mapping[str, Any] | None = None
    ) -> None:
        """:meth:`create`, :meth:`change` or :meth:`keep`, as it is."""
        if made:
            self.create(row, name)
        elif changes:
            self.change(row, name, changes)
        else:
            self.keep(row)

    def _show(
        self, row: Row, what: str, name: str, changes: Mapping[str, Any] | None = None
    ) -> None:
        if len(self.rows) < MOST_SHOWN:
            told = {k: [str(v) for v in pair] for k, pair in (changes or {}).items()}
            self.rows.append({"row": row.number, "what": what, "name": name, "changes": told})

    def plain(self) -> dict[str, Any]:
        """As JSON, for the API and the batch's row."""
        return {
            "created": self.created,
            "changed": self.changed,
            "same": self.same,
            "error_count": self.error_count,
            "errors": self.errors,
            "rows": self.rows,
            "notes": self.notes,
        }


Load = Callable[[list[Row], Context, Outcome], None]


@dataclass(frozen=True)
class ImportSpec:
    """A kind of table. ``load`` creates or changes by code, so that a second load changes nothing."""

    kind: str
    title: Text
    columns: tuple[Column, ...]
    load: Load
    #: keys of ``orgs.choices.Role`` that may import it
    roles: tuple[str, ...] = ("system_admin",)
    #: columns that tell rows apart; the same twice in one table is an error
    key: tuple[str, ...] = ()
    #: whether the coordinate system must be declared (option ``system``)
    asks_system: bool = False
    #: further options: key → title
    options: Mapping[str, Text] = field(default_factory=dict)


SPECS: dict[str, ImportSpec] = {}


def register(spec: ImportSpec) -> ImportSpec:
    """Make a kind of table known."""
    SPECS[spec.kind] = spec
    return spec


def spec_of(kind: str) -> ImportSpec:
    if kind not in SPECS:
        raise Missing("import.kind", _("没有“%(kind)s”这种导入") % {"kind": kind})
    return SPECS[kind]
