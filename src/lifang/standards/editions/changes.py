"""What differs between two editions, and how grave it is: what approving a new one must look at.

``text``: words only. ``compatible``: nobody's points change (who leads, who assists). ``scoring``: points, rules,
items. ``structural``: indicators come, go or move; facts need a crosswalk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lifang.standards.editions.shape import Edition, Node
from lifang.standards.editions.telling import tell

Gravity = Literal["text", "compatible", "scoring", "structural"]
GRAVITIES: tuple[Gravity, ...] = ("text", "compatible", "scoring", "structural")
_NODE: Mapping[str, Gravity] = {
    "title": "text",
    "help": "compatible",
    "lead": "compatible",
    "assist": "compatible",
    "points": "scoring",
    "measures": "scoring",
    "na": "scoring",
    "missing": "scoring",
    "applies": "scoring",
    "parent": "structural",
}
_WHOLE: Mapping[str, Gravity] = {
    "title": "text",
    "rounding": "scoring",
    "bonus_cap": "scoring",
    "prerequisites": "scoring",
    "blends": "scoring",
}


@dataclass(frozen=True)
class Change:
    """``what`` of ``code`` (empty: the edition itself); ``added`` and ``removed`` have no before or after."""

    gravity: Gravity
    where: Literal["edition", "node", "item"]
    code: str
    what: str
    before: str = ""
    after: str = ""


def changes(old: Edition, new: Edition) -> list[Change]:
    """Every difference, the gravest first, then in the order of the new edition."""
    found = [*_of_whole(old, new), *_of_nodes(old, new), *_of_items(old, new)]
    return sorted(found, key=lambda c: -GRAVITIES.index(c.gravity))


def gravity(found: Iterable[Change]) -> Gravity | None:
    """The gravest; ``None`` where nothing differs."""
    grave = [GRAVITIES.index(c.gravity) for c in found]
    return GRAVITIES[max(grave)] if grave else None


def _of_whole(old: Edition, new: Edition) -> Iterable[Change]:
    for what, grave in _WHOLE.items():
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Change(grave, "edition", "", what, tell(before), tell(after))


def _of_nodes(old: Edition, new: Edition) -> Iterable[Change]:
    for code, node in new.nodes.items():
        if code not in old.nodes:
            yield Change("structural", "node", code, "added")
            continue
        was: Node = old.nodes[code]
        for what, grave in _NODE.items():
            before, after = getattr(was, what), getattr(node, what)
            if before != after or (what == "measures" and _rules(was) != _rules(node)):
                yield Change(grave, "node", code, what, tell(before), tell(after))
    for code in old.nodes:
        if code not in new.nodes:
            yield Change("structural", "node", code, "removed")


def _rules(node: Node) -> list[object]:
    """Rules with their tables: mappings do not take part in equality by hash, but do here."""
    return [(m.key, m.method, vars(m.rule)) for m in node.measures]


def _of_items(old: Edition, new: Edition) -> Iterable[Change]:
    for code, item in new.items.items():
        if code not in old.items:
            yield Change("scoring", "item", code, "added")
            continue
        was = old.items[code]
        if was.title != item.title:
            yield Change("text", "item", code, "title", was.title, item.title)
        for what in ("help", "categories"):
            before, after = getattr(was, what), getattr(item, what)
            if before != after:
                yield Change("compatible", "item", code, what, tell(before), tell(after))
        if dict(was.feeds) != dict(item.feeds):
            yield Change("scoring", "item", code, "feeds", tell(was.feeds), tell(item.feeds))
    for code in old.items:
        if code not in new.items:
            yield Change("scoring", "item", code, "removed")
