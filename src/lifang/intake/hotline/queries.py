"""Results for the hotline: where each of its orders stands, who answers, what was replied."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from lifang.cases.choices import EvidenceKind, Source, State, Verb
from lifang.cases.models import Evidence, Rating, Report, Step
from lifang.cases.permissions import visible_to
from lifang.core import files
from lifang.core.paging import page
from lifang.intake.hotline import rules
from lifang.orgs.acting import Acting
from lifang.understanding.pictures.queries import SHOWN

#: steps whose words are the reply (答复) or the reason why it came back (退回原因)
_REPLY = (Verb.HAND_BACK, Verb.CLOSE, Verb.SELF_HANDLE)
_EVER, _NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
#: rows of one exported table
MOST_EXPORTED = 20_000
_BACK = (Verb.REJECT, Verb.VOID)


@dataclass
class Result:
    number: str
    case_number: str
    state: str
    state_words: str
    unit: str
    category: str
    reply: str
    back_reason: str
    evidence: list[str] = field(default_factory=list)
    received_at: datetime | None = None
    hotline_due: str = ""
    due_at: datetime | None = None
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    handed_back_at: datetime | None = None
    closed_at: datetime | None = None
    contacted: bool | None = None
    solved: bool | None = None
    stars: int | None = None
    satisfied: bool | None = None
    updated_at: datetime | None = None


def orders(
    by: Acting, *, since: datetime | None = None, number: str = "", state: str = ""
) -> QuerySet[Report]:
    """Reports that came from the hotline and that ``by`` may see."""
    # not ``IN``: the planner would begin with every case there is instead of with what changed
    seen = Exists(visible_to(by).order_by().filter(pk=OuterRef("case_id")))
    found = Report.objects.filter(seen, source=Source.HOTLINE).select_related(
        "case__lead_unit", "case__category"
    )
    if since is not None:
        # both ends: a planner without statistics then begins with the index by change
        found = found.filter(case__updated_at__gte=since, case__updated_at__lt=_NEVER)
    if number:
        found = found.filter(external_number=number)
    if state:
        found = found.filter(case__state=state)
    return found


def results_page(
    by: Acting,
    *,
    since: datetime | None = None,
    number: str = "",
    state: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of results, the longest unchanged first: the last ``updated_at`` is the next ``since``."""
    if since is None and not number:
        since = _EVER  # a bound, so that the index by change is read and not the whole table sorted
    found = page(
        orders(by, since=since, number=number, state=state),
        order=("case__updated_at", "id"),
        cursor=cursor,
        limit=limit,
    )
    return {**found, "items": results(found["items"])}


def results(reports: Iterable[Report]) -> list[Result]:
    """Results of some reports in three statements, however many."""
    rows = list(reports)
    cases = {r.case_id for r in rows}
    replies: dict[int, str] = {}
    backs: dict[int, str] = {}
    steps = Step.objects.filter(case_id__in=cases, verb__in=(*_REPLY, *_BACK)).exclude(reason="")
    for step in steps.order_by("id").only("case_id", "verb", "reason"):
        (replies if step.verb in _REPLY else backs)[step.case_id] = step.reason
    pictures: dict[int, list[str]] = {}
    # they leave the house: only what was checked for faces and plates
    evidence = Evidence.objects.filter(
        case_id__in=cases, kind=EvidenceKind.AFTER, file__finding__publicity__in=SHOWN
    )
    for case_id, sha in evidence.order_by("id").values_list("case_id", "file__sha256"):
        pictures.setdefault(case_id, []).append(files.url(sha, "public"))
    ratings = {r.report_id: r for r in Rating.objects.filter(report__in=rows).order_by("id")}
    return [_result(r, replies, backs, pictures, ratings.get(r.pk)) for r in rows]


def _result(
    report: Report,
    replies: dict[int, str],
    backs: dict[int, str],
    pictures: dict[int, list[str]],
    rating: Rating | None,
) -> Result:
    case = report.case
    stars = rating.stars if rating else None
    return Result(
        number=report.external_number,
        case_number=case.number,
        state=case.state,
        state_words=str(State(case.state).label),
        unit=case.lead_unit.name if case.lead_unit else "",
        category=case.category.name if case.category else "",
        reply=replies.get(case.pk, ""),
        back_reason=backs.get(case.pk, ""),
        evidence=pictures.get(case.pk, []),
        received_at=report.at,
        hotline_due=str(report.payload.get("due", "")),
        due_at=case.due_at,
        filed_at=case.filed_at,
        dispatched_at=case.dispatched_at,
        handed_back_at=case.handed_back_at,
        closed_at=case.closed_at,
        contacted=rating.contacted if rating else None,
        solved=rating.solved if rating else None,
        stars=stars,
        satisfied=rules.satisfied(stars),
        updated_at=case.updated_at,
    )
