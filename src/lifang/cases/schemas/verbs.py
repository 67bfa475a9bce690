"""What each verb takes."""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lifang.cases.choices import EvidenceKind, State

Text = Annotated[str, Field(max_length=2000)]
#: tokens as the upload answered them; numbers could be guessed
Files = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=30)]


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
