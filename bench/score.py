"""How fast the score is, and how good the plans are: ``python -m bench.score``.

Two rows of the design's table of budgets: a round of 200 indicators × 3,000 places × 40 items with all single
gains, and a plan over 200 indicators and 600 visits with step rules. Times are CPU times of one thread: the
machine is shared. Made-up cities, seeded.
"""

import argparse
import dataclasses
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from django.conf import settings

if not settings.configured:
    settings.configure(USE_I18N=False)

from lifang.assessment.engine import Round, Standing, facts, score
from lifang.assessment.engine.board import Board
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.planner import Action, Curve, Plan, Problem, greedy, polish
from lifang.assessment.sampling.predict import Predictor
from lifang.rounds import scope
from lifang.standards import editions
from lifang.standards.editions import Edition

OUT = Path(__file__).parent / "out"
RULES: list[dict[str, Any]] = [
    {"kind": "step", "cuts": [["0.90", "1"], ["0.70", "0.6"]]},
    {"kind": "linear_clamp"},
    {"kind": "step", "by": "site_pass", "cuts": [["0.9", "1"], ["0.7", "0.6"]]},
    {"kind": "linear_clamp", "by": "site_rate"},
    {"kind": "deduct", "full": "10", "each": "2", "per": "site"},
]


def city(indicators: int, places: int, items: int) -> tuple[Edition, Round, list[facts.Fact]]:
    """A round in which every place was looked at whole, 15 % failing. Two thirds of the rules pool."""
    rng = Random(1)
    nodes = [
        {
            "code": f"L{i}",
            "points": "0.5",
            "lead": "site",
            "measures": [{"method": "field", "rule": RULES[i % 5 if i % 2 else 0]}],
        }
        for i in range(indicators)
    ]
    types = [f"t{k}" for k in range(30)]
    rows = [
        {
            "code": f"{t}-{j}",
            "feeds": {
                t: [
                    {"leaf": f"L{x}"}
                    for x in rng.sample(range(indicators), 1 + (rng.random() < 0.3))
                ]
            },
        }
        for t in types
        for j in range(items)
    ]
    document = {
        "format": "lifang.edition/1",
        "key": "k",
        "version": "1",
        "nodes": nodes,
        "items": rows,
    }
    sites = [
        {"code": f"s{n}", "type": types[n % 30], "district": f"d{n % 5}", "unit": f"u{n % 98}"}
        for n in range(places)
    ]
    round_ = scope.read({"format": "lifang.round/1", "key": "r", "sites": sites})
    held: list[facts.Fact] = [
        facts.Observation(
            id=f"{s.code}-{j}",
            site=s.code,
            item=f"{s.type}-{j}",
            state="fail" if rng.random() < 0.15 else "pass",
        )
        for s in round_.sites.values()
        for j in range(items)
    ]
    return editions.read(document), round_, held


def cpu(work: Callable[[], object], n: int) -> tuple[float, float]:
    """(median, least) CPU milliseconds of ``n`` calls."""
    work()
    times = []
    for _i in range(n):
        begun = time.thread_time()
        work()
        times.append((time.thread_time() - begun) * 1000)
    return median(times), min(times)


def scores(rows: list[dict[str, Any]]) -> None:
    of, where, held = city(200, 3000, 40)
    plan = compile_plan(of, where)
    seen = [f for f in held if isinstance(f, facts.Observation)]
    result = score(of, where, held, plan=plan)
    board = Board(plan, seen, Predictor(plan, [], result).weights(), result)
    if abs(board.score() - float(result.nodes[""].earned)) > 1e-6:
        raise RuntimeError("the board and the engine disagree")
    states = board.states
    look = board.look(states)
    told = dict.fromkeys(board.ids, 0.0)
    for row in result.losses:
        told[row.facts[0]] += float(row.gain)
    worst = max(abs(g - told[i]) for i, g in zip(board.ids, look.gains(), strict=True))
    if worst > 1e-6:
        raise RuntimeError(f"a single gain differs by {worst}")
    size = f"200 indicators × 3,000 places × 40 items = {len(held):,} observations"
    print(size)
    standing = Standing(of, where, held)
    standing.result()
    first, turn = seen[5], [0]

    def one_fact() -> None:
        turn[0] += 1
        last = first.id if turn[0] == 1 else f"x{turn[0] - 1}"
        standing.add([dataclasses.replace(first, id=f"x{turn[0]}", supersedes=last, state="fail")])
        standing.result()

    for name, budget, work, n in (
        ("score, whole round, arrays", 5.0, lambda: board.score(states), 40),
        ("all single gains, arrays", 5.0, look.gains, 40),
        ("one more fact, exact, with losses", None, one_fact, 10),
        ("whole round, exact, with every loss", None, lambda: score(of, where, held, plan=plan), 2),
    ):
        middle, least = cpu(work, n)
        show(rows, name, middle, budget, f"least {least:.2f}")


