"""Shapes of the inspections API."""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lifang.inspections.models import Observation
from lifang.inspections.rules import MOST
from lifang.standards.schemas import Id

Code = Annotated[str, Field(min_length=1, max_length=40)]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LineIn(Schema):
    place: Code
    item: Code
    state: Literal["pass", "fail", "na"]
    seen_at: dt.datetime
    count: int = Field(1, ge=0, le=10_000)
    cause: str = Field("", max_length=60)
    note: str = Field("", max_length=300)
    disputed: bool = False
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    seen_by_name: str = Field("", max_length=60)
    form: str = Field("", max_length=80)
    photos: list[Sha] = Field([], max_length=20)


class LinesIn(Schema):
    round_id: Id
    lines: list[LineIn] = Field(min_length=1, max_length=MOST)


class RecordedOut(Schema):
    ids: list[int]


class CorrectionIn(Schema):
    reason: str = Field(max_length=300)
    state: Literal["pass", "fail", "na"] | None = None
    count: int | None = Field(None, ge=0, le=10_000)
    cause: str | None = Field(None, max_length=60)
    disputed: bool | None = None


class WithdrawalIn(Schema):
    reason: str = Field(max_length=300)


class ObservationOut(Schema):
    id: int
    round_id: int
    place: str
    place_title: str
    place_type: str
    unit: str
    item: str
    item_title: str
    state: str
    count: int
    cause: str
    note: str
    disputed: bool
    seen_at: dt.datetime
    seen_by: str
    lng: float | None
    lat: float | None
    photos: list[str]
    case_id: int | None
    supersedes_id: int | None

    @staticmethod
    def resolve_place(row: Observation) -> str:
        return row.place.code

    @staticmethod
    def resolve_place_title(row: Observation) -> str:
        return row.place.title

    @staticmethod
    def resolve_place_type(row: Observation) -> str:
        return row.place.type

    @staticmethod
    def resolve_unit(row: Observation) -> str:
        return row.place.unit.name if row.place.unit else ""

    @staticmethod
    def resolve_seen_by(row: Observation) -> str:
        return row.seen_by_name or (row.seen_by.name if row.seen_by else "")

    @staticmethod
    def resolve_photos(row: Observation) -> list[str]:
        return [f.sha256 for f in row.photos.all()]
