"""What a reporter may see of a case, and what anybody may see of the neighbourhood."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from lifang.cases.actions._step import setting
from lifang.cases.choices import FINAL, State, Verb
from lifang.cases.models import Case, Evidence, Rating, Report, Step
from lifang.cases.queries.media import heard_words
from lifang.cases.rules import CLOCKED
from lifang.core import files, geo
from lifang.intake import rules
from lifang.intake.choices import CHECK_FAILED, CHECK_PASSED, STAGE_OF, STEP_WORDS, Stage
from lifang.standards import queries as standards
from lifang.understanding.pictures.models import Publicity
from lifang.understanding.pictures.queries import SHOWN
from lifang.understanding.voice import queries as voice

#: steps that belong to one reporter; others who follow the same case do not see them
#: steps beside which the unit is named; who in the centre did the others is no matter
_BY_UNIT = frozenset({Verb.START, Verb.HAND_BACK, Verb.SELF_HANDLE})
_PERSONAL = frozenset({Verb.REPORT, Verb.ASK, Verb.ANSWER, Verb.RATE})


@dataclass(frozen=True)
class Picture:
    """``pending``: nobody checked it for faces and plates yet, so there is nothing to show."""

    sha256: str
    kind: str
    pending: bool

    @property
    def thumb(self) -> str:
        return "" if self.pending else files.url(self.sha256, "public-thumb")

    @property
    def view(self) -> str:
        return "" if self.pending else files.url(self.sha256, "public")


@dataclass(frozen=True)
class PublicVoice:
    """A recording of the reporter's own, and what was written down of it."""

    token: str
    url: str
    seconds: float | None
    heard: str
    heard_words: str
    text: str


@dataclass(frozen=True)
class PublicStep:
    at: datetime
    verb: str
    words: str
    unit: str = ""
    text: str = ""


@dataclass(frozen=True)
class PublicCase:
    """A followed case, masked: no names, no numbers, no clerk, no internal reason."""

    number: str
    case_number: str
    stage: Stage
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
    rating: Rating | None
    can_rate: bool
    can_reopen: bool
    steps: list[PublicStep] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    voices: list[PublicVoice] = field(default_factory=list)

    @property
    def stage_words(self) -> str:
        return str(self.stage.label)


def report_by_code(number: str, code: str) -> Report | None:
    """The report that was given this number and code, or ``None``."""
    number, code = rules.clean_number(number), rules.clean_number(code)
    if not number or not code:
        return None
    return (
        Report.objects.select_related("case__category", "case__lead_unit", "origin")
        .filter(
            Q(origin__number__iexact=number) | Q(case__number__iexact=number),
            follow_code__iexact=code,
        )
        .order_by("id")
        .first()
    )


def public_case(report: Report) -> PublicCase:
    """All that the reporter sees; six statements."""
    case, now, conf = report.case, timezone.now(), setting()
    rating = Rating.objects.filter(report=report).order_by("-id").first()
    closed = case.closed_at
    # a rating before the case was reopened does not bar a new one
    rated = rating is not None and (closed is None or rating.at >= closed)
    clocked = case.state in CLOCKED
    return PublicCase(
        number=report.origin.number,
        case_number=case.number,
        stage=STAGE_OF[case.state],
        text=rules.mask_text(report.text),
        address=case.address,
        lng=report.lng,
        lat=report.lat,
        category=case.category.name if case.category else "",
        unit=case.lead_unit.name if case.lead_unit else "",
        reported_at=report.at,
        expected_at=case.due_at if clocked else None,
        overdue=clocked and case.due_at is not None and now > case.due_at,
        closed_at=closed,
        reports_count=case.reports_count,
        reporter=rules.mask_name(report.reporter_name),
        phone=rules.mask_phone(report.reporter_phone),
        question=case.question if case.state not in FINAL else "",
        rating=rating,
        can_rate=rules.may_rate(
            state=case.state, closed_at=closed, now=now, days=conf.rating_days, rated=rated
        ),
        can_reopen=rules.may_reopen(
            state=case.state, closed_at=closed, now=now, days=conf.rating_days
        ),
        steps=_steps(report),
        pictures=_pictures(report),
        voices=_voices(report),
    )


def _steps(report: Report) -> list[PublicStep]:
    found = (
        Step.objects.filter(case_id__in={report.case_id, report.origin_id})
        .select_related("unit")
        .order_by("at", "id")
    )
    return [
        PublicStep(
            at=s.at,
            verb=s.verb,
            words=words,
            unit=s.unit.name if s.unit and s.verb in _BY_UNIT else "",
            text=rules.mask_text(s.reason) if s.public else "",
        )
        for s in found
        if (words := _words(s)) and _concerns(s, report)
    ][::-1]


