"""Changes of a draft's document: one node or one line of a checklist at a time. Pure; gives a new document."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid, Missing

#: fields of the edition itself; the rest are lists with their own verbs
HEAD = (
    "version",
    "title",
    "total",
    "rounding",
    "bonus_cap",
    "prerequisites",
    "blends",
)
Document = dict[str, Any]


def put(
    document: Document, part: str, code: str, row: Mapping[str, Any], before: str = ""
) -> Document:
    """``row`` in place of the one with ``code`` (empty: a new one). ``part``: ``nodes`` or ``items``.

    ``before``: the code that it is to stand before, ``-`` for the end; empty: where it stands. A changed code is
    changed wherever it is named.
    """
    rows = list(document.get(part, ()))
    at = _place(rows, code) if code else None
    own = str(row.get("code") or "").strip()
    if not own:
        raise Invalid("edition.code", _("编码必填"), fields=[Field("code", _("必填"))])
    if own != code and any(r.get("code") == own for r in rows):
        told = _("编码“%(code)s”重复") % {"code": own}
        raise Invalid("edition.code", told, fields=[Field("code", told)])
    if at is None:
        at = len(rows)
        rows.append(dict(row))
    else:
        rows[at] = dict(row)
    if before and before != own:
        moved = rows.pop(at)
        rows.insert(len(rows) if before == "-" else _place(rows, before), moved)
    changed = document | {part: rows}
    return _renamed(changed, code, own) if part == "nodes" and code and code != own else changed


def _place(rows: list[dict[str, Any]], code: str) -> int:
    for at, row in enumerate(rows):
        if row.get("code") == code:
            return at
    raise Missing("edition.row", _("没有编码为“%(code)s”的一项，可能已被删除") % {"code": code})


def _renamed(document: Document, old: str, new: str) -> Document:
    def node(n: dict[str, Any]) -> dict[str, Any]:
        if n.get("parent") == old:
            n = n | {"parent": new}
        if n.get("na", {}).get("within") == old:
            n = n | {"na": n["na"] | {"within": new}}
        return n

    def item(i: dict[str, Any]) -> dict[str, Any]:
        feeds = {
            t: [f | {"leaf": new} if f.get("leaf") == old else f for f in rows]
            for t, rows in i.get("feeds", {}).items()
        }
        return i | {"feeds": feeds} if feeds else i

    return document | {
        "nodes": [node(n) for n in document.get("nodes", ())],
        "items": [item(i) for i in document.get("items", ())],
    }


def remove(document: Document, part: str, code: str) -> Document:
    """Without the row; a node goes with everything below it, and lines no longer feed what is gone."""
    rows = list(document.get(part, ()))
    _place(rows, code)
    if part == "items":
        return document | {part: [r for r in rows if r.get("code") != code]}
    gone = {code}
    while True:
        more = {str(r.get("code")) for r in rows if r.get("parent") in gone} - gone
        if not more:
            break
        gone |= more
    return document | {
        "nodes": [r for r in rows if r.get("code") not in gone],
        "items": [_unfed(i, gone) for i in document.get("items", ())],
    }


def _unfed(item: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    feeds = {
        t: [f for f in rows if f.get("leaf") not in gone]
        for t, rows in item.get("feeds", {}).items()
    }
    rest = {k: v for k, v in item.items() if k != "feeds"}
    kept = {t: rows for t, rows in feeds.items() if rows}
    return rest | ({"feeds": kept} if kept else {})


def with_head(document: Document, head: Mapping[str, Any]) -> Document:
    """The fields of the edition itself; those not given stay."""
    return document | {k: v for k, v in head.items() if k in HEAD}
