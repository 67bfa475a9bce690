"""Routes of the statistics."""

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from ninja import Query, Schema
from pydantic import Field, field_serializer

from lifang.cases.choices import State
from lifang.core.api import Router
from lifang.dashboard import hot, queries
from lifang.dashboard.formulas import formulas
from lifang.dashboard.hot import ClusterAsked, HotAsked, Level, Period
from lifang.orgs.acting import ApiRequest

router = Router(tags=["dashboard"])
Dimension = Literal["unit", "area", "major", "category", "source", "day", "month"]


class PeriodOut(Schema):
    start: dt.date = Field(alias="from", serialization_alias="from")
    end: dt.date = Field(alias="to", serialization_alias="to")


class StatCountOut(Schema):
    key: str
    label: str
    cohort: str
    cohort_label: str
    n: int
    previous: int
    filter: dict[str, str]


class PartOut(Schema):
    key: str
    label: str
    n: int
    filter: dict[str, str]


class RateOut(Schema):
    """A rate; ``value`` in per cent, null where nothing was due (no data)."""

    key: str
    name: str
    group: str
    good: str
    value: Decimal | None
    shown: str
    n: int
    of: int
    formula: str
    numerator: list[PartOut]
    denominator: list[PartOut]
    previous: Decimal | None
    change: Decimal | None

    @field_serializer("value", "previous", "change")
    def _number(self, value: Decimal | None) -> float | None:
        return None if value is None else float(value)


class FigureOut(Schema):
    key: str
    name: str
    n: float | None
    previous: float | None
    unit: str
    formula: str


class RatesOut(Schema):
    period: PeriodOut
    previous: PeriodOut
    as_of: dt.datetime
    filter: dict[str, str]
    counts: list[StatCountOut]
    rates: list[RateOut]
    figures: list[FigureOut]


class ShortRateOut(Schema):
    value: Decimal | None
    n: int
    of: int

    @field_serializer("value")
    def _number(self, value: Decimal | None) -> float | None:
        return None if value is None else float(value)


class RowOut(Schema):
    key: str
    label: str
    counts: dict[str, int]
    rates: dict[str, ShortRateOut]
    filter: dict[str, str]


class FormulaOut(Schema):
    key: str
    name: str
    group: str
    good: str
    formula: str
    numerator: str
    denominator: str


class BreakdownOut(Schema):
    by: str
    period: PeriodOut
    as_of: dt.datetime
    rows: list[RowOut]
    formulas: list[FormulaOut]


class StateOut(Schema):
    key: str
    label: str
    n: int
    filter: dict[str, str]


class AreaOut(StateOut):
    red: int


class StandingOut(Schema):
    as_of: dt.datetime
    open: int
    oldest: dt.datetime | None
    automatic: int
    states: list[StateOut]
    lights: list[StateOut]
    areas: list[AreaOut]


class LatestOut(Schema):
    id: int
    number: str
    area: str
    category: str
    state: str
    unit: str
    at: dt.datetime
    automatic: bool


class BoardOut(Schema):
    as_of: dt.datetime
    standing: StandingOut
    today: list[StatCountOut]
    month: RatesOut
    areas: list[RowOut]
    units: list[RowOut]
    majors: list[RowOut]
    sources: list[RowOut]
    trend: list[RowOut]
    latest: list[LatestOut]
    points: list[tuple[float, float, str]]


@router.get("/stats/rates", response=RatesOut, by_alias=True)
def get_rates(request: ApiRequest, asked: Query[queries.Asked]) -> Any:
    """All counts and rates of a period with formula, n, comparison and the cases behind them."""
    return queries.rates(request.auth, asked)


@router.get("/stats/breakdown", response=BreakdownOut, by_alias=True)
def get_breakdown(request: ApiRequest, asked: Query[queries.Asked], by: Dimension = "unit") -> Any:
    return queries.breakdown(request.auth, asked, by)


@router.get("/stats/trend", response=BreakdownOut, by_alias=True)
def get_trend(request: ApiRequest, asked: Query[queries.Asked]) -> Any:
    return queries.trend(request.auth, asked)


@router.get("/stats/now", response=StandingOut)
def get_standing(request: ApiRequest) -> Any:
    """What is open at this moment, by state, light and area."""
    return queries.standing(request.auth)


@router.get("/stats/board", response=BoardOut, by_alias=True)
def get_board(request: ApiRequest) -> Any:
    """All of the big screen in one answer; no names, no texts, no login data."""
    return queries.board(request.auth)


@router.get("/stats/formulas", response=list[FormulaOut])
def get_formulas(request: ApiRequest) -> Any:
    return [queries.formula_row(r) for r in formulas().rates.values()]


class HotUnitOut(Schema):
    name: str
    n: int


class ClusterOut(Schema):
    """Like reports of one matter at one place. ``ratio`` of rates with its 99 % interval, null where nothing was
    before; ``usual``: how many the span before would have brought in so long a time."""

    category: str
    category_key: str
    level: Level
    place: str
    name: str
    n: int
    before: int
    usual: float
    ratio: float | None
    low: float
    high: float | None
    open: int
    first: dt.datetime
    last: dt.datetime
    units: list[HotUnitOut]
    filter: dict[str, str]


class HotOut(Schema):
    period: Period
    as_of: dt.datetime
    since: dt.datetime
    compared_since: dt.datetime
    clusters: list[ClusterOut]


class ClusterCaseOut(Schema):
    id: int
    number: str
    state: State
    summary: str
    address: str
    reported_at: dt.datetime
    reports_count: int
    unit: str
    mergeable: bool
    thumb_url: str


class ClusterCasesOut(Schema):
    head: int | None
    cases: list[ClusterCaseOut]
    complete: bool


@router.get("/stats/hot", response=HotOut)
def hot_now(request: ApiRequest, asked: Query[HotAsked]) -> Any:
    """What is reported more than usual, by matter and place."""
    return hot.clusters(request.auth, asked)


@router.get("/stats/hot/cases", response=ClusterCasesOut)
def hot_cases(request: ApiRequest, asked: Query[ClusterAsked]) -> Any:
    """The cases of one cluster, and under which one they could be handled jointly."""
    return hot.cluster(request.auth, asked)
