"""An edition as a workbook: a sheet for the system itself, and one each for what it is made of."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from lifang.standards.edition_files import layout
from lifang.standards.edition_files.layout import Col, Tab
from lifang.standards.edition_tidy import tidy

Cells = dict[str, str]


def write(
    document: Any, *, types: Mapping[str, str] | None = None, roles: Iterable[str] = ()
) -> bytes:
    """The workbook of a document, faulty ones too. ``types``: codes of site types → names, for the guide."""
    doc, _lost = tidy(document)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False,
                                     "strings_to_urls": False, "strings_to_numbers": False})  # fmt: skip
    formats = _Formats(book)
    tables = {
        layout.META: _meta(doc),
        layout.LINKS: _links(doc),
        layout.NODES: [_node(n) for n in doc.get("nodes", ())],
        layout.MEASURES: [_measure(n, m) for n, m in _measures(doc)],
        layout.SLOT_TAB: [_slot(n, m, s) for n, m in _measures(doc) for s in m.get("slots", ())],
        layout.QUESTIONS: [
            {"leaf": n.get("code", ""), "measure": _key(m, "survey"), "question": q}
            for n, m in _measures(doc)
            for q in m.get("questions", ())
        ],
        layout.ITEMS: [row for i in doc.get("items", ()) for row in _item(i)],
    }
    for tab, rows in tables.items():
        _sheet(book, formats, tab, rows)
    _guide(book, formats, types or {})
    book.close()
    return out.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        top = {"valign": "top", "num_format": "@", "text_wrap": True}
        self.head = book.add_format({"bold": True, "bg_color": "#E8EDF5", "border": 1})
        self.must = book.add_format({"bold": True, "bg_color": "#D5E1F5", "border": 1})
        self.text = book.add_format(top)
        self.faint = book.add_format(top | {"font_color": "#6B7280"})


def _sheet(book: Any, formats: _Formats, tab: Tab, rows: list[Cells]) -> None:
    sheet = book.add_worksheet(tab.name)
    sheet.freeze_panes(1, tab.freeze)
    for at, column in enumerate(tab.columns):
        sheet.set_column(at, at, column.width, formats.text)
        must = column.heading in tab.required
        sheet.write_string(0, at, column.heading, formats.must if must else formats.head)
        if column.note:
            sheet.write_comment(0, at, column.note, {"x_scale": 1.6})
        if column.words:
            source = [w for w, v in column.words.items() if v or w]
            sheet.data_validation(1, at, 5000, at, {"validate": "list", "source": source})
    for n, row in enumerate(rows, 1):
        for at, column in enumerate(tab.columns):
            if value := row.get(column.field, ""):
                plain = tab is layout.META and at == 2
                sheet.write_string(n, at, value, formats.faint if plain else formats.text)
    if tab is not layout.META:
        sheet.autofilter(0, 0, max(len(rows), 1), len(tab.columns) - 1)


def _guide(book: Any, formats: _Formats, types: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(layout.GUIDE)
    sheet.set_column(0, 0, 16, formats.text)
    sheet.set_column(1, 1, 20, formats.text)
    sheet.set_column(2, 2, 90, formats.text)
    for at, heading in enumerate((_("工作表"), _("列"), _("怎么填"))):
        sheet.write_string(0, at, heading, formats.head)
    lines = [
        (layout.GUIDE, "", _("本表不导入。单元格不要合并，不要用公式，数字可以是文本。")),
        *((t.name, c.heading, _explained(c)) for t in layout.TABS[1:] for c in t.columns),
        *((_("点位类型"), code, name) for code, name in types.items()),
    ]
    for n, line in enumerate(lines, 1):
        for at, text in enumerate(line):
            sheet.write_string(n, at, text, formats.text)


def _explained(column: Col) -> str:
    told = [column.note] if column.note else []
    if column.words:
        told.append(_("可填：%(list)s") % {"list": "、".join(column.words)})
    return "；".join(told)


# ---------------------------------------------------------------- rows


def _measures(doc: Mapping[str, Any]) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    for node in doc.get("nodes", ()):
        for measure in node.get("measures", ()):
            yield node, measure


def _key(measure: Mapping[str, Any], default: str) -> str:
    """The key by which other sheets name a measure; empty where it is what they take anyway."""
    key = str(measure.get("key") or measure.get("method") or "")
    return "" if key == default else key


def _word(tab: Tab, field: str, value: Any) -> str:
    """The label of a value; the value itself where there is none (a faulty draft)."""
    words = next(c.words or {} for c in tab.columns if c.field == field)
    return next((w for w, v in words.items() if v == value and value), str(value or ""))


def _meta(doc: Mapping[str, Any]) -> list[Cells]:
    rows = []
    for name, path, note in layout.META_ROWS:
        value: Any = doc
        for part in path.split("."):
            value = value.get(part, {}) if isinstance(value, dict) else {}
        rows.append({"name": name, "content": str(value or ""), "note": note})
    return rows


def _links(doc: Mapping[str, Any]) -> list[Cells]:
    found = []
    for kind, field in (("prerequisites", "at_least"), ("blends", "share")):
        for row in doc.get(kind, ()):
            found.append(
                {
                    "type": _word(layout.LINKS, "type", kind),
                    "edition": row.get("edition", ""),
                    "number": row.get(field, ""),
                    "full": row.get("full", ""),
                }
            )
    return found


def pairs(found: Mapping[str, Any] | None) -> str:
    """``{"A": "1"}`` as lines ``A=1``; an option that is left out has ``-``."""
    return "\n".join(f"{k}={'-' if v is None else v}" for k, v in (found or {}).items())


def _node(n: Mapping[str, Any]) -> Cells:
    na, missing = n.get("na", {}), n.get("missing", {})
    return {
        "code": n.get("code", ""),
        "parent": n.get("parent", ""),
        "title": n.get("title", ""),
        "points": n.get("points", ""),
        "lead": n.get("lead", ""),
        "assist": "\n".join(f"{a.get('role', '')}={a.get('share', '')}" for a in n.get("assist", ())),
        "na.policy": _word(layout.NODES, "na.policy", na.get("policy", "")),
        "na.within": na.get("within", ""),
        "missing.policy": _word(layout.NODES, "missing.policy", missing.get("policy", "")),
        "applies": "\n".join(f"{k}={'；'.join(v)}" for k, v in n.get("applies", {}).items()),
        "help": n.get("help", ""),
    }  # fmt: skip


def _measure(node: Mapping[str, Any], m: Mapping[str, Any]) -> Cells:
    rule = dict(m.get("rule", {}))
    then = rule.pop("then", None)
    cells: dict[str, Any] = {
        "leaf": node.get("code", ""),
        "method": m.get("method", ""),
        "key": m.get("key", ""),
        "share": m.get("share", ""),
        "take": m.get("take", ""),
        "unit": m.get("unit", ""),
        "then": then.get("kind", "") if then else "",
    }
    cells |= rule | {k: v for k, v in (then or {}).items() if k != "kind"}
    cells["grades"] = pairs(cells.get("grades"))
    cells["options"] = pairs(cells.get("options"))
    cells["cuts"] = "\n".join(f"{a}={b}" for a, b in cells.get("cuts", ()))
    cells["accept"] = "\n".join(cells.get("accept", ()))
    worded = {c.field for c in layout.MEASURES.columns if c.words}
    return {
        k: _word(layout.MEASURES, k, v) if k in worded else str(v or "") for k, v in cells.items()
    }


def _slot(node: Mapping[str, Any], m: Mapping[str, Any], s: Mapping[str, Any]) -> Cells:
    numbers = {k: s.get(k, "") for k in ("least", "most", "size", "words", "months")}
    return {
        "leaf": node.get("code", ""),
        "measure": _key(m, "document"),
        "key": s.get("key", ""),
        "title": s.get("title", ""),
        "kind": _word(layout.SLOT_TAB, "kind", s.get("kind", "")),
        "help": s.get("help", ""),
        **numbers,
    }


def _item(i: Mapping[str, Any]) -> list[Cells]:
    """One row for each set of site types and indicator; types that feed the same share a row."""
    first = {
        "code": i.get("code", ""),
        "title": i.get("title", ""),
        "categories": "\n".join(i.get("categories", ())),
        "help": i.get("help", ""),
    }
    alike: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}
    for site_type, targets in i.get("feeds", {}).items():
        alike.setdefault(repr(targets), ([], targets))[0].append(site_type)
    rows: list[Cells] = []
    for types, targets in alike.values():
        for target in targets:
            lead = first if not rows else {"code": first["code"]}
            rows.append(
                lead
                | {
                    "types": "；".join(types),
                    "leaf": target.get("leaf", ""),
                    "measure": target.get("measure", ""),
                    "share": target.get("share", ""),
                }
            )
    return rows or [first]
