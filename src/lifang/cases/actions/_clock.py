"""The clocks of a case over the city's calendar."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions._step import setting
from lifang.cases.choices import State
from lifang.cases.models import Case, Pause
from lifang.core import calendar, worktime
from lifang.core.errors import Conflict


def stage_due(state: State | str, now: dt.datetime) -> dt.datetime | None:
    """When the stage that begins now should be over. The centre works round the clock."""
    s = setting()
    minutes = {
        State.REPORTED: s.accept_minutes,
        State.VERIFIED: s.accept_minutes,
        State.VERIFYING: s.verify_minutes,
        State.FILED: s.dispatch_minutes,
        State.RETURNED: s.dispatch_minutes,
        State.HANDED_BACK: s.check_minutes,
        State.CHECKING: s.check_minutes,
        State.CHECKED: s.accept_minutes,
    }.get(State(state))
    return None if minutes is None else now + dt.timedelta(minutes=minutes)


def start(case: Case, limit: Decimal, unit: str, now: dt.datetime) -> None:
    """Start the handling clock: from dispatch to hand-back, ``limit`` in ``unit``."""
    days = calendar.default()
    case.due_at = worktime.add(now, limit, unit, days)
    part = rules.share_of_limit(limit, Decimal(setting().amber_share))
    case.amber_at = worktime.add(now, part, unit, days)
    case.stage_due_at = None
    case.reminded = 0


def pause(case: Case, *, now: dt.datetime, reason: str) -> None:
    """Stop the handling clock."""
    case.paused_at = now
    case.paused_state = case.state
    Pause.objects.create(case=case, start=now, reason=reason[:300])


def go_on(case: Case, *, now: dt.datetime) -> None:
    """Let the handling clock run on with what was left of the limit when it stopped."""
    if case.paused_at is None or case.due_at is None or case.condition is None:
        raise Conflict("case.not_paused", _("案件的时钟没有暂停"))
    days, unit = calendar.default(), case.condition.unit
    for name in ("due_at", "amber_at"):
        end: dt.datetime | None = getattr(case, name)
        if end is not None and end > case.paused_at:
            left = worktime.between(case.paused_at, end, unit, days)
            setattr(case, name, worktime.add(now, left, unit, days))
    Pause.objects.filter(case=case, end=None).update(end=now)
    case.paused_at = case.resume_at = None
    case.reminded = 0


def extend(case: Case, *, asked_at: dt.datetime) -> None:
    """Add the original limit once more. What counts is the day it was asked, not decided."""
    if case.due_at is None or case.condition is None:
        raise Conflict("case.no_clock", _("案件没有处置时限，不能延期"))
    if asked_at > case.due_at:
        raise Conflict("case.overdue", _("申请时案件已超期，按规定不能延期，请选不同意"))
    days, c = calendar.default(), case.condition
    end = case.due_at
    case.due_at = worktime.add(end, c.limit, c.unit, days)
    part = rules.share_of_limit(c.limit, Decimal(setting().amber_share))
    case.amber_at = worktime.add(end, part, c.unit, days)
    case.extensions += 1
    case.reminded = 0
