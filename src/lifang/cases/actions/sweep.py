"""What the clock does: reminders before and after the limit, escalation, pauses that end."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lifang.cases import rules
from lifang.cases.actions import _step
from lifang.cases.actions.heirs import hand_over
from lifang.cases.actions.petition import resume_due
from lifang.cases.choices import FINAL, Verb
from lifang.cases.models import Case
from lifang.orgs.acting import SYSTEM

BATCH = 200


def sweep(*, now: dt.datetime | None = None) -> int:
    """One round: resume what is due, make running clocks known as far as they have run.

    Idempotent: ``reminded`` keeps how far a case has been made known. Returns how many acted on.
    """
    at = now or timezone.now()
    done = resume_due(now=at) + hand_over(now=at)
    rows = (
        Case.objects.filter(state__in=rules.CLOCKED, amber_at__lte=at, reminded__lt=4)
        .order_by("due_at")
        .values_list("pk", "dispatched_at", "amber_at", "due_at", "reminded")
    )
    for case_id, start, amber, due, reminded in list(rows[: BATCH * 5]):
        if start is None or amber is None or due is None:
            continue
        if rules.escalation(at, start=start, amber=amber, due=due) > reminded:
            done += _make_known(case_id, at)
    return done + _stages(at)


@transaction.atomic
def _make_known(case_id: int, now: dt.datetime) -> int:
    case = (
        Case.objects.select_for_update(of=("self",))
        .filter(pk=case_id, state__in=rules.CLOCKED)
        .first()
    )
    if case is None or case.due_at is None or case.amber_at is None:
        return 0
    level = rules.escalation(
        now, start=case.dispatched_at or case.due_at, amber=case.amber_at, due=case.due_at
    )
    if level <= case.reminded:
        return 0
    case.reminded = level
    _step.record(case, by=SYSTEM, verb=Verb.ESCALATE, now=now, detail={"level": level})
    return 1


def _stages(now: dt.datetime) -> int:
    """Cases that lie in the centre beyond the stage's time: the duty chief hears once a stage."""
    waiting = (
        Case.objects.filter(stage_due_at__lte=now)
        .exclude(state__in=FINAL)
        .exclude(stage_told_for=F("stage_due_at"))
    )
    done = 0
    for case_id in list(waiting.order_by("stage_due_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            case = waiting.select_for_update(of=("self",)).filter(pk=case_id).first()
            if case is None:  # it went on meanwhile
                continue
            case.stage_told_for = case.stage_due_at
            _step.record(
                case,
                by=SYSTEM,
                verb=Verb.ESCALATE,
                now=now,
                detail={"level": 3, "stage": case.state},
            )
            done += 1
    return done
