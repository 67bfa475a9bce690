"""The next official draw, foretold: finite populations completed from what was seen, drawn again, scored.

Places are drawn whole, so what goes together at one place stays together. What was not visited is filled in
by Pólya's urn over the places of the same type and district that were (Ghosh & Meeden 1997); one more ball
stands for a place nobody has seen, whose items fail with Jeffreys' chance (failed + ½) / (seen + 1), so that
no failure seen does not mean no failure possible. Deterministic in ``seed``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from django.utils.translation import gettext as _

from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.losses import hanging
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.engine.quick import Row, compiled
from lifang.assessment.engine.result import Result
from lifang.core.errors import Invalid
from lifang.rounds.scope import Round, Stratum

#: what a place adds to each field measure
Effect = dict[Key, Row]
States = Sequence[tuple[str, str, int]]


@dataclass(frozen=True)
class Prediction:
    """Simulated base scores (before bonus and the other editions), one a draw, and r by measure.

    ``kept``: measures that no place of the frame feeds; they stay as they are.
    """

    scores: tuple[float, ...]
    rates: Mapping[Key, tuple[float, ...]]
    kept: tuple[Key, ...] = ()

    @property
    def mean(self) -> float:
        return sum(self.scores) / len(self.scores)

    def quantile(self, q: float) -> float:
        ordered = sorted(self.scores)
        return ordered[int(q * (len(ordered) - 1) + 0.5)]

    def chances(self, key: Key) -> dict[float, float]:
        """How likely each value of a measure is, best first."""
        values = self.rates[key]
        found: dict[float, float] = {}
        for value in values:
            found[value] = found.get(value, 0.0) + 1 / len(values)
        return dict(sorted(found.items(), reverse=True))


@dataclass
class _Urn:
    """Places of one stratum: what was seen, and how an unseen one is made up."""

    stratum: Stratum
    seen: list[Effect]
    own: int
    items: list[tuple[str, float, float]] = field(default_factory=list)


class Predictor:
    """Holds the urns of a round; :meth:`draw` simulates."""

    def __init__(self, plan: Plan, observations: Iterable[Observation], result: Result) -> None:
        self.plan = plan
        self.result = result
        self.measures = {
            (leaf.code, m.key): compiled(m.rule, plan.asked[leaf.code, m.key].scale)  # type: ignore[arg-type]
            for leaf in plan.edition.leaves
            for m in leaf.measures
            if m.method == "field"
        }
        by_site: dict[str, list[tuple[str, str, int]]] = {}
        for o in sorted(observations, key=lambda o: o.id):
            by_site.setdefault(o.site, []).append((o.item, o.state, o.count))
        self.urns = self._urns(by_site)
        self.fed = {key for urn in self.urns for effect in urn.seen for key in effect}

    def effect(self, site_type: str, states: States) -> Effect:
        """What a place with these states adds to the measures."""
        found: dict[Key, list[int]] = {}
        for item, state, count in states:
            if state == "na":
                continue
            for key in self.plan.feeds.get((item, site_type), ()):
                weight = self.plan.asked[key].weight_of[item, site_type]
                row = found.setdefault(key, [0, 0, 0])
                if state == "pass":
                    row[0] += weight
                else:
                    row[1] += weight
                    row[2] += weight * max(1, count)
        return {k: (p, f, c) for k, (p, f, c) in found.items()}

    def _urns(self, by_site: Mapping[str, States]) -> list[_Urn]:
        sites = self.plan.round.sites
        by_type: dict[str, list[str]] = {}
        for code in by_site:
            by_type.setdefault(sites[code].type, []).append(code)
        tallies: dict[str, dict[str, list[int]]] = {}
        for site_type, codes in by_type.items():
            tally = tallies.setdefault(site_type, {})
            for code in codes:
                for item, state, count in by_site[code]:
                    row = tally.setdefault(item, [0, 0, 0])
                    row[0] += state != "na"
                    row[1] += state == "fail"
                    row[2] += max(1, count) if state == "fail" else 0
        urns = []
        for stratum in self.plan.round.frame:
            codes = sorted(by_type.get(stratum.type, ()))
            own = [c for c in codes if sites[c].district == stratum.district]
            used = own or codes  # nothing seen in this district: the type's other districts speak
            if not used or not stratum.draw:
                continue
            items = [
                (item, (failed + 0.5) / (seen + 1), (faults or 1) / max(1, failed))
                for item, (seen, failed, faults) in sorted(tallies[stratum.type].items())
                if seen
            ]
            effects = [self.effect(stratum.type, by_site[c]) for c in used]
            urns.append(_Urn(stratum, effects, len(own), items))
        return urns

    def _made_up(self, urn: _Urn, rng: Random) -> Effect:
        states = [
            (item, "fail" if rng.random() < chance else "pass", round(faults))
            for item, chance, faults in urn.items
        ]
        return self.effect(urn.stratum.type, states)

    def places(self, urn: _Urn, rng: Random) -> list[Effect]:
        """The next draw from one stratum: without replacement from its completed population."""
        unvisited = urn.stratum.size - min(urn.own, urn.stratum.size)
        untouched = list(range(min(urn.own, urn.stratum.size)))
        balls = list(urn.seen)
        found: list[Effect] = []
        for _n in range(urn.stratum.draw):
            at = int(rng.random() * (len(untouched) + unvisited))
            if at < len(untouched):
                found.append(urn.seen[untouched.pop(at)])
                continue
            unvisited -= 1
            ball = int(rng.random() * (len(balls) + 1))
            made = balls[ball] if ball < len(balls) else self._made_up(urn, rng)
            balls.append(made)
            found.append(made)
        return found

    def rows(self, rng: Random) -> dict[Key, list[Row]]:
        """One simulated draw: what each field measure gets to see."""
        rows: dict[Key, list[Row]] = {}
        for urn in self.urns:
            for effect in self.places(urn, rng):
                for key, row in effect.items():
                    rows.setdefault(key, []).append(row)
        return rows

    def draws(self, n: int, seed: int) -> list[dict[Key, list[Row]]]:
        rng = Random(seed)  # noqa: S311  (a simulation that anybody can repeat)
        return [self.rows(rng) for _i in range(n)]

    def weights(self) -> dict[Key, float]:
        """Points that hang on each measure now."""
        return {k: float(v) for k, v in hanging(self.plan.edition, self.result).items()}

    def predict(self, n: int = 400, seed: int = 1) -> Prediction:
        """``n`` simulated draws of the whole round."""
        weights = self.weights()
        fed = sorted(k for k in self.fed if k in weights)
        fixed = float(self.result.nodes[""].earned) - sum(
            weights[leaf, key] * float(o.r)
            for leaf, found in self.result.leaves.items()
            for key, o in found.outcomes
            if (leaf, key) in fed
        )
        now = {
            (leaf, key): float(o.r)
            for leaf, found in self.result.leaves.items()
            for key, o in found.outcomes
        }
        scores: list[float] = []
        rates: dict[Key, list[float]] = {k: [] for k in fed}
        for rows in self.draws(n, seed):
            total = fixed
            for key in fed:
                value = self.measures[key](rows.get(key, ()))
                r = now[key] if value is None else value
                rates[key].append(r)
                total += weights[key] * r
            scores.append(total)
        kept = tuple(sorted(k for k in self.measures if k not in fed))
        return Prediction(tuple(scores), {k: tuple(v) for k, v in rates.items()}, kept)


def needs_frame(round_: Round) -> None:
    """Refuse, in words, to foretell a draw from a frame that nobody has told."""
    if not any(s.draw for s in round_.frame):
        told = _("轮次没有写明点位总体（frame）：各类点位的总数与下次抽取数，无法推算下次抽查")
        raise Invalid("round.frame", told)


def predictor(plan: Plan, facts: Iterable[object], result: Result) -> Predictor:
    """From facts in force and their result."""
    return Predictor(plan, (f for f in facts if isinstance(f, Observation)), result)
