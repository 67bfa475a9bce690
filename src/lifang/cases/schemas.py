"""What the case API takes and gives. Output schemas are the contract of the faces."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, field_validator

from lifang.cases.choices import EvidenceKind, Light, Source, State

Text = Annotated[str, Field(max_length=2000)]
#: tokens as the upload answered them; numbers could be guessed
Files = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=30)]


class CaseRow(Schema):
    """A row of the case list."""

    id: int
    number: str
    state: State
    source: Source
    summary: str
    priority: int
    reports_count: int
    category_id: int | None
    category: str
    category_key: str
    lng: float | None
    lat: float | None
    address: str
    area: str
    region: str
    lead_unit_id: int | None
    lead_unit: str
    lead_unit_short: str
    handler: str
    desk_user: str
    reported_at: dt.datetime
    filed_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    handed_back_at: dt.datetime | None
    closed_at: dt.datetime | None
    due_at: dt.datetime | None
    stage_due_at: dt.datetime | None
    light: Light
    stage_light: Light
    rework: int
    returns: int
    extensions: int
    arbitration: bool
    automatic: bool
    exempt: bool
    relapse_of_id: int | None
    parent_id: int | None
    question: str
    version: int


class CaseRef(Schema):
    id: int
    number: str
    state: State
    summary: str


class NamedRef(Schema):
    id: int
    name: str
    code: str


class CaseConditionOut(Schema):
    id: int
    number: int
    text: str
    limit: float
    unit: str
    closing: str
    photos_before: int
    photos_after: int


class CaseStepOut(Schema):
    id: int
    verb: str
    label: str
    before: str
    after: str
    at: dt.datetime
    device_at: dt.datetime | None
    actor: str
    unit: str
    reason: str
    automatic: bool
    public: bool
    detail: dict[str, Any]


class FileShown(Schema):
    """A stored file as the case page shows it."""

    id: int
    sha256: str
    kind: str
    name: str
    size: int
    width: int | None
    height: int | None
    taken_at: dt.datetime | None
    lng: float | None
    lat: float | None
    thumb_url: str
    view_url: str


class EvidenceOut(Schema):
    id: int
    kind: EvidenceKind
    step_id: int | None
    at: dt.datetime
    public: bool
    file: FileShown


class ReportOut(Schema):
    id: int
    source: Source
    text: str
    at: dt.datetime
    name: str
    phone: str
    external_number: str
    origin_number: str
    follow_code: str


class CaseUnitOut(Schema):
    unit_id: int
    name: str
    role: str
    since: dt.datetime
    until: dt.datetime | None


class PauseOut(Schema):
    start: dt.datetime
    end: dt.datetime | None
    reason: str


class PetitionOut(Schema):
    id: int
    case_id: int
    kind: str
    state: str
    reason: str
    until: dt.datetime | None
    asked_by: str
    asked_at: dt.datetime
    first_by: str
    first_at: dt.datetime | None
    first_note: str
    second_by: str
    second_at: dt.datetime | None
    second_note: str


class PetitionRow(PetitionOut):
    case: CaseRow


class CaseRatingOut(Schema):
    id: int
    stars: int | None
    solved: bool | None
    contacted: bool | None
    comment: str
    at: dt.datetime
    excluded: bool


class CaseOut(CaseRow):
    """The case page."""

    text: str
    duty: dict[str, Any]
    understanding: dict[str, Any]
    condition: CaseConditionOut | None
    conditions: list[CaseConditionOut]
    closing: str
    closed_as: str
    checked_at: dt.datetime | None
    paused_at: dt.datetime | None
    resume_at: dt.datetime | None
    amber_at: dt.datetime | None
    suspensions: int
    checker: str
    post: str
    road: NamedRef | None
    site: NamedRef | None
    shop: NamedRef | None
    cell: str
    component: str
    merged_into: CaseRef | None
    parent: CaseRef | None
    relapse_of: CaseRef | None
    allowed: list[str]
    steps: list[CaseStepOut]
    evidence: list[EvidenceOut]
    reports: list[ReportOut]
    units: list[CaseUnitOut]
    pauses: list[PauseOut]
    petitions: list[PetitionOut]
    ratings: list[CaseRatingOut]
    parts: list[CaseRef]
    merged: list[CaseRef]


class PictureDifferenceOut(Schema):
    kind: Literal["old", "ahead", "before_report", "far"]
    words: str


class UsedAgainOut(Schema):
    """Where a picture like this one hangs too; without number where the reader may not see it."""

    case_id: int | None
    number: str
    kind: EvidenceKind
    same_case: bool
    distance: int
    words: str


class PhoneReadOut(Schema):
    text: str
    sure: bool


class CasePictureOut(Schema):
    """What a picture says beside the words. ``publicity``: empty while nobody looked."""

    evidence_id: int
    file_id: int
    kind: EvidenceKind
    differences: list[PictureDifferenceOut]
    used_again: list[UsedAgainOut]
    publicity: str
    publicity_words: str
    faces: int
    plates: int
    lines: list[str]
    shops: list[str]
    phones: list[PhoneReadOut]


class CaseVoiceOut(Schema):
    """A recording and what was said in it. ``raw``: as the engine gave it; ``repairs``: heard, taken for."""

    evidence_id: int
    file_id: int
    seconds: float | None
    url: str
    transcript_id: int | None
    heard: Literal["words", "silent", "failed", "corrected", ""]
    heard_words: str
    text: str
    raw: str
    repairs: list[list[str]]
    engine: str
    confidence: float | None
    corrected_by: str
    at: dt.datetime | None


class CaseMediaOut(Schema):
    #: whether the caller decides what everybody sees, and corrects transcripts
    may_decide: bool
    #: whether pictures are checked, and recordings written down, by machine here
    checks: bool
    listens: bool
    pictures: list[CasePictureOut]
    voices: list[CaseVoiceOut]


class TranscriptIn(Schema):
    """What was really said. ``after``: the transcript that was on the screen."""

    text: Annotated[str, Field(min_length=1, max_length=5_000)]
    after: int | None = None


class PublicityIn(Schema):
    """Whether everybody may see a picture of a case."""

    show: bool
    reason: Annotated[str, Field(max_length=200)] = ""


class RelatedRow(Schema):
    id: int
    number: str
    state: State
    metres: int
    likeness: float
    same_category: bool
    summary: str
    #: how likely it is the same matter, 0 to 1; 0 for closed ones
    score: float = 0.0
    #: places of 64 in which the likest pictures differ
    picture: int | None = None
    thumb_url: str = ""
    reports_count: int = 1


class RelatedOut(Schema):
    open: list[RelatedRow]
    closed: list[RelatedRow]


class CountOut(Schema):
    count: int
    exact: bool


class QueueOut(Schema):
    name: str
    count: int
    red: int


class DeskOut(Schema):
    queues: list[QueueOut]
    lights: dict[str, int]
    hanging: int
    suspended: int
    petitions: int
    items: list[CaseRow]


class CaseIn(Schema):
    """A case entered by staff. ``client_id`` makes sending twice harmless."""

    client_id: str = Field(min_length=8, max_length=80)
    source: Literal["collector", "inspector", "hotline", "leader", "media", "transfer", "other"] = (
        "collector"
    )
    text: str = Field("", max_length=10_000)
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    address: str = Field("", max_length=200)
    category_key: str | None = Field(None, max_length=40)
    files: Files = []
    voices: Files = []
    reporter_name: str = Field("", max_length=60)
    reporter_phone: str = Field("", max_length=32)
    device_at: dt.datetime | None = None
    external_number: str = Field("", max_length=64)


class ReportedOut(Schema):
    id: int
    number: str
    follow_code: str
    state: State
    created: bool


class VerbIn(Schema):
    """What every verb may carry: the version on the screen, and the device's own time."""

    version: int | None = Field(None, ge=0)


