"""The public door: report, follow, answer, rate, reopen. No account."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from lifang.config import config
from lifang.core.api import Router
from lifang.intake import actions, limits, queries, surroundings
from lifang.intake import alike as asking
from lifang.orgs.acting import optional

router = Router(tags=["public"], auth=None)

FileToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[str, StringConstraints(max_length=40)]
Code = Annotated[str, StringConstraints(max_length=40)]
System = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


class ReportIn(Schema):
    client_id: Annotated[str, StringConstraints(min_length=8, max_length=80)] = Field(
        description="made by the sender, best a UUID: the same one twice is one report"
    )
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    system: System | Literal[""] = Field("", description="must be declared where lng is given")
    accuracy: float | None = Field(None, ge=0, le=1e6, description="metres, as the phone says")
    address: Annotated[str, StringConstraints(max_length=200)] = ""
    category_key: Annotated[str, StringConstraints(max_length=40)] = ""
    files: list[FileToken] = Field([], max_length=20, description="tokens of uploaded files")
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    phone: Annotated[str, StringConstraints(max_length=32)] = ""
    device: Annotated[str, StringConstraints(max_length=64)] = ""
    device_at: AwareDatetime | None = None
    same_as: Number = Field("", description="number of the case nearby that is the same one")


class HereOut(Schema):
    """What the phone app asks first, of anybody: the city, and whether somebody is signed in."""

    city: str
    signed_in: bool


class ReceiptOut(Schema):
    number: str
    code: str
    created: bool
    stage: str
    stage_words: str
    joined: str


class StepOut(Schema):
    at: datetime
    verb: str
    words: str
    unit: str
    text: str


class PictureOut(Schema):
    """``pending``: not checked for faces and plates yet; the links are empty then."""

    kind: str
    pending: bool
    thumb: str
    view: str


class PublicVoiceOut(Schema):
    """A recording of the reporter's own. ``heard``: words, silent, failed, corrected, or empty so far."""

    token: str
    url: str
    seconds: float | None
    heard: str
    heard_words: str
    text: str


class RatingOut(Schema):
    contacted: bool | None
    solved: bool | None
    stars: int | None
    comment: str
    at: datetime


class PublicCaseOut(Schema):
    number: str
    case_number: str
    stage: str
    stage_words: str
    text: str
    address: str
    lng: float | None
    lat: float | None
    category: str
    unit: str
    reported_at: datetime
    expected_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    reports_count: int
    reporter: str
    phone: str
    question: str
    rating: RatingOut | None
    can_rate: bool
    can_reopen: bool
    steps: list[StepOut]
    pictures: list[PictureOut]
    voices: list[PublicVoiceOut]


class AnswerIn(Schema):
    code: Code
    text: Annotated[str, StringConstraints(max_length=20_000)]
    files: list[FileToken] = Field([], max_length=20)


class CorrectIn(Schema):
    code: Code
    voice: FileToken
    text: Annotated[str, StringConstraints(min_length=1, max_length=5_000)]


class RateIn(Schema):
    code: Code
    solved: bool
    stars: int = Field(ge=1, le=5)
    contacted: bool | None = None
    comment: Annotated[str, StringConstraints(max_length=1000)] = ""


class ReopenIn(Schema):
    code: Code
    reason: Annotated[str, StringConstraints(max_length=20_000)]
    files: list[FileToken] = Field([], max_length=20)


class PublicCategoryOut(Schema):
    key: str
    name: str
    kind: str
    help: str
    examples: list[str]
    children: list["PublicCategoryOut"]


class NearOut(Schema):
    number: str
    category: str
    stage: str
    stage_words: str
    metres: int
    address: str
    reported_at: datetime
    reports_count: int


class AlikeOut(Schema):
    number: str
    category: str
    stage: str
    stage_words: str
    metres: int | None
    address: str
    reported_at: datetime
    reports_count: int
    thumb: str


class AlikeIn(Schema):
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    address: Annotated[str, StringConstraints(max_length=200)] = ""
    lng: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    system: System | Literal[""] = ""
    category_key: Annotated[str, StringConstraints(max_length=40)] = ""
    files: list[FileToken] = Field([], max_length=20)


