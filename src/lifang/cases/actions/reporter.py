"""What reporters do afterwards, with number and code: answer, rate, reopen."""

import datetime as dt
import hmac
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import _clock, _step
from lifang.cases.actions.heard import hear
from lifang.cases.choices import EvidenceKind, State, Verb
from lifang.cases.models import Case, Evidence, Rating, Report
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.understanding.voice import actions as voice
from lifang.understanding.voice.models import Transcript

#: by machine and people, of one recording
MOST_CORRECTIONS = 10


def find(*, number: str, code: str) -> Report:
    """The report that a number and its code name; the same answer for wrong ones and unknown."""
    typed = code.strip().upper()
    for report in Report.objects.select_related("case").filter(origin__number=number.strip())[:50]:
        if hmac.compare_digest(report.follow_code.encode(), typed.encode()):
            return report
    raise Missing("report.not_found", _("编号或查询码不对，请核对短信、回执上的编号和查询码"))


@transaction.atomic
def answer(*, by: Acting, report: Report, text: str, file_ids: Iterable[int] = ()) -> Case:
    """The reporter answers what the centre asked; the acceptor's clock runs again."""
    case = _step.take(report.case_id, by=_reporter(by), verb=Verb.ANSWER)
    said = _step.need_reason(text, Verb.ANSWER)
    now = timezone.now()
    asked = case.question
    case.question = ""
    if asked and case.state in (State.REPORTED, State.VERIFIED, State.VERIFYING):
        case.stage_due_at = _clock.stage_due(case.state, now)
    _step.record(
        case, by=by, verb=Verb.ANSWER, reason=said, now=now, public=True, files=file_ids,
        kind=EvidenceKind.BEFORE, show_files=True, detail={"asked": asked, "report": report.pk},
    )  # fmt: skip
    return case


@transaction.atomic
def correct_voice(*, by: Acting, report: Report, file_id: int, text: str) -> Transcript:
    """The reporter says what he said; the raw text stays, and so does every earlier correction."""
    own = Evidence.objects.filter(report=report, file_id=file_id, file__kind="audio")
    if not own.exists():
        raise Missing("file.not_found", _("您的这次上报没有这段录音"))
    if Transcript.objects.filter(file_id=file_id).count() > MOST_CORRECTIONS:
        raise Conflict("voice.too_many", _("更正次数过多，请在补充说明里写明"))
    made = voice.correct(by=by, file_id=file_id, text=text, actor=_("上报人"))
    hear(file_id=file_id)
    return made


@transaction.atomic
def rate(
    *, by: Acting, report: Report, solved: bool | None, stars: int | None,
    contacted: bool | None = None, comment: str = "",
) -> Rating:  # fmt: skip
    """What the reporter says of the result. Said again within the time, the last word counts."""
    case = _step.take(report.case_id, by=_reporter(by), verb=Verb.RATE)
    now = timezone.now()
    _in_time(case, now, _("评价"))
    if stars is not None and not 1 <= stars <= 5:
        raise Invalid("rating.stars", _("请选 1 至 5 星"), fields=[Field("stars", _("1 至 5"))])
    if stars is None and solved is None:
        raise Invalid(
            "rating.empty", _("请选择是否解决或满意程度"), fields=[Field("stars", _("请选择"))]
        )
    rating = Rating.objects.create(
        case=case, report=report, solved=solved, stars=stars, contacted=contacted,
        comment=comment.strip()[:2000], at=now,
    )  # fmt: skip
    _step.record(
        case, by=by, verb=Verb.RATE, now=now, reason=rating.comment,
        detail={
            "stars": stars, "solved": solved, "contacted": contacted, "report": report.pk,
        },
    )  # fmt: skip
    return rating


@transaction.atomic
def reopen(
    *, by: Acting, reason: str, report: Report | None = None, case_id: int | None = None,
    file_ids: Iterable[int] = (), version: int | None = None,
) -> Case:  # fmt: skip
    """Not solved after all: back to the dispatcher, by the reporter or the duty chief."""
    if report is not None:
        case = _step.take(report.case_id, by=_reporter(by), verb=Verb.REOPEN)
    else:
        case = _step.take(case_id or 0, by=by, verb=Verb.REOPEN, version=version)
    why = _step.need_reason(reason, Verb.REOPEN)
    now = timezone.now()
    if report is not None:
        _in_time(case, now, _("重新办理"))
    case.closed_at = case.checked_at = case.handed_back_at = None
    case.closed_as = case.closing = ""
    case.due_at = case.amber_at = None
    case.handler_id = None
    case.exempt = False
    if case.condition_id is None:
        case.stage_due_at = _clock.stage_due(State.REPORTED, now)
        to = State.REPORTED
    else:
        case.stage_due_at = _clock.stage_due(State.FILED, now)
        to = State.FILED
    _step.record(
        case, by=by, verb=Verb.REOPEN, to=to, reason=why, now=now, public=True, files=file_ids,
        kind=EvidenceKind.BEFORE, show_files=True,
    )  # fmt: skip
    return case


def _in_time(case: Case, now: dt.datetime, what: str) -> None:
    days = _step.setting().rating_days
    if case.closed_at is not None and now > case.closed_at + dt.timedelta(days=days):
        raise Conflict(
            "report.too_late",
            _("结案已超过 %(days)s 天，不能再%(what)s；如问题仍在，请重新上报")
            % {"days": days, "what": what},
        )


def _reporter(by: Acting) -> Acting:
    """The door has found the report by its code, so the case itself may be seen."""
    return Acting(user_id=by.user_id, name=by.name, citizen=True, address=by.address, door=True)


@transaction.atomic
def exclude_rating(*, by: Acting, rating_id: int, reason: str) -> Rating:
    """Leave an unreasonable demand out of the rates (剔除), with the reason on record."""
    rating = Rating.objects.select_for_update().select_related("case").filter(pk=rating_id).first()
    if rating is None:
        raise Missing("rating.not_found", _("没有这条评价"))
    case = _step.take(rating.case_id, by=by, verb=Verb.NOTE)
    if not by.has(Role.DUTY_CHIEF, Role.EVALUATOR):
        raise _step.refusal(case, by, Verb.RATE)
    rating.excluded = True
    rating.save(update_fields=["excluded"])
    _step.record(
        case, by=by, verb=Verb.NOTE, reason=_step.need_reason(reason, Verb.NOTE),
        detail={"rating_excluded": rating.pk},
    )  # fmt: skip
    return rating
