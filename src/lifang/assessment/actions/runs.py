"""Stored score runs: worked out from the tables, kept with every lost point, verified byte for byte."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import access, gathering
from lifang.assessment.engine import facts as fact_rules
from lifang.assessment.engine import losses as loss_rules
from lifang.assessment.engine import score
from lifang.assessment.engine.facts import Fact
from lifang.assessment.engine.plan import Plan
from lifang.assessment.engine.result import Loss, Result
from lifang.assessment.models import Run, RunLoss, UnitLoss
from lifang.assessment.planner.coming import Worth
from lifang.assessment.sampling.predict import Predictor, predictor
from lifang.core import journal
from lifang.core.errors import Conflict, Missing
from lifang.orgs.acting import SYSTEM, Acting
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round

#: rows of losses that one transaction writes, so that nobody waits for a whole run
CHUNK = 1_000
#: simulated draws behind a forecast
DRAWS = 200
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def ask_run(*, by: Acting, round_id: int) -> Run:
    """Work the score out now, on the person's wish; the run as it stands if nothing has changed."""
    access.need_evaluator(by)
    return refresh(round_id, by=by) or _latest(round_id)


def refresh(round_id: int, *, by: Acting = SYSTEM) -> Run | None:
    """A new run where facts, scope or edition have changed since the last; ``None`` where not."""
    round_ = access.round_of(round_id)
    if round_.status == RoundStatus.PREPARING:
        told = _("测评轮次“%(round)s”还在筹备，开始后才能计算成绩")
        raise Conflict("round.not_open", told % {"round": round_.title})
    last = Run.objects.filter(round=round_, complete=True).only("marker").first()
    if last is not None and last.marker == gathering.marker(round_):
        return None
    return work_out(by=by, round_id=round_id)


def _latest(round_id: int) -> Run:
    found = Run.objects.filter(round_id=round_id, complete=True).first()
    if found is None:
        raise Missing("run.missing", _("这个轮次还没有成绩"))
    return found


def work_out(*, by: Acting, round_id: int, as_of: dt.datetime | None = None) -> Run:
    """Score a round as known ``as_of`` (now) and keep the run.

    The figures come first, the losses in transactions of their own, and only then is the run seen by
    anybody: killed half-way it leaves an incomplete run that the next one removes. Raises
    :class:`~lifang.core.errors.Invalid` where facts speak of what is not in the round.
    """
    round_ = access.round_of(round_id)
    # before the facts are read: what commits meanwhile changes it, and the next run takes that in
    marker = "" if as_of else gathering.marker(round_)
    plan = gathering.plan_of(round_)
    facts = gathering.facts_of(round_)
    moment = as_of or timezone.now()
    facts = [f for f in facts if fact_rules.moment(f.at) <= moment]
    result = score(plan.edition, plan.round, facts, plan=plan)
    run = _row(round_, by, moment, marker, plan, facts, result)
    keep(run, result)
    if as_of is None:
        _drop_old(run)
    with transaction.atomic():
        journal.write(
            by=by,
            room="assessment",
            verb="run",
            subject=run,
            after={"score": str(run.score), "digest": run.digest},
        )
    return run


def _row(
    round_: Round,
    by: Acting,
    moment: dt.datetime,
    marker: str,
    plan: Plan,
    facts: list[Fact],
    result: Result,
) -> Run:
    whole, total = result.nodes[""], result.total
    held = fact_rules.in_force(facts)
    forecast, worth = _ahead(plan, held, result)
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=round_.pk)  # numbers runs one after the other
        number = Run.objects.filter(round=round_).count() + 1
        while Run.objects.filter(key=f"{round_.key}-{number}").exists():
            number += 1
        return Run.objects.create(
            key=f"{round_.key}-{number}",
            round=round_,
            as_of=moment,
            edition_sha=result.inputs["edition"],
            round_sha=result.inputs["round"],
            facts_sha=result.inputs["facts"],
            engine=result.inputs["engine"],
            digest=result.digest,
            marker=marker,
            facts=len(held),
            seen=gathering.seen(facts),
            score=total.score,
            low=total.low,
            high=total.high,
            possible=whole.possible,
            earned=whole.earned,
            coverage=whole.coverage,
            status=total.status,
            result=_without_losses(result.as_dict()),
            forecast=forecast,
            worth=worth,
            created_by_id=by.user_id,
        )


def _without_losses(document: dict[str, Any]) -> dict[str, Any]:
    """The losses are rows of their own."""
    for leaf in document["leaves"].values():
        leaf.pop("losses", None)
    return document


