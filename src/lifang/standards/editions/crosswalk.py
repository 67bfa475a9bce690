"""Rows from one edition to the next: which indicator becomes which, and what goes along. Pure.

What the rows do to facts and scores is ``assessment.crosswalk``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from django.utils.translation import gettext as _

from lifang.standards.editions.reader import Reader
from lifang.standards.editions.shape import Edition, Node

FORMAT = "lifang.crosswalk/1"
Relation = Literal["equal", "reworded", "split", "merge", "dropped", "new"]
Carry = Literal["copy", "copy_if_unset", "review", "none"]
#: how many old and new indicators a relation joins: (one?, one?)
_SHAPE: dict[str, tuple[str, str]] = {
    "equal": ("1", "1"),
    "reworded": ("1", "1"),
    "split": ("1", "+"),
    "merge": ("+", "1"),
    "dropped": ("1", "0"),
    "new": ("0", "1"),
}


@dataclass(frozen=True)
class Row:
    """Old indicators that become new ones. ``review``: facts go along and are asked for again."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    relation: Relation
    carry: Carry = "copy"

    def plain(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "old": list(self.old),
            "new": list(self.new),
            "relation": self.relation,
            "carry": self.carry,
        }


def default_carry(relation: str) -> Carry:
    if relation in ("dropped", "new"):
        return "none"
    return "review" if relation == "split" else "copy"


def read(document: Any, old: Edition, new: Edition) -> list[Row]:
    """Checked rows; every indicator of both editions stands in exactly one. Raises naming every fault."""
    r = Reader()
    doc = r.mapping(document, "")
    if doc.get("format") != FORMAT:
        r.fault("format", _("应为 %(format)s") % {"format": FORMAT})
    rows = []
    for i, raw in enumerate(r.rows(doc.get("rows"), "rows")):
        rows.append(_row(r, r.mapping(raw, f"rows[{i}]"), f"rows[{i}]"))
    for side, edition in (("old", old), ("new", new)):
        wanted_codes = [n.code for n in edition.leaves]
        named = [c for row in rows for c in getattr(row, side)]
        for code in dict.fromkeys(named):
            if code not in wanted_codes:
                r.fault("rows", _("没有指标“%(code)s”") % {"code": code})
            elif named.count(code) > 1:
                r.fault("rows", _("编码“%(code)s”重复") % {"code": code})
        for code in wanted_codes:
            if code not in named:
                r.fault("rows", _("指标“%(code)s”没有对应关系") % {"code": code})
    r.done("crosswalk.faulty", _("对照表有 %(n)s 处错误"))
    return rows


def _row(r: Reader, row: Mapping[str, Any], path: str) -> Row:
    relation = cast(Relation, r.one_of(row.get("relation"), get_args(Relation), f"{path}.relation"))
    carry = cast(
        Carry,
        r.one_of(row.get("carry"), get_args(Carry), f"{path}.carry", default_carry(relation)),
    )
    made = Row(
        tuple(map(str, r.rows(row.get("old"), f"{path}.old"))),
        tuple(map(str, r.rows(row.get("new"), f"{path}.new"))),
        relation,
        carry,
    )
    for side, wanted in zip(("old", "new"), _SHAPE[relation], strict=True):
        n = len(getattr(made, side))
        if (wanted == "+" and n < 2) or (wanted != "+" and n != int(wanted)):
            r.fault(f"{path}.{side}", _("关系“%(relation)s”的个数不对") % {"relation": relation})
    return made


def same(old: Edition, new: Edition) -> list[Row]:
    """Rows by code: equal where both have it, else dropped or new. A start for the one who edits."""
    olds, news = [n.code for n in old.leaves], [n.code for n in new.leaves]
    rows = [
        Row((c,), (c,), "equal") if c in news else Row((c,), (), "dropped", "none") for c in olds
    ]
    return rows + [Row((), (c,), "new", "none") for c in news if c not in olds]


def suggest(old: Edition, new: Edition) -> list[Row]:
    """As :func:`same`, but what was written anew under its code is told as such, and an indicator that
    only got another code is found by its title and ways of measuring."""
    left = {_face(n): n.code for n in old.leaves if n.code not in new.nodes and n.title}
    moved = {
        left[_face(n)]: n.code for n in new.leaves if n.code not in old.nodes and _face(n) in left
    }
    found = []
    for row in same(old, new):
        if row.relation == "equal" and not _alike(old.nodes[row.old[0]], new.nodes[row.new[0]]):
            row = Row(row.old, row.new, "reworded")
        elif row.relation == "dropped" and row.old[0] in moved:
            row = Row(row.old, (moved[row.old[0]],), "equal")
        elif row.relation == "new" and row.new[0] in moved.values():
            continue
        found.append(row)
    return found


def _face(node: Node) -> tuple[str, tuple[str, ...]]:
    return node.title, tuple(m.method for m in node.measures)


def _alike(a: Node, b: Node) -> bool:
    return a.title == b.title and [m.key for m in a.measures] == [m.key for m in b.measures]
