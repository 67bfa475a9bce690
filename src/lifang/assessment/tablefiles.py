"""The three CSV files of ``lifang score table``: read, checked to the last row, every fault told at once."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from lifang.assessment import table
from lifang.core.encoding import decode
from lifang.core.errors import Invalid

#: what a column may be called
HEADS = {
    "code": ("code", "编码", "代码", "指标编码"),
    "parent": ("parent", "上级", "上级编码", "父级"),
    "weight": ("weight", "权重"),
    "case": ("case", "对象", "个案", "评价对象"),
    "value": ("value", "值", "数值"),
    "mean": ("mean", "合成方法"),
}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?")


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: the file's name, the row as a program shows it, the column's name."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f" 第 {self.row} 行" if self.row else ""
        return f"{self.file}{place}{' ' + self.column if self.column else ''}：{self.message}"

    def as_dict(self) -> dict[str, str | int]:
        return {"file": self.file, "row": self.row, "column": self.column, "message": self.message}


class Faulty(Exception):
    """The files are wrong; nothing was computed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass
class Inputs:
    """What the files say."""

    tree: table.Tree
    values: dict[str, dict[str, Decimal]]
    faults: list[Fault] = field(default_factory=list)


Row = tuple[int, list[str]]


def read(
    structure: Path,
    weights: Path | None,
    values: Path,
    *,
    mean: table.Mean = "arithmetic",
    missing: table.Missing = "drop",
) -> Inputs:
    """Checked inputs; raises :class:`Faulty` with every fault of the three files."""
    faults: list[Fault] = []
    nodes = _structure(structure, faults)
    inner = {parent for parent, _row in nodes.values() if parent}
    means = _means(structure, nodes, inner, faults)
    given = _weights(weights, nodes, faults) if weights else {}
    _siblings(weights, nodes, given, faults)
    leaf_mean = {c: means.get(p, mean) for c, (p, _row) in nodes.items() if p}
    cases = _values(values, nodes, inner, leaf_mean, faults)
    if missing == "fail":
        absent = [c for c in nodes if c not in inner]
        for case, found in cases.items():
            for code in absent:
                if code not in found:
                    message = _("对象“%(case)s”缺少指标“%(code)s”的值") % {
                        "case": case,
                        "code": code,
                    }
                    faults.append(Fault(values.name, 0, "value", message))
    if faults:
        raise Faulty(faults)
    parents = [(code, parent) for code, (parent, _row) in nodes.items()]
    return Inputs(table.tree(parents, given, mean=mean, means=means), cases)


def _rows(path: Path, columns: tuple[str, ...], faults: list[Fault]) -> Iterator[Row]:
    """(row number, the wanted cells) of a file; blank rows are passed over.

    A last column named with ``?`` may be absent and is then empty.
    """
    wanted = [c.rstrip("?") for c in columns]
    optional = {c[:-1] for c in columns if c.endswith("?")}
    try:
        text = decode(path.read_bytes())
    except OSError as problem:
        faults.append(Fault(path.name, 0, "", _("文件无法读取：%(e)s") % {"e": problem.strerror}))
        return
    except Invalid as problem:
        faults.append(Fault(path.name, 0, "", str(problem)))
        return
    head_line = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";", "，"), key=head_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    places: list[int] = []
    width = 0
    try:
        for line in lines:
            cells = [c.strip().strip("\ufeff\u3000") for c in line]
            if not any(cells):
                continue
            if not places:
                heads = [c.lower() for c in cells]
                width = len(heads)
                for name in wanted:
                    at = [i for i, h in enumerate(heads) if h in HEADS[name]]
                    if len(at) != 1 and not (name in optional and not at):
                        told = _("应有且只有一列“%(name)s”") % {"name": name}
                        faults.append(Fault(path.name, lines.line_num, name, told))
                    places.append(at[0] if at else -1)
                if any(p < 0 and n not in optional for p, n in zip(places, wanted, strict=True)):
                    return
                continue
            if len(cells) > width and any(cells[width:]):
                told = _("这一行有 %(n)s 格，表头只有 %(m)s 列") % {"n": len(cells), "m": width}
                faults.append(Fault(path.name, lines.line_num, "", told))
                continue
            cells += [""] * (width - len(cells))
            yield lines.line_num, [cells[p] if p >= 0 else "" for p in places]
    except csv.Error as problem:
        told = _("CSV 格式有误：%(e)s") % {"e": problem}
        faults.append(Fault(path.name, lines.line_num, "", told))
        return
    if not places:
        faults.append(Fault(path.name, 0, "", _("文件是空的")))


Nodes = dict[str, tuple[str, int]]


def _structure(path: Path, faults: list[Fault]) -> Nodes:
    """``{code: (parent or "", row)}`` in the order of the file."""
    nodes: Nodes = {}
    for row, (code, parent) in _rows(path, ("code", "parent"), faults):
        if not code:
            faults.append(Fault(path.name, row, "code", _("编码必填")))
        elif code in nodes:
            told = _("编码“%(code)s”与第 %(row)s 行重复") % {"code": code, "row": nodes[code][1]}
            faults.append(Fault(path.name, row, "code", told))
        else:
            nodes[code] = (parent, row)
    for code, (parent, row) in nodes.items():
        if parent == code:
            faults.append(Fault(path.name, row, "parent", _("上级不能是自己")))
        elif parent and parent not in nodes:
            told = _("上级“%(parent)s”不在本表中：请为它加一行（顶层的上级留空）")
            faults.append(Fault(path.name, row, "parent", told % {"parent": parent}))
    for ring in _rings(nodes):
        told = _("上级关系成环：%(ring)s") % {"ring": " → ".join([*ring, ring[0]])}
        faults.append(Fault(path.name, nodes[ring[0]][1], "parent", told))
    if not nodes and not faults:
        faults.append(Fault(path.name, 0, "", _("没有任何指标")))
    return nodes


