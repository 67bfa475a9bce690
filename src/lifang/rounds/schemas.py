"""Shapes of the rounds API."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from lifang.rounds.choices import (
    Draw,
    DrawBy,
    RoundKind,
    RoundStatus,
    Share,
    StepKind,
    StepOrigin,
    TaskStatus,
)
from lifang.standards.schemas import Id

Code = Annotated[str, Field(max_length=40)]
Reason = Annotated[str, Field(min_length=1, max_length=300)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=5000)]
Proportion = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,6})?$")]


class RoundIn(Schema):
    key: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    kind: RoundKind = RoundKind.MOCK
    #: a published edition
    edition_id: Id
    previous_id: Id | None = None
    starts: dt.date
    ends: dt.date
    #: the day on which the assessors come
    visit: dt.date | None = None
    #: answers predicates of indicators
    context: dict[Code, Annotated[str, Field(max_length=60)]] = Field({}, max_length=50)
    #: question or ``*`` → stratum → share of the population
    population: dict[Code, dict[Code, Proportion]] = Field({}, max_length=200)
    #: question or ``*`` → answers wanted
    quota: dict[Code, Annotated[int, Field(ge=1, le=1_000_000)]] = Field({}, max_length=200)
    note: Annotated[str, Field(max_length=2000)] = ""


class RoundTaskCounts(Schema):
    draft: int
    issued: int
    taken_up: int
    returned: int


class RoundFacts(Schema):
    id: int
    key: str
    title: str
    kind: RoundKind
    status: RoundStatus
    edition_id: int
    edition: str
    starts: dt.date
    ends: dt.date
    visit: dt.date | None


class RoundRow(RoundFacts):
    #: days to the visit or the end; negative when past
    days: int
    #: ``null`` for those who may not see what was drawn
    drawn: int | None
    tasks: RoundTaskCounts
    steps: int
    steps_done: int


class CountdownOut(Schema):
    day: dt.date
    days: int
    #: ``null``: the working calendar lacks a year in between
    work_days: int | None


class MilestoneIn(Schema):
    title: Annotated[str, Field(min_length=1, max_length=120)]
    due: dt.date
    note: Annotated[str, Field(max_length=300)] = ""


class MilestoneChange(MilestoneIn):
    done_on: dt.date | None = None


class MilestoneOut(Schema):
    id: int
    title: str
    due: dt.date
    done_on: dt.date | None
    note: str
    days: int


class PlaceCountOut(Schema):
    type: str
    frame: int
    drawn: int
    #: drawn, and no unit answers
    nobody: int


class StepCounts(Schema):
    all: int
    done: int
    overdue: int


class LackOut(Schema):
    what: Literal["frame", "draw", "units", "roster"]
    message: str


class RoundOut(RoundFacts):
    previous_id: int | None
    context: dict[str, str]
    population: dict[str, dict[str, str]]
    quota: dict[str, int]
    note: str
    #: of the frozen document; empty while in preparation
    sha256: str
    frame_sha256: str
    frame_at: dt.datetime | None
    design: dict[str, Any]
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    may_edit: bool
    sees_all: bool
    #: to ``visit`` and ``end``
    countdowns: dict[str, CountdownOut]
    milestones: list[MilestoneOut]
    places: list[PlaceCountOut]
    tasks: RoundTaskCounts
    units: int
    steps: StepCounts
    letters: int
    letters_missing: int
    #: what stands in the way of opening
    lacks: list[LackOut]
    leaves: int


class RoundRef(Schema):
    id: int
    title: str
    status: RoundStatus
    sha256: str


class RosterRow(Schema):
    role: str
    unit_id: int | None
    unit: str
    #: as kept; of a unit that is gone too
    code: str
    active: bool
    leads: int
    assists: int
    leaves: list[str]


class RosterIn(Schema):
    roster: dict[Annotated[str, Field(max_length=60)], Id | None] = Field(max_length=500)


class LeafRow(Schema):
    code: str
    title: str
    path: str
    points: str
    kind: Literal["base", "bonus", "veto"]
    methods: list[str]
    lead: str


class RoundReopenIn(Schema):
    reason: Reason


# ---------------------------------------------------------------- places


class DrawIn(Schema):
    draws: dict[Annotated[str, Field(max_length=32)], Annotated[int, Field(ge=0, le=10_000)]] = (
        Field({}, max_length=500)
    )
    #: empty: one is thrown
    seed: Annotated[str, Field(max_length=40)] = ""
    method: Draw = Draw.RANDOM
    strata: DrawBy = DrawBy.TYPE
    reserves: Annotated[int, Field(ge=0, le=20)] = 2


class RoundPlaceOut(Schema):
    id: int
    site_id: int
    code: str
    title: str
    type: str
    type_name: str
    district: str
    district_name: str
    unit_id: int | None
    unit: str
    drawn: bool
    #: in the draw of its stratum; reserves come behind the number wanted
    order: int | None
    instead_code: str | None
    instead_title: str | None
    reason: str
    lng: float
    lat: float


class PlaceUnitIn(Schema):
    unit_id: Id


class ReplaceIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    #: left out: the first in reserve
    with_id: Id | None = None


class ReservePlaceOut(Schema):
    id: int
    code: str
    title: str
    district_name: str
    unit: str
    reserve: bool


class StratumOut(Schema):
    type: str
    name: str
    frame: int
    wanted: int
    drawn: int
    nobody: int


class ReplayOut(Schema):
    """The draw done again: ``same`` where places and frame are what they were."""

    same: bool
    seed: str
    frame_sha256: str
    frame_same: bool
    drawn: int
    missing: list[str]
    extra: list[str]
    replaced: int


class DistrictOut(Schema):
    code: str
    name: str


# ---------------------------------------------------------------- tasks


class TaskIn(Schema):
    leaf: Annotated[str, Field(min_length=1, max_length=40)]
    unit_id: Id
    part: Share = Share.LEAD
    #: of an assisting unit; leads take what is left
    share: Annotated[Decimal, Field(ge=0, le=1, max_digits=6, decimal_places=4)] = Decimal(0)
    post_id: Id | None = None
    person_id: Id | None = None
    person_name: Annotated[str, Field(max_length=60)] = ""
    due: dt.date | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


class TaskNew(TaskIn):
    round_id: Id


class RoundTaskOut(Schema):
    id: int
    round_id: int
    leaf: str
    leaf_title: str
    unit_id: int
    unit: str
    part: Share
    share: Decimal
    post_id: int | None
    post: str
    person_id: int | None
    person_name: str
    due: dt.date | None
    note: str
    status: TaskStatus
    issued_at: dt.datetime | None
    reminded_at: dt.datetime | None
    taken_up_at: dt.datetime | None
    taken_up_name: str
    returned_reason: str
    #: days since it was issued, while nobody took it up
    waits: int | None


class TaskProposeIn(Schema):
    #: drafts are thrown away first
    anew: bool = False


class ProposedOut(Schema):
    made: int
    kept: int
    removed: int


class IssueIn(Schema):
    #: left out: all drafts
    ids: Ids | None = None
    unit_id: Id | None = None


class IssuedOut(Schema):
    tasks: int
    units: int


class TakeUpIn(Schema):
    ids: Ids
    person_id: Id | None = None
    person_name: Annotated[str, Field(max_length=60)] = ""
    post_id: Id | None = None


class SendBackIn(Schema):
    ids: Ids
    reason: Reason


class DeleteTasksIn(Schema):
    ids: Ids
    reason: Annotated[str, Field(max_length=300)] = ""


class ReassignIn(Schema):
    unit_id: Id
    person_id: Id | None = None
    person_name: Annotated[str, Field(max_length=60)] = ""
    reason: Annotated[str, Field(max_length=300)] = ""


class RemindIn(Schema):
    #: left out: every unit that lets something lie
    unit_ids: Annotated[list[Id], Field(max_length=2000)] | None = None
    ids: Ids | None = None


class RemindedOut(Schema):
    units: int
    tasks: int
    #: reminded within a day, so left alone
    skipped: int


class ChangedIds(Schema):
    ids: list[int]


class UnitTasksOut(Schema):
    unit_id: int
    name: str
    phone: str
    tasks: int
    leads: int
    drafts: int
    taken_up: int
    untaken: int
    returned: int
    reminded: dt.datetime | None
    #: age of the oldest that lies, in days
    waits: int | None


# ---------------------------------------------------------------- steps and letters


class StepIn(Schema):
    unit_id: Id
    kind: StepKind = StepKind.PLAN
    leaf: Code = ""
    #: code of a place of the round
    place: Annotated[str, Field(max_length=32)] = ""
    #: code of a line of the checklist
    item: Code = ""
    standard: Annotated[str, Field(min_length=1, max_length=300)]
    measure: Annotated[str, Field(max_length=2000)] = ""
    person_id: Id | None = None
    person_name: Annotated[str, Field(max_length=60)] = ""
    due: dt.date | None = None


class StepNew(StepIn):
    round_id: Id


class RoundStepOut(Schema):
    id: int
    round_id: int
    unit_id: int
    unit: str
    kind: StepKind
    leaf: str
    leaf_title: str
    place: str
    place_title: str
    item: str
    item_title: str
    standard: str
    measure: str
    person_id: int | None
    person_name: str
    due: dt.date | None
    done_on: dt.date | None
    done_note: str
    origin: StepOrigin
    gain: Decimal | None
    state: Literal["open", "overdue", "done"]
    #: how many files show that it is done
    files: int


class RoundFileOut(Schema):
    id: int
    name: str
    kind: str
    size: int
    view_url: str
    thumb_url: str


class StepDetail(RoundStepOut):
    evidence: list[RoundFileOut]


class FinishIn(Schema):
    note: Annotated[str, Field(max_length=300)] = ""
    #: of files sent to ``POST /files``
    tokens: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = []
    day: dt.date | None = None


class SixOut(Schema):
    """A unit's plan by the six implementations (六个落实): each head as [hold, of]."""

    unit_id: int
    unit: str
    tasks: int
    steps: int
    overdue: int
    complete: int
    heads: dict[str, list[int]]


class LetterIn(Schema):
    unit_id: Id
    #: of a file sent to ``POST /files``
    token: Annotated[str, Field(min_length=1, max_length=200)]
    signer: Annotated[str, Field(min_length=1, max_length=60)]
    signed_on: dt.date


class LetterOut(Schema):
    id: int
    signer: str
    signed_on: dt.date
    file: RoundFileOut


class UnitLettersOut(Schema):
    unit_id: int
    unit: str
    tasks: int
    letters: list[LetterOut]
