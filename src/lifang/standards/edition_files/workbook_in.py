"""A workbook into a document: every fault of every sheet at once, by sheet, row and column."""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from lifang.core.imports.cells import narrow
from lifang.core.imports.tables import letter
from lifang.standards.edition_files import layout, package
from lifang.standards.edition_files.layout import Col, Tab
from lifang.standards.edition_files.places import Place, Sheetful

_HEAD_WITHIN = 10
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_NUMBERS = {
    "points", "share", "number", "full", "else", "lo", "hi", "each", "floor", "site_cap", "target", "cap",
    "value", "least", "most", "size", "words", "months",
}  # fmt: skip
#: of a rule or its ``then``; the rest of the columns belong to the measure
_IN_RULE = (
    "combine", "by", "better", "else", "lo", "hi", "full", "each", "floor", "per", "site_cap", "target", "cap",
    "effect", "value",
)  # fmt: skip
_OF_STEP = ("by", "better", "cuts", "else", "lo", "hi")


def read(data: bytes, *, types: Mapping[str, str] | None = None) -> Sheetful:
    """Never raises for what the file holds. ``types``: names of site types → codes."""
    out = Sheetful()
    try:
        scans = package.scan(data, {t.name for t in layout.TABS})
        lines = _values(data, scans)
    except package.Refused as refused:
        out.fault(str(refused))
        return out
    reader = _Reader(out, scans, lines, dict(types or {}))
    document = reader.document()
    return out.finish(document) if reader.whole else out


def _values(data: bytes, scans: Mapping[str, package.Scan]) -> dict[str, list[list[Any]]]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name, found in scans.items()
                if not found.refused
            }
    except Exception as problem:  # calamine has an exception for each way a file is broken
        raise package.Refused(_("不是有效的 Excel 文件，请另存为 .xlsx 后重试")) from problem


@dataclass
class _Line:
    """A row with its cells by field, and how to tell a place of it."""

    tab: Tab
    number: int
    cells: dict[str, Any]
    letters: Mapping[str, str]

    def place(self, field: str = "") -> Place:
        column = next((c.heading for c in self.tab.columns if c.field == field), "")
        at = self.letters.get(field, "")
        return Place(self.tab.name, self.number, column, f"{at}{self.number}" if at else "")


