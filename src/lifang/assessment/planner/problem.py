"""The planner's question: actions that mend, curves of what mending earns, limits.

A curve gives the points of one measure by how much of its failing weight is mended: a staircase for steps, a
line for shares, a bent line for what is expected of the next draw. It never falls.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise


@dataclass(frozen=True)
class Curve:
    """Points gained by weight mended, from (0, 0) on. A jump is two knots with the same weight.

    Between knots the line is straight; beyond the last one it stays.
    """

    key: str
    knots: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        xs = [x for x, _y in self.knots]
        ys = [y for _x, y in self.knots]
        if self.knots[:1] != ((0, 0.0),):
            raise ValueError(f"{self.key}: a curve starts at weight 0")
        if xs != sorted(xs) or any(b < a - 1e-9 for a, b in pairwise(ys)):
            raise ValueError(f"{self.key}: a curve never turns back")

    @cached_property
    def xs(self) -> list[int]:
        return [x for x, _y in self.knots]

    @cached_property
    def most(self) -> float:
        """What it gives when all is mended."""
        return self.knots[-1][1]

    @cached_property
    def goals(self) -> list[int]:
        """Weights at which something is reached: jumps and bends."""
        return sorted({x for x in self.xs if x})

    def __call__(self, x: int) -> float:
        at = bisect_right(self.xs, x)
        if at == len(self.knots):
            return self.most
        (x0, y0), (x1, y1) = self.knots[at - 1], self.knots[at]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


@dataclass(frozen=True)
class Action:
    """One visit, one document, one class of problem. ``fixes``: (curve's place in the problem, weight)."""

    key: str
    effort: int
    fixes: tuple[tuple[int, int], ...]
    unit: str = ""
    must: bool = False
    #: facts that are mended (this mock), or what is done (the next draw)
    facts: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Problem:
    """Everything a planner needs. Efforts are whole numbers of the smallest unit of effort."""

    curves: tuple[Curve, ...]
    actions: tuple[Action, ...]
    budget: int
    #: most effort of a unit; a unit that is not named has no limit of its own
    capacity: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def touching(self) -> list[list[tuple[int, int]]]:
        """By curve: (action, weight), the most weight for the effort first."""
        found: list[list[tuple[int, int]]] = [[] for _c in self.curves]
        for a, action in enumerate(self.actions):
            for m, weight in action.fixes:
                if weight > 0:
                    found[m].append((a, weight))
        for m, rows in enumerate(found):
            found[m] = sorted(rows, key=lambda r: (self.actions[r[0]].effort / r[1], r[0]))
        return found

    def value(self, chosen: Iterable[int]) -> float:
        """Points won by a set of actions."""
        mended = [0] * len(self.curves)
        for a in chosen:
            for m, weight in self.actions[a].fixes:
                mended[m] += weight
        return sum(curve(x) for curve, x in zip(self.curves, mended, strict=True) if x)

    def effort(self, chosen: Iterable[int]) -> int:
        return sum(self.actions[a].effort for a in chosen)

    def fits(self, chosen: Sequence[int]) -> bool:
        """Within the budget and every unit's capacity."""
        by_unit: dict[str, int] = {}
        for a in chosen:
            action = self.actions[a]
            by_unit[action.unit] = by_unit.get(action.unit, 0) + action.effort
        return sum(by_unit.values()) <= self.budget and all(
            effort <= self.capacity.get(unit, effort) for unit, effort in by_unit.items()
        )

    @cached_property
    def must(self) -> tuple[int, ...]:
        return tuple(a for a, action in enumerate(self.actions) if action.must)


@dataclass(frozen=True)
class Plan:
    """Actions in the order in which they are best taken, what they win and the most that anything could.

    ``bound``: no plan wins more, where that is known; ``gap`` is then what is at most left, as a share.
    """

    chosen: tuple[int, ...]
    value: float
    effort: int
    how: str
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        if self.bound is None:
            return None
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0

    @property
    def proven(self) -> bool:
        return self.gap is not None and self.gap < 1e-6
