"""Open cases of a unit that was merged, split up or closed go on with who took over its work."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions import _clock, _step
from lifang.cases.choices import FINAL, State, UnitRole, Verb
from lifang.cases.models import Case, CaseUnit
from lifang.orgs.acting import SYSTEM
from lifang.orgs.queries import successors
from lifang.orgs.tree import tree

BATCH = 200


def hand_over(*, now: dt.datetime) -> int:
    """Give open cases of units no longer in use to their heirs. Returns how many.

    One heir takes the case as it stands, its clock runs on. Where there is none, or several, a case
    in a unit's hands goes back to the dispatcher for arbitration; one already handed back keeps the
    unit that did the work.
    """
    gone = [n.id for n in tree().nodes.values() if not n.active]
    if not gone:
        return 0
    # handed back by a unit without one heir: the work is its own, nobody takes it over
    alone = [u for u in gone if len(successors(u)) != 1]
    helps = CaseUnit.objects.filter(case=OuterRef("pk"), unit__in=gone, until=None)
    left = (
        Case.objects.exclude(state__in=FINAL | rules.BEFORE_DISPATCH)
        .exclude(~Q(state__in=rules.WITH_UNIT), lead_unit__in=alone)
        .filter(Q(lead_unit__in=gone) | Exists(helps))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return sum(_one(case_id, set(gone), now) for case_id in list(left[:BATCH]))


@transaction.atomic
def _one(case_id: int, gone: set[int], now: dt.datetime) -> int:
    case = (
        Case.objects.select_for_update(of=("self",))
        .exclude(state__in=FINAL | rules.BEFORE_DISPATCH)
        .filter(pk=case_id)
        .first()
    )
    if case is None or case.lead_unit_id is None:
        return 0
    helping = CaseUnit.objects.filter(case=case, role=UnitRole.ASSIST, until=None)
    helpers = [h for u in helping.values_list("unit_id", flat=True) for h in _living(u, gone)]
    lead, heirs = case.lead_unit_id, _living(case.lead_unit_id, gone)
    detail = {"from_unit": lead, "from_name": tree().name(lead)}
    if len(heirs) == 1:
        _step.give_to(case, lead_id=heirs[0], assisting=helpers, now=now)
        detail |= {"unit": heirs[0], "unit_name": tree().name(heirs[0])}
        _step.record(
            case, by=SYSTEM, verb=Verb.TAKE_OVER, now=now, public=lead != heirs[0], detail=detail,
            reason=_("单位调整，由承接单位继续办理"),
        )  # fmt: skip
        return 1
    if case.state not in rules.WITH_UNIT:
        return 0
    if case.state in (State.SUSPENDED, State.HANGING):
        _clock.go_on(case, now=now)
        case.paused_state = ""
    case.handler_id = None
    case.arbitration = True
    case.due_at = case.amber_at = None
    case.stage_due_at = _clock.stage_due(State.RETURNED, now)
    CaseUnit.objects.filter(case=case, until=None).update(until=now)
    _step.record(
        case, by=SYSTEM, verb=Verb.TAKE_OVER, to=State.RETURNED, now=now, detail=detail,
        reason=_("主办单位已撤销，没有唯一的承接单位，请重新派遣"),
    )  # fmt: skip
    return 1


def _living(unit_id: int, gone: set[int]) -> list[int]:
    """The unit itself, or who took over its work."""
    return successors(unit_id) if unit_id in gone else [unit_id]
