"""The dispatcher's verbs, and the unit's answer "not ours"."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import _clock, _step
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case
from lifang.core.errors import Field, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.models import Unit

#: back from units this often, the duty chief decides
RETURNS_TO_ARBITRATION = 2


@transaction.atomic
def dispatch(
    *, by: Acting, case_id: int, unit_id: int | None = None, assisting: Iterable[int] = (),
    post_id: int | None = None, note: str = "", version: int | None = None,
) -> Case:  # fmt: skip
    """Send a filed case to the unit that answers for it and start the handling clock.

    Without ``unit_id``: the unit that the duty rules name, with its assisting units and post.
    """
    case = _step.take(case_id, by=by, verb=Verb.DISPATCH, version=version)
    now = timezone.now()
    others = list(assisting)
    if unit_id is None and case.duty.get("unit_id"):
        unit_id = case.duty["unit_id"]
        others = others or list(case.duty.get("assisting", []))
        post_id = post_id or case.duty.get("post_id")
    units = dict(
        Unit.objects.filter(pk__in=[unit_id, *others], active=True).values_list("pk", "name")
    )
    if unit_id is None or unit_id not in units:
        raise Invalid(
            "case.unit",
            _("请选择一个在用的主办单位"),
            fields=[Field("unit_id", _("必填，且须为在用单位"))],
        )
    if lost := [u for u in others if u not in units]:
        raise Invalid(
            "case.unit",
            _("协办单位中有已撤销或不存在的单位"),
            fields=[Field("assisting", "、".join(map(str, lost)))],
        )
    if case.condition is None:
        raise Invalid("case.condition", _("案件没有立案条件，请先补充再派遣"))
    _step.give_to(case, lead_id=unit_id, assisting=others, now=now)
    case.post_id = post_id
    case.handler_id = None
    case.arbitration = False
    by_rule = unit_id == case.duty.get("unit_id")
    case.first_unit_id = case.first_unit_id or unit_id
    # a case that comes back from a wrong unit begins a new clock: the time was not the new unit's
    _clock.start(case, case.condition.limit, case.condition.unit, now)
    case.dispatched_at = now
    _step.record(
        case, by=by, verb=Verb.DISPATCH, to=State.DISPATCHED, reason=note.strip(), now=now,
        public=True, detail={"unit": unit_id, "unit_name": units[unit_id], "by_rule": by_rule},
    )  # fmt: skip
    return case


@transaction.atomic
def return_to_acceptor(
    *, by: Acting, case_id: int, reason: str, version: int | None = None
) -> Case:
    """Not a case, or filed under the wrong condition: back to the acceptor."""
    case = _step.take(case_id, by=by, verb=Verb.RETURN_TO_ACCEPTOR, version=version)
    why = _step.need_reason(reason, Verb.RETURN_TO_ACCEPTOR)
    now = timezone.now()
    case.filed_at = None
    case.arbitration = False
    case.stage_due_at = _clock.stage_due(State.REPORTED, now)
    _step.record(case, by=by, verb=Verb.RETURN_TO_ACCEPTOR, to=State.REPORTED, reason=why, now=now)
    return case


@transaction.atomic
def return_to_dispatcher(
    *, by: Acting, case_id: int, reason: str, proposed_unit_id: int | None = None,
    version: int | None = None,
) -> Case:  # fmt: skip
    """Not our duty. The second time, the duty chief decides whose it is."""
    case = _step.take(case_id, by=by, verb=Verb.RETURN_TO_DISPATCHER, version=version)
    why = _step.need_reason(reason, Verb.RETURN_TO_DISPATCHER)
    now = timezone.now()
    case.returns += 1
    case.handler_id = None
    case.arbitration = case.returns >= RETURNS_TO_ARBITRATION
    case.due_at = case.amber_at = None
    case.stage_due_at = _clock.stage_due(State.RETURNED, now)
    _step.record(
        case, by=by, verb=Verb.RETURN_TO_DISPATCHER, to=State.RETURNED, reason=why, now=now,
        detail={"from_unit": case.lead_unit_id, "proposed_unit": proposed_unit_id},
    )  # fmt: skip
    return case
