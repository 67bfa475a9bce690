"""Checking by another, closing, voiding."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import _clock, _step
from lifang.cases.actions.handle import rework
from lifang.cases.choices import FINAL, ClosedAs, EvidenceKind, State, Verb
from lifang.cases.models import Case, Step
from lifang.core.errors import Conflict, Forbidden
from lifang.orgs.acting import SYSTEM, Acting


@transaction.atomic
def ask_check(
    *, by: Acting, case_id: int, checker_id: int | None = None, note: str = "",
    version: int | None = None,
) -> Case:  # fmt: skip
    """Send somebody to see whether it is mended."""
    case = _step.take(case_id, by=by, verb=Verb.ASK_CHECK, version=version)
    now = timezone.now()
    case.checker_id = checker_id
    case.stage_due_at = _clock.stage_due(State.CHECKING, now)
    _step.record(case, by=by, verb=Verb.ASK_CHECK, to=State.CHECKING, reason=note.strip(), now=now)
    return case


@transaction.atomic
def check(
    *, by: Acting, case_id: int, passed: bool, note: str = "", file_ids: Iterable[int] = (),
    device_at: dt.datetime | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """The result of the check. Not passed: back to the same unit on the same clock.

    The one who checks is never one who mended it, nor of the unit that did.
    """
    case = _step.take(case_id, by=by, verb=Verb.CHECK, version=version)
    _not_own_work(case, by)
    said = note.strip()
    if not passed:
        why = said or _step.need_reason("", Verb.SEND_BACK)
        rework(case, by=by, verb=Verb.CHECK, reason=why, files=file_ids, device_at=device_at)
        return case
    now = timezone.now()
    case.checker_id = by.user_id
    case.checked_at = now
    case.stage_due_at = _clock.stage_due(State.CHECKED, now)
    _step.record(
        case, by=by, verb=Verb.CHECK, to=State.CHECKED, reason=said, now=now, public=True,
        detail={"passed": True}, files=file_ids, kind=EvidenceKind.CHECK, device_at=device_at,
    )  # fmt: skip
    return case


def _not_own_work(case: Case, by: Acting) -> None:
    if by.user_id is None:
        raise Forbidden("case.check_person", _("核查须由登录人员操作"))
    mended = Step.objects.filter(
        case=case, verb__in=(Verb.HAND_BACK, Verb.SELF_HANDLE, Verb.START)
    ).values_list("user_id", "unit_id")
    for user_id, unit_id in mended:
        if user_id == by.user_id:
            raise Forbidden("case.own_work", _("本案由您处置，须由其他人核查"))
        if unit_id is not None and unit_id == by.unit_id and unit_id == case.lead_unit_id:
            raise Forbidden("case.own_unit", _("本案由您所在单位处置，须由其他单位的人核查"))


@transaction.atomic
def close(
    *, by: Acting, case_id: int, closing: str = "", note: str = "", version: int | None = None
) -> Case:
    """Close a case that passed its check. ``closing``: the closing condition that holds."""
    case = _step.take(case_id, by=by, verb=Verb.CLOSE, version=version)
    if case.checked_at is None:
        raise Conflict("case.unchecked", _("案件尚未核查通过，不能结案"))
    case.closing = (closing.strip() or (case.condition.closing if case.condition else ""))[:300]
    _end(case, by=by, note=note.strip())
    return case


def _end(case: Case, *, by: Acting, note: str) -> None:
    now = timezone.now()
    case.closed_at = now
    case.closed_as = case.closed_as or ClosedAs.NORMAL
    case.stage_due_at = None
    _step.record(
        case, by=by, verb=Verb.CLOSE, to=State.CLOSED, reason=note, now=now, public=True,
        detail={"closing": case.closing},
    )  # fmt: skip


def settle_parent(parent_id: int) -> None:
    """A split case ends with its last part; every part that closed was checked by another."""
    parent = Case.objects.select_for_update().filter(pk=parent_id, state=State.SPLIT).first()
    if parent is None:
        return
    states = list(Case.objects.filter(parent=parent).values_list("state", flat=True))
    if not all(s in FINAL for s in states):
        return
    if State.CLOSED in states:
        parent.checked_at = parent.handed_back_at = timezone.now()
        parent.closing = str(_("各子案均已办结"))
        _end(parent, by=SYSTEM, note="")
    else:
        why = str(_("各子案均未立案或已并案、作废"))
        _step.record(
            parent, by=SYSTEM, verb=Verb.REJECT, to=State.REJECTED, reason=why, public=True
        )


@transaction.atomic
def void(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Case:
    """Take a case out: a test, abuse, filed in error. Nothing is erased."""
    case = _step.take(case_id, by=by, verb=Verb.VOID, version=version)
    why = _step.need_reason(reason, Verb.VOID)
    case.stage_due_at = case.due_at = case.amber_at = None
    _step.record(case, by=by, verb=Verb.VOID, to=State.VOID, reason=why, public=True)
    return case
