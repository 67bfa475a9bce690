"""Shapes of the API of assessment editions."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from lifang.standards.choices import ChangeClass, EditionStatus
from lifang.standards.editions.crosswalk import Carry, Relation
from lifang.standards.schemas import Id

Edits = Annotated[int, Field(ge=0, le=2**31 - 1)]
Code = Annotated[str, Field(max_length=40)]


class EditionOut(Schema):
    """A version without its document."""

    id: int
    key: str
    version: str
    title: str
    status: EditionStatus
    in_force: bool
    #: send it back with a change, so that nobody's change is overwritten
    edits: int
    indicators: int
    points: Decimal
    #: of a draft: what stands in the way of publishing
    faults: int
    sha256: str
    previous_id: int | None
    previous__version: str | None
    change: ChangeClass | str
    note: str
    changed_at: datetime
    submitted_at: datetime | None
    submitted_by_id: int | None
    submitted_by__name: str | None
    published_at: datetime | None
    approved_by__name: str | None


class EditionNew(Schema):
    key: str = Field(min_length=1, max_length=40)
    version: str = Field(min_length=1, max_length=32)
    title: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=2000)
    #: version to copy the content from
    copy_of: Id | None = None


class EditionDocumentOut(Schema):
    edits: int
    #: ``lifang.edition/1``, see docs/editions.md
    document: dict[str, Any]


class EditionDocumentIn(Schema):
    edits: Edits
    document: dict[str, Any]


class EditionHeadIn(Schema):
    edits: Edits
    #: version, title, total, rounding, bonus_cap, prerequisites, blends; those not given stay
    head: dict[str, Any]
    note: str | None = Field(None, max_length=2000)


class EditionRowIn(Schema):
    """A node (``part`` nodes) or a line of a checklist (items). ``code`` empty: a new one."""

    edits: Edits
    code: Code = ""
    row: dict[str, Any]
    #: the code it is to stand before, ``-`` for the end, empty: where it stands
    before: Code = ""


class EditionRowGone(Schema):
    edits: Edits
    code: Code


class EditionEdits(Schema):
    edits: Edits


class EditionReason(Schema):
    reason: str = Field("", max_length=500)


class EditionFaultOut(Schema):
    path: str
    message: str
    #: it stands in the way of publishing; else it is only worth a look
    grave: bool
    #: ``nodes`` or ``items`` and the code of the row, where it lies in one
    part: str
    code: str


class EditionSaved(Schema):
    """After a change of a draft: what goes on from here, and what is wrong now."""

    edition: EditionOut
    faults: list[EditionFaultOut]


class EditionChangeOut(Schema):
    """``gravity``: text, compatible, scoring, structural."""

    gravity: str
    where: str
    code: str
    what: str
    before: str
    after: str


class FilePlaceOut(Schema):
    sheet: str
    row: int
    column: str
    cell: str


class FileFaultOut(Schema):
    message: str
    place: FilePlaceOut
    path: str


class EditionFileOut(Schema):
    """What a file holds. Nothing is written by a preview; with faults nothing is written at all."""

    faults: list[FileFaultOut]
    fault_count: int
    key: str
    version: str
    title: str
    indicators: int
    points: Decimal
    items: int
    #: of the document
    sha256: str
    #: against the draft it goes into, or the version published last
    changes: list[EditionChangeOut]
    #: what was compared with
    against: str
    #: the draft it was written to
    edition: EditionOut | None = None


class CrosswalkRow(Schema):
    old: list[Code] = Field(max_length=500)
    new: list[Code] = Field(max_length=500)
    relation: Relation
    carry: Carry | None = None


class CrosswalkNew(Schema):
    old: Id
    new: Id


class CrosswalkRowsIn(Schema):
    edits: Edits
    rows: list[CrosswalkRow] = Field(max_length=20_000)


class EditionCrosswalkOut(Schema):
    id: int
    old_id: int
    new_id: int
    edits: int
    confirmed_at: datetime | None
    confirmed_by__name: str | None
    old__key: str
    old__title: str
    old__version: str
    new__key: str
    new__title: str
    new__version: str
    new__status: EditionStatus


class CrosswalkLeaf(Schema):
    code: str
    title: str
    points: Decimal
    #: base, bonus, veto
    kind: str
    group: str


class EditionCrosswalkDetail(EditionCrosswalkOut):
    rows: list[CrosswalkRow]
    old_leaves: list[CrosswalkLeaf]
    new_leaves: list[CrosswalkLeaf]
    faults: list[EditionFaultOut]
