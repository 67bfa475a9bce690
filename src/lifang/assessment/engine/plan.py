"""Which fact feeds which measure, worked out once for an edition and a round."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import lcm

from django.utils.translation import gettext as _

from lifang.assessment.engine.facts import (
    Answer,
    Award,
    Fact,
    Linked,
    Mark,
    Observation,
    Override,
    Review,
    Statistic,
    VetoEvent,
)
from lifang.assessment.engine.measures.field import Asked
from lifang.core.errors import Field, Invalid
from lifang.rounds.scope import Round
from lifang.standards.editions import Edition, Node

#: a place where facts are collected: (leaf, measure); measure empty for the leaf; both for the whole
Key = tuple[str, str]
WHOLE: Key = ("", "")


@dataclass(frozen=True)
class Plan:
    """Compiled from an edition and a round; facts are sorted by :meth:`keys`."""

    edition: Edition
    round: Round
    asked: Mapping[Key, Asked]
    feeds: Mapping[tuple[str, str], tuple[Key, ...]]
    questions: Mapping[str, tuple[Key, ...]]
    applicable: frozenset[str]

    def site_type(self, site: str) -> str:
        return self.round.sites[site].type

    def keys(self, fact: Fact) -> tuple[Key, ...]:
        """Where a fact counts; raises :class:`KeyError` with a message if it speaks of nothing known."""
        nodes = self.edition.nodes
        match fact:
            case Observation():
                site = self.round.sites.get(fact.site)
                if site is None:
                    raise KeyError(_("点位“%(code)s”不在本轮次中") % {"code": fact.site})
                if fact.item not in self.edition.items:
                    raise KeyError(_("没有检查项“%(code)s”") % {"code": fact.item})
                return self.feeds.get((fact.item, site.type), ())
            case Answer():
                if fact.question not in self.questions:
                    raise KeyError(_("没有题目“%(code)s”") % {"code": fact.question})
                return self.questions[fact.question]
            case Linked():
                return (WHOLE,)
            case Review() | Statistic():
                self._leaf(fact.leaf, fact.measure)
                return ((fact.leaf, fact.measure),)
            case Mark() | Override():
                self._leaf(fact.leaf, fact.measure if isinstance(fact, Mark) else "")
                if nodes[fact.leaf].kind != "base":
                    raise KeyError(_("“%(code)s”不是计分指标") % {"code": fact.leaf})
                if isinstance(fact, Override) and not 0 <= fact.points <= nodes[fact.leaf].points:
                    raise KeyError(_("“%(code)s”的得分应在 0 与其分值之间") % {"code": fact.leaf})
                return ((fact.leaf, ""),)
            case Award() | VetoEvent():
                self._leaf(fact.leaf, "")
                if nodes[fact.leaf].kind != ("bonus" if isinstance(fact, Award) else "veto"):
                    raise KeyError(_("“%(code)s”不接受这种事实") % {"code": fact.leaf})
                return ((fact.leaf, ""),)
        return ()

    def _leaf(self, code: str, measure: str) -> None:
        node = self.edition.nodes.get(code)
        if node is None or not node.measures:
            raise KeyError(_("没有指标“%(code)s”") % {"code": code})
        if measure and all(m.key != measure for m in node.measures):
            told = _("指标“%(code)s”没有测评方式“%(measure)s”")
            raise KeyError(told % {"code": code, "measure": measure})

    def sort(self, facts: Iterable[Fact]) -> dict[Key, list[Fact]]:
        """Facts by where they count; raises :class:`Invalid` naming all that speak of nothing known."""
        buckets: dict[Key, list[Fact]] = {}
        faults: list[Field] = []
        for fact in facts:
            try:
                for key in self.keys(fact):
                    buckets.setdefault(key, []).append(fact)
            except KeyError as unknown:
                faults.append(Field(fact.id, str(unknown.args[0])))
        if faults:
            told = _("事实有 %(n)s 处错误") % {"n": len(faults)}
            raise Invalid("facts.unknown", told, fields=faults)
        return buckets


def compile_plan(edition: Edition, round_: Round) -> Plan:
    """Work out what is asked where."""
    weights: dict[Key, dict[tuple[str, str], tuple[int, int]]] = {}
    types = {s.type for s in round_.sites.values()}
    feeds: dict[tuple[str, str], tuple[Key, ...]] = {}
    for item in edition.items.values():
        for site_type in types:
            targets = item.for_type(site_type)
            feeds[item.code, site_type] = tuple((leaf, m) for leaf, m, _share in targets)
            for leaf, measure, share in targets:
                pair = share.as_integer_ratio()
                weights.setdefault((leaf, measure), {})[item.code, site_type] = pair
    fed = {
        (leaf, m)
        for item in edition.items.values()
        for targets in item.feeds.values()
        for leaf, m, _share in targets
    }
    scales = {k: lcm(*(d for _n, d in pairs.values())) for k, pairs in weights.items()}
    whole = {
        key: {it: n * (scales[key] // d) for it, (n, d) in pairs.items()}
        for key, pairs in weights.items()
    }
    sites: dict[Key, dict[str, dict[str, int]]] = {}
    by_type: dict[str, list[str]] = {t: [] for t in types}
    for code, site_type in feeds:
        if feeds[code, site_type]:
            by_type[site_type].append(code)
    for site in round_.sites.values():
        for item_code in site.items or by_type[site.type]:
            for key in feeds.get((item_code, site.type), ()):
                weight = whole[key][item_code, site.type]
                sites.setdefault(key, {}).setdefault(site.code, {})[item_code] = weight
    asked = {
        (leaf.code, m.key): Asked(
            sites.get((leaf.code, m.key), {}),
            scales.get((leaf.code, m.key), 1),
            (leaf.code, m.key) in fed and bool(round_.sites),
            whole.get((leaf.code, m.key), {}),
        )
        for leaf in edition.leaves
        for m in leaf.measures
        if m.method == "field"
    }
    questions: dict[str, tuple[Key, ...]] = {}
    for node in edition.leaves:
        for asking in node.measures:
            for question in asking.questions:
                questions[question] = (*questions.get(question, ()), (node.code, asking.key))
    return Plan(
        edition,
        round_,
        asked,
        feeds,
        questions,
        frozenset(n.code for n in edition.leaves if _applies(n, edition, round_)),
    )


def _applies(leaf: Node, edition: Edition, round_: Round) -> bool:
    """A leaf applies where its own predicate and those of its ancestors hold.

    A name that the round's context does not have is not held against it.
    """
    for code in (leaf.code, *edition.ancestors(leaf.code)[:-1]):
        for name, allowed in edition.nodes[code].applies.items():
            if name in round_.context and round_.context[name] not in allowed:
                return False
    return True
