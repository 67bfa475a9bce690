"""Who lost how much where the loss is a step and not a sum (Shapley 1953; Shorrocks 2013).

The game: a set of faults, each of a whole weight; the loss of a subset depends on the sum of its weights
only. Equal weights get equal shares; others are counted exactly over subset sizes and sums.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb, factorial

#: cells of the table of subsets beyond which shares follow the weights instead
MOST_CELLS = 2_000_000

Loss = Callable[[int], Fraction]


def shares(weights: Sequence[int], loss: Loss) -> tuple[list[Fraction], bool]:
    """(each fault's share, whether it is the exact Shapley value). Shares add up to ``loss(sum)``.

    ``loss`` maps a sum of weights to what is lost, with ``loss(0) == 0``.
    """
    total = loss(sum(weights))
    if not weights:
        return [], True
    groups = Counter(weights)
    if len(groups) == 1 or total == 0:
        return [total / len(weights)] * len(weights), True
    cells = len(weights) * sum(weights) * len(groups)
    if cells > MOST_CELLS:
        whole = sum(weights)
        return [total * w / whole for w in weights], False
    value = {w: _value(w, groups, loss) for w in groups}
    return [value[w] for w in weights], True


def _value(weight: int, groups: Counter[int], loss: Loss) -> Fraction:
    """The Shapley value of one fault of ``weight`` among ``groups`` (weight → how many)."""
    n = groups.total()
    others = groups - Counter([weight])
    # ways[s][m]: subsets of the others with s members whose weights sum to m
    ways: list[dict[int, int]] = [{0: 1}] + [{} for _i in range(n - 1)]
    top = 0
    for w, count in others.items():
        after: list[dict[int, int]] = [{} for _i in range(n)]
        for size in range(top + 1):
            for taken in range(count + 1):
                times = comb(count, taken)
                target = after[size + taken]
                for m, found in ways[size].items():
                    key = m + taken * w
                    target[key] = target.get(key, 0) + found * times
        ways = after
        top += count
    whole = factorial(n)
    result = Fraction(0)
    known: dict[int, Fraction] = {}
    for size, sums in enumerate(ways):
        times = factorial(size) * factorial(n - size - 1)
        for m, found in sums.items():
            if m not in known:
                known[m] = loss(m + weight) - loss(m)
            if known[m]:
                result += known[m] * found * times
    return result / whole
