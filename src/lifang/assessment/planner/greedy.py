"""Bundle greedy: the cheapest set of actions that lifts one measure one grade, the best such set first.

Taking single fixes by their gain stalls under step rules, since one fix seldom crosses a cut. What one
bundle mends elsewhere counts as well. After each choice only the measures that it touched are looked at
again; the others keep their last figure until they are about to be chosen (lazy greedy, Minoux 1978).
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from lifang.assessment.planner.problem import Action, Plan, Problem

#: how many grades ahead a bundle looks
AHEAD = 3
_TINY = 1e-12


@dataclass(frozen=True)
class _Bundle:
    ratio: float
    value: float
    actions: tuple[int, ...]


class _Search:
    """A plan in the making."""

    def __init__(
        self, problem: Problem, chosen: Iterable[int] = (), bias: Sequence[float] | None = None
    ) -> None:
        self.p = problem
        #: how much more or less each curve is liked than it should be, to look elsewhere
        self.bias = bias or [1.0] * len(problem.curves)
        self.mended = [0] * len(problem.curves)
        self.points = [0.0] * len(problem.curves)
        self.taken = [False] * len(problem.actions)
        self.order: list[int] = []
        self.left = problem.budget
        self.room = dict(problem.capacity)
        for a in chosen:
            self.take(a)

    def take(self, a: int) -> None:
        action = self.p.actions[a]
        self.taken[a] = True
        self.order.append(a)
        self.left -= action.effort
        if action.unit in self.room:
            self.room[action.unit] -= action.effort
        for m, weight in action.fixes:
            self.mended[m] += weight
            self.points[m] = self.p.curves[m](self.mended[m])

    def drop(self, a: int) -> None:
        action = self.p.actions[a]
        self.taken[a] = False
        self.order.remove(a)
        self.left += action.effort
        if action.unit in self.room:
            self.room[action.unit] += action.effort
        for m, weight in action.fixes:
            self.mended[m] -= weight
            self.points[m] = self.p.curves[m](self.mended[m])

    def gain(self, actions: Sequence[int]) -> float:
        more: dict[int, int] = {}
        for a in actions:
            for m, weight in self.p.actions[a].fixes:
                more[m] = more.get(m, 0) + weight
        return sum(self.p.curves[m](self.mended[m] + w) - self.points[m] for m, w in more.items())

    def allowed(self, actions: Sequence[int]) -> bool:
        effort = 0
        by_unit: dict[str, int] = {}
        for a in actions:
            action = self.p.actions[a]
            effort += action.effort
            if action.unit in self.room:
                by_unit[action.unit] = by_unit.get(action.unit, 0) + action.effort
        return effort <= self.left and all(e <= self.room[u] for u, e in by_unit.items())

    def bundles(self, m: int) -> Iterable[tuple[int, ...]]:
        """Cheapest sets that reach the next goals of curve ``m``, by effort for weight."""
        curve, have = self.p.curves[m], self.mended[m]
        goals = [g for g in curve.goals if g > have][:AHEAD]
        if not goals:
            return
        picked: list[tuple[int, int]] = []
        got, at = have, 0
        actions, room = self.p.actions, self.room
        for a, weight in self.p.touching[m]:
            if self.taken[a] or actions[a].effort > self.left:
                continue
            if room and actions[a].effort > room.get(actions[a].unit, actions[a].effort):
                continue
            picked.append((a, weight))
            got += weight
            while at < len(goals) and got >= goals[at]:
                yield tuple(_pruned(picked, got - goals[at], actions))
                at += 1
            if at == len(goals):
                return
        if picked:
            yield tuple(a for a, _w in picked)

    def best(self, m: int) -> _Bundle | None:
        """The best bundle of curve ``m`` that is allowed; bundles are tried whole and by their first action."""
        found: _Bundle | None = None
        tried: set[tuple[int, ...]] = set()
        for bundle in self.bundles(m):
            for actions in (bundle, bundle[:1]):
                if actions in tried or not self.allowed(actions):
                    continue
                tried.add(actions)
                value = self.gain(actions)
                effort = sum(self.p.actions[a].effort for a in actions)
                ratio = self.bias[m] * (value / effort if effort else value * 1e9)
                if value > _TINY and (found is None or ratio > found.ratio):
                    found = _Bundle(ratio, value, actions)
        return found

    def fill(self) -> None:
        """Take bundles, best first, until none is left that wins anything."""
        heap: list[tuple[float, int, int]] = []
        version = [0] * len(self.p.curves)
        known: list[_Bundle | None] = [None] * len(self.p.curves)

        def look(m: int) -> None:
            version[m] += 1
            known[m] = found = self.best(m)
            if found:
                heapq.heappush(heap, (-found.ratio, m, version[m]))

        for m in range(len(self.p.curves)):
            look(m)
        while heap:
            _ratio, m, seen = heapq.heappop(heap)
            bundle = known[m]
            if seen != version[m] or bundle is None:
                continue
            fresh = not any(self.taken[a] for a in bundle.actions) and self.allowed(bundle.actions)
            value = self.gain(bundle.actions) if fresh else 0.0
            if not fresh or value < bundle.value * (1 - 1e-9):
                look(m)  # something else has taken part of it
                continue
            for a in bundle.actions:
                self.take(a)
            for other in {k for a in bundle.actions for k, _w in self.p.actions[a].fixes}:
                look(other)

    def trim(self) -> None:
        """Give back what wins nothing, the dearest first."""
        kept = set(self.p.must)
        for a in sorted(self.order, key=lambda a: (-self.p.actions[a].effort, a)):
            if a in kept or not self.p.actions[a].effort:
                continue
            loss = sum(
                self.points[m] - self.p.curves[m](self.mended[m] - w)
                for m, w in self.p.actions[a].fixes
            )
            if loss <= _TINY:
                self.drop(a)

    @property
    def value(self) -> float:
        return sum(self.points)


def _pruned(picked: Sequence[tuple[int, int]], spare: int, actions: Sequence[Action]) -> list[int]:
    """Leave out what the goal does not need, the heaviest effort first."""
    kept = [a for a, _w in picked]
    for a, weight in sorted(picked, key=lambda r: (-actions[r[0]].effort, r[1])):
        if weight <= spare:
            spare -= weight
            kept.remove(a)
    return kept


def solve(problem: Problem, *, rounds: int = 0, seed: int = 1) -> Plan | None:
    """A plan by bundle greedy; ``rounds`` times a part of it is taken back and filled anew, better ones kept.

    ``None`` where what must be done does not fit.
    """
    if not problem.fits(problem.must):
        return None
    search = _Search(problem, problem.must)
    search.fill()
    search.trim()
    search.fill()
    best, value = list(search.order), search.value
    rng = Random(seed)  # noqa: S311  (a search that anybody can repeat)
    must = set(problem.must)
    for _round in range(rounds):
        free = [a for a in best if a not in must]
        if not free:
            break
        share = 0.1 + 0.5 * rng.random()
        out = set(rng.sample(free, max(1, int(len(free) * share))))
        bias = [0.5 + rng.random() for _curve in problem.curves]
        again = _Search(problem, [a for a in best if a not in out], bias)
        again.fill()
        again.trim()
        again.fill()
        if again.value > value + _TINY:
            best, value = list(again.order), again.value
    return Plan(_ordered(problem, best), value, problem.effort(best), "greedy")


def _ordered(problem: Problem, chosen: Sequence[int]) -> tuple[int, ...]:
    """What must be done first; then as chosen: bundles stay together, the best first."""
    must = set(problem.must)
    return (*problem.must, *(a for a in chosen if a not in must))


def ordered(problem: Problem, chosen: Sequence[int]) -> tuple[int, ...]:
    """The same actions in the order in which they are best taken, should time run out."""
    search, kept = _Search(problem), set(chosen)
    for a in range(len(problem.actions)):
        search.taken[a] = a not in kept
    for a in problem.must:
        search.take(a)
    search.fill()
    left = [a for a in chosen if not search.taken[a]]
    return (*search.order, *left)


def walk(problem: Problem, chosen: Iterable[int]) -> list[float]:
    """Points after each action."""
    search = _Search(problem)
    found = []
    for a in chosen:
        search.take(a)
        found.append(search.value)
    return found


def single(problem: Problem) -> Plan | None:
    """For comparison only: one fix at a time by its own gain for its effort."""
    if not problem.fits(problem.must):
        return None
    search = _Search(problem, problem.must)
    while True:
        best, ratio = None, 0.0
        for a, action in enumerate(problem.actions):
            if not search.taken[a] and search.allowed([a]):
                worth = search.gain([a]) / max(1, action.effort)
                if worth > ratio + _TINY:
                    best, ratio = a, worth
        if best is None:
            break
        search.take(best)
    return Plan(tuple(search.order), search.value, problem.effort(search.order), "single")
