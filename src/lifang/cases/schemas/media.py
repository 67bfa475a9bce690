"""What pictures and recordings of a case tell."""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lifang.cases.choices import EvidenceKind


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
