"""Shapes of the page about the machine's judgement."""

import datetime as dt
from typing import Any

from ninja import Schema
from pydantic import Field


class JudgedShareOut(Schema):
    """A share with its 95 % Wilson interval; ``value`` is null where nothing was seen."""

    right: int
    n: int
    value: float | None
    low: float
    high: float


class JudgeSettingOut(Schema):
    target: float
    review_share: float
    learning: bool


class JudgeSettingIn(Schema):
    target: float = Field(ge=0.5, le=0.999)
    review_share: float = Field(ge=0, le=1)
    learning: bool


class JudgeTotalsOut(Schema):
    n: int
    corrected: int
    coverage: JudgedShareOut
    precision: JudgedShareOut
    proposals: JudgedShareOut


class JudgeCurveOut(JudgedShareOut):
    """What holds of reviewed decisions from a confidence on."""

    threshold: float
    coverage: float


class JudgeThresholdOut(JudgedShareOut):
    group: str
    name: str
    threshold: float | None
    coverage: float
    target: float
    in_force: bool
    source: str
    measured_at: dt.datetime


class JudgeCorrectionOut(Schema):
    proposed: str
    proposed_name: str
    key: str
    name: str
    n: int
    #: of these, filed by the machine alone
    alone: int


class JudgeWeekOut(Schema):
    week: dt.date
    n: int
    unsure: float
    acted: float
    proposals: JudgedShareOut
    #: share of character pairs that the model did not know; null without a model
    strange: float | None


class JudgeCountOut(Schema):
    key: str
    name: str
    n: int


class JudgeModelOut(Schema):
    digest: str
    made_at: dt.datetime
    n: int
    labels: int
    #: whether its files can be read here
    readable: bool
    data_sha256: str
    engine: str
    seconds: float
    measures: dict[str, Any] | None
    counts: list[JudgeCountOut]


class JudgementOut(Schema):
    days: int
    setting: JudgeSettingOut
    may_change: bool
    training: bool
    totals: JudgeTotalsOut
    curve: list[JudgeCurveOut]
    thresholds: list[JudgeThresholdOut]
    corrections: list[JudgeCorrectionOut]
    weeks: list[JudgeWeekOut]
    model: JudgeModelOut | None