class NearIn(Schema):
    category: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    lng: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    metres: int | None = Field(None, ge=1, le=500)


def _said(data: Schema) -> dict[str, Any]:
    said: dict[str, Any] = data.dict()
    said["attached"] = said.pop("files")
    return said


@router.get("/public/here", response=HereOut)
def here(request: HttpRequest) -> Any:
    return {"city": config().city_name, "signed_in": request.user.is_authenticated}


@router.post("/public/reports", response={201: ReceiptOut, 200: ReceiptOut})
def report(request: HttpRequest, data: ReportIn) -> Any:
    done = actions.report(by=optional(request), **_said(data))
    return Status(201 if done.created else 200, done)


@router.get("/public/reports/{number}", response=PublicCaseOut)
def follow(request: HttpRequest, number: str, code: Code) -> Any:
    found = actions.followed(by=optional(request), number=number, code=code)
    return queries.public_case(found)


@router.post("/public/reports/{number}/answer", response=PublicCaseOut)
def answer(request: HttpRequest, number: str, data: AnswerIn) -> Any:
    return actions.answer(by=optional(request), number=number, **_said(data))


@router.post("/public/reports/{number}/correct", response=PublicCaseOut)
def correct(request: HttpRequest, number: str, data: CorrectIn) -> Any:
    return actions.correct(by=optional(request), number=number, **data.dict())


@router.post("/public/reports/{number}/rate", response=PublicCaseOut)
def rate(request: HttpRequest, number: str, data: RateIn) -> Any:
    return actions.rate(by=optional(request), number=number, **data.dict())


@router.post("/public/reports/{number}/reopen", response=PublicCaseOut)
def reopen(request: HttpRequest, number: str, data: ReopenIn) -> Any:
    return actions.reopen(by=optional(request), number=number, **_said(data))


@router.get("/public/categories", response=list[PublicCategoryOut])
def categories(request: HttpRequest) -> Any:
    return queries.public_categories()


@router.get("/public/near", response=list[NearOut])
def near(request: HttpRequest, where: Query[NearIn]) -> Any:
    return queries.near(
        category_key=where.category, lng=where.lng, lat=where.lat, metres=where.metres
    )


@router.post("/public/alike", response=list[AlikeOut])
def alike(request: HttpRequest, data: AlikeIn) -> Any:
    limits.look(optional(request))
    return asking.alike(**_said(data))


class PublicPlaceOut(Schema):
    kind: str
    code: str
    name: str
    address: str
    area_name: str
    lng: float | None
    lat: float | None


class ExtentOut(Schema):
    west: float
    south: float
    east: float
    north: float


class TextIn(Schema):
    text: Annotated[str, StringConstraints(max_length=20_000)]


class SuggestionOut(Schema):
    key: str
    name: str
    confidence: float


class PointIn(Schema):
    lng: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    system: System = "wgs84"


Words = Annotated[str, StringConstraints(min_length=1, max_length=60)]


@router.get("/public/places", response=list[PublicPlaceOut])
def places(request: HttpRequest, q: Words) -> Any:
    limits.look(optional(request))
    return surroundings.search(q)


@router.get("/public/at", response=PublicPlaceOut)
def at(request: HttpRequest, where: Query[PointIn]) -> Any:
    return surroundings.at(where.lng, where.lat, where.system)


@router.post("/public/suggest", response=list[SuggestionOut])
def suggest(request: HttpRequest, data: TextIn) -> Any:
    limits.look(optional(request))
    return surroundings.suggest(data.text)


@router.get("/public/map/extent", response=ExtentOut)
def extent(request: HttpRequest) -> Any:
    return surroundings.extent()


@router.get("/public/map/{layer}", response={200: dict[str, Any]})
def layer(request: HttpRequest, layer: str, bbox: str = "") -> HttpResponse:
    body = surroundings.layer(layer, bbox)
    return HttpResponse(body, content_type="application/geo+json; charset=utf-8")
