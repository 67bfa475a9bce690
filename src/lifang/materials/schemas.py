"""Shapes of the materials API."""

import datetime as dt

from ninja import Schema
from pydantic import Field

from lifang.standards.schemas import Id

Token = str


class MaterialRoundOut(Schema):
    id: int
    title: str
    status: str
    starts: dt.date
    ends: dt.date
    #: what the caller sees there, and how much of it is graded for good
    filings: int
    settled: int


class AskedOut(Schema):
    made: int
    moved: int
    without_unit: int


class FilingRow(Schema):
    id: int
    round_id: int
    number: str
    leaf: str
    title: str
    kind: str
    unit_id: int | None
    unit: str
    due: dt.date | None
    late: bool
    status: str
    known: str
    grade: str
    disputed: bool
    submitted_at: dt.datetime | None
    submitted_by: str
    material_id: int | None
    revision: int | None
    files: int


class SlotOut(Schema):
    """What is asked; 0 means not limited."""

    key: str
    title: str
    kind: str
    types: str
    least: int
    most: int
    size_mb: int
    words: int
    months: int
    dated_from: dt.date | None
    dated_to: dt.date | None
    help: str


class MaterialFileOut(Schema):
    file_id: int
    name: str
    kind: str
    size: int
    sha256: str
    url: str
    thumb_url: str
    width: int | None
    height: int | None
    taken_at: dt.datetime | None
    words: int | None
    pages: int | None
    excerpt: str


class RevisionOut(Schema):
    id: int
    number: int
    dated: dt.date | None
    effective_from: dt.date | None
    effective_to: dt.date | None
    note: str
    source: str
    sha256: str
    made_at: dt.datetime
    made_by: str
    files: list[MaterialFileOut]


class FileCheckOut(Schema):
    key: str
    ok: bool
    #: failing it blocks; else it warns
    hard: bool
    message: str
    file: int | None = None


class FilingUseOut(Schema):
    filing_id: int
    round: str
    number: str
    title: str
    status: str
    grade: str = ""
    revision: int | None = None


class FilingEventOut(Schema):
    at: dt.datetime
    who: str
    #: submitted | graded | returned | appealed
    what: str
    level: int | None
    grade: str
    number: int | None
    reason: str
    disputed: bool


class FilingOut(Schema):
    id: int
    round_id: int
    round: str
    round_open: bool
    number: str
    title: str
    leaf: str
    leaf_title: str
    leaf_help: str
    points: str
    unit_id: int | None
    unit: str
    due: dt.date | None
    late: bool
    status: str
    known: str
    grade: str
    disputed: bool
    submitted_at: dt.datetime | None
    submitted_by: str
    first_by: str
    slot: SlotOut
    grades: list[str]
    material_id: int | None
    material: str
    #: other slots that the same material fills
    used_by: list[FilingUseOut]
    revision_id: int | None
    revisions: list[RevisionOut]
    submission_id: int | None
    checks: list[FileCheckOut]
    history: list[FilingEventOut]
    may: dict[str, bool]


class AttachIn(Schema):
    files: list[Token] = Field(min_length=1, max_length=200)
    names: list[str] = Field([], max_length=200)
    title: str = Field("", max_length=200)
    dated: dt.date | None = None
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    note: str = Field("", max_length=300)
    hand_in: bool = False


class ReuseIn(Schema):
    material_id: Id
    hand_in: bool = False


class MaterialProposeIn(Schema):
    source: str = Field(max_length=20)
    keys: list[str] = Field(min_length=1, max_length=100)
    hand_in: bool = False


class FilingReviewIn(Schema):
    level: int = Field(ge=1, le=2)
    grade: str = Field(min_length=1, max_length=20)
    reason: str = Field("", max_length=500)
    disputed: bool = False
    #: the submission looked at; a newer one is refused
    seen: Id | None = None


class FilingReturnIn(Schema):
    reason: str = Field(min_length=1, max_length=500)
    seen: Id | None = None


class FilingAppealIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class FilingAssignIn(Schema):
    unit_id: Id
    due: dt.date | None = None


class FileCheckIn(Schema):
    filing_id: Id
    files: list[Token] = Field(min_length=1, max_length=200)
    dated: dt.date | None = None


class HeldOut(Schema):
    id: int
    title: str


class FileChecksOut(Schema):
    passed: bool
    checks: list[FileCheckOut]
    files: list[MaterialFileOut]
    #: materials that hold one of the files already
    known: list[HeldOut]


class OfferOut(Schema):
    key: str
    title: str
    detail: str
    on: dt.date | None
    thumbs: list[str]


class OfferSourceOut(Schema):
    key: str
    label: str
    offers: list[OfferOut]


class EarlierOut(Schema):
    id: int
    title: str
    round: str
    grade: str


class OffersOut(Schema):
    #: photos | word | excel
    makes: str
    materials: list[EarlierOut]
    sources: list[OfferSourceOut]


class MaterialRow(Schema):
    id: int
    title: str
    kind: str
    unit_id: int
    unit: str
    last: int
    files: int
    dated: dt.date | None
    used_by: int
    made_at: dt.datetime
    changed_at: dt.datetime


class MaterialOut(Schema):
    id: int
    title: str
    kind: str
    unit_id: int
    unit: str
    made_at: dt.datetime
    revisions: list[RevisionOut]
    uses: list[FilingUseOut]


class BatchFileIn(Schema):
    path: str = Field(max_length=500)
    token: Token = Field("", max_length=200)
    problem: str = Field("", max_length=300)


class BatchIn(Schema):
    files: list[BatchFileIn] = Field(min_length=1, max_length=2000)


class BatchFileOut(Schema):
    path: str
    token: str
    size: int = 0


class BatchMatchOut(Schema):
    filing_id: int
    number: str
    title: str
    status: str
    files: list[BatchFileOut]
    #: each of them keeps the line from being filed
    problems: list[str]
    #: no photo tells its day: the line is filed with a declared date
    needs_date: bool
    warnings: list[str]


class BatchMissOut(Schema):
    path: str
    token: str
    problem: str


class MaterialBatchOut(Schema):
    matches: list[BatchMatchOut]
    misses: list[BatchMissOut]


class BatchLineIn(Schema):
    filing_id: Id
    tokens: list[Token] = Field(min_length=1, max_length=200)
    names: list[str] = Field([], max_length=200)
    dated: dt.date | None = None


class BatchCommitIn(Schema):
    lines: list[BatchLineIn] = Field(min_length=1, max_length=1000)
    hand_in: bool = False


class BatchDoneOut(Schema):
    filed: int


class WallUnitOut(Schema):
    unit_id: int | None
    unit: str
    counts: dict[str, int]
    total: int
    late: int
    given: int
    settled: int


class WallOut(Schema):
    statuses: list[str]
    units: list[WallUnitOut]


class BurdenRow(Schema):
    key: str
    name: str
    asked: int
    given: int
    upload: int
    reuse: int
    proposal: int
    again: int
    files: int
    #: of what was given: what lifang held already, in all and as a share; null where nothing was given
    known: int
    known_share: float | None


class BurdenOut(Schema):
    units: list[BurdenRow]
    leaves: list[BurdenRow]
    total: BurdenRow


class PackageIn(Schema):
    unit_id: Id | None = None
    accepted_only: bool = False


class PackageOut(Schema):
    id: int
    status: str
    unit_id: int | None
    unit: str
    accepted_only: bool
    done: int
    total: int
    size: int
    error: str
    asked_by: str
    asked_at: dt.datetime
    made_at: dt.datetime | None
