"""Plans made from facts: what they promise is what the engine says once it is done."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from factories_assessment import (
    EXAMPLES,
    edition,
    example,
    field_leaf,
    items,
    observations,
    random_edition,
    random_facts,
    random_round,
    round_of,
)
from lifang.assessment.engine import facts, score
from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.planner import brute, coming, mock, options, report
from lifang.assessment.planner.options import Options
from lifang.assessment.sampling.predict import predictor
from lifang.cli import app
from lifang.core.errors import Invalid
from lifang.rounds import scope
from lifang.standards import editions

STEP: dict[str, Any] = {"kind": "step", "cuts": [["0.9", "1"], ["0.7", "0.6"]]}


def test_it_works() -> None:
    """Five places, one fault each: two mended bring B, four bring A; the budget allows three."""
    of = edition([field_leaf(**STEP)], items=items("a", "b"))
    states = {(s, i): ("fail" if i == "b" else "pass") for s in "vwxyz" for i in "ab"}
    found = report.make(
        of, round_of(*"vwxyz"), observations(states), budget=Decimal("3.6"), aim="mock"
    )
    assert found is not None
    assert (found.before, found.after) == (0, 6)
    assert [line.effort for line in found.lines] == [Decimal("1.2")] * 2  # a third wins nothing
    assert found.gap == 0


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32))
def test_a_plan_for_this_mock_keeps_its_word(seed: int) -> None:
    """Any set of actions: the curves' sum is the rise of the exact score."""
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    held = [f for f in random_facts(rng, of, in_) if f.kind != "mark"]
    plan = compile_plan(of, in_)
    result = score(of, in_, held, plan=plan)
    problem = mock.build(plan, result, held, Options(), 10**6)
    chosen = [a for a in range(len(problem.actions)) if rng.random() < 0.6]
    ids = {id_ for a in chosen for id_ in problem.actions[a].facts}
    after = score(of, in_, mock.mend(held, ids, report.best_grade(of)), plan=plan)
    rise = float(after.nodes[""].earned - result.nodes[""].earned)
    assert rise == pytest.approx(problem.value(chosen), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(0, 6))
def test_small_plans_are_the_best_there_are(seed: int, budget: int) -> None:
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    held = random_facts(rng, of, in_)
    found = report.make(of, in_, held, budget=Decimal(budget), aim="mock")
    plan = compile_plan(of, in_)
    problem = mock.build(plan, score(of, in_, held, plan=plan), held, Options(), budget * 100)
    if len(problem.actions) > 14:
        return
    best = brute.solve(problem)
    assert found is not None and best is not None
    assert sum(line.gain for line in found.lines) == pytest.approx(best.value)
    assert found.effort <= budget


def _next(**more: Any) -> Any:
    """Two of five markets seen have standing water; the frame has fifty, the next draw takes ten."""
    of = edition([field_leaf(by="pass_rate")], items=items("dry"))
    where = round_of(
        *"vwxyz",
        site_type="market",
        frame=[{"type": "market", "district": "D", "size": 50, "draw": 10}],
    )
    held = observations({(s, "dry"): ("fail" if s in "vw" else "pass") for s in "vwxyz"})
    return of, where, held


def test_a_problem_seen_twice_in_five_is_at_two_fifths_of_all() -> None:
    of, where, held = _next()
    plan = compile_plan(of, where)
    (first, second) = coming.kinds(plan, held, score(of, where, held))
    assert (first.unit, second.unit) == ("unit v", "unit w")
    assert first.places + second.places == 20  # of fifty
    simulator = predictor(plan, held, score(of, where, held))
    problem = coming.build(plan, simulator, held, score(of, where, held), Options(), 10**6)
    everything = problem.value(range(len(problem.actions)))
    lost = 10 - simulator.predict(400, 1).mean
    assert everything == pytest.approx(
        lost, rel=0.1
    )  # mending all of it wins back what is expected to go
    assert problem.actions[0].effort == 1200  # ten places, a visit and a fault each
    found = report.make(of, where, held, budget=Decimal(13))
    assert found is not None
    assert len(found.lines) == 1
    assert found.before < found.after < 10


