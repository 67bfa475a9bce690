"""What an edition is made of. All frozen; numbers are exact fractions, points are decimals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from lifang.standards.editions.kinds import Blend, Bonus, Prerequisite, Rule, Veto

Method = Literal["document", "field", "survey", "statistic", "special", "veto"]
Policy = Literal["full", "drop", "redistribute", "zero"]


@dataclass(frozen=True)
class Slot:
    """One document asked for. 0 means: not limited. Checked while the file is chosen (网报资料)."""

    key: str
    title: str = ""
    #: normative document, explanation, real-scene photo, statistics table; empty: any
    kind: Literal["", "document", "report", "photo", "table"] = ""
    #: how many files
    least: int = 1
    most: int = 0
    #: of one file, in MB
    size: int = 0
    #: words of an explanation, at most
    words: int = 0
    #: the document's date lies within so many months before the round ends
    months: int = 0
    help: str = ""


@dataclass(frozen=True)
class Measure:
    """One way in which an indicator is looked at; ``share`` of its points hang on it."""

    key: str
    method: Method
    rule: Rule
    share: Fraction = Fraction(1)
    #: documents asked for (``document``), questions asked (``survey``)
    slots: tuple[str, ...] = ()
    #: what each slot asks for, in the order of ``slots``
    asks: tuple[Slot, ...] = ()
    questions: tuple[str, ...] = ()
    #: how several values of a statistic become one
    take: Literal["latest", "mean"] = "latest"
    unit: str = ""


@dataclass(frozen=True)
class NaPolicy:
    """What becomes of the points of an indicator that does not apply."""

    policy: Policy = "drop"
    #: ``redistribute``: the ancestor within which the others grow; empty is the parent
    within: str = ""


@dataclass(frozen=True)
class Node:
    """A node of the tree; one with measures is a leaf (an indicator)."""

    code: str
    title: str = ""
    parent: str = ""
    points: Decimal = Decimal(0)
    measures: tuple[Measure, ...] = ()
    na: NaPolicy = NaPolicy()
    #: not yet assessed: ``pending`` leaves a range, ``zero`` counts it as lost
    missing: Literal["pending", "zero"] = "pending"
    #: ``{name: allowed values}`` over the context of a round; all must hold
    applies: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    #: role that leads (``site``: whoever answers for the place), roles that assist with their shares
    lead: str = ""
    assist: tuple[tuple[str, Fraction], ...] = ()
    #: how it is met and proved, for those who must meet it
    help: str = ""

    @property
    def kind(self) -> Literal["base", "bonus", "veto"]:
        """What its points count towards."""
        if self.measures and isinstance(self.measures[0].rule, Bonus):
            return "bonus"
        if self.measures and isinstance(self.measures[0].rule, Veto):
            return "veto"
        return "base"


@dataclass(frozen=True)
class Item:
    """A line of a checklist. ``feeds``: by site type (``*`` for all) what it counts towards.

    One observed fact may hit several indicators: ``(leaf, measure, share)`` each.
    """

    code: str
    title: str = ""
    feeds: Mapping[str, tuple[tuple[str, str, Fraction], ...]] = field(
        default_factory=dict, hash=False
    )
    #: classes of cases (keys of the catalogue, or leading parts) that are a fault of this line
    categories: tuple[str, ...] = ()
    help: str = ""

    def for_type(self, site_type: str) -> tuple[tuple[str, str, Fraction], ...]:
        return self.feeds.get(site_type) or self.feeds.get("*", ())


@dataclass(frozen=True)
class Rounding:
    """Half up, at named levels. ``leaf`` absent: indicators are not rounded before they are added."""

    total: int = 2
    leaf: int | None = None


@dataclass(frozen=True)
class Edition:
    """A frozen assessment system. ``nodes`` by code, parents before children."""

    key: str
    version: str
    nodes: Mapping[str, Node] = field(hash=False)
    title: str = ""
    items: Mapping[str, Item] = field(default_factory=dict, hash=False)
    #: the most that all bonus indicators together add; absent: no limit beyond their own
    bonus_cap: Decimal | None = None
    prerequisites: tuple[Prerequisite, ...] = ()
    blends: tuple[Blend, ...] = ()
    rounding: Rounding = Rounding()
    digest: str = ""

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        return tuple(n for n in self.nodes.values() if n.measures)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Codes below each code; the roots below the empty one."""
        below: dict[str, list[str]] = {}
        for node in self.nodes.values():
            below.setdefault(node.parent, []).append(node.code)
        return {code: tuple(codes) for code, codes in below.items()}

    @cached_property
    def total(self) -> Decimal:
        """The declared points of all base indicators."""
        return sum((n.points for n in self.leaves if n.kind == "base"), Decimal(0))

    def ancestors(self, code: str) -> list[str]:
        """Codes above ``code``, nearest first, ending with the empty one (the whole)."""
        found = []
        while code:
            code = self.nodes[code].parent
            found.append(code)
        return found
