"""CP-SAT over the whole question, starting from a plan; says how far from the best it may still be.

Needs OR-Tools (extra ``planner``). Curves are modelled exactly: a switch for each knot, reached only if
that much is mended, and a slope between knots. The bound is the better of the solver's own and that of a linear
programme in which every curve is replaced by its concave hull and actions may be taken in part.
"""

from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from lifang.assessment.planner.problem import Curve, Plan, Problem
from lifang.core.errors import Invalid

#: points are whole numbers of a millionth for the solver
SCALE = 1_000_000


def solver() -> Any:
    """The library, or a refusal that says how to get it."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        told = _("缺少程序包 %(name)s，请先安装：pip install 'lifang[%(extra)s]'")
        raise Invalid("score.ortools", told % {"name": "ortools", "extra": "planner"}) from None
    return cp_model


def solve(
    problem: Problem, start: Plan | None, *, seconds: float = 10, workers: int = 1, seed: int = 1
) -> Plan | None:
    """The better of ``start`` and what is found in ``seconds``, with the bound; ``None``: nothing fits."""
    cp = solver()
    model = cp.CpModel()
    take = [model.new_bool_var(f"a{a}") for a in range(len(problem.actions))]
    for a in problem.must:
        model.add(take[a] == 1)
    model.add(
        sum(action.effort * take[a] for a, action in enumerate(problem.actions)) <= problem.budget
    )
    for unit, most in problem.capacity.items():
        mine = [
            action.effort * take[a]
            for a, action in enumerate(problem.actions)
            if action.unit == unit
        ]
        if mine:
            model.add(sum(mine) <= most)
    gains: list[Any] = []
    for m, curve in enumerate(problem.curves):
        rows = problem.touching[m]
        if rows and curve.most > 0:
            whole = sum(w for _a, w in rows)
            mended = sum(w * take[a] for a, w in rows)
            gains += _gains(cp, model, curve, mended, whole, f"m{m}")
    model.maximize(sum(gains))
    if start is not None:
        chosen = set(start.chosen)
        for a, variable in enumerate(take):
            model.add_hint(variable, a in chosen)
    machine = cp.CpSolver()
    machine.parameters.max_time_in_seconds = seconds
    machine.parameters.num_workers = workers
    machine.parameters.random_seed = seed
    machine.parameters.linearization_level = 2  # bounds of staircases come from their linear hulls
    status = machine.solve(model)
    if status == cp.INFEASIBLE:
        return None
    bound = min(machine.best_objective_bound / SCALE + _hidden(problem), relaxed(problem))
    found = start
    if status in (cp.OPTIMAL, cp.FEASIBLE):
        taken = tuple(a for a, variable in enumerate(take) if machine.value(variable))
        value = problem.value(taken)
        if found is None or value > found.value + 1e-9:
            found = Plan(taken, value, problem.effort(taken), "cp-sat")
    if found is None:
        return None
    how = found.how if found.how == "cp-sat" else f"{found.how}+cp-sat"
    bound = max(bound, found.value)
    if status == cp.OPTIMAL and bound <= found.value + _hidden(problem):
        bound = found.value
    return Plan(found.chosen, found.value, found.effort, how, bound=bound)


def _hidden(problem: Problem) -> float:
    """What the solver may not see: points cut to millionths, and the last grain of each segment."""
    hidden = 0.0
    for curve in problem.curves:
        for (x0, y0), (x1, y1) in pairwise(curve.knots):
            if x1 > x0 and y1 > y0:
                grain = max(1, (x1 - x0) // 10_000)
                hidden += (y1 - y0) * (grain - 1) / (x1 - x0)
                hidden += min(y1 - y0, 0.5 / SCALE * (x1 - x0) / grain)
            elif y1 > y0:
                hidden += 0.5 / SCALE
    return hidden


def relaxed(problem: Problem) -> float:
    """No plan wins more: the optimum with concave curves and divisible actions."""
    solver()
    from ortools.linear_solver import pywraplp

    lp = pywraplp.Solver.CreateSolver("GLOP")
    take = [lp.NumVar(float(a.must), 1.0, "") for a in problem.actions]
    lp.Add(sum(a.effort * x for a, x in zip(problem.actions, take, strict=True)) <= problem.budget)
    for unit, most in problem.capacity.items():
        mine = [a.effort * x for a, x in zip(problem.actions, take, strict=True) if a.unit == unit]
        if mine:
            lp.Add(sum(mine) <= most)
    gains = []
    for m, curve in enumerate(problem.curves):
        rows = problem.touching[m]
        if rows and curve.most > 0:
            mended = sum(w * take[a] for a, w in rows)
            gain = lp.NumVar(0.0, curve.most, "")
            for (x0, y0), (x1, y1) in pairwise(_hull(curve)):
                lp.Add(gain <= y0 + (y1 - y0) / (x1 - x0) * (mended - x0))
            gains.append(gain)
    if not gains:
        return 0.0
    lp.Maximize(sum(gains))
    if lp.Solve() != pywraplp.Solver.OPTIMAL:
        return sum(curve.most for curve in problem.curves)
    # curves never fall: nothing beats mending everything
    everything = problem.value(range(len(problem.actions)))
    return min(everything, float(lp.Objective().Value()) * (1 + 1e-7) + 1e-7)


def _hull(curve: Curve) -> list[tuple[int, float]]:
    """The upper concave hull of a curve's knots."""
    top: dict[int, float] = {}
    for x, y in curve.knots:
        top[x] = max(y, top.get(x, 0.0))
    hull: list[tuple[int, float]] = []
    for x, y in top.items():
        while len(hull) > 1:
            (x0, y0), (x1, y1) = hull[-2:]
            if (y1 - y0) * (x - x0) > (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    return hull


def _gains(cp: Any, model: Any, curve: Curve, mended: Any, whole: int, name: str) -> list[Any]:
    """Terms of the objective of one curve."""
    terms: list[Any] = []
    reached: dict[int, Any] = {0: 1}
    for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(curve.knots)):
        if x0 not in reached:
            if x0 > whole:
                break
            reached[x0] = model.new_bool_var(f"{name}k{k}")
            model.add(mended >= x0 * reached[x0])
        if y1 <= y0:
            continue
        if x1 == x0:
            terms.append(round((y1 - y0) * SCALE) * reached[x0])
            continue
        length = min(x1, whole) - x0
        if length <= 0:
            continue
        # parts of a segment: fine enough for a ten-thousandth of its rise, coarse enough for whole slopes
        grain = max(1, (x1 - x0) // 10_000)
        slope = round((y1 - y0) / (x1 - x0) * grain * SCALE)
        part = model.new_int_var(0, length // grain, f"{name}s{k}")
        model.add(part <= (length // grain) * reached[x0])
        if x0:
            # filled only from its own beginning on
            model.add(grain * part <= mended - x0 + (x0 + length) * (1 - reached[x0]))
        else:
            model.add(grain * part <= mended)
        terms.append(slope * part)
    return terms