def visits(seed: int = 3) -> Problem:
    """200 indicators with two steps, 600 visits that each mend what is wrong at one place; effort 300 of 600."""
    rng = Random(seed)
    fixes: list[dict[int, int]] = [{} for _v in range(600)]
    curves = []
    for m in range(200):
        looks = rng.randint(20, 60)
        failed = round(looks * rng.uniform(0.12, 0.55))
        for _f in range(failed):
            visit = fixes[rng.randrange(600)]
            visit[m] = visit.get(m, 0) + 1
        knots: list[tuple[int, float]] = [(0, 0.0)]
        now = _step(looks - failed, looks)
        for x in range(1, failed + 1):
            value = 0.5 * (_step(looks - failed + x, looks) - now)
            if value > knots[-1][1] + 1e-12:
                knots += [(x, knots[-1][1]), (x, value)]
        curves.append(Curve(f"L{m}", tuple(knots)))
    actions = tuple(
        Action(f"v{n}", 1, tuple(sorted(fix.items())), unit=f"u{n % 30}")
        for n, fix in enumerate(fixes)
    )
    return Problem(tuple(curves), actions, 300)


def _step(passed: int, looks: int) -> float:
    return 1.0 if passed * 10 >= looks * 9 else 0.6 if passed * 10 >= looks * 7 else 0.0


def plain_bundles(problem: Problem) -> Plan:
    """The yardstick: bundle greedy that looks at everything again after each choice."""
    search = greedy._Search(problem)
    while True:
        found = [b for m in range(len(problem.curves)) if (b := search.best(m))]
        if not found:
            break
        for a in max(found, key=lambda b: b.ratio).actions:
            search.take(a)
    return Plan(tuple(search.order), search.value, problem.effort(search.order), "plain")


def plans(rows: list[dict[str, Any]], seconds: float) -> None:
    problem = visits()
    links = sum(len(a.fixes) for a in problem.actions)
    everything = problem.value(range(600))
    print(
        f"\n200 indicators, 600 visits, {links} links, effort 300 of 600; all mended +{everything:.2f}"
    )
    ways: list[tuple[str, float | None, Callable[[], Plan | None]]] = [
        ("single fixes by their own gain", None, lambda: greedy.single(problem)),
        ("bundles, everything looked at again", None, lambda: plain_bundles(problem)),
        ("bundles at once", 1000.0, lambda: greedy.solve(problem)),
        ("bundles at once, 20 rounds", None, lambda: greedy.solve(problem, rounds=20)),
    ]
    for name, budget, solve in ways:
        begun = time.thread_time()
        found = solve()
        spent = (time.thread_time() - begun) * 1000
        if found is None or not problem.fits(found.chosen):
            raise RuntimeError(name)
        show(rows, name, spent, budget, f"+{found.value:.3f} with {found.effort}")
    if seconds:
        polished = polish.solve(problem, greedy.solve(problem, rounds=20), seconds=seconds)
        if polished is None:
            raise RuntimeError("nothing fits")
        note = f"+{polished.value:.3f}, bound +{polished.bound:.3f}, gap {polished.gap:.1%}"
        show(rows, f"CP-SAT, {seconds:g} s", seconds * 1000, None, note)


def show(
    rows: list[dict[str, Any]], name: str, ms: float, budget: float | None, note: str = ""
) -> None:
    limit = f"≤ {budget:g}" if budget else ""
    print(f"{name:<40}{ms:>10.2f} ms  {limit:<8}{note}")
    rows.append({"what": name, "cpu_ms": round(ms, 3), "budget_ms": budget, "note": note})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--polish", type=float, default=20, help="seconds for CP-SAT, 0 for none")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    scores(rows)
    plans(rows, given.polish)
    OUT.mkdir(exist_ok=True)
    report = {"python": platform.python_version(), "machine": platform.machine(), "rows": rows}
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (OUT / "score.json").write_text(f"{text}\n", encoding="utf-8")
    late = [r["what"] for r in rows if r["budget_ms"] and r["cpu_ms"] > r["budget_ms"]]
    if late:
        print("over budget: " + ", ".join(late))
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
