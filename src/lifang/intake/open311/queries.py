"""Requests as GeoReport answers them: published cases only, without anybody's name or number."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.choices import FINAL, State, Verb
from lifang.cases.models import Case, Evidence, Step
from lifang.cases.permissions import visible_to
from lifang.cases.rules import CLOCKED
from lifang.core import files
from lifang.core.errors import Missing
from lifang.intake.choices import STAGE_OF, STEP_WORDS
from lifang.intake.open311 import rules
from lifang.intake.open311.models import Open311Link, Open311Post, Way
from lifang.intake.rules import mask_text
from lifang.orgs.acting import Acting
from lifang.understanding.pictures.queries import SHOWN

#: an address of this site made whole
Whole = Callable[[str], str]
#: steps whose words say why a case ended or rests
_REASONS = (Verb.REJECT, Verb.VOID, Verb.CLOSE, Verb.HANG, Verb.SUSPEND)


@dataclass(frozen=True)
class Asked:
    """What ``GET requests`` filters by."""

    ids: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    statuses: set[str] = field(default_factory=set)
    window: rules.Window | None = None
    changed_after: datetime | None = None
    changed_before: datetime | None = None
    page: int = 1
    size: int = rules.MOST_ROWS


def published() -> QuerySet[Case]:
    """Cases of public classes, and those that were posted here as one.

    A case that nobody has classed yet may be anything; it is not shown. What we took from another
    server is shown there: two servers that ask each other must not echo for ever.
    """
    posted = Open311Post.objects.filter(report__origin=OuterRef("pk"))
    taken = Open311Link.objects.filter(case=OuterRef("pk"), way=Way.IN)
    return Case.objects.filter(Q(category__public=True) | Exists(posted)).exclude(Exists(taken))


def found(asked: Asked) -> tuple[list[Case], int | None]:
    """A page of cases and how many there are in all; ``None``: more than is worth counting."""
    cases = published()
    if asked.ids:
        # they override every other filter
        rows = list(_with(cases.filter(number__in=asked.ids[: rules.MOST_IDS])))
        place = {number: n for n, number in enumerate(asked.ids)}
        return sorted(rows, key=lambda c: place[c.number]), len(rows)
    cases = _filtered(cases, asked)
    order = ("updated_at", "id") if asked.changed_after else ("-reported_at", "-id")
    start = (asked.page - 1) * asked.size
    rows = list(_with(cases).order_by(*order)[start : start + asked.size])
    # counted only where the page does not say it itself
    if len(rows) < asked.size and (rows or not start):
        return rows, start + len(rows)
    total = cases.order_by()[: rules.MOST_COUNTED + 1].count()
    return rows, total if total <= rules.MOST_COUNTED else None


def _filtered(cases: QuerySet[Case], asked: Asked) -> QuerySet[Case]:
    if asked.window is not None:
        cases = cases.filter(reported_at__range=(asked.window.start, asked.window.end))
    if asked.services:
        cases = cases.filter(category__key__in=asked.services)
    if asked.statuses == {rules.OPEN}:
        cases = cases.exclude(state__in=tuple(FINAL))
    elif asked.statuses == {rules.CLOSED}:
        cases = cases.filter(state__in=tuple(FINAL))
    if asked.changed_after is not None:
        cases = cases.filter(updated_at__gte=asked.changed_after)
    if asked.changed_before is not None:
        cases = cases.filter(updated_at__lte=asked.changed_before)
    return cases


def _with(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("category", "lead_unit", "merged_into")


def one(number: str) -> Case:
    """The published case with this number. Raises :class:`Missing`."""
    row = _with(published().filter(number=number)).first()
    if row is None:
        raise Missing(
            "open311.request", _("没有编号为“%(number)s”的请求") % {"number": number[:40]}
        )
    return row


def by_token(token: str) -> Open311Post:
    """What was posted under this token. Raises :class:`Missing`."""
    row = Open311Post.objects.select_related("report__origin").filter(token=token).first()
    if row is None:
        raise Missing("open311.token", _("没有这个令牌对应的请求"))
    return row


def shown(cases: Iterable[Case], *, by: Acting | None, whole: Whole) -> list[dict[str, Any]]:
    """Cases as requests, in three statements more, however many.

    Words are shown to a key whose role may see the case, masked; to everybody else only class
    and place stand for them (``docs/intake.md``).
    """
    rows = list(cases)
    numbers = [c.pk for c in rows]
    readable = _readable(numbers, by)
    pictures = _pictures(numbers)
    reasons = _reasons(numbers)
    return [
        _request(
            c,
            words=c.pk in readable,
            picture=whole(files.url(sha, "public")) if (sha := pictures.get(c.pk)) else None,
            reason=reasons.get(c.pk, ""),
        )
        for c in rows
    ]


def _readable(numbers: list[int], by: Acting | None) -> set[int]:
    if by is None or not numbers:
        return set()
    posted = Open311Post.objects.filter(key=by.token_id, report__origin__in=numbers)
    seen = visible_to(by).filter(pk__in=numbers).order_by()
    return {*seen.values_list("pk", flat=True), *posted.values_list("report__origin", flat=True)}


def _pictures(numbers: list[int]) -> dict[int, str]:
    """The first picture of each case that is for everybody: shown, and checked for faces and plates."""
    rows = (
        Evidence.objects.filter(
            case__in=numbers, public=True, file__kind="image", file__finding__publicity__in=SHOWN
        )
        .order_by("-id")
        .values_list("case_id", "file__sha256")
    )
    return dict(rows)


def _reasons(numbers: list[int]) -> dict[int, str]:
    """The public words of the last step that ended or halted each case."""
    rows = Step.objects.filter(case__in=numbers, verb__in=_REASONS, public=True).exclude(reason="")
    return dict(rows.order_by("id").values_list("case_id", "reason"))


def notes_of(case: Case, reason: str = "") -> str:
    """Our state in citizens' words, with what it was merged into or why it ended."""
    said = str(STAGE_OF[case.state].label)
    if case.state == State.MERGED and case.merged_into is not None:
        return _("%(stage)s，并入 %(number)s") % {"stage": said, "number": case.merged_into.number}
    halted = case.state in FINAL or case.state in (State.SUSPENDED, State.HANGING)
    return f"{said}：{mask_text(reason)}" if reason and halted else said


