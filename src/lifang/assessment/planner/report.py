"""A plan as people read it: what to do in which order, what each step wins, and how sure that is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.util import find_spec
from typing import Any, Literal

from lifang.assessment.engine import Result, score
from lifang.assessment.engine import facts as fact_rules
from lifang.assessment.engine.facts import Fact, Observation, Review
from lifang.assessment.engine.numbers import text
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.planner import brute, coming, greedy, mock, polish
from lifang.assessment.planner.options import PARTS, Options, whole
from lifang.assessment.planner.problem import Plan, Problem
from lifang.assessment.sampling.predict import needs_frame, predictor
from lifang.rounds.scope import Round
from lifang.standards.editions import Edition
from lifang.standards.editions.kinds import AllOrNothing, GradeMap

Aim = Literal["next", "mock"]
AIMS: tuple[Aim, ...] = ("next", "mock")


@dataclass(frozen=True)
class Line:
    """One action: points it adds after those before it."""

    key: str
    title: str
    unit: str
    effort: Decimal
    gain: float
    so_far: float
    must: bool
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """``before`` and ``after``: base score now and with the plan (this mock), or expected (the next draw)."""

    aim: Aim
    before: float
    after: float
    effort: Decimal
    budget: Decimal
    lines: tuple[Line, ...]
    how: str
    bound: float | None
    gap: float | None
    candidates: int
    possible: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "aim": self.aim,
            "before": round(self.before, 6),
            "after": round(self.after, 6),
            "gain": round(self.after - self.before, 6),
            "effort": text(self.effort),
            "budget": text(self.budget),
            "how": self.how,
            "bound": None if self.bound is None else round(self.bound, 6),
            "gap": None if self.gap is None else round(self.gap, 6),
            "candidates": self.candidates,
            "all_mended": round(self.possible, 6),
            "actions": [
                {
                    "key": line.key,
                    "title": line.title,
                    "unit": line.unit,
                    "effort": text(line.effort),
                    "gain": round(line.gain, 6),
                    "so_far": round(line.so_far, 6),
                    "must": line.must,
                    "facts": list(line.facts),
                }
                for line in self.lines
            ],
        }


def make(
    edition: Edition,
    round_: Round,
    facts: Iterable[Fact],
    *,
    budget: Decimal,
    options: Options | None = None,
    aim: Aim = "next",
    seconds: float = 0,
    rounds: int = 20,
    seed: int = 1,
) -> Report | None:
    """Plan. ``seconds``: how long CP-SAT may polish (0: not at all). ``None``: what must be done does not fit."""
    options = options or Options()
    held = fact_rules.in_force(facts)
    plan = compile_plan(edition, round_)
    result = score(edition, round_, held, plan=plan)
    limit = whole(budget)
    if aim == "next":
        needs_frame(round_)
        seen = [f for f in held if isinstance(f, Observation)]
        simulator = predictor(plan, held, result)
        problem = coming.build(plan, simulator, seen, result, options, limit, seed=seed)
        before = simulator.predict(200, seed).mean
    else:
        problem = mock.build(plan, result, held, options, limit)
        before = float(result.nodes[""].earned)
    found = solve(problem, seconds=seconds, rounds=rounds, seed=seed)
    if found is None:
        return None
    after = before + found.value
    if aim == "mock":
        after = _rescored(edition, round_, held, problem, found, result)
    return Report(
        aim,
        before,
        after,
        Decimal(found.effort) / PARTS,
        budget,
        tuple(_lines(problem, greedy.ordered(problem, found.chosen))),
        found.how,
        found.bound,
        found.gap,
        len(problem.actions),
        problem.value(range(len(problem.actions))),
    )


def solve(problem: Problem, *, seconds: float, rounds: int, seed: int) -> Plan | None:
    """All plans where there are few, else bundles at once, polished if there is time for it."""
    if len(problem.actions) <= brute.MOST - 2:
        return brute.solve(problem)
    found = greedy.solve(problem, rounds=rounds, seed=seed)
    if found is None:
        return None
    if seconds:
        return polish.solve(problem, found, seconds=seconds, seed=seed)
    # a linear programme of milliseconds: how far from the best the bundles are at most
    if find_spec("ortools") is None:
        return found
    return replace(found, bound=max(found.value, polish.relaxed(problem)))


def _lines(problem: Problem, chosen: Sequence[int]) -> Iterable[Line]:
    before = 0.0
    for a, so_far in zip(chosen, greedy.walk(problem, chosen), strict=True):
        action = problem.actions[a]
        yield Line(
            action.key,
            action.title,
            action.unit,
            Decimal(action.effort) / PARTS,
            so_far - before,
            so_far,
            action.must,
            action.facts,
        )
        before = so_far


def _rescored(
    edition: Edition,
    round_: Round,
    held: Sequence[Fact],
    problem: Problem,
    found: Plan,
    result: Result,
) -> float:
    """The exact score with the plan's facts mended: what is printed is what the engine says."""
    if not found.chosen:
        return float(result.nodes[""].earned)
    ids = {id_ for a in found.chosen for id_ in problem.actions[a].facts}
    mended = mock.mend(held, ids, best_grade(edition))
    return float(score(edition, round_, mended).nodes[""].earned)


def best_grade(edition: Edition) -> Callable[[Review], str]:
    """The best grade that a review may get by the rule of its measure."""
    rules = {(n.code, m.key): m.rule for n in edition.leaves for m in n.measures}

    def grade(review: Review) -> str:
        rule = rules[review.leaf, review.measure]
        if isinstance(rule, GradeMap):
            return max(rule.grades, key=lambda g: (rule.grades[g], g))
        return min(rule.accept) if isinstance(rule, AllOrNothing) and rule.accept else "A"

    return grade