class _Reader:
    def __init__(
        self,
        out: Sheetful,
        scans: Mapping[str, package.Scan],
        lines: Mapping[str, list[list[Any]]],
        types: Mapping[str, str],
    ) -> None:
        self.out = out
        self.scans = {n.strip(): s for n, s in scans.items()}
        self.sheets = {n.strip(): v for n, v in lines.items()}
        self.types = types
        #: all sheets that must be there could be read: only then is the whole checked for sense
        self.whole = True

    def document(self) -> dict[str, Any]:
        doc = self._meta()
        for line in self._lines(layout.LINKS):
            self._link(doc, line)
        nodes = doc["nodes"] = list[dict[str, Any]]()
        rows: dict[str, list[int]] = {}
        for line in self._lines(layout.NODES):
            node = self._node(line, f"nodes[{len(nodes)}]")
            rows.setdefault(node.get("code", ""), []).append(len(nodes))
            nodes.append(node)
        of = {code: at[0] for code, at in rows.items()}
        for line in self._lines(layout.MEASURES):
            self._measure(nodes, of, line)
        for line in self._lines(layout.SLOT_TAB):
            self._below(nodes, of, line, "document", "slots", self._slot)
        for line in self._lines(layout.QUESTIONS):
            self._below(nodes, of, line, "survey", "questions", lambda x, _p: x.cells["question"])
        doc["items"] = self._items()
        return doc

    # ------------------------------------------------------------ cells

    def _lines(self, tab: Tab) -> Iterator[_Line]:
        scan = self.scans.get(tab.name)
        must = tab in (layout.META, layout.NODES, layout.MEASURES)
        if scan is None:
            if must:
                self.whole = False
                self.out.fault(_("缺少工作表“%(name)s”") % {"name": tab.name}, Place(tab.name))
            return
        if scan.refused:
            self.whole = False
            self.out.fault(scan.refused, Place(tab.name))
            return
        table = self.sheets[tab.name]
        head, places = self._head(tab, table)
        if head < 0:
            self.whole = False
            return
        self._structure(tab, scan, table, head)
        letters = {c.field: letter(at) for at, c in places.items()}
        for n, row in enumerate(table[head + 1 :], head + 2):
            raw = {c.field: row[at] if at < len(row) else "" for at, c in places.items()}
            if all(v in ("", None) or (isinstance(v, str) and not v.strip()) for v in raw.values()):
                continue
            line = _Line(tab, n, {}, letters)
            for column in places.values():
                line.cells[column.field] = self._cell(line, column, raw[column.field])
            yield line

    def _head(self, tab: Tab, table: list[list[Any]]) -> tuple[int, dict[int, Col]]:
        known = {_plain(c.heading): c for c in tab.columns}
        best: tuple[int, dict[int, Col]] = (-1, {})
        for n, row in enumerate(table[:_HEAD_WITHIN]):
            found = {at: known[_plain(v)] for at, v in enumerate(row) if _plain(v) in known}
            if len(found) > len(best[1]):
                best = n, found
        head, places = best
        have = [c.heading for c in places.values()]
        missing = [h for h in tab.required if h not in have]
        if missing:
            told = _("缺少这些列：%(list)s") % {"list": "、".join(missing)}
            self.out.fault(told, Place(tab.name, max(head + 1, 1)))
            return -1, {}
        for heading in dict.fromkeys(h for h in have if have.count(h) > 1):
            self.out.fault(_("列重复"), Place(tab.name, head + 1, heading))
        for at, value in enumerate(table[head]):
            if at not in places and _plain(value):
                told = _("没有“%(name)s”这一列，请删去或改名") % {"name": str(value)[:20]}
                self.out.fault(told, Place(tab.name, head + 1, "", f"{letter(at)}{head + 1}"))
        return head, places

    def _structure(self, tab: Tab, scan: package.Scan, table: list[list[Any]], head: int) -> None:
        """Formulas and merged cells are told; a merged value is taken for all its cells, so that nothing else is."""
        for cell in scan.formulas:
            told = _("是公式，不取其计算结果；请复制后“选择性粘贴—数值”")
            self.out.fault(told, Place(tab.name, _row_of(cell), "", cell))
        for ref in scan.merged:
            span = package.corners(ref)
            if span is None or span[2] <= head:  # a title above the headings may be merged
                continue
            top, left, bottom, _right = span
            told = _("单元格 %(ref)s 合并了，请取消合并，每行各自填写")
            self.out.fault(told % {"ref": ref}, Place(tab.name, top, "", ref))
            if top <= len(table) and left <= len(table[top - 1]):
                value = table[top - 1][left - 1]
                for row in table[top - 1 : bottom]:
                    if left <= len(row) and row[left - 1] in ("", None):
                        row[left - 1] = value

    def _cell(self, line: _Line, column: Col, value: Any) -> str:
        """Text of a cell, its label turned into the value; faults are told with the cell."""

        def wrong(message: str) -> str:
            self.out.fault(message, line.place(column.field))
            return ""

        if value is None or value == "":
            return ""
        if isinstance(value, dt.date | dt.datetime | dt.time | dt.timedelta):
            return wrong(_("被 Excel 当成了日期，请把该列设为文本后重填"))
        if isinstance(value, bool):
            return wrong(_("应为文字或数字，不是“是/否”值"))
        if isinstance(value, int | float):
            return _shortest(value)
        text = str(value).strip()
        if _ERROR.fullmatch(text):
            return wrong(_("单元格是公式错误 %(e)s，请改为实际内容") % {"e": text})
        if column.field in _NUMBERS:
            return narrow(text).replace(",", "").replace("，", "").replace(" ", "")
        if column.words is not None:
            return self._word(column, narrow(text), wrong)
        return text

    def _word(self, column: Col, text: str, wrong: Callable[[str], str]) -> str:
        words = column.words or {}
        if text in words:
            return words[text]
        if text in words.values():
            return text
        return wrong(
            _("“%(text)s”不在可选范围：%(list)s") % {"text": text[:20], "list": "、".join(words)}
        )

    def _pairs(self, line: _Line, field: str) -> list[tuple[str, str]]:
        """``A=1；B=0.6`` or one a line. A part without ``=`` belongs to the one before (``name=a；b``)."""
        text = str(line.cells.get(field) or "")
        parts = [p.strip() for p in re.split(r"[\n；;]", text)]
        found: list[tuple[str, str]] = []
        for part in parts:
            if not part:
                continue
            key, sign, value = part.replace("＝", "=").partition("=")
            if sign:
                found.append((key.strip(), narrow(value).strip()))
            elif found and field == "applies":
                found.append((found[-1][0], part))
            else:
                self.out.fault(
                    _("“%(part)s”应写成 名称=数值") % {"part": part[:30]}, line.place(field)
                )
        keys = [k for k, _v in found]
        if field != "applies" and field != "cuts" and len(set(keys)) < len(keys):
            self.out.fault(_("同一名称写了两次"), line.place(field))
        return found

    def _note(self, path: str, line: _Line, fields: Mapping[str, str]) -> None:
        """``path`` stands in this row; ``fields``: path below → field of the column."""
        self.out.places[path] = line.place()
        for below, field in fields.items():
            self.out.places[f"{path}.{below}"] = line.place(field)

    # ------------------------------------------------------------ sheets

    def _meta(self) -> dict[str, Any]:
        doc: dict[str, Any] = {}
        paths = {name: path for name, path, _note in layout.META_ROWS}
        seen: set[str] = set()
        for line in self._lines(layout.META):
            name, value = line.cells.get("name", ""), line.cells.get("content", "")
            path = paths.get(name)
            if path is None:
                self.out.fault(_("没有“%(name)s”这一项") % {"name": name[:20]}, line.place("name"))
                continue
            if path in seen:
                self.out.fault(_("“%(name)s”写了两次") % {"name": name}, line.place("name"))
            seen.add(path)
            self.out.places[path] = line.place("content")
            head, dot, leaf = path.partition(".")
            if value and dot:
                doc.setdefault(head, {})[leaf] = value
            elif value:
                doc[path] = value
        return doc

    def _link(self, doc: dict[str, Any], line: _Line) -> None:
        kind = line.cells.get("type", "")
        if not kind:
            self.out.fault(_("必填"), line.place("type"))
            return
        rows = doc.setdefault(kind, [])
        name = "share" if kind == "blends" else "at_least"
        path = f"{kind}[{len(rows)}]"
        self._note(path, line, {"edition": "edition", name: "number", "full": "full"})
        if kind == "prerequisites" and line.cells.get("full"):
            self.out.fault(_("前置条件不填满分"), line.place("full"))
        rows.append(
            {"edition": line.cells.get("edition"), name: line.cells.get("number")}
            | ({"full": line.cells.get("full")} if kind == "blends" else {})
        )

    def _node(self, line: _Line, path: str) -> dict[str, Any]:
        cells = line.cells
        fields = {c.field: c.field for c in layout.NODES.columns}
        self._note(path, line, fields)
        if not cells.get("code"):
            self.out.fault(_("必填"), line.place("code"))
        applies: dict[str, list[str]] = {}
        for key, value in self._pairs(line, "applies"):
            applies.setdefault(key, []).append(value)
        return {
            **{k: cells.get(k) for k in ("code", "parent", "title", "points", "lead", "help")},
            "assist": [{"role": k, "share": v} for k, v in self._pairs(line, "assist")],
            "na": {"policy": cells.get("na.policy"), "within": cells.get("na.within")},
            "missing": {"policy": cells.get("missing.policy")},
            "applies": applies,
        }

    def _measure(self, nodes: list[dict[str, Any]], of: Mapping[str, int], line: _Line) -> None:
        at = self._leaf(of, line)
        if at is None:
            return
        cells = line.cells
        measures = nodes[at].setdefault("measures", [])
        path = f"nodes[{at}].measures[{len(measures)}]"
        kind = cells.get("kind", "")
        fields = {
            "key": "key",
            "method": "method",
            "share": "share",
            "take": "take",
            "unit": "unit",
        }
        fields |= {
            f"rule.{k}": k for k in (*_IN_RULE, "grades", "options", "cuts", "accept", "kind")
        }
        fields |= {f"rule.then.{k}": k for k in _OF_STEP} | {"rule.then": "then"}
        self._note(path, line, fields)
        for field in ("method", "kind"):
            if not cells.get(field):
                self.out.fault(_("必填"), line.place(field))
        measures.append(
            {
                **{k: cells.get(k) for k in ("key", "method", "share", "take", "unit")},
                "rule": self._rule(line, kind),
            }
        )

    def _rule(self, line: _Line, kind: str) -> dict[str, Any]:
        """The rule of a row. A column that its kind does not know is told, not dropped in silence."""
        from lifang.standards.edition_tidy import RULES

        cells = {k: v for k, v in line.cells.items() if k in _IN_RULE and v != ""}
        if line.cells.get("grades"):
            cells["grades"] = dict(self._pairs(line, "grades"))
        if line.cells.get("options"):
            found = self._pairs(line, "options")
            cells["options"] = {k: None if v in ("-", "－", "不计") else v for k, v in found}
        if line.cells.get("cuts"):
            cells["cuts"] = [[a, b] for a, b in self._pairs(line, "cuts")]
        if line.cells.get("accept"):
            cells["accept"] = _list(line.cells["accept"])
        rule: dict[str, Any] = {"kind": kind}
        then = line.cells.get("then", "")
        if then:
            rule["then"] = {"kind": then} | {k: cells.pop(k) for k in _OF_STEP if k in cells}
        allowed = set(RULES.get(kind, cells))
        for field in cells.keys() - allowed:
            self.out.fault(_("规则不用这一列，请清空或改规则"), line.place(field))
        if then and "then" not in allowed:
            self.out.fault(_("规则不用这一列，请清空或改规则"), line.place("then"))
            rule.pop("then")
        return rule | {k: v for k, v in cells.items() if k in allowed}

    def _leaf(self, of: Mapping[str, int], line: _Line) -> int | None:
        code = line.cells.get("leaf", "")
        if code in of and code:
            return of[code]
        told = _("没有编码为“%(code)s”的指标") % {"code": code} if code else _("必填")
        self.out.fault(told, line.place("leaf"))
        return None

    def _below(
        self,
        nodes: list[dict[str, Any]],
        of: Mapping[str, int],
        line: _Line,
        method: str,
        name: str,
        make: Callable[[_Line, str], Any],
    ) -> None:
        """A row that belongs to a measure of an indicator: a document asked for, a question."""
        at = self._leaf(of, line)
        if at is None:
            return
        key = line.cells.get("measure") or method
        for k, m in enumerate(nodes[at].get("measures", ())):
            if (m.get("key") or m.get("method")) == key:
                rows = m.setdefault(name, [])
                path = f"nodes[{at}].measures[{k}].{name}[{len(rows)}]"
                self._note(path, line, {c.field: c.field for c in line.tab.columns})
                rows.append(make(line, path))
                return
        told = _("指标“%(leaf)s”没有测评方式“%(key)s”")
        self.out.fault(told % {"leaf": line.cells["leaf"], "key": key}, line.place("measure"))

    def _slot(self, line: _Line, path: str) -> dict[str, Any]:
        if not line.cells.get("key"):
            self.out.fault(_("必填"), line.place("key"))
        names = ("key", "title", "kind", "least", "most", "size", "words", "months", "help")
        return {k: line.cells.get(k) for k in names}

    def _items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        of: dict[str, tuple[int, int]] = {}
        for line in self._lines(layout.ITEMS):
            code, cells = line.cells.get("code", ""), line.cells
            if not code:
                self.out.fault(_("必填"), line.place("code"))
                continue
            if code not in of:
                of[code] = len(items), line.number
                path = f"items[{len(items)}]"
                self._note(path, line, {c.field: c.field for c in layout.ITEMS.columns})
                items.append(
                    {
                        "code": code,
                        "title": cells.get("title"),
                        "categories": _list(cells.get("categories", "")),
                        "help": cells.get("help"),
                        "feeds": {},
                    }
                )
            else:
                first = items[of[code][0]]
                for field in ("title", "help"):
                    if cells.get(field) and cells[field] != first[field]:
                        told = _("编码“%(code)s”重复：与第 %(n)s 行不一致")
                        self.out.fault(told % {"code": code, "n": of[code][1]}, line.place(field))
            self._feed(items[of[code][0]], f"items[{of[code][0]}]", line)
        return items

    def _feed(self, item: dict[str, Any], path: str, line: _Line) -> None:
        cells = line.cells
        types, leaf = _list(cells.get("types", "")), cells.get("leaf", "")
        if not types and not leaf:
            return
        for field in ("types", "leaf"):
            if not cells.get(field):
                self.out.fault(_("必填"), line.place(field))
        for given in types:
            site_type = self.types.get(given, given)
            rows = item["feeds"].setdefault(site_type, [])
            below = f"{path}.feeds.{site_type}[{len(rows)}]"
            self._note(below, line, {"leaf": "leaf", "measure": "measure", "share": "share"})
            rows.append(
                {"leaf": leaf, "measure": cells.get("measure"), "share": cells.get("share")}
            )


def _plain(heading: Any) -> str:
    return re.sub(r"[\s*＊]+", "", str(heading or ""))


def _list(text: str) -> list[str]:
    return [p.strip() for p in re.split(r"[\n；;]", text) if p.strip()]


def _row_of(cell: str) -> int:
    digits = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdigit() else 0


def _shortest(value: float) -> str:
    """``1.0`` → ``1``; what binary numbers add beyond ten places is rounded off."""
    exact = Decimal(repr(value)).quantize(Decimal("1e-10")) if abs(value) < 1e15 else Decimal(value)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
