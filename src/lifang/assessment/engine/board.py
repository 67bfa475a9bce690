"""All observations of a round as arrays: whole recomputations and all single gains in milliseconds.

For what-if: sliders, sorted lists of what to mend, simulations. Floating point, the same as the exact engine
to 1e-9. Needs numpy (extra ``score``).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.engine.quick import LAST_BITS
from lifang.assessment.engine.result import Result
from lifang.core.errors import Invalid
from lifang.standards.editions.kinds import AllOrNothing, Deduct, LinearClamp, Step

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

NOT_SEEN, PASS, FAIL = 0, 1, 2
_BY = {"pass_rate": 0, "site_rate": 1, "site_pass": 2}
#: how a measure's x is made; beyond ``_BY`` the rules that have no x
_DEDUCT_ALL, _DEDUCT_SITE, _ALL = 3, 4, 5


def numpy() -> Any:
    """The library, or a refusal that says how to get it."""
    try:
        import numpy as np
    except ImportError:
        told = _("缺少程序包 %(name)s，请先安装：pip install 'lifang[%(extra)s]'")
        raise Invalid("score.numpy", told % {"name": "numpy", "extra": "score"}) from None
    return np


class Board:
    """Observations in force against the field measures of a result.

    ``weights``: points that hang on each measure (see ``Predictor.weights``). ``states``: one of
    ``NOT_SEEN``, ``PASS``, ``FAIL`` an observation, in the order of :attr:`ids`.

    An observation and a measure that it feeds are a *link*. Links of measures that count all observations
    together stand first, grouped by measure; then those of measures that count places, by measure and place.
    """

    def __init__(
        self,
        plan: Plan,
        observations: Iterable[Observation],
        weights: dict[Key, float],
        result: Result,
    ) -> None:
        np = self._np = numpy()
        rules = {(n.code, m.key): m.rule for n in plan.edition.leaves for m in n.measures}
        keys = [
            (leaf.code, m.key)
            for leaf in plan.edition.leaves
            for m in leaf.measures
            if m.method == "field" and (leaf.code, m.key) in weights
        ]
        self.keys: list[Key] = sorted(keys, key=lambda k: _by_place(rules[k]))
        self._pooled = sum(not _by_place(rules[k]) for k in self.keys)
        index = {key: i for i, key in enumerate(self.keys)}
        kept = sorted(observations, key=lambda o: o.id)
        self.ids = [o.id for o in kept]
        codes = {"na": NOT_SEEN, "pass": PASS, "fail": FAIL}
        self.states = np.array([codes[o.state] for o in kept], dtype=np.uint8)
        self._link(plan, kept, index)
        self._points = np.array([weights[key] for key in self.keys])
        self._rules([rules[key] for key in self.keys])
        now = {(c, k): float(o.r) for c, leaf in result.leaves.items() for k, o in leaf.outcomes}
        self._now = np.array([now[key] for key in self.keys])
        whole = float(result.nodes[""].earned)
        self._fixed = whole - float((self._points * self._now).sum())

    def _link(self, plan: Plan, kept: list[Observation], index: dict[Key, int]) -> None:
        np = self._np
        links: list[tuple[int, int, int, float, float]] = []
        places: dict[str, int] = {}
        for at, o in enumerate(kept):
            place = places.setdefault(o.site, len(places))
            kind = plan.round.sites[o.site].type
            for key in plan.feeds.get((o.item, kind), ()):
                if key in index:
                    m, scale = index[key], plan.asked[key].scale
                    weight = plan.asked[key].weight_of[o.item, kind]
                    faults = weight * max(1, o.count) / scale
                    links.append((m, place if m >= self._pooled else 0, at, weight, faults))
        links.sort()
        table = np.array(links, dtype=np.float64).reshape(-1, 5)
        self._obs = table[:, 2].astype(np.int32)
        self._weight, self._faults = table[:, 3].copy(), table[:, 4].copy()
        self._measure = table[:, 0].astype(np.int32)
        #: links of measures that count all together
        self._n = int(np.searchsorted(self._measure, self._pooled))
        new = np.ones(len(table), dtype=bool)
        new[1:] = (np.diff(table[:, 0]) != 0) | (np.diff(table[:, 1]) != 0)
        starts = np.flatnonzero(new)
        split = int(np.searchsorted(starts, self._n))
        self._groups, self._pairs = starts[:split], starts[split:] - self._n
        self._group_of = self._measure[self._groups]
        self._pair_of = np.cumsum(new[self._n :]) - 1
        self._pair_measure = self._measure[self._n :][self._pairs]
        # links alike in measure, weight and faults gain alike: they are worked out once
        alike = table[: self._n][:, [0, 3, 4]]
        kinds, self._class_of = np.unique(alike, axis=0, return_inverse=True)
        self._class_of = self._class_of.reshape(-1).astype(np.int32)
        self._class_measure = kinds[:, 0].astype(np.int32)
        self._class_weight, self._class_faults = kinds[:, 1], kinds[:, 2]

    def _rules(self, rules: list[Any]) -> None:
        np, n = self._np, len(rules)
        self._kind = np.zeros(n, dtype=np.intp)
        self._linear = np.zeros(n, dtype=bool)
        self._lost = np.zeros(n)
        most = max([len(r.cuts) for r in rules if isinstance(r, Step)], default=0)
        self._cuts = np.full((n, most), np.inf)
        self._jumps = np.zeros((n, most))
        self._lo, self._span = np.zeros(n), np.ones(n)
        self._full, self._each = np.ones(n), np.zeros(n)
        self._floor, self._cap = np.zeros(n), np.full(n, np.inf)
        for i, rule in enumerate(rules):
            match rule:
                case Step():
                    self._kind[i] = _BY[rule.by]
                    self._lo[i] = float(rule.otherwise)
                    self._lost[i] = LAST_BITS if rule.by == "site_rate" else 0.0
                    below = [*(v for _c, v in rule.cuts[1:]), rule.otherwise]
                    for k, ((cut, value), under) in enumerate(zip(rule.cuts, below, strict=True)):
                        self._cuts[i, k] = float(cut)
                        self._jumps[i, k] = float(value - under)
                case LinearClamp():
                    self._kind[i], self._linear[i] = _BY[rule.by], True
                    self._lo[i], self._span[i] = float(rule.lo), float(rule.hi - rule.lo)
                case Deduct():
                    self._kind[i] = _DEDUCT_ALL if rule.per == "all" else _DEDUCT_SITE
                    self._full[i], self._each[i] = float(rule.full), float(rule.each)
                    self._floor[i] = float(rule.floor)
                    if rule.site_cap is not None and rule.per == "site":
                        self._cap[i] = float(rule.site_cap)
                case AllOrNothing():
                    self._kind[i] = _ALL

    def _through(self, x: "Array", at: "Array | slice") -> "Array":
        """x through the rules of measures ``at``."""
        np = self._np
        line = np.clip((x - self._lo[at]) / self._span[at], 0.0, 1.0)
        step = self._lo[at] + ((x[:, None] >= self._cuts[at]) * self._jumps[at]).sum(axis=1)
        return np.where(self._linear[at], line, step)  # type: ignore[no-any-return]

    def _kept(self, faults: "Array", at: "Array | slice") -> "Array":
        """What is left of 1 after deductions."""
        np = self._np
        lost = np.minimum(self._each[at] * faults, self._cap[at])
        return np.maximum(self._floor[at], self._full[at] - lost) / self._full[at]  # type: ignore[no-any-return]

    def look(self, states: "Array | None" = None) -> "Look":
        """Everything as it is with ``states``."""
        return Look(self, self.states if states is None else states)

    def score(self, states: "Array | None" = None) -> float:
        """The base score (before bonus and other editions)."""
        return self.look(states).score

    def gains(self, states: "Array | None" = None) -> "Array":
        """For every observation, the points that come back if it alone turned to a pass (0 if it did pass)."""
        return self.look(states).gains()


class Look:
    """A board with one set of states: r of every measure, the score, all single gains."""

    def __init__(self, board: Board, states: "Array") -> None:
        np, b = board._np, board
        self.board = b
        state = states[b._obs]
        self.bad = state == FAIL
        n, size = len(b.keys), b._n
        self.passed, self.failed, self.faults = np.zeros(n), np.zeros(n), np.zeros(n)
        passes = b._weight * (state == PASS)
        fails = b._weight * self.bad
        deducts = bool(((b._kind == _DEDUCT_ALL) | (b._kind == _DEDUCT_SITE)).any())
        faults = b._faults * self.bad if deducts else fails
        if size:
            at, groups = b._group_of, b._groups
            self.passed[at] = np.add.reduceat(passes[:size], groups)
            self.failed[at] = np.add.reduceat(fails[:size], groups)
            self.faults[at] = np.add.reduceat(faults[:size], groups) if deducts else 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            self.x = self.passed / (self.passed + self.failed)
            if len(b._pairs):
                self._places(passes[size:], fails[size:], faults[size:])
            r = b._through(self.x + b._lost, slice(None))
            if deducts:
                together = np.maximum(b._floor, b._full - b._each * self.faults) / b._full
                r = np.where(b._kind == _DEDUCT_ALL, together, r)
                r = np.where(b._kind == _DEDUCT_SITE, self.x, r)
            r = np.where(b._kind == _ALL, (self.failed == 0).astype(float), r)
        self.r = np.where(self.passed + self.failed > 0, r, b._now)

    def _places(self, passes: "Array", fails: "Array", faults: "Array") -> None:
        np, b = self.board._np, self.board
        self.p = np.add.reduceat(passes, b._pairs)
        self.f = np.add.reduceat(fails, b._pairs)
        self.c = np.add.reduceat(faults, b._pairs)
        m, n = b._pair_measure, len(b.keys)
        self.seen = self.p + self.f
        live = self.seen > 0
        kind = b._kind[m]
        rate = np.where(kind == 1, self.p / self.seen, (self.f == 0).astype(float))
        deducted = kind == _DEDUCT_SITE
        if deducted.any():
            rate[deducted] = b._kept(self.c[deducted], m[deducted])
        rate[~live] = 0.0
        self.places = np.bincount(m, live, n)
        own = slice(b._pooled, n)
        self.x[own] = (np.bincount(m, rate, n) / self.places)[own]
        self.passed[own] = np.bincount(m, self.p, n)[own]
        self.failed[own] = np.bincount(m, self.f, n)[own]

    @property
    def score(self) -> float:
        b = self.board
        return b._fixed + float((b._points * self.r).sum())

    def gains(self) -> "Array":
        np, b = self.board._np, self.board
        bad = np.flatnonzero(self.bad)
        split = int(np.searchsorted(bad, b._n))
        pooled, apart = bad[:split], bad[split:]
        gain = np.concatenate([self._together()[b._class_of[pooled]], self._apart(apart)])
        return np.bincount(b._obs[bad], gain, len(b.ids))  # type: ignore[no-any-return]

    def _worth(self, after: "Array", m: "Array") -> "Array":
        np, b = self.board._np, self.board
        return b._points[m] * np.maximum(0.0, after - self.r[m])  # type: ignore[no-any-return]

    def _together(self) -> "Array":
        """The gain of a failed link of each class."""
        np, b = self.board._np, self.board
        m, w = b._class_measure, b._class_weight
        with np.errstate(divide="ignore", invalid="ignore"):
            x = self.x[m] + w / (self.passed + self.failed)[m]
        # a cut that is met exactly must not be missed for the last bit of a sum
        after = b._through(x + LAST_BITS, m)
        kind = b._kind[m]
        left = np.maximum(b._floor[m], b._full[m] - b._each[m] * (self.faults[m] - b._class_faults))
        after = np.where(kind == _DEDUCT_ALL, left / b._full[m], after)
        # weights are whole numbers: the last fault is the one that weighs all that failed
        after = np.where(kind == _ALL, (self.failed[m] == w).astype(float), after)
        return self._worth(np.nan_to_num(after), m)

    def _apart(self, bad: "Array") -> "Array":
        np, b = self.board._np, self.board
        if not len(bad):
            return np.zeros(0)  # type: ignore[no-any-return]
        m, pair, w = b._measure[bad], b._pair_of[bad - b._n], b._weight[bad]
        kind, places = b._kind[m], self.places[m]
        rise = np.where(kind == 1, w / self.seen[pair], (self.f[pair] == w).astype(float)) / places
        after = b._through(self.x[m] + rise + LAST_BITS, m)
        deducted = np.flatnonzero(kind == _DEDUCT_SITE)
        if len(deducted):
            md, mine = m[deducted], self.c[pair[deducted]]
            less = b._kept(mine - b._faults[bad[deducted]], md) - b._kept(mine, md)
            after[deducted] = self.r[md] + less / places[deducted]
        return self._worth(after, m)


def _by_place(rule: object) -> bool:
    """Whether a rule looks at places one by one."""
    return (isinstance(rule, Step | LinearClamp) and rule.by != "pass_rate") or (
        isinstance(rule, Deduct) and rule.per == "site"
    )