class CasePlaceIn(Schema):
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    address: str | None = Field(None, max_length=200)
    road_id: int | None = None
    site_id: int | None = None
    shop_id: int | None = None
    component_id: int | None = None
    region_id: int | None = None


class ReasonIn(VerbIn):
    reason: Text = ""


class NoteIn(VerbIn):
    note: Text = ""


class CaseTextIn(VerbIn):
    text: Text


class AskCheckIn(NoteIn):
    checker_id: int | None = None


class VerifyIn(NoteIn):
    true: bool
    files: Files = []
    device_at: dt.datetime | None = None


class FileIn(VerbIn, CasePlaceIn):
    category_id: int | None = None
    condition_id: int | None = None
    note: Text = ""


class ReclassifyIn(VerbIn, CasePlaceIn):
    category_id: int | None = None
    condition_id: int | None = None


class DispatchIn(NoteIn):
    unit_id: int | None = None
    assisting: list[int] = Field([], max_length=20)
    post_id: int | None = None


class ReturnIn(ReasonIn):
    proposed_unit_id: int | None = None


class StartIn(VerbIn):
    device_at: dt.datetime | None = None


class HandBackIn(NoteIn):
    files: Files = []
    device_at: dt.datetime | None = None


class SelfHandleIn(HandBackIn):
    category_id: int | None = None
    condition_id: int | None = None