def _request(case: Case, *, words: bool, picture: str | None, reason: str) -> dict[str, Any]:
    category = case.category
    return {
        "service_request_id": case.number,
        "status": rules.status_of(case.state),
        "status_notes": notes_of(case, reason),
        "service_name": category.name if category else None,
        "service_code": category.key if category else None,
        "description": mask_text(case.text)[: rules.MOST_DESCRIPTION] if words else _bare(case),
        "agency_responsible": case.lead_unit.name if case.lead_unit else None,
        "service_notice": None,
        "requested_datetime": w3c(case.reported_at),
        "updated_datetime": w3c(case.updated_at),
        "expected_datetime": w3c(case.due_at) if case.state in CLOCKED else None,
        "address": case.address or None,
        "address_id": None,
        "zipcode": None,
        "lat": case.lat,
        "long": case.lng,
        "media_url": picture,
    }


def _bare(case: Case) -> str:
    """Class and place instead of somebody's words."""
    name = case.category.name if case.category else _("待分类")
    return f"{name}：{case.address}" if case.address else name


def updates(case: Case) -> list[dict[str, Any]]:
    """The public course of a case, oldest first (mySociety's ``servicerequestupdates``)."""
    steps = Step.objects.filter(case=case, public=True, verb__in=[str(v) for v in STEP_WORDS])
    return [
        {
            "update_id": str(s.pk),
            "service_request_id": case.number,
            "status": rules.status_of(s.after),
            "updated_datetime": w3c(s.at),
            "description": str(STEP_WORDS[Verb(s.verb)]),
            "media_url": None,
        }
        for s in steps.exclude(verb__in=(Verb.ASK, Verb.ANSWER, Verb.RATE)).order_by("at", "id")[
            :500
        ]
    ]


def w3c(moment: datetime | None) -> str | None:
    """``2026-03-01T09:30:00+08:00``, local time with its zone."""
    return None if moment is None else timezone.localtime(moment).isoformat(timespec="seconds")
