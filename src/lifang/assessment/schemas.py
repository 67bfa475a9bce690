"""Shapes of the API of scores. Points travel as strings: they are exact."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from lifang.assessment.models import Entry, Plan, Run
from lifang.standards.schemas import Id

Code = Annotated[str, Field(max_length=40)]
Reason = Annotated[str, Field(max_length=300)]
Points = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]


class ScoreRunShort(Schema):
    id: int
    key: str
    as_of: dt.datetime
    score: Decimal
    low: Decimal
    high: Decimal
    possible: Decimal
    coverage: Decimal | None
    status: str
    facts: int
    pinned: bool


class ScoreStepOut(Schema):
    key: str
    delta: str
    low: str
    high: str
    note: str


class ScoreRunFull(ScoreRunShort):
    forecast: dict[str, Any]
    steps: list[ScoreStepOut]
    digest: str


class ScoreRunOut(ScoreRunShort):
    round_id: int
    earned: Decimal
    edition_sha: str
    round_sha: str
    facts_sha: str
    engine: str
    digest: str
    has_losses: bool
    created_at: dt.datetime
    created_by: str

    @staticmethod
    def resolve_created_by(run: Run) -> str:
        return run.created_by.name if run.created_by else ""


class ScoreRoundOut(Schema):
    id: int
    key: str
    title: str
    kind: str
    status: str
    edition: str
    edition_version: str
    starts: dt.date
    ends: dt.date
    visit: dt.date | None
    days_left: int
    run: ScoreRunShort | None = None


class OpenCasesOut(Schema):
    cases: int
    late: int
    points: float


class ScoreNodeOut(Schema):
    code: str
    parent: str
    title: str
    kind: str
    points: str
    methods: list[str]
    lead: str
    earned: str
    possible: str
    low: str
    high: str
    coverage: str | None
    estimate: str | None
    bonus: str
    state: str
    note: str
    open_cases: OpenCasesOut | None


class ScoreBoardOut(Schema):
    round: ScoreRoundOut
    run: ScoreRunFull | None
    previous: ScoreRunShort | None = None
    stale: bool
    nodes: list[ScoreNodeOut]


class LossLineOut(Schema):
    key: str
    name: str
    lost: Decimal
    open: Decimal
    rows: int


class ShareOut(Schema):
    unit: str
    share: str


class LossRowOut(Schema):
    id: int
    leaf: str
    leaf_title: str
    measure: str
    kind: str
    how: str
    points: str
    gain: str
    unit: str
    assist: list[ShareOut]
    site: str
    site_title: str
    item: str
    item_title: str
    cause: str
    observation_id: int | None
    seen_at: dt.datetime | None
    case_id: int | None
    photos: list[str]
    grade: str
    reason: str


class FieldConditionOut(Schema):
    measure: str
    places: int
    official: float
    true: float | None
    low: float | None
    high: float | None
    flawed: list[int] | None


class LeafOut(Schema):
    leaf: str
    title: str
    help: str
    points: str
    lead: str
    earned: str
    possible: str
    low: str
    high: str
    coverage: str | None
    estimate: str | None
    state: str
    note: str = ""
    measures: list[dict[str, Any]]
    next: list[dict[str, Any]]
    conditions: list[FieldConditionOut]
    losses: list[LossRowOut]


class HeatUnitOut(Schema):
    code: str
    name: str
    lost: Decimal


class HeatLeafOut(Schema):
    code: str
    title: str


class HeatCellOut(Schema):
    unit: str
    leaf: str
    lost: Decimal
    open: Decimal


class HeatOut(Schema):
    units: list[HeatUnitOut]
    leaves: list[HeatLeafOut]
    cells: list[HeatCellOut]


class TrendOut(Schema):
    id: int
    key: str
    as_of: dt.datetime
    score: Decimal
    low: Decimal
    high: Decimal
    coverage: Decimal | None
    pinned: bool


class ComparedRunOut(Schema):
    id: int
    key: str
    round: str
    score: Decimal


class ComparedLeafOut(Schema):
    leaf: str
    title: str
    before: str
    after: str
    performance: str
    rules: str


class PlacesChangeOut(Schema):
    change: float
    condition: float
    mix: float


class ComparisonOut(Schema):
    before: ComparedRunOut
    after: ComparedRunOut
    performance: str
    rules: str
    gone: str
    new: str
    total: str
    error: float | None
    sure: bool | None
    places: PlacesChangeOut | None
    leaves: list[ComparedLeafOut]


class WhatIfIn(Schema):
    #: indicator → rate in [0, 1]
    rates: dict[Code, Decimal] = Field(max_length=400)


class WhatIfLeafOut(Schema):
    leaf: str
    rate: str
    earned: str
    before: str


class WhatIfOut(Schema):
    score: str
    low: str
    high: str
    status: str
    delta: str
    leaves: list[WhatIfLeafOut]


class PeerOut(Schema):
    unit: str
    name: str
    rate: float
    rank: int
    low: int
    high: int
    group: int
    places: int


class SmallPeerOut(Schema):
    unit: str
    name: str
    rate: float
    places: int


class PeersOut(Schema):
    least: int
    table: list[PeerOut]
    small: list[SmallPeerOut]


class VerifiedOut(Schema):
    same: bool
    score: str
    digest: str
    differs: dict[str, list[str]]


class PinIn(Schema):
    reason: Reason = ""


class UnitRefOut(Schema):
    id: int
    code: str
    name: str


class MyRunOut(Schema):
    id: int
    key: str
    as_of: dt.datetime


class MyLeafOut(Schema):
    id: int
    leaf: str
    title: str
    part: str
    share: Decimal
    status: str
    due: dt.date | None
    earned: str | None
    possible: str | None
    state: str
    lost: str
    open: str


class MyPlaceOut(Schema):
    site: str
    title: str
    lost: str
    faults: int


class MyUnitsOut(Schema):
    units: list[UnitRefOut]
    run: MyRunOut | None
    lost: str
    open: str
    leaves: list[MyLeafOut]
    materials: dict[str, int]
    steps: dict[str, int]
    places: list[MyPlaceOut]


class WorthLeafOut(Schema):
    leaf: str
    title: str
    points: float


class WorthRoundOut(Schema):
    round_id: int
    round: str
    points: float
    leaves: list[WorthLeafOut]


class WorthOut(Schema):
    points: float
    rounds: list[WorthRoundOut]


class CostlyCaseOut(Schema):
    id: int
    number: str
    category: str
    place: str
    unit: str
    due_at: dt.datetime | None
    points: float


EntryKindIn = Literal["statistic", "award", "veto", "override", "mark", "linked"]


class ScoreEntryIn(Schema):
    kind: EntryKindIn
    supersedes_id: Id | None = None
    leaf: Code = ""
    measure: Code = ""
    value: Points | None = None
    state: Literal["", "not_applicable", "missing", "disputed"] = ""
    period: str = Field("", max_length=20)
    source: str = Field("", max_length=200)
    on: dt.date | None = None
    confirmed: bool = True
    edition: Code = ""
    reason: Reason = ""
    approver_id: Id | None = None


class EntryWithdrawIn(Schema):
    reason: Reason


class ScoreEntryOut(Schema):
    id: int
    kind: str
    leaf: str
    measure: str
    value: Decimal | None
    state: str
    period: str
    source: str
    on: dt.date | None
    confirmed: bool
    edition: str
    reason: str
    by: str
    approver: str
    at: dt.datetime
    supersedes_id: int | None
    superseded: bool

    @staticmethod
    def resolve_by(row: Entry) -> str:
        return row.by.name if row.by else ""

    @staticmethod
    def resolve_approver(row: Entry) -> str:
        return row.approver.name if row.approver else ""

    @staticmethod
    def resolve_superseded(row: Entry) -> bool:
        return getattr(row, "superseded_by", None) is not None


class ScorePlanIn(Schema):
    aim: Literal["next", "mock"] = "next"
    budget: Decimal = Field(gt=0, lt=1_000_000, max_digits=12, decimal_places=2)
    until: dt.date | None = None
    polish: int = Field(0, ge=0, le=120)
    options: dict[str, Any] = {}


class ScorePlanOut(Schema):
    id: int
    aim: str
    budget: Decimal
    by: dt.date | None
    polish: int
    error: str
    ready: bool
    gain: float | None
    created_at: dt.datetime
    created_by: str
    ordered_at: dt.datetime | None

    @staticmethod
    def resolve_ready(row: Plan) -> bool:
        return bool(row.report)

    @staticmethod
    def resolve_gain(row: Plan) -> float | None:
        return row.report.get("gain") if row.report else None

    @staticmethod
    def resolve_created_by(row: Plan) -> str:
        return row.created_by.name if row.created_by else ""


class ScorePlanFull(ScorePlanOut):
    report: dict[str, Any]


class PlanOrderIn(Schema):
    #: numbers of actions from 0; left out: all
    lines: list[int] | None = Field(None, max_length=2000)


class OrderedOut(Schema):
    orders: int
