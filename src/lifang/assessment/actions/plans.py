"""Plans: which fixes win most back; one click makes orders of it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import access, gathering, naming
from lifang.assessment.engine.facts import in_force
from lifang.assessment.models import Plan, Run
from lifang.assessment.planner import options as conditions
from lifang.assessment.planner import report
from lifang.core import journal
from lifang.core.errors import Conflict, Field, Invalid, Missing, Problem
from lifang.core.tasks import later
from lifang.orgs.acting import Acting
from lifang.orgs.models import Unit
from lifang.rounds import actions as rounds
from lifang.rounds.choices import StepKind, StepOrigin

#: seconds of CP-SAT that one plan may ask for
LONGEST_POLISH = 120
#: days that an order gets where the plan has no date
DAYS = 14


@transaction.atomic
def make_plan(
    *,
    by: Acting,
    round_id: int,
    aim: str,
    budget: Decimal,
    until: dt.date | None = None,
    polish: int = 0,
    options: Mapping[str, Any] | None = None,
) -> Plan:
    """Ask for a plan; it is worked out in a task (``report`` is empty until then)."""
    access.need_evaluator(by)
    round_ = access.round_of(round_id)
    faults = []
    if aim not in report.AIMS:
        faults.append(Field("aim", _("应为 next（下次抽查）或 mock（本次）")))
    if not 0 < budget < Decimal("1e9"):
        faults.append(Field("budget", _("可投入的工作量应大于 0")))
    if until and until < timezone.localdate():
        faults.append(Field("until", _("期限早于今天")))
    if not 0 <= polish <= LONGEST_POLISH:
        faults.append(Field("polish", _("优化时间为 0 到 120 秒")))
    if faults:
        raise Invalid("plan.faulty", _("方案条件有误"), fields=faults)
    document = {"format": conditions.FORMAT, **(options or {})}
    conditions.read(document)  # raises Invalid naming every fault
    run = Run.objects.filter(round=round_, complete=True).first()
    made = Plan.objects.create(
        round=round_,
        run=run,
        aim=aim,
        budget=budget,
        by=until,
        polish=polish,
        options=document,
        created_by_id=by.user_id,
    )
    journal.write(
        by=by,
        room="assessment",
        verb="plan",
        subject=made,
        after={"aim": aim, "budget": str(budget), "until": until},
    )
    from lifang.assessment.tasks import plan_task

    later(plan_task, made.pk)
    return made


def work_out_plan(plan_id: int) -> None:
    """Fill the plan's report, or say why there is none. Twice does no harm."""
    plan = Plan.objects.select_related("round__edition").filter(pk=plan_id).first()
    if plan is None or plan.report or plan.error:
        return
    compiled = gathering.plan_of(plan.round)
    try:
        found = report.make(
            compiled.edition,
            compiled.round,
            in_force(gathering.facts_of(plan.round)),
            budget=plan.budget,
            options=conditions.read(plan.options, today=timezone.localdate(), by=plan.by),
            aim="next" if plan.aim == "next" else "mock",
            seconds=plan.polish,
        )
    except Problem as problem:
        Plan.objects.filter(pk=plan_id).update(error=str(problem)[:300])
        return
    if found is None:
        told = _("必办的事超出了工作量或单位能力，没有可行的方案。请增加工作量或减少必办项")
        Plan.objects.filter(pk=plan_id).update(error=told)
        return
    Plan.objects.filter(pk=plan_id).update(report=found.as_dict())


@transaction.atomic
def order(*, by: Acting, plan_id: int, lines: list[int] | None = None) -> int:
    """Make orders of a plan (of the ``lines`` with these numbers, from 0): steps of the units that answer.

    Once only; returns how many were ordered.
    """
    access.need_evaluator(by)
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Missing("plan.missing", _("没有这个方案"))
    if not plan.report:
        raise Conflict("plan.empty", _("方案还没有算好，请稍候"))
    if plan.ordered_at:
        raise Conflict("plan.ordered", _("这个方案已经下达，不能重复下达"))
    chosen = plan.report["actions"]
    if lines is not None:
        chosen = [row for n, row in enumerate(chosen) if n in set(lines)]
    units = {u.code: u.pk for u in Unit.objects.filter(code__in={r["unit"] for r in chosen})}
    nobody = [r["title"] for r in chosen if r["unit"] not in units]
    if nobody:
        told = _("有 %(n)s 项没有责任单位，请先在轮次的责任名册中补全：%(list)s")
        raise Invalid("plan.nobody", told % {"n": len(nobody), "list": "；".join(nobody[:5])})
    due = plan.by or timezone.localdate() + dt.timedelta(days=DAYS)
    names = naming.places()
    rounds.add_steps(
        by=by,
        round_id=plan.round_id,
        origin=StepOrigin.PLANNER,
        rows=[
            {
                "unit_id": units[row["unit"]],
                "kind": StepKind.FIX,
                "standard": naming.action(plan.round, row, names)[:300],
                "due": due,
                "gain": Decimal(str(row["gain"])),
                **_where(row["key"]),
            }
            for row in chosen
        ],
    )
    plan.ordered_at = timezone.now()
    plan.save(update_fields=["ordered_at"])
    journal.write(
        by=by, room="assessment", verb="order", subject=plan, after={"orders": len(chosen)}
    )
    return len(chosen)


def _where(key: str) -> dict[str, str]:
    """Item, place or indicator of an action by its key: see ``planner.mock`` and ``planner.coming``."""
    kind, _colon, rest = key.partition(":")
    match kind:
        case "kind":
            return {"item": rest.split(":")[0]}
        case "visit":
            return {"place": rest.rpartition(":")[0]}
        case "document":
            return {"leaf": rest.rpartition(":")[0].split(" ")[0]}
    return {}