def _ahead(plan: Plan, held: list[Fact], result: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    """The next official draw, and what one more fault costs in it; empty where nothing will be drawn."""
    if not plan.round.frame:
        return {}, {}
    simulator = predictor(plan, held, result)
    found = simulator.predict(DRAWS)
    forecast = {
        "mean": round(found.mean, 4),
        "quantiles": {str(q): round(found.quantile(q), 4) for q in QUANTILES},
        "draws": DRAWS,
    }
    return forecast, _worth(plan, simulator)


def _worth(plan: Plan, simulator: Predictor) -> dict[str, dict[str, float]]:
    value = Worth(plan, simulator, draws=DRAWS)
    found: dict[str, dict[str, float]] = {}
    for item in plan.edition.items.values():
        if not item.categories:
            continue
        for stratum in plan.round.frame:
            by_leaf = value.by_leaf(item.code, stratum.type, stratum.district)
            points = {leaf: round(p, 6) for leaf, p in by_leaf.items() if p > 0}
            if points:
                found[f"{item.code}|{stratum.type}|{stratum.district}"] = points
    return found


def keep(run: Run, result: Result) -> None:
    """Write the losses of a run and let it be seen."""
    rows = [_loss(run, row) for row in result.losses]
    for start in range(0, len(rows), CHUNK):
        RunLoss.objects.bulk_create(rows[start : start + CHUNK])
    UnitLoss.objects.bulk_create(_by_unit(run, result.losses), batch_size=CHUNK)
    Run.objects.filter(pk=run.pk).update(complete=True)
    run.complete = True


def _loss(run: Run, row: Loss) -> RunLoss:
    return RunLoss(
        run=run,
        leaf=row.leaf,
        measure=row.measure,
        kind=row.kind,
        points=row.points,
        gain=row.gain,
        lead=row.lead,
        assist={unit: str(share) for unit, share in row.assist},
        site=row.site,
        item=row.item,
        cause=row.cause,
        how=row.how,
        facts=list(row.facts),
    )


def _by_unit(run: Run, rows: Iterable[Loss]) -> list[UnitLoss]:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        for unit, points in loss_rules.shares(row):
            sums[unit, row.leaf][row.kind == "pending"] += points
            counts[unit, row.leaf] += 1
    return [
        UnitLoss(run=run, unit=unit, leaf=leaf, lost=lost, open=open_, rows=counts[unit, leaf])
        for (unit, leaf), (lost, open_) in sorted(sums.items())
    ]


def _drop_old(last: Run) -> None:
    """Losses of earlier runs that stand in no bulletin, and runs that were killed half-way."""
    earlier = Run.objects.filter(round_id=last.round_id, pk__lt=last.pk, pinned=False)
    for run in earlier.filter(complete=True, has_losses=True):
        run.losses.all()._raw_delete(run.losses.db)
        run.unit_losses.all()._raw_delete(run.unit_losses.db)
        Run.objects.filter(pk=run.pk).update(has_losses=False)
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    earlier.filter(complete=False, created_at__lt=hour_ago).delete()


@transaction.atomic
def pin(*, by: Acting, run_id: int, reason: str = "") -> Run:
    """A bulletin stands on this run: it and its losses stay for ever."""
    return _pin(by, run_id, pinned=True, reason=reason)


@transaction.atomic
def unpin(*, by: Acting, run_id: int, reason: str = "") -> Run:
    return _pin(by, run_id, pinned=False, reason=reason)


def _pin(by: Acting, run_id: int, *, pinned: bool, reason: str) -> Run:
    access.need_evaluator(by)
    run = Run.objects.select_for_update().filter(pk=run_id, complete=True).first()
    if run is None:
        raise Missing("run.missing", _("没有这次成绩"))
    if pinned and not run.has_losses:
        told = _("这次成绩的失分明细已清理，请先重新计算再留存")
        raise Conflict("run.no_losses", told)
    if run.pinned != pinned:
        run.pinned = pinned
        run.save(update_fields=["pinned"])
        journal.write(
            by=by, room="assessment", verb="pin" if pinned else "unpin", subject=run, reason=reason
        )
    return run


def verify(run: Run) -> dict[str, Any]:
    """Work a run out again from the facts that it saw and compare it whole.

    ``{"same": bool, "score", "digest", "differs": {input: [before, now]}}``.
    """
    plan = gathering.plan_of(run.round)
    facts = gathering.among(gathering.facts_of(run.round), run.seen)
    result = score(plan.edition, plan.round, facts, plan=plan)
    before = {
        "edition": run.edition_sha,
        "round": run.round_sha,
        "facts": run.facts_sha,
        "engine": run.engine,
    }
    differs = {k: [before[k], v] for k, v in result.inputs.items() if before[k] != v}
    same = result.digest == run.digest
    return {
        "same": same,
        "score": str(result.total.score),
        "digest": result.digest,
        "differs": differs,
    }
