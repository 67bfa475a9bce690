"""``score(edition, round, facts)``: the one function that every figure comes from. Pure.

:class:`Standing` is the same function with a memory: it takes facts one after the other and works out
only what they touch. Both give the same bytes.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import cast

from lifang.assessment.engine import facts as fact_rules
from lifang.assessment.engine import final
from lifang.assessment.engine.facts import Answer, Fact, Observation, Review, Statistic
from lifang.assessment.engine.leaves import LeafOutcome, assemble, judge
from lifang.assessment.engine.measures import documents, field, figures
from lifang.assessment.engine.measures.outcome import Outcome
from lifang.assessment.engine.numbers import ZERO, half_up
from lifang.assessment.engine.plan import Key, Plan, compile_plan
from lifang.assessment.engine.points import allocate
from lifang.assessment.engine.result import Figures, LeafResult, Result
from lifang.rounds.scope import Round
from lifang.standards.editions import Edition, Measure, Node
from lifang.standards.editions.kinds import SurveyMean

#: changes whenever the same inputs may give another answer
VERSION = "2"


def score(
    edition: Edition,
    round_: Round,
    facts: Iterable[Fact],
    *,
    as_of: str = "",
    plan: Plan | None = None,
) -> Result:
    """The result and its trace, from the facts recorded by ``as_of``.

    Raises :class:`~lifang.core.errors.Invalid` where facts speak of what is neither in the edition nor
    in the round.
    """
    plan = plan or compile_plan(edition, round_)
    facts = list(facts)
    fact_rules.check_ids(facts)
    held = fact_rules.in_force(facts, as_of)
    buckets = plan.sort(held)
    judged = {n.code: _judge(plan, n, buckets) for n in edition.leaves if n.kind == "base"}
    return _result(plan, buckets, judged, fact_rules.digest(held))


def _judge(plan: Plan, leaf: Node, buckets: Mapping[Key, Sequence[Fact]]) -> LeafOutcome:
    outcomes = [
        (m.key, _measured(plan, leaf, m, buckets.get((leaf.code, m.key), ())))
        for m in leaf.measures
    ]
    return judge(
        leaf, outcomes, buckets.get((leaf.code, ""), ()), applies=leaf.code in plan.applicable
    )


def _measured(plan: Plan, leaf: Node, measure: Measure, facts: Sequence[Fact]) -> Outcome:
    """One measure. Facts are put in order first, so that the order they came in changes nothing."""
    facts = sorted(facts, key=lambda f: f.id)
    rule, policy = measure.rule, leaf.missing
    match measure.method:
        case "field":
            asked = plan.asked[leaf.code, measure.key]
            seen = cast("list[Observation]", facts)
            return field.outcome(cast("field.FieldRule", rule), asked, seen, plan.site_type, policy)
        case "document":
            return documents.outcome(measure, cast("list[Review]", facts), policy)
        case "statistic":
            return figures.statistic(measure, cast("list[Statistic]", facts), policy)
        case "survey":
            question = measure.questions[0]
            people = plan.round.population
            return figures.survey(
                cast(SurveyMean, rule),
                cast("list[Answer]", facts),
                people.get(question) or people.get("*") or {},
                plan.round.quota.get(question) or plan.round.quota.get("*") or 0,
                policy,
            )
    raise TypeError(f"{measure.method} is not measured")


def _result(
    plan: Plan,
    buckets: Mapping[Key, Sequence[Fact]],
    judged: Mapping[str, LeafOutcome],
    facts_digest: str,
    made: dict[str, tuple[LeafOutcome, Decimal, LeafResult]] | None = None,
) -> Result:
    edition = plan.edition
    absent = {code for code, j in judged.items() if j.state == "not_applicable"}
    worth = allocate(edition, absent)
    memory = {} if made is None else made
    leaves: dict[str, LeafResult] = {}
    for code, outcome in judged.items():
        known = memory.get(code)
        if known is None or known[0] is not outcome or known[1] != worth[code]:
            leaf = assemble(edition.nodes[code], outcome, worth[code], plan.round, edition.rounding)
            memory[code] = (outcome, worth[code], leaf)
        leaves[code] = memory[code][2]
    bonus = final.bonuses(plan, buckets)
    figures = {code: leaf.figures for code, leaf in leaves.items()}
    figures |= {code: Figures(bonus=half_up(points)) for code, points in bonus.items()}
    nodes = _rolled_up(edition, figures)
    exact = tuple(sum((leaf.exact[i] for leaf in leaves.values()), ZERO) for i in range(3))
    total = final.total(
        plan,
        buckets,
        cast("final.Three", exact),
        Fraction(nodes[""].possible),
        sum(bonus.values(), ZERO),
    )
    inputs = {
        "edition": edition.digest,
        "round": plan.round.digest,
        "facts": facts_digest,
        "engine": VERSION,
    }
    return Result(inputs, total, nodes, leaves)


def _rolled_up(edition: Edition, leaves: Mapping[str, Figures]) -> dict[str, Figures]:
    """Figures of every node; the whole under the empty code. Sums, so children add to parents."""
    nodes = {code: leaves.get(code, Figures()) for code in ("", *edition.nodes)}
    for code in reversed(list(edition.nodes)):  # children stand after their parents
        parent = edition.nodes[code].parent
        nodes[parent] = nodes[parent] + nodes[code]
    return nodes


class Standing:
    """A round as it stands: takes facts, remembers what they did not touch."""

    def __init__(self, edition: Edition, round_: Round, facts: Iterable[Fact] = ()) -> None:
        self.plan = compile_plan(edition, round_)
        self._held: dict[str, Fact] = {}
        self._gone: set[str] = set()
        self._buckets: dict[Key, dict[str, Fact]] = {}
        self._judged: dict[str, LeafOutcome] = {}
        self._made: dict[str, tuple[LeafOutcome, Decimal, LeafResult]] = {}
        self._dirty = {n.code for n in edition.leaves if n.kind == "base"}
        self._marks: dict[str, bytes] = {}
        self._sorted: list[bytes] = []
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> set[str]:
        """Take more facts; returns the indicators they touch. Raises as :func:`score`, taking none then.

        A fact that is there already is passed over; another one of the same id is refused.
        """
        facts = [f for f in facts if self._held.get(f.id) != f]
        fact_rules.check_ids(facts, self._held.keys() | self._gone)
        self.plan.sort(facts)  # refuses before anything is changed
        touched: set[str] = set()
        for fact in facts:
            if fact.supersedes:
                touched |= self._drop(fact.supersedes)
            if fact.id in self._gone or isinstance(fact, fact_rules.Withdrawal):
                continue
            self._held[fact.id] = fact
            mark = self._marks[fact.id] = fact_rules.mark(fact)
            insort(self._sorted, mark)
            for key in self.plan.keys(fact):
                self._buckets.setdefault(key, {})[fact.id] = fact
                touched.add(key[0])
        self._dirty |= touched
        return touched - {""}

    def _drop(self, id_: str) -> set[str]:
        self._gone.add(id_)
        old = self._held.pop(id_, None)
        if old is None:
            return set()
        del self._sorted[bisect_left(self._sorted, self._marks.pop(id_))]
        keys = self.plan.keys(old)
        for key in keys:
            del self._buckets[key][id_]
        return {leaf for leaf, _measure in keys}

    def result(self) -> Result:
        """The same as :func:`score` over all facts taken so far, byte for byte."""
        buckets = {key: list(found.values()) for key, found in self._buckets.items()}
        for code in self._dirty:
            node = self.plan.edition.nodes.get(code)
            if node and node.kind == "base":
                self._judged[code] = _judge(self.plan, node, buckets)
        self._dirty.clear()
        leaves = [n.code for n in self.plan.edition.leaves if n.kind == "base"]
        judged = {code: self._judged[code] for code in leaves}
        found = fact_rules.digest_of_marks(self._sorted)
        return _result(self.plan, buckets, judged, found, self._made)