def _rings(nodes: Nodes) -> Iterator[list[str]]:
    state: dict[str, int] = {}
    for first in nodes:
        path: list[str] = []
        code = first
        while code in nodes and code not in state:
            state[code] = 1
            path.append(code)
            code = nodes[code][0]
        if code in path and len(path) - path.index(code) > 1:
            yield path[path.index(code) :]
        for passed in path:
            state[passed] = 2


def _means(path: Path, nodes: Nodes, inner: set[str], faults: list[Fault]) -> dict[str, table.Mean]:
    """Means of single nodes, from the optional column ``mean`` of the structure."""
    found: dict[str, table.Mean] = {}
    if not nodes:
        return found
    for row, (code, mean) in _rows(path, ("code", "mean?"), []):
        if not mean or nodes.get(code, ("", 0))[1] != row:
            continue
        known = next((m for m in table.MEANS if m == mean.lower()), None)
        if known is None:
            told = _("合成方法应为 %(list)s 之一") % {"list": "、".join(table.MEANS)}
            faults.append(Fault(path.name, row, "mean", told))
        elif code in inner:
            found[code] = known
    return found


def _number(
    text: str, where: Callable[[str], Fault], faults: list[Fault], *, least: int | None = None
) -> Decimal | None:
    if not _NUMBER.fullmatch(text):
        faults.append(where(_("“%(text)s”不是数") % {"text": text[:40]}))
        return None
    number = Decimal(text)
    if number and not 1e-300 < abs(float(number)) < 1e300:
        faults.append(where(_("“%(text)s”太大或太小") % {"text": text[:40]}))
        return None
    if least is not None and number < least:
        faults.append(where(_("不能小于 %(least)s") % {"least": least}))
        return None
    return number


def _weights(path: Path, nodes: Nodes, faults: list[Fault]) -> dict[str, Decimal]:
    given: dict[str, Decimal] = {}
    rows: dict[str, int] = {}
    for row, (code, text) in _rows(path, ("code", "weight"), faults):

        def fault(message: str, row: int = row, column: str = "weight") -> Fault:
            return Fault(path.name, row, column, message)

        if code not in nodes:
            faults.append(fault(_("没有编码为“%(code)s”的指标") % {"code": code}, row, "code"))
        elif code in rows:
            told = _("编码“%(code)s”与第 %(row)s 行重复") % {"code": code, "row": rows[code]}
            faults.append(fault(told, row, "code"))
        else:
            rows[code] = row
            if text and (number := _number(text, fault, faults, least=0)) is not None:
                given[code] = number
    return given


def _siblings(
    path: Path | None, nodes: Nodes, given: dict[str, Decimal], faults: list[Fault]
) -> None:
    """Siblings have all a weight or none, and not all of them zero."""
    if path is None or any(f.file == path.name for f in faults):
        return
    below: dict[str, list[str]] = {}
    for code, (parent, _row) in nodes.items():
        if parent:
            below.setdefault(parent, []).append(code)
    for parent, children in below.items():
        weighed = [c for c in children if c in given]
        if weighed and len(weighed) < len(children):
            lacking = "、".join(c for c in children if c not in given)
            told = _("“%(parent)s”的下级有的有权重、有的没有，缺：%(list)s")
            faults.append(Fault(path.name, 0, "weight", told % {"parent": parent, "list": lacking}))
        elif weighed and not any(given[c] for c in weighed):
            told = _("“%(parent)s”的下级权重全是 0") % {"parent": parent}
            faults.append(Fault(path.name, 0, "weight", told))


def _values(
    path: Path,
    nodes: Nodes,
    inner: set[str],
    leaf_mean: dict[str, table.Mean],
    faults: list[Fault],
) -> dict[str, dict[str, Decimal]]:
    cases: dict[str, dict[str, Decimal]] = {}
    rows: dict[tuple[str, str], int] = {}
    for row, (case, code, text) in _rows(path, ("case", "code", "value"), faults):

        def fault(message: str, column: str = "value", row: int = row) -> Fault:
            return Fault(path.name, row, column, message)

        if not case:
            faults.append(fault(_("对象必填"), "case"))
            continue
        found = cases.setdefault(case, {})
        if code not in nodes:
            if code or text:
                faults.append(fault(_("没有编码为“%(code)s”的指标") % {"code": code}, "code"))
            continue
        if code in inner:
            if text:
                told = _("“%(code)s”有下级，它的值由下级算出，不能填写") % {"code": code}
                faults.append(fault(told, "code"))
            continue
        if (case, code) in rows:
            told = _("对象“%(case)s”的“%(code)s”与第 %(row)s 行重复")
            told %= {"case": case, "code": code, "row": rows[case, code]}
            faults.append(fault(told, "code"))
            continue
        rows[case, code] = row
        if not text:
            continue
        number = _number(text, fault, faults)
        if number is None:
            continue
        if number < 0 and leaf_mean.get(code, "arithmetic") != "arithmetic":
            faults.append(fault(_("几何平均与调和平均不能有负数，请先换算为非负的值")))
            continue
        found[code] = number
    return cases
