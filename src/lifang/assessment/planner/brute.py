"""Every plan there is, for a dozen actions: proven, and the yardstick of the others."""

from lifang.assessment.planner.problem import Plan, Problem

MOST = 16


def solve(problem: Problem) -> Plan | None:
    """The best plan, the cheapest of equals. ``None`` where what must be done does not fit."""
    n = len(problem.actions)
    if n > MOST:
        raise ValueError(f"{n} actions are too many to try every plan")
    must = sum(1 << a for a in problem.must)
    best: tuple[float, int, list[int]] | None = None
    for mask in range(1 << n):
        if mask & must != must:
            continue
        chosen = [a for a in range(n) if mask >> a & 1]
        if not problem.fits(chosen):
            continue
        value, effort = problem.value(chosen), problem.effort(chosen)
        if best is None or value > best[0] + 1e-9 or (value > best[0] - 1e-9 and effort < best[1]):
            best = (value, effort, chosen)
    if best is None:
        return None
    value, effort, chosen = best
    return Plan(tuple(chosen), value, effort, "all", bound=value)
