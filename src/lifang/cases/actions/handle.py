"""The unit's verbs: start, hand back; rework sends it there again."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lifang.cases import rules
from lifang.cases.actions import _clock, _step
from lifang.cases.choices import EvidenceKind, State, Verb
from lifang.cases.models import Case
from lifang.core.errors import Field, Invalid
from lifang.orgs.acting import Acting


@transaction.atomic
def start(
    *, by: Acting, case_id: int, device_at: dt.datetime | None = None, version: int | None = None
) -> Case:
    """Somebody of the unit takes the work up."""
    case = _step.take(case_id, by=by, verb=Verb.START, version=version)
    case.handler_id = by.user_id
    _step.record(case, by=by, verb=Verb.START, to=State.HANDLING, public=True, device_at=device_at)
    return case


@transaction.atomic
def hand_back(
    *, by: Acting, case_id: int, note: str, file_ids: Iterable[int] = (),
    device_at: dt.datetime | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """The unit says that it is done. Pictures only where the closing condition needs them."""
    case = _step.take(case_id, by=by, verb=Verb.HAND_BACK, version=version)
    files = list(file_ids)
    said = note.strip()
    if not said:
        raise Invalid("case.note", _("请写明处置情况"), fields=[Field("note", _("请写明处置情况"))])
    needed = case.condition.photos_after if case.condition else 0
    if missing := rules.photos_missing(needed, len(files)):
        raise Invalid(
            "case.photos",
            ngettext(
                "结案条件要求处置后照片，还差 %(n)s 张",
                "结案条件要求处置后照片，还差 %(n)s 张",
                missing,
            )
            % {"n": missing},
            fields=[Field("files", _("还差 %(n)s 张处置后照片") % {"n": missing})],
        )
    now = timezone.now()
    case.handed_back_at = now
    case.handler_id = by.user_id or case.handler_id
    case.stage_due_at = _clock.stage_due(State.HANDED_BACK, now)
    late = case.due_at is not None and now > case.due_at
    _step.record(
        case, by=by, verb=Verb.HAND_BACK, to=State.HANDED_BACK, reason=said, now=now, public=True,
        detail={"late": late}, files=files, kind=EvidenceKind.AFTER, show_files=True,
        device_at=device_at,
    )  # fmt: skip
    return case


@transaction.atomic
def send_back(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Case:
    """Rework: the same unit again, on the same clock."""
    case = _step.take(case_id, by=by, verb=Verb.SEND_BACK, version=version)
    rework(case, by=by, verb=Verb.SEND_BACK, reason=_step.need_reason(reason, Verb.SEND_BACK))
    return case


def rework(
    case: Case,
    *,
    by: Acting,
    verb: Verb,
    reason: str,
    files: Iterable[int] = (),
    device_at: dt.datetime | None = None,
) -> None:
    """Back to the unit that has it; what it handed back no longer counts."""
    now = timezone.now()
    if case.lead_unit_id is None:
        # mended on the spot, and not well: from here on an ordinary case
        case.closed_as = ""
        case.handed_back_at = None
        case.handler_id = None
        case.rework += 1
        case.stage_due_at = _clock.stage_due(State.REPORTED, now)
        case.filed_at = None
        to = State.REPORTED
    else:
        case.rework += 1
        case.handed_back_at = None
        case.checked_at = None
        case.stage_due_at = None
        to = State.DISPATCHED
    _step.record(
        case, by=by, verb=verb, to=to, reason=reason, now=now, public=True, files=files,
        kind=EvidenceKind.CHECK, device_at=device_at,
        detail={"passed": False} if verb == Verb.CHECK else {},
    )  # fmt: skip


@transaction.atomic
def add_evidence(
    *, by: Acting, case_id: int, file_ids: Iterable[int], kind: str = EvidenceKind.OTHER,
    note: str = "", device_at: dt.datetime | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Add pictures, recordings or documents without changing the state."""
    case = _step.take(case_id, by=by, verb=Verb.ADD_EVIDENCE, version=version)
    files = list(file_ids)
    if not files:
        raise Invalid(
            "case.file", _("请选择要补充的材料"), fields=[Field("files", _("至少一个文件"))]
        )
    _step.record(
        case, by=by, verb=Verb.ADD_EVIDENCE, reason=note.strip(), files=files,
        kind=EvidenceKind(kind), device_at=device_at,
    )  # fmt: skip
    return case


@transaction.atomic
def note(*, by: Acting, case_id: int, text: str, version: int | None = None) -> Case:
    """A remark for colleagues; the reporter does not see it."""
    case = _step.take(case_id, by=by, verb=Verb.NOTE, version=version)
    _step.record(case, by=by, verb=Verb.NOTE, reason=_step.need_reason(text, Verb.NOTE))
    return case
