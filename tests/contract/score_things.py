"""Rounds, runs and facts for the permission matrix: the example city of ``docs/examples``."""

from decimal import Decimal
from typing import Any

from factories_score import evaluator, example_round, line
from lifang.assessment import actions
from lifang.inspections import actions as inspections


def round_(city: Any) -> Any:
    """One for all that a route names."""
    if "score_round" not in city.things:
        city.things["score_round"] = example_round()
    return city.things["score_round"]


def run(city: Any) -> Any:
    return actions.work_out(by=evaluator(), round_id=round_(city).pk)


def entry(city: Any) -> Any:
    return actions.enter(
        by=evaluator(),
        round_id=round_(city).pk,
        kind="award",
        leaf="S-1",
        value=Decimal(1),
        reason="通报表扬",
    )


def plan(city: Any) -> Any:
    return actions.make_plan(
        by=evaluator(), round_id=round_(city).pk, aim="mock", budget=Decimal(5)
    )


def observation(city: Any) -> Any:
    found = line({"site": "road-1", "item": "litter", "state": "fail"})
    return inspections.record(by=evaluator(), round_id=round_(city).pk, lines=[found])[0]


MAKERS = {
    "round": round_,
    "round_id": round_,
    "run_id": run,
    "other_id": run,
    "entry_id": entry,
    "plan_id": plan,
    "observation_id": observation,
}
