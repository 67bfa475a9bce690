"""Scores that follow the facts, and plans."""

import structlog

from lifang.assessment import actions
from lifang.core.errors import Problem
from lifang.core.tasks import task
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round

log = structlog.get_logger(__name__)


@task()
def refresh_all() -> int:
    """Every minute and every night: a new run of each open round whose facts have changed."""
    made = 0
    for pk in Round.objects.filter(status=RoundStatus.OPEN).values_list("pk", flat=True):
        try:
            made += actions.refresh(pk) is not None
        except Problem as problem:
            log.warning("score_refused", round=pk, problem=str(problem))
    return made


@task()
def plan_task(plan_id: int) -> None:
    actions.work_out_plan(plan_id)
