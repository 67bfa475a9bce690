"""Lists beside the case: related, counts, desk, petitions, bulk, views, the setting."""

from typing import Any

from ninja import Schema
from pydantic import Field, field_validator

from lifang.cases.choices import State
from lifang.cases.schemas.case import CaseRow
from lifang.cases.schemas.verbs import Text


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
