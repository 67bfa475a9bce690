"""The case page and the rows of lists."""

import datetime as dt
from typing import Any

from ninja import Schema

from lifang.cases.choices import EvidenceKind, Light, Source, State


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
