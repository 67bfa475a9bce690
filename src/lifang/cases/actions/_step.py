"""What every verb shares: take the case under a lock, check, write the step, tell the journal."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.choices import FINAL, EvidenceKind, State, UnitRole, Verb
from lifang.cases.models import Case, CaseUnit, Evidence, Report, Setting, Step
from lifang.cases.permissions import allowed_verbs, refuse_reason, visible_to
from lifang.cases.tasks import tell_step
from lifang.core import journal, stamps
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.core.models import StoredFile
from lifang.core.tasks import later
from lifang.orgs.acting import Acting

ROOM = "cases"
#: fields a verb may change; what is not here is set once, at the report
_MUTABLE = [
    f.attname
    for f in Case._meta.concrete_fields
    if f.attname not in ("id", "number", "source", "text", "reported_at")
]


def setting() -> Setting:
    """How this city runs its loop, from this process's cache."""
    return stamps.cached("cases.setting", lambda: Setting.objects.first() or Setting())


def take(case_id: int, *, by: Acting, verb: Verb, version: int | None = None) -> Case:
    """The case under a lock, if ``by`` may see it and do ``verb`` now.

    ``version``: what the caller's screen shows. If the case went on meanwhile, the answer is a
    conflict that names what happened, so that two clerks on one case see each other.
    """
    case = (
        visible_to(by)
        .select_for_update(of=("self",))
        .select_related("category", "condition", "lead_unit")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或您无权查看"))
    if version is not None and version != case.version:
        raise stale(case)
    if verb not in allowed_verbs(case, by):
        raise refusal(case, by, verb)
    return case


def stale(case: Case) -> Conflict:
    """What to tell the second of two people who act on one case at the same moment."""
    last = Step.objects.filter(case=case).order_by("-id").first()
    if last is None:
        return Conflict("case.changed", _("案件刚刚有变化，请刷新后再操作"))
    return Conflict(
        "case.changed",
        _("%(time)s %(who)s已对本案“%(what)s”，您的内容未提交也未丢失，请看过最新情况再决定")
        % {
            "time": timezone.localtime(last.at).strftime("%H:%M:%S"),
            "who": last.actor or _("系统"),
            "what": Verb(last.verb).label,
        },
    )


def refusal(case: Case, by: Acting, verb: Verb) -> Conflict | Forbidden:
    """Why ``verb`` is not allowed: the state does not admit it, or the person may not."""
    if case.state not in rules.TABLE[verb].source:
        return Conflict(
            "case.state",
            _("案件目前“%(state)s”，不能%(verb)s，请刷新后查看最新进展")
            % {"state": State(case.state).label, "verb": verb.label},
        )
    return Forbidden("case.forbidden", refuse_reason(case, by, verb))


def need_reason(reason: str, verb: Verb) -> str:
    """The reason, trimmed; a verb that must say why is refused without one."""
    said = reason.strip()
    if not said and rules.TABLE[verb].reason:
        raise Invalid(
            "case.reason",
            _("请填写%(verb)s的理由") % {"verb": verb.label},
            fields=[Field("reason", _("必填"))],
        )
    return said


def record(
    case: Case,
    *,
    by: Acting,
    verb: Verb,
    to: State | str | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    public: bool = False,
    now: dt.datetime | None = None,
    device_at: dt.datetime | None = None,
    files: Iterable[int] = (),
    kind: EvidenceKind = EvidenceKind.OTHER,
    show_files: bool = False,
) -> Step:
    """Write what was done: case, step, evidence, journal, and the task that tells people."""
    at = now or timezone.now()
    before = case.state
    case.state = State(to) if to is not None else State(before)
    case.version += 1
    case.updated_at = at
    case.save(update_fields=_MUTABLE)
    step = make_step(
        case, by=by, verb=verb, before=before, reason=reason, detail=detail, public=public,
        at=at, device_at=device_at,
    )  # fmt: skip
    step.save(force_insert=True)
    attach(case, step, files, kind=kind, public=show_files, at=at)
    journal.write_many([entry_of(case, step, by)])
    later(tell_step, step.pk)
    if case.parent_id is not None and case.state in FINAL:
        from lifang.cases.actions.check import settle_parent  # the verbs build on this module

        settle_parent(case.parent_id)
    return step


def make_step(
    case: Case,
    *,
    by: Acting,
    verb: Verb,
    before: str,
    at: dt.datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    public: bool = False,
    device_at: dt.datetime | None = None,
) -> Step:
    """A step not yet written."""
    return Step(
        case=case, verb=verb, before=before, after=case.state, at=at, device_at=device_at,
        user_id=by.user_id, actor=by.name, unit_id=by.unit_id, reason=reason,
        automatic=by.automatic, public=public, detail=dict(detail or {}),
    )  # fmt: skip


def entry_of(case: Case, step: Step, by: Acting) -> Any:
    """The journal's entry of a step: what upper rooms need without asking back."""
    return journal.entry(
        by=by,
        room=ROOM,
        verb=step.verb,
        subject=case,
        unit_id=case.lead_unit_id,
        automatic=step.automatic,
        reason=step.reason,
        before={"state": step.before},
        after={
            "state": case.state,
            "step": step.pk,
            "category": case.category_id,
            "area": case.area,
            **step.detail,
        },
        device_at=step.device_at,
        at=step.at,
    )


def attach(
    case: Case,
    step: Step | None,
    files: Iterable[int],
    *,
    kind: EvidenceKind,
    at: dt.datetime,
    public: bool = False,
    report: Report | None = None,
) -> list[Evidence]:
    """Hang stored files on a case; the same file twice under one kind is one."""
    wanted = list(dict.fromkeys(files))
    if not wanted:
        return []
    known = set(StoredFile.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if lost := [i for i in wanted if i not in known]:
        raise Invalid(
            "case.file",
            _("附件%(ids)s不存在，请重新上传") % {"ids": "、".join(map(str, lost))},
            fields=[Field("files", _("附件不存在"))],
        )
    return Evidence.objects.bulk_create(
        [
            Evidence(
                case=case, step=step, report=report, file_id=i, kind=kind, public=public, at=at
            )
            for i in wanted
        ],
        ignore_conflicts=True,
    )


def give_to(case: Case, *, lead_id: int, assisting: Iterable[int], now: dt.datetime) -> None:
    """Make a unit lead and others assist; those who had it before keep the row with its end."""
    CaseUnit.objects.filter(case=case, until=None).update(until=now)
    open_units(case, lead_id=lead_id, assisting=assisting, now=now)
    case.lead_unit_id = lead_id


def open_units(case: Case, *, lead_id: int, assisting: Iterable[int], now: dt.datetime) -> None:
    """Rows of the units that have the case from now on."""
    rows = [CaseUnit(case=case, unit_id=lead_id, role=UnitRole.LEAD, since=now)]
    rows += [
        CaseUnit(case=case, unit_id=u, role=UnitRole.ASSIST, since=now)
        for u in dict.fromkeys(assisting)
        if u != lead_id
    ]
    CaseUnit.objects.bulk_create(rows)
