"""More time, a pause, an exemption: asked by the unit, decided by two people. Resume, hang."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import _clock, _step
from lifang.cases.choices import PetitionKind, PetitionState, State, Verb
from lifang.cases.models import Case, Petition
from lifang.cases.permissions import in_area
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.choices import Role

_VERB = {
    PetitionKind.EXTENSION: Verb.EXTEND,
    PetitionKind.SUSPENSION: Verb.SUSPEND,
    PetitionKind.APPEAL: Verb.APPEAL,
}
#: who looks first and who looks second; never the same person
_FIRST = (Role.DISPATCHER, Role.DUTY_CHIEF)
_SECOND = (Role.DUTY_CHIEF, Role.LEADER)
LONGEST_PAUSE = dt.timedelta(days=366)


def extend(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Petition:
    """Ask for the original limit once more; at most twice, never after the limit is over."""
    return _ask(PetitionKind.EXTENSION, by=by, case_id=case_id, reason=reason, version=version)


def suspend(
    *, by: Acting, case_id: int, reason: str, until: dt.datetime, file_ids: Iterable[int] = (),
    version: int | None = None,
) -> Petition:  # fmt: skip
    """Ask that the clock stands still till ``until`` (a year at most); it goes on by itself."""
    return _ask(
        PetitionKind.SUSPENSION, by=by, case_id=case_id, reason=reason, until=until,
        file_ids=file_ids, version=version,
    )  # fmt: skip


def appeal(
    *, by: Acting, case_id: int, reason: str, file_ids: Iterable[int] = (),
    version: int | None = None,
) -> Petition:  # fmt: skip
    """Ask that an overdue be left out of the statistics; once, after closing. The fact stays."""
    return _ask(
        PetitionKind.APPEAL, by=by, case_id=case_id, reason=reason, file_ids=file_ids,
        version=version,
    )  # fmt: skip


@transaction.atomic
def _ask(
    kind: PetitionKind, *, by: Acting, case_id: int, reason: str, version: int | None,
    until: dt.datetime | None = None, file_ids: Iterable[int] = (),
) -> Petition:  # fmt: skip
    verb = _VERB[kind]
    case = _step.take(case_id, by=by, verb=verb, version=version)
    why = _step.need_reason(reason, verb)
    now = timezone.now()
    if by.user_id is None:
        raise Forbidden("case.person_only", _("申请须由登录人员提出"))
    _admissible(case, kind, now, until)
    petition = Petition.objects.create(
        case=case, kind=kind, reason=why, until=until, asked_by_id=by.user_id, asked_at=now
    )
    petition.files.set(list(file_ids))
    _step.record(
        case, by=by, verb=verb, reason=why, now=now, detail={"petition": petition.pk, "asked": True}
    )
    return petition


def _admissible(
    case: Case, kind: PetitionKind, now: dt.datetime, until: dt.datetime | None
) -> None:
    """The rules of asking, each refused in words."""
    s = _step.setting()
    if case.petitions.filter(kind=kind, state__in=("first", "second")).exists():
        raise Conflict(
            "petition.open", _("已有一份%(kind)s在审，请等待结果") % {"kind": kind.label}
        )
    overdue = case.due_at is not None and now > case.due_at
    if kind == PetitionKind.EXTENSION:
        if overdue:
            raise Conflict("petition.overdue", _("案件已超期，按规定不能再申请延期"))
        if case.extensions >= s.max_extensions:
            raise Conflict(
                "petition.most", _("本案已延期 %(n)s 次，达到上限") % {"n": case.extensions}
            )
    elif kind == PetitionKind.SUSPENSION:
        if case.suspensions >= s.max_suspensions:
            raise Conflict(
                "petition.most", _("本案已挂起 %(n)s 次，达到上限") % {"n": case.suspensions}
            )
        if until is None or not now < until <= now + LONGEST_PAUSE:
            raise Invalid(
                "petition.until",
                _("恢复日期须在今天之后、一年之内"),
                fields=[Field("until", _("今天之后、一年之内"))],
            )
    else:
        late = case.due_at and case.handed_back_at and case.handed_back_at > case.due_at
        if not late:
            raise Conflict("petition.not_late", _("本案没有超期，无须申诉"))
        if case.petitions.filter(kind=kind).exclude(state=PetitionState.WITHDRAWN).exists():
            raise Conflict("petition.once", _("每个案件只能申诉一次"))


@transaction.atomic
def decide(*, by: Acting, petition_id: int, granted: bool, note: str = "") -> Petition:
    """First or second look, whichever is due. Refused at either: over. Granted at both: done."""
    petition = (
        Petition.objects.select_for_update(of=("self",))
        .select_related("case__condition", "case__category", "case__lead_unit")
        .filter(pk=petition_id)
        .first()
    )
    if petition is None:
        raise Missing("petition.not_found", _("没有这份申请"))
    if petition.state not in (PetitionState.FIRST, PetitionState.SECOND):
        raise Conflict(
            "petition.decided",
            _("这份申请已%(state)s") % {"state": PetitionState(petition.state).label},
        )
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("condition")
        .get(pk=petition.case_id)
    )
    now = timezone.now()
    _may_decide(petition, case, by)
    said = note.strip()
    if not granted and not said:
        raise Invalid("petition.reason", _("不同意须写明理由"), fields=[Field("note", _("必填"))])
    kind = PetitionKind(petition.kind)
    if petition.state == PetitionState.FIRST:
        petition.first_by_id, petition.first_at, petition.first_note = by.user_id, now, said
        petition.state = PetitionState.SECOND if granted else PetitionState.REFUSED
    else:
        petition.second_by_id, petition.second_at, petition.second_note = by.user_id, now, said
        petition.state = PetitionState.GRANTED if granted else PetitionState.REFUSED
    to = None
    if petition.state == PetitionState.GRANTED:
        to = _grant(case, kind, petition, now)
    petition.save()
    _step.record(
        case, by=by, verb=_VERB[kind], to=to, reason=said, now=now,
        detail={"petition": petition.pk, "state": str(petition.state)},
    )  # fmt: skip
    return petition


def _may_decide(petition: Petition, case: Case, by: Acting) -> None:
    roles = _FIRST if petition.state == PetitionState.FIRST else _SECOND
    if not by.has(*roles) or not in_area(case, by.areas(*roles)):
        labels = "、".join(str(r.label) for r in roles)
        raise Forbidden(
            "petition.forbidden", _("本环节须由本区域的%(roles)s审核") % {"roles": labels}
        )
    if by.user_id is None or by.user_id in (petition.asked_by_id, petition.first_by_id):
        raise Forbidden("petition.same_person", _("申请人、初审人、复审人须为三个不同的人"))


def _grant(case: Case, kind: PetitionKind, petition: Petition, now: dt.datetime) -> State | None:
    if kind == PetitionKind.APPEAL:
        case.exempt = True
        return None
    if case.state not in (State.DISPATCHED, State.HANDLING):
        raise Conflict("petition.late", _("案件已不在处置环节，申请不再适用，请选不同意"))
    if kind == PetitionKind.EXTENSION:
        _clock.extend(case, asked_at=petition.asked_at)
        return None
    _clock.pause(case, now=now, reason=petition.reason)
    case.resume_at = petition.until
    case.suspensions += 1
    return State.SUSPENDED


@transaction.atomic
def withdraw(*, by: Acting, petition_id: int) -> Petition:
    """The one who asked takes it back."""
    petition = Petition.objects.select_for_update().filter(pk=petition_id).first()
    if petition is None or petition.asked_by_id != by.user_id:
        raise Missing("petition.not_found", _("没有这份申请，或不是您提出的"))
    if petition.state not in (PetitionState.FIRST, PetitionState.SECOND):
        raise Conflict("petition.decided", _("这份申请已有结果，不能撤回"))
    petition.state = PetitionState.WITHDRAWN
    petition.save(update_fields=["state"])
    case = Case.objects.select_for_update().get(pk=petition.case_id)
    kind = PetitionKind(petition.kind)
    _step.record(
        case, by=by, verb=_VERB[kind], detail={"petition": petition.pk, "state": "withdrawn"}
    )
    return petition


@transaction.atomic
def resume(*, by: Acting, case_id: int, note: str = "", version: int | None = None) -> Case:
    """The pause is over, by date or by hand; the clock runs on with what was left."""
    case = _step.take(case_id, by=by, verb=Verb.RESUME, version=version)
    now = timezone.now()
    to = case.paused_state or State.DISPATCHED
    _clock.go_on(case, now=now)
    case.paused_state = ""
    _step.record(case, by=by, verb=Verb.RESUME, to=to, reason=note.strip(), now=now)
    return case


@transaction.atomic
def hang(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Case:
    """Not to be solved for now: onto the hanging list, with the reason, till somebody takes it off."""
    case = _step.take(case_id, by=by, verb=Verb.HANG, version=version)
    why = _step.need_reason(reason, Verb.HANG)
    now = timezone.now()
    _clock.pause(case, now=now, reason=why)
    _step.record(case, by=by, verb=Verb.HANG, to=State.HANGING, reason=why, now=now, public=True)
    return case


@transaction.atomic
def unhang(*, by: Acting, case_id: int, note: str = "", version: int | None = None) -> Case:
    """Off the hanging list, back to the unit; the clock runs on."""
    case = _step.take(case_id, by=by, verb=Verb.UNHANG, version=version)
    now = timezone.now()
    _clock.go_on(case, now=now)
    case.paused_state = ""
    _step.record(
        case, by=by, verb=Verb.UNHANG, to=State.DISPATCHED, reason=note.strip(), now=now,
        public=True,
    )  # fmt: skip
    return case


def resume_due(*, now: dt.datetime, most: int = 200) -> int:
    """Resume every suspended case whose date has come. For the clock."""
    due = list(
        Case.objects.filter(state=State.SUSPENDED, resume_at__lte=now).values_list("pk", flat=True)[
            :most
        ]
    )
    for case_id in due:
        resume(by=SYSTEM, case_id=case_id)
    return len(due)
