"""A composite index from three tables: structure, weights, values. Pure, and not tied to our editions.

A node's value is the weighted mean of its children's, from the leaves up (OECD/JRC, *Handbook on
Constructing Composite Indicators*, 2008, steps 6 and 7). Arithmetic is Decimal with 40 digits.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import Literal

Mean = Literal["arithmetic", "geometric", "harmonic"]
Missing = Literal["drop", "zero", "fail"]
MEANS: tuple[Mean, ...] = ("arithmetic", "geometric", "harmonic")
MISSING: tuple[Missing, ...] = ("drop", "zero", "fail")
CONTEXT = Context(prec=40, Emax=999_999, Emin=-999_999)
#: weights with more units than this in common go through logarithms
_MOST_UNITS = 100_000

#: ``{case: {code: value}}``; ``None`` is a node of which nothing is known
Scores = dict[str, dict[str, Decimal | None]]


@dataclass(frozen=True)
class Group:
    """A node with children: their codes, and the weight of each as whole units of a common measure."""

    code: str
    children: tuple[str, ...]
    weights: tuple[int, ...]
    mean: Mean


@dataclass(frozen=True)
class Tree:
    """A checked structure. ``groups`` stand children first, so that one pass computes everything."""

    codes: tuple[str, ...]
    groups: tuple[Group, ...]
    parents: Mapping[str, str]
    leaves: frozenset[str] = field(default_factory=frozenset)

    @property
    def roots(self) -> list[str]:
        return [c for c in self.codes if c not in self.parents]

    def depth(self, code: str) -> int:
        """0 for a root."""
        steps = 0
        while code in self.parents:
            code, steps = self.parents[code], steps + 1
        return steps

    def walk(self) -> list[str]:
        """Codes as a reader wants them: parent, then its children."""
        below: dict[str, tuple[str, ...]] = {g.code: g.children for g in self.groups}
        stack, order = self.roots[::-1], []
        while stack:
            code = stack.pop()
            order.append(code)
            stack.extend(below.get(code, ())[::-1])
        return order


def tree(
    parents: Sequence[tuple[str, str]],
    weights: Mapping[str, Decimal],
    *,
    mean: Mean = "arithmetic",
    means: Mapping[str, Mean] | None = None,
) -> Tree:
    """Build from checked rows ``(code, parent or "")``; siblings without any weight weigh the same.

    ``means`` gives single nodes a mean of their own.
    """
    known = {code: parent for code, parent in parents if parent}
    below: dict[str, list[str]] = {}
    for code, parent in parents:
        if parent:
            below.setdefault(parent, []).append(code)
    groups = []
    for code in _children_first([c for c, _p in parents], below):
        children = tuple(below[code])
        given = [weights.get(c, Decimal(1)) for c in children]
        groups.append(Group(code, children, units(given), (means or {}).get(code, mean)))
    codes = tuple(code for code, _parent in parents)
    return Tree(codes, tuple(groups), known, frozenset(codes) - below.keys())


def _children_first(codes: Iterable[str], below: Mapping[str, list[str]]) -> list[str]:
    order: list[str] = []
    done: set[str] = set()
    for first in codes:
        stack = [(first, False)]
        while stack:
            code, left = stack.pop()
            if left:
                order.append(code)
            elif code in below and code not in done:
                done.add(code)
                stack.append((code, True))
                stack.extend((c, False) for c in below[code])
    return order


def units(weights: Sequence[Decimal]) -> tuple[int, ...]:
    """Weights as whole numbers in the same proportions: ``0.25, 0.5`` is ``1, 2``."""
    ratios = [w.as_integer_ratio() for w in weights]
    scale = math.lcm(*(d for _n, d in ratios))
    whole = [n * (scale // d) for n, d in ratios]
    common = math.gcd(*whole) or 1
    return tuple(n // common for n in whole)


def roll_up(
    over: Tree, values: Mapping[str, Mapping[str, Decimal]], *, missing: Missing = "drop"
) -> Scores:
    """Every node of every case. Leaves that are absent follow ``missing``.

    ``drop``: weights are normalised among the children that are present; a node without a present
    child, or with present ones of weight 0 only, is itself missing. ``zero``: an absent leaf is 0.
    ``fail``: the caller has refused absent leaves before.
    """
    out: Scores = {}
    with localcontext(CONTEXT):
        for case, given in values.items():
            found: dict[str, Decimal | None] = {}
            for code in over.codes:
                if code in over.leaves:
                    found[code] = given.get(code, Decimal(0) if missing == "zero" else None)
            for group in over.groups:
                present = [
                    (value, weight)
                    for code, weight in zip(group.children, group.weights, strict=True)
                    if weight and (value := found[code]) is not None
                ]
                found[group.code] = _MEAN[group.mean](present) if present else None
            out[case] = {code: found[code] for code in over.codes}
    return out


Weighted = list[tuple[Decimal, int]]


def _arithmetic(of: Weighted) -> Decimal:
    return sum((x * w for x, w in of), Decimal(0)) / sum(w for _x, w in of)


def _harmonic(of: Weighted) -> Decimal:
    """Zero where one value is zero: the limit."""
    if any(x == 0 for x, _w in of):
        return Decimal(0)
    return Decimal(sum(w for _x, w in of)) / sum((w / x for x, w in of), Decimal(0))


def _geometric(of: Weighted) -> Decimal:
    if any(x == 0 for x, _w in of):
        return Decimal(0)
    first = of[0][0]
    if all(x == first for x, _w in of):
        return +first
    whole = math.gcd(*(w for _x, w in of))
    total = sum(w for _x, w in of) // whole
    floats = [(float(x), w // whole) for x, w in of]
    if total > _MOST_UNITS or any(not 1e-200 < f < 1e200 for f, _w in floats):
        return (sum((x.ln() * (w // whole) for x, w in of), Decimal(0)) / total).exp()
    # the root of a product: Newton's method from a floating guess squares its error, 1e-15, twice
    product = Decimal(1)
    for x, w in of:
        product *= x ** (w // whole)
    root = Decimal(math.exp(math.fsum(w * math.log(f) for f, w in floats) / total))
    for _again in range(2):
        root += root * (product / root**total - 1) / total
    return root


_MEAN = {"arithmetic": _arithmetic, "geometric": _geometric, "harmonic": _harmonic}