def test_dates_capacity_and_must() -> None:
    of = edition([field_leaf()], items=items("quick", "slow"))
    states = {(s, i): "fail" for s in "xy" for i in ("quick", "slow")}
    held = observations(states)
    document = {
        "format": options.FORMAT,
        "visit": "0",
        "fault": "1",
        "items": {"slow": {"effort": "3", "days": 30}},
        "capacity": {"unit x": "0"},
        "must": ["y"],
    }
    today = dt.date(2026, 9, 1)
    soon = options.read(document, today=today, by=dt.date(2026, 9, 11))
    found = report.make(of, round_of("x", "y"), held, budget=Decimal(9), options=soon, aim="mock")
    assert found is not None
    assert [(x.unit, x.facts, x.must) for x in found.lines] == [("unit y", ("y/quick",), True)]
    later = options.read(document, today=today, by=dt.date(2026, 12, 31))
    found = report.make(of, round_of("x", "y"), held, budget=Decimal(9), options=later, aim="mock")
    assert found is not None
    assert [x.effort for x in found.lines] == [Decimal(4)]
    assert (
        report.make(of, round_of("x", "y"), held, budget=Decimal(3), options=later, aim="mock")
        is None
    )


def test_bad_options_are_all_named() -> None:
    with pytest.raises(Invalid) as refused:
        options.read({"format": "x", "visit": "-1", "items": {"a": {"days": "b"}}, "must": 1})
    assert {f.path for f in refused.value.fields} == {"format", "visit", "items.a.days", "must"}


def test_a_large_plan_is_polished_and_says_its_gap() -> None:
    """Forty places, three indicators with steps: more than can be tried one by one."""
    leaves = [field_leaf(f"L{n}", "10", **STEP) for n in range(3)]
    rows = [row for n in range(3) for row in items(f"i{n}", leaf=f"L{n}")]
    rng = Random(6)
    sites = [f"s{n:02}" for n in range(40)]
    states = {
        (s, f"i{n}"): ("fail" if rng.random() < 0.5 else "pass") for s in sites for n in range(3)
    }
    of, held = edition(leaves, items=rows), observations(states)
    plain = report.make(of, round_of(*sites), held, budget=Decimal(14), aim="mock")
    polished = report.make(of, round_of(*sites), held, budget=Decimal(14), aim="mock", seconds=10)
    assert plain is not None and polished is not None
    assert plain.gap is not None and 0 < plain.gap < 1
    assert polished.after >= plain.after
    assert polished.gap is not None and polished.gap <= plain.gap
    assert "cp-sat" in polished.how


# -- the command line


def run(*arguments: str) -> tuple[int, str, str]:
    inputs = [
        x
        for name in ("edition", "round", "facts")
        for x in (f"--{name}", f"{EXAMPLES}/{name}.json")
    ]
    done = CliRunner().invoke(app, ["score", arguments[0], *inputs, *arguments[1:]])
    return done.exit_code, done.stdout, done.stderr


def test_score_run_and_verify(tmp_path: Path) -> None:
    code, out, _err = run("run", "--json")
    assert code == 0
    saved = tmp_path / "run.json"
    saved.write_text(out, encoding="utf-8")
    assert json.loads(out)["total"]["score"] == "70.45"
    code, out, _err = run("verify", str(saved))
    assert code == 0
    assert out.startswith("一致：70.45")
    saved.write_text(saved.read_text("utf-8").replace('"70.45"', '"90.45"'), encoding="utf-8")
    assert run("verify", str(saved))[0] == 1
    code, out, _err = run("run")
    assert "总分 70.45（68.40–70.97）" in out


