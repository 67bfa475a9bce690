"""Facts entered at a desk. Append-only: a correction names what it supersedes."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import access, gathering
from lifang.assessment.choices import EntryKind, MarkState
from lifang.assessment.models import Entry
from lifang.core import journal
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership
from lifang.rounds.choices import RoundStatus
from lifang.standards import edition_rows
from lifang.standards.editions import Edition

#: fields that each kind must have beside the reason
NEEDED: dict[str, tuple[str, ...]] = {
    EntryKind.STATISTIC: ("leaf", "value", "period", "source"),
    EntryKind.AWARD: ("leaf", "value", "reason"),
    EntryKind.VETO: ("leaf", "on", "reason"),
    EntryKind.OVERRIDE: ("leaf", "value", "reason", "approver_id"),
    EntryKind.MARK: ("leaf", "state", "reason"),
    EntryKind.LINKED: ("edition", "value", "source"),
}


@transaction.atomic
def enter(
    *, by: Acting, round_id: int, kind: str, supersedes_id: int | None = None, **values: Any
) -> Entry:
    """Enter a fact, or a new one in place of ``supersedes_id``.

    ``values``: ``leaf measure value state period source on confirmed edition reason proof_id approver_id``.
    Raises :class:`Invalid` naming every field that is wrong.
    """
    access.need_evaluator(by)
    round_ = access.round_of(round_id)
    if round_.status != RoundStatus.OPEN:
        told = _("测评轮次“%(round)s”不在进行中，不能登记")
        raise Conflict("round.not_open", told % {"round": round_.title})
    edition = edition_rows.edition(round_.edition)
    faults = _faults(by, edition, kind, values)
    if faults:
        told = _("有 %(n)s 处填写错误，未登记")
        raise Invalid("entry.faulty", told % {"n": len(faults)}, fields=faults)
    if supersedes_id is not None:
        old = _in_force(round_id, supersedes_id)
        if (old.kind, old.leaf) != (kind, values.get("leaf", "")):
            raise Conflict("entry.other", _("只能用同一指标的同一种登记来更正"))
    made = Entry.objects.create(
        round=round_, kind=kind, supersedes_id=supersedes_id, by_id=by.user_id, **values
    )
    # the engine's own word: what it could not place is refused here and not when the score is due
    gathering.plan_of(round_).sort(gathering.entry_facts([made]))
    journal.write(
        by=by,
        room="assessment",
        verb="enter" if supersedes_id is None else "correct",
        subject=made,
        reason=str(values.get("reason") or ""),
        after={"kind": kind, "leaf": made.leaf, "value": str(made.value or "")},
    )
    return made


def _in_force(round_id: int, entry_id: int) -> Entry:
    old = Entry.objects.select_for_update().filter(pk=entry_id, round_id=round_id).first()
    if old is None:
        raise Missing("entry.missing", _("没有这条登记"))
    if old.kind == EntryKind.WITHDRAWN or Entry.objects.filter(supersedes=old).exists():
        raise Conflict("entry.superseded", _("这条登记已被更正或撤回，请刷新后在最新的一条上操作"))
    return old


def _faults(by: Acting, edition: Edition, kind: str, values: dict[str, Any]) -> list[Field]:
    if kind not in NEEDED:
        return [Field("kind", _("没有这种登记"))]
    faults = [Field(name, _("必填")) for name in NEEDED[kind] if values.get(name) in (None, "")]
    if kind == EntryKind.MARK and values.get("state") not in MarkState.values:
        faults.append(Field("state", _("应为不适用、无证据或有争议")))
    if kind == EntryKind.LINKED:
        known = {p.edition for p in edition.prerequisites} | {b.edition for b in edition.blends}
        if values.get("edition") and values["edition"] not in known:
            faults.append(Field("edition", _("本体系没有关联这个体系")))
    value = values.get("value")
    if value is not None and not Decimal(value).is_finite():
        faults.append(Field("value", _("不是有效的数")))
    if kind == EntryKind.OVERRIDE and values.get("approver_id"):
        faults += _approver(by, values["approver_id"])
    on = values.get("on")
    if isinstance(on, dt.date) and on > timezone.localdate():
        faults.append(Field("on", _("日期晚于今天")))
    return faults


def _approver(by: Acting, approver_id: int) -> list[Field]:
    """Somebody else, who leads or evaluates."""
    if approver_id == by.user_id:
        return [Field("approver_id", _("批准人不能是登记人本人"))]
    fits = Membership.objects.filter(
        user_id=approver_id, role__in=(Role.LEADER, Role.EVALUATOR)
    ).exists()
    return [] if fits else [Field("approver_id", _("批准人应为领导或评价员"))]


@transaction.atomic
def withdraw_entry(*, by: Acting, entry_id: int, reason: str) -> Entry:
    """Take a fact back; it stays readable."""
    access.need_evaluator(by)
    found = Entry.objects.filter(pk=entry_id).values_list("round_id", flat=True).first()
    if found is None:
        raise Missing("entry.missing", _("没有这条登记"))
    if access.round_of(found).status != RoundStatus.OPEN:
        raise Conflict("round.not_open", _("测评轮次不在进行中，不能撤回"))
    old = _in_force(found, entry_id)
    if not reason.strip():
        told = _("请写明撤回原因")
        raise Invalid("entry.reason", told, fields=[Field("reason", told)])
    made = Entry.objects.create(
        round_id=found,
        kind=EntryKind.WITHDRAWN,
        leaf=old.leaf,
        reason=reason.strip()[:300],
        supersedes=old,
        by_id=by.user_id,
    )
    journal.write(by=by, room="assessment", verb="withdraw", subject=made, reason=reason)
    return made
