"""The unit tree, cached in this process until somebody changes it."""

from dataclasses import dataclass, field

from lifang.core import stamps
from lifang.orgs.models import Unit

STAMP = "units"


@dataclass(frozen=True)
class Node:
    id: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None
    area: str
    active: bool


@dataclass(frozen=True)
class Tree:
    nodes: dict[int, Node]
    children: dict[int | None, tuple[int, ...]]
    _below: dict[int, frozenset[int]] = field(default_factory=dict)

    def below(self, unit_id: int) -> frozenset[int]:
        """The unit and every unit under it, closed ones too."""
        known = self._below.get(unit_id)
        if known is None:
            found, open_ = {unit_id}, [unit_id]
            while open_:
                for child in self.children.get(open_.pop(), ()):
                    if child not in found:
                        found.add(child)
                        open_.append(child)
            known = self._below[unit_id] = frozenset(found)
        return known

    def path(self, unit_id: int) -> tuple[Node, ...]:
        """From the root down to the unit itself."""
        found: list[Node] = []
        at: int | None = unit_id
        while at is not None and at in self.nodes and len(found) < len(self.nodes):
            found.append(self.nodes[at])
            at = self.nodes[at].parent_id
        return tuple(reversed(found))

    def name(self, unit_id: int | None) -> str:
        node = self.nodes.get(unit_id) if unit_id is not None else None
        return node.name if node else ""

    def short(self, unit_id: int | None) -> str:
        """The name for dense tables: the short one where there is one."""
        node = self.nodes.get(unit_id) if unit_id is not None else None
        return (node.short_name or node.name) if node else ""


_cached: tuple[int, Tree] | None = None


def tree() -> Tree:
    """The tree as of the stamp ``units``; one query where it changed, none where not."""
    global _cached
    version = stamps.version(STAMP)
    if _cached is None or _cached[0] != version:
        _cached = (version, _read())
    return _cached[1]


def _read() -> Tree:
    nodes: dict[int, Node] = {}
    children: dict[int | None, list[int]] = {}
    rows = Unit.objects.order_by("order", "code").values_list(
        "id", "code", "name", "short_name", "kind", "parent_id", "area", "active"
    )
    for row in rows:
        node = Node(*row)
        nodes[node.id] = node
        children.setdefault(node.parent_id, []).append(node.id)
    return Tree(nodes, {k: tuple(v) for k, v in children.items()})


def changed() -> None:
    """To be called in the transaction of every change of a unit."""
    stamps.bump(STAMP)
