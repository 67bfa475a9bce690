"""Who answers for this matter in this place, and by which rule. Pure: no database, no clock.

Handing rule (domain §3.4): a component goes to its registered owner first; an event to whoever
answers for the place, the nearer the better; a matter beyond the catalogue (诉求) to the department
in charge of the subject before anybody who answers for the place. Nobody: arbitration.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.standards.choices import CategoryKind
from lifang.standards.rules import covers


class By:
    """How the lead unit was found."""

    OWNER = "owner"
    RULE = "rule"
    NOBODY = "nobody"


#: kinds of places a rule can name, the nearest first
SLOTS = ("component", "shop", "site", "road", "grid", "area", "")
SLOT_LABELS: dict[str, str | Promise] = {
    "component": gettext_lazy("部件专管单位"),
    "shop": gettext_lazy("门店责任单位"),
    "site": gettext_lazy("点位责任单位"),
    "road": gettext_lazy("路权单位"),
    "grid": gettext_lazy("责任网格单位"),
    "area": gettext_lazy("属地单位"),
    "": gettext_lazy("主管单位"),
}


@dataclass(frozen=True)
class Rule:
    """A duty rule as a value. Place fields empty: everywhere; ``category`` empty: any."""

    id: int
    number: int
    category: str = ""
    area: str = ""
    road_id: int | None = None
    site_id: int | None = None
    shop_id: int | None = None
    component_id: int | None = None
    grid: str = ""
    owner_first: bool = False
    lead_unit_id: int | None = None
    assisting: tuple[int, ...] = ()
    post_id: int | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def slot(self) -> str:
        """The nearest kind of place that the rule names."""
        given = (
            self.component_id, self.shop_id, self.site_id, self.road_id, self.grid, self.area, True,
        )  # fmt: skip
        return next(s for s, v in zip(SLOTS, given, strict=True) if v)

    @property
    def slot_value(self) -> int | str | None:
        slot = self.slot
        if not slot:
            return None
        value: int | str = getattr(self, slot if slot in ("grid", "area") else f"{slot}_id")
        return value

    @property
    def place_rank(self) -> tuple[int, ...]:
        """The higher, the nearer. Equal ranks that hold in one place name the same place."""
        return (
            self.component_id is not None,
            self.shop_id is not None,
            self.site_id is not None,
            self.road_id is not None,
            bool(self.grid),
            len(self.area),
        )

    @property
    def scope(self) -> tuple[Any, ...]:
        """Category and place: two rules of one scope are of equal rank everywhere."""
        return (
            self.category, self.component_id, self.shop_id, self.site_id, self.road_id, self.grid,
            self.area,
        )  # fmt: skip

    @property
    def outcome(self) -> tuple[Any, ...]:
        return (self.lead_unit_id, self.owner_first, frozenset(self.assisting), self.post_id)

    def valid_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def overlaps(self, other: "Rule") -> bool:
        """Whether there is a day on which both are valid."""
        start = max(self.valid_from or dt.date.min, other.valid_from or dt.date.min)
        return start <= min(self.valid_to or dt.date.max, other.valid_to or dt.date.max)


@dataclass(frozen=True)
class Matter:
    """What it is about: a category key, or a leading part of one."""

    key: str

    @property
    def kind(self) -> str:
        return self.key.split("-", 1)[0]


@dataclass(frozen=True)
class PlaceAt:
    """Where: what is known of the place. ``owner_id``: unit that owns the component there."""

    area: str = ""
    road_id: int | None = None
    site_id: int | None = None
    shop_id: int | None = None
    component_id: int | None = None
    grid: str = ""
    owner_id: int | None = None


@dataclass(frozen=True)
class Answer:
    """Who answers, and why. ``unit_id`` None: nobody, so the arbitration queue."""

    by: str
    unit_id: int | None = None
    assisting: tuple[int, ...] = ()
    post_id: int | None = None
    rule: Rule | None = None
    #: other rules that hold here and would give another lead unit, best first
    others: tuple[Rule, ...] = ()


class RuleSet:
    """All rules, indexed by category and nearest place. Built once per change of the rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._index: dict[str, dict[tuple[str, Any], list[Rule]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for r in self.rules:
            self._index[r.category][r.slot, r.slot_value].append(r)
        self.uses_grid = any(r.grid for r in self.rules)
        #: lengths of area prefixes in use, so that only those are looked up
        self._lengths = sorted({len(r.area) for r in self.rules if r.slot == "area"})

    def matching(self, matter: Matter, place: PlaceAt, day: dt.date) -> list[Rule]:
        """The rules that hold for the matter in the place on the day, the best first."""
        slots: list[tuple[str, Any]] = [("", None)]
        slots += [("area", place.area[:n]) for n in self._lengths if len(place.area) >= n]
        for name, value in (
            ("grid", place.grid),
            ("road", place.road_id),
            ("site", place.site_id),
            ("shop", place.shop_id),
            ("component", place.component_id),
        ):
            if value:
                slots.append((name, value))
        found: list[Rule] = []
        for category in leading_parts(matter.key):
            bucket = self._index.get(category)
            if bucket is not None:
                for slot in slots:
                    found += [
                        r for r in bucket.get(slot, ()) if holds_at(r, place) and r.valid_on(day)
                    ]
        found.sort(key=lambda r: _order(r, matter.kind))
        return found


def leading_parts(key: str) -> tuple[str, ...]:
    """``event-street.hawkers`` → itself, ``event-street``, ``event``, and ``""`` for any."""
    major = key.split(".", 1)[0]
    return tuple(dict.fromkeys((key, major, major.split("-", 1)[0], "")))


def holds_at(r: Rule, p: PlaceAt) -> bool:
    """Whether the rule's place holds the place: every field that the rule names agrees."""
    return (
        p.area.startswith(r.area)
        and r.road_id in (None, p.road_id)
        and r.site_id in (None, p.site_id)
        and r.shop_id in (None, p.shop_id)
        and r.component_id in (None, p.component_id)
        and (not r.grid or r.grid == p.grid)
    )


def _order(r: Rule, kind: str) -> tuple[Any, ...]:
    """Sort key, the best rule first. See the head of this module for the three kinds."""
    place, words = tuple(-n for n in r.place_rank), -len(r.category)
    subject_first = kind == CategoryKind.MATTER
    return (subject_first and not r.category, *place, words, r.number)


def answer(matter: Matter, place: PlaceAt, rules: RuleSet, *, day: dt.date) -> Answer:
    """Who answers for ``matter`` in ``place`` on ``day``.

    The component's owner leads where the matter is a component's or the best rule says owner
    first, unless a rule names this very component with another unit. Otherwise the best rule
    that names a lead unit; its assisting units and post come with it.
    """
    found = rules.matching(matter, place, day)
    best = found[0] if found else None
    owner = place.owner_id
    if owner is not None and _owner_leads(matter, best):
        helpers = tuple(u for u in best.assisting if u != owner) if best else ()
        others = tuple(r for r in found if r.lead_unit_id not in (None, owner))
        return Answer(By.OWNER, owner, helpers, None, best, _distinct(others))
    for i, r in enumerate(found):
        if r.lead_unit_id is not None:
            rest = (x for x in found[i + 1 :] if x.lead_unit_id not in (None, r.lead_unit_id))
            helpers = tuple(u for u in r.assisting if u != r.lead_unit_id)
            return Answer(By.RULE, r.lead_unit_id, helpers, r.post_id, r, _distinct(rest))
    return Answer(By.NOBODY, rule=best)


def _owner_leads(matter: Matter, best: Rule | None) -> bool:
    if best is not None and best.component_id is not None:
        return best.owner_first
    return matter.kind == CategoryKind.COMPONENT or (best is not None and best.owner_first)


def _distinct(rules: Iterable[Rule], most: int = 3) -> tuple[Rule, ...]:
    """The first rule of each lead unit."""
    seen: dict[int | None, Rule] = {}
    for r in rules:
        seen.setdefault(r.lead_unit_id, r)
    return tuple(seen.values())[:most]


@dataclass(frozen=True)
class Overlap:
    """Two rules of equal rank, valid on a common day, that answer differently; the first wins."""

    first: Rule
    second: Rule


def overlaps(rules: Iterable[Rule]) -> list[Overlap]:
    """All pairs of rules that contradict each other, by number."""
    scopes: dict[tuple[Any, ...], list[Rule]] = defaultdict(list)
    for r in sorted(rules, key=lambda r: r.number):
        scopes[r.scope].append(r)
    found = [
        Overlap(a, b)
        for group in scopes.values()
        for i, a in enumerate(group)
        for b in group[i + 1 :]
        if a.outcome != b.outcome and a.overlaps(b)
    ]
    return sorted(found, key=lambda o: (o.first.number, o.second.number))


@dataclass(frozen=True)
class AreaNode:
    """A region for the search of gaps: its code and the regions right below."""

    code: str
    name: str
    children: tuple["AreaNode", ...] = ()


@dataclass
class Gap:
    """A category that nobody answers for in some areas, each named at the highest level."""

    key: str
    areas: list[AreaNode] = field(default_factory=list)


def gap(key: str, areas: Sequence[AreaNode], rules: RuleSet, *, day: dt.date) -> Gap:
    """Where nobody answers for ``key`` by a rule over an area or everywhere.

    Rules for single roads, sites, shops and grids fill no area, so they do not close a gap. A
    region is looked into only where a rule holds for a part of it, so the work does not grow
    with the number of communities.
    """
    parts = leading_parts(key)
    live = [
        r
        for r in rules.rules
        if r.category in parts
        and r.slot in ("", "area")
        and r.lead_unit_id is not None
        and r.valid_on(day)
    ]
    prefixes = {r.area for r in live}
    found = Gap(key)

    def look(node: AreaNode) -> None:
        if any(node.code.startswith(p) for p in prefixes):
            return
        inside = any(p.startswith(node.code) for p in prefixes)
        if inside and node.children:
            for child in node.children:
                look(child)
        else:
            found.areas.append(node)

    for area in areas:
        look(area)
    return found


def is_category(text: str, keys: Mapping[str, Any]) -> bool:
    """Whether a rule may name ``text``: nothing, a kind, or a key of the catalogue."""
    return not text or text in CategoryKind.values or text in keys


def example_of(text: str, keys: Iterable[str]) -> str | None:
    """A key that a rule for ``text`` covers, if there is one."""
    return next((k for k in keys if covers(text, k)), None)


def reason(a: Answer, *, unit: str, place: str, category: str) -> str:
    """Why, in one line: ``路权单位：建设大道，城管局（规则 17）``."""
    if a.by == By.NOBODY:
        return _("没有规则指明由谁负责，转区级仲裁")
    if a.by == By.OWNER:
        text = _("部件权属单位优先：%(unit)s") % {"unit": unit}
        return text + (
            _("（规则 %(n)s 指明协办）") % {"n": a.rule.number} if a.rule and a.assisting else ""
        )
    assert a.rule is not None  # noqa: S101  # narrows the type: an answer by rule has one
    where = "，".join(t for t in (place, category) if t)
    return _("%(label)s：%(where)s由%(unit)s负责（规则 %(n)s）") % {
        "label": SLOT_LABELS[a.rule.slot],
        "where": f"{where} " if where else "",
        "unit": unit,
        "n": a.rule.number,
    }