class CheckIn(HandBackIn):
    passed: bool


class CloseIn(NoteIn):
    closing: str = Field("", max_length=300)


class CaseMergeIn(NoteIn):
    into_id: int


class CasePartIn(Schema):
    text: str = Field(min_length=1, max_length=2000)
    category_id: int | None = None
    address: str = Field("", max_length=200)


class CaseSplitIn(NoteIn):
    parts: list[CasePartIn] = Field(min_length=2, max_length=10)


class SuspendIn(ReasonIn):
    until: dt.datetime
    files: Files = []


class AppealIn(ReasonIn):
    files: Files = []


class EvidenceIn(NoteIn):
    files: Files
    kind: EvidenceKind = EvidenceKind.OTHER
    device_at: dt.datetime | None = None


class AskIn(VerbIn):
    question: str = Field(min_length=1, max_length=300)


class DecideIn(Schema):
    granted: bool
    note: Text = ""


class BulkIn(Schema):
    case_ids: list[int] = Field(min_length=1, max_length=200)
    reason: Text = ""
    note: Text = ""
    text: Text = ""
    unit_id: int | None = None
    into_id: int | None = None


class ChangeOverIn(Schema):
    """``keys``: old key → new key, where the crosswalk's own answer does not do."""

    old: int
    new: int
    keys: dict[str, str] = {}


class ChangeOverOut(Schema):
    moved: int
    kept: int
    left: int


class OutcomeOut(Schema):
    case_id: int
    ok: bool
    code: str = ""
    message: str = ""


class ViewIn(Schema):
    name: str = Field(max_length=60)
    filters: dict[str, Any] = {}
    columns: list[str] = Field([], max_length=60)
    shared: bool = False
    subject: str = Field("cases", max_length=24)


class ViewOut(Schema):
    id: int
    name: str
    filters: dict[str, Any]
    columns: list[str]
    shared: bool
    subject: str
    own: bool


class SettingIO(Schema):
    """How the loop runs."""

    accept_minutes: int = Field(ge=1, le=10_080)
    dispatch_minutes: int = Field(ge=1, le=10_080)
    verify_minutes: int = Field(ge=1, le=10_080)
    check_minutes: int = Field(ge=1, le=10_080)
    amber_share: float = Field(ge=0.01, le=0.99)
    duplicate_metres: int = Field(ge=1, le=5_000)
    duplicate_hours: int = Field(ge=1, le=8_760)
    relapse_metres: int = Field(ge=1, le=5_000)
    relapse_days: int = Field(ge=1, le=366)
    max_extensions: int = Field(ge=0, le=10)
    max_suspensions: int = Field(ge=0, le=10)
    long_unsolved_days: int = Field(ge=1, le=366)
    rating_days: int = Field(ge=1, le=366)
    answer_days: int = Field(ge=1, le=366)
    retention_days: int = Field(ge=30, le=36_500)
    automatic_filing: bool
    words: dict[str, str] = {}

    @field_validator("words")
    @classmethod
    def _short(cls, words: dict[str, str]) -> dict[str, str]:
        return {k[:40]: v[:20] for k, v in list(words.items())[:200]}


class GeoOut(Schema):
    type: str
    features: list[dict[str, Any]]
    complete: bool