def test_score_explain_and_loss() -> None:
    code, out, _err = run("explain", "1-1")
    assert code == 0
    assert "再整改 2 处：+4.8" in out
    code, out, _err = run("explain", "1-1", "--json")
    assert json.loads(out)["next"][0]["fixes"] == 2
    assert run("explain", "9-9")[0] == 1
    for view in ("unit", "leaf", "site", "cause"):
        code, out, _err = run("loss", "--by", view, "--json")
        told = json.loads(out)
        parts = sum(Decimal(x["lost"]) + Decimal(x["open"]) for x in told["lines"])
        assert parts == Decimal(told["lost"]) == Decimal("36.0424409091")
    assert run("loss", "--by", "mood")[0] == 2


def test_score_plan() -> None:
    code, out, _err = run("plan", "--budget", "8", "--aim", "mock", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["after"] == pytest.approx(82.757559)
    of, where = editions.read(example("edition")), scope.read(example("round"))
    done = {id_ for a in told["actions"] for id_ in a["facts"]}
    mended = mock.mend(facts.read(example("facts")), done, report.best_grade(of))
    assert float(score(of, where, mended).nodes[""].earned) == pytest.approx(
        told["after"], abs=1e-6
    )
    code, out, _err = run("plan", "--budget", "40", "--by", "2026-12-31", "--today", "2026-09-01")
    assert code == 0
    assert "下次抽查的期望得分" in out
    assert "已证最优" in out


def test_score_predict() -> None:
    code, out, _err = run("predict", "--draws", "200", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["quantiles"]["0.05"] <= told["mean"] <= told["quantiles"]["0.95"]
    market = told["measures"]["1-3 field"]
    assert market["official"] == pytest.approx(2 / 6)
    assert market["flawed_places"] == [3, 11]  # all three places seen had a fault
    assert run("predict", "--draws", "200", "--json")[1] == out
    code, out, _err = run("predict", "--draws", "50")
    assert "下次抽查：期望" in out


def test_what_one_case_is_worth() -> None:
    """Half the markets fail, a tenth of them is drawn: one more bad one costs its chance to be drawn."""
    of = edition([field_leaf()], items=items("dry"))
    sites = [f"m{n}" for n in range(20)]
    frame = [{"type": "market", "district": "D", "size": 100, "draw": 10}]
    where = round_of(*sites, site_type="market", frame=frame)
    held = observations({(s, "dry"): ("fail" if n % 2 else "pass") for n, s in enumerate(sites)})
    plan = compile_plan(of, where)
    worth = coming.Worth(plan, predictor(plan, held, score(of, where, held)))
    # ten points over ten looks: a failing look costs one point, and is drawn one time in ten
    assert worth.of("dry", "market", "D") == pytest.approx(0.1, rel=0.02)
    assert worth.by_leaf("dry", "market", "D").keys() == {"L"}
    assert worth.of("dry", "road", "D") == 0
    assert worth.of("other", "market", "D") == 0


def test_bad_files_are_told_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "edition.json"
    broken.write_text('{"format": ', encoding="utf-8")
    wrong = tmp_path / "facts.json"
    wrong.write_text('[{"kind": "x", "id": "a"}, {"kind": "linked", "id": "b"}]', encoding="utf-8")
    done = CliRunner().invoke(
        app,
        [
            "score",
            "run",
            "--edition",
            str(broken),
            "--round",
            f"{tmp_path}/none.json",
            "--facts",
            str(wrong),
        ],
    )
    assert done.exit_code == 1
    for told in (
        "edition.json：不是有效的 JSON",
        "none.json：文件无法读取",
        "facts.json facts[0]",
        "facts.json facts[1].edition",
    ):
        assert told in done.stderr, (told, done.stderr)


def test_observations_of_a_frame_are_the_only_kinds() -> None:
    of, where, held = _next()
    plan = compile_plan(of, where)
    passed = [f for f in held if isinstance(f, Observation) and f.state == "pass"]
    assert coming.kinds(plan, passed, score(of, where, passed)) == []