def _words(step: Step) -> str:
    if step.verb == Verb.CHECK:
        passed = step.after == State.CHECKED or step.after == State.CLOSED
        return str(CHECK_PASSED if passed else CHECK_FAILED)
    words = STEP_WORDS.get(Verb(step.verb))
    return str(words) if words else ""


def _concerns(step: Step, report: Report) -> bool:
    """Whether this step is this reporter's business: another's question is not."""
    if step.verb not in _PERSONAL:
        return True
    owner = step.detail.get("report")
    return owner == report.pk if owner is not None else step.case_id == report.origin_id


def _pictures(report: Report) -> list[Picture]:
    """The reporter's own pictures, and those that the city shows.

    Copies with faces and plates unreadable only: number and code may be in other hands.
    """
    found = (
        Evidence.objects.filter(Q(report=report) | Q(case_id=report.case_id, public=True))
        .filter(file__kind="image")
        .order_by("at", "id")
        .exclude(file__finding__publicity=Publicity.HELD)
        .values_list("file__sha256", "kind", "file__finding__publicity")
    )
    return [Picture(sha, kind, state not in SHOWN) for sha, kind, state in dict.fromkeys(found)]


def _voices(report: Report) -> list[PublicVoice]:
    """The reporter's own recordings; nobody else hears them here."""
    rows = [
        e.file
        for e in Evidence.objects.filter(report=report, file__kind="audio").select_related("file")
    ]
    now = voice.current([f.pk for f in rows]) if rows else {}
    return [
        PublicVoice(
            token=files.token(f),
            url=files.url(f.sha256, "view"),
            seconds=f.seconds,
            heard=now[f.pk].heard if f.pk in now else "",
            heard_words=heard_words(now.get(f.pk)),
            text=rules.mask_text(now[f.pk].text) if f.pk in now else "",
        )
        for f in rows
    ]


@dataclass(frozen=True)
class Near:
    number: str
    category: str
    stage: Stage
    metres: int
    address: str
    reported_at: datetime
    reports_count: int

    @property
    def stage_words(self) -> str:
        return str(self.stage.label)


def near(
    *, category_key: str, lng: float, lat: float, metres: int | None = None, limit: int = 5
) -> list[Near]:
    """Open cases of the same class (or its siblings' parent) within ``metres``, nearest first.

    Nobody's words or pictures are in it: place, class, state and count only.
    """
    reach = metres or setting().duplicate_metres
    west, south, east, north = geo.bbox_around(lng, lat, reach)
    rows = (
        Case.objects.filter(
            lat__range=(south, north),
            lng__range=(west, east),
            category__key=category_key,
            reported_at__gte=timezone.now() - timedelta(days=rules.NEAR_DAYS),
        )
        .exclude(state__in=FINAL)
        .values_list(
            "number", "category__name", "state", "lng", "lat", "address", "reported_at",
            "reports_count",
        )[:200]
    )  # fmt: skip
    found = [
        Near(number, name, STAGE_OF[state], round(away), address, at, count)
        for number, name, state, x, y, address, at, count in rows
        if x is not None and y is not None and (away := geo.metres((lng, lat), (x, y))) <= reach
    ]
    return sorted(found, key=lambda n: n.metres)[:limit]


def public_categories() -> list[dict[str, Any]]:
    """Classes a citizen may choose, major with minors, each with everyday words as examples."""
    tree = standards.in_force()

    def out(c: standards.CategoryView) -> dict[str, Any]:
        return {
            "key": c.key,
            "name": c.name,
            "kind": c.kind,
            "help": c.help,
            "examples": c.words.split()[:5],
            "children": [out(m) for m in shown(c.id)],
        }

    def shown(parent: int | None) -> list[standards.CategoryView]:
        return [c for c in tree.children.get(parent, ()) if c.public and c.active]

    return [out(c) for c in shown(None)]


def common_categories(limit: int = 12) -> list[tuple[str, str]]:
    """``(key, name)`` of the classes that people report most, for the home page."""
    rows = (
        Case.objects.filter(
            reported_at__gte=timezone.now() - timedelta(days=rules.NEAR_DAYS),
            category__public=True,
        )
        .values_list("category__key", "category__name")
        .annotate(n=Count("id"))
        .order_by("-n")[:limit]
    )
    return [(key, name) for key, name, _n in rows]


@dataclass(frozen=True)
class Counts:
    """What the home page says of the last thirty days."""

    reported: int
    closed: int
    open: int


def counts() -> Counts:
    since = timezone.now() - timedelta(days=30)
    recent = Case.objects.filter(reported_at__gte=since).exclude(
        state__in=(State.MERGED, State.VOID)
    )
    row = recent.aggregate(
        reported=Count("id"),
        closed=Count("id", filter=Q(state=State.CLOSED)),
        open=Count("id", filter=~Q(state__in=tuple(FINAL))),
    )
    return Counts(**row)
