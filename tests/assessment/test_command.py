"""``lifang score`` on a round of the database."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from factories_score import enter_all, evaluator, example_round
from lifang.assessment.models import Run
from lifang.cli import app
from lifang.inspections.models import Observation

pytestmark = pytest.mark.django_db


def call(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["score", *words])
    assert done.exit_code == status, done.output
    return done.stdout


def test_it_works() -> None:
    round_ = example_round()
    enter_all(round_, evaluator())
    found = json.loads(call("run", round_.key, "--json"))
    run = Run.objects.get()
    assert found["digest"] == run.digest
    assert Decimal(found["total"]["score"]) == run.score
    assert run.digest in call("verify", run.key)


def test_the_only_open_round_needs_no_name() -> None:
    round_ = example_round()
    enter_all(round_, evaluator())
    text = call("explain", "1-1")
    assert "1-1" in text
    lost = json.loads(call("loss", "--by", "unit", "--json"))
    assert Decimal(lost["lost"]) == sum(
        Decimal(x["lost"]) + Decimal(x["open"]) for x in lost["lines"]
    )
    plan = json.loads(call("plan", "--budget", "10", "--aim", "mock", "--json"))
    assert plan["after"] > plan["before"] and plan["actions"]


def test_a_run_that_is_no_longer_so_is_told() -> None:
    round_ = example_round()
    enter_all(round_, evaluator())
    call("run", round_.key)
    run = Run.objects.get()
    Observation.objects.filter(state="fail").update(state="pass")  # behind our back
    assert "一致" not in call("verify", run.key, status=1)


def test_unknown_names_are_told() -> None:
    example_round()
    call("run", "nothing", status=1)
    call("verify", "nothing", status=1)
    call("run", "--edition", "e.json", status=2)
