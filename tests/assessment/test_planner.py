"""Plans: against every plan there is, under every kind of limit."""

import dataclasses
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifang.assessment.planner import Action, Curve, Problem, brute, greedy, polish


def stairs(key: str, *steps: tuple[int, float]) -> Curve:
    """``(weight, points from there on)``."""
    knots: list[tuple[int, float]] = [(0, 0.0)]
    for x, y in steps:
        knots += [(x, knots[-1][1]), (x, y)]
    return Curve(key, tuple(knots))


def random_problem(rng: Random, actions: int = 9, curves: int = 4) -> Problem:
    made = []
    for m in range(curves):
        if rng.random() < 0.5:
            first = rng.randint(1, 4)
            made.append(
                stairs(
                    str(m),
                    (first, rng.uniform(1, 4)),
                    (first + rng.randint(1, 4), rng.uniform(4, 9)),
                )
            )
        else:
            flat = rng.randint(0, 3)
            knots = [
                (0, 0.0),
                *([(flat, 0.0)] if flat else []),
                (flat + rng.randint(1, 6), rng.uniform(1, 6)),
            ]
            made.append(Curve(str(m), tuple(knots)))
    rows = tuple(
        Action(
            f"a{a}",
            rng.randint(1, 4),
            tuple(
                (m, rng.randint(1, 3))
                for m in rng.sample(range(curves), rng.randint(1, min(3, curves)))
            ),
            unit=rng.choice("UV"),
            must=rng.random() < 0.08,
        )
        for a in range(actions)
    )
    capacity = {"U": rng.randint(2, 9)} if rng.random() < 0.5 else {}
    return Problem(tuple(made), rows, rng.randint(0, 16), capacity)


def test_it_works() -> None:
    """Three visits that win nothing alone, together a grade: single fixes stall, the bundle does not."""
    problem = Problem(
        (stairs("L", (3, 6.0)), Curve("M", ((0, 0.0), (2, 1.0)))),
        (*(Action(f"v{n}", 1, ((0, 1),)) for n in range(3)), Action("w", 2, ((1, 2),))),
        budget=3,
    )
    stalled, bundled, best = greedy.single(problem), greedy.solve(problem), brute.solve(problem)
    assert stalled and bundled and best
    assert stalled.value == 1.0
    assert bundled.value == best.value == 6.0
    assert set(bundled.chosen) == {0, 1, 2}
    assert best.proven


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32))
def test_greedy_keeps_the_limits_and_comes_near(seed: int) -> None:
    problem = random_problem(Random(seed))
    best = brute.solve(problem)
    for found in (greedy.solve(problem), greedy.solve(problem, rounds=20)):
        if best is None:
            assert found is None
            continue
        assert found is not None
        assert problem.fits(found.chosen)
        assert set(problem.must) <= set(found.chosen)
        assert found.value == pytest.approx(problem.value(found.chosen))
        assert found.effort == problem.effort(found.chosen)
        assert found.value <= best.value + 1e-9


def test_greedy_is_mostly_best() -> None:
    """Over 200 small questions: nearly everything that could be won is won, and the rounds help."""
    won = rounds = best = 0.0
    for seed in range(200):
        problem = random_problem(Random(seed))
        perfect = brute.solve(problem)
        if perfect is None:
            continue
        plain, again = greedy.solve(problem), greedy.solve(problem, rounds=20)
        assert plain and again
        won, rounds, best = won + plain.value, rounds + again.value, best + perfect.value
    assert won >= 0.95 * best
    assert rounds >= max(won, 0.98 * best)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_polish_finds_the_best(seed: int) -> None:
    problem = random_problem(Random(seed))
    best = brute.solve(problem)
    found = polish.solve(problem, greedy.solve(problem), seconds=20)
    if best is None:
        assert found is None
        return
    assert found is not None
    assert found.value == pytest.approx(best.value, abs=1e-4)
    assert found.bound is not None
    assert found.value <= found.bound
    assert found.bound >= best.value - 1e-9
    assert problem.fits(found.chosen)


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_no_plan_beats_the_relaxed_one(seed: int) -> None:
    problem = random_problem(Random(seed))
    best = brute.solve(problem)
    if best is not None:
        assert polish.relaxed(problem) >= best.value - 1e-9
        assert polish.relaxed(problem) <= problem.value(range(len(problem.actions))) + 1e-6


def test_polish_without_time_still_says_the_gap() -> None:
    problem = dataclasses.replace(
        random_problem(Random(3), actions=60, curves=20), budget=60, capacity={}
    )
    start = greedy.solve(problem)
    assert start
    found = polish.solve(problem, start, seconds=0.05)
    assert found
    assert found.gap is not None
    assert found.value >= start.value
    assert 0 <= found.gap <= 1


def test_what_must_be_done_comes_first() -> None:
    problem = Problem(
        (stairs("L", (1, 5.0)),),
        (Action("win", 2, ((0, 1),)), Action("duty", 3, (), must=True)),
        budget=4,
    )
    found = greedy.solve(problem)
    assert found
    assert [problem.actions[a].key for a in found.chosen] == ["duty"]
    more = greedy.solve(Problem(problem.curves, problem.actions, 5))
    assert more
    assert [problem.actions[a].key for a in more.chosen] == ["duty", "win"]
    assert greedy.solve(Problem(problem.curves, problem.actions, 2)) is None


def test_a_unit_has_only_so_many_hands() -> None:
    actions = tuple(Action(f"a{n}", 1, ((0, 1),), unit="U") for n in range(5))
    curve = Curve("L", ((0, 0.0), (5, 5.0)))
    found = greedy.solve(Problem((curve,), actions, 5, {"U": 2}))
    assert found
    assert (found.value, found.effort) == (2.0, 2)


def test_trimming_gives_back_what_wins_nothing() -> None:
    """A cheap one first looks good and is no longer needed once the dear one is there."""
    problem = Problem(
        (stairs("L", (1, 1.0), (4, 10.0)),),
        (Action("small", 1, ((0, 1),)), Action("large", 5, ((0, 4),))),
        budget=6,
    )
    found = greedy.solve(problem)
    assert found
    assert (found.chosen, found.value, found.effort) == ((1,), 10.0, 5)


@pytest.mark.parametrize(
    "knots", [((1, 0.0),), ((0, 0.0), (2, 1.0), (1, 2.0)), ((0, 0.0), (2, 1.0), (3, 0.5))]
)
def test_curves_never_turn_back(knots: Any) -> None:
    with pytest.raises(ValueError, match="curve"):
        Curve("x", knots)


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_a_curve_is_straight_between_its_knots(seed: int, x: int) -> None:
    for curve in random_problem(Random(seed)).curves:
        assert curve(x) <= curve(x + 1) <= curve.most
        assert curve(0) == 0
        assert curve(99) == curve.most
