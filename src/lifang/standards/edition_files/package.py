"""What must be known of an .xlsx before its values are read: macros, formulas, merged cells, how large it is.

The reader of values (calamine) sees none of these, and a cell far away would cost it all memory.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_ROWS = 20_000
#: a value may stand so far down or right, with nothing between
FAR_ROW, FAR_COLUMN = 100_000, 200
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Refused(ValueError):
    """The file cannot be read at all; the message says why and how to mend it."""


@dataclass
class Scan:
    """One sheet: cells with formulas, merged ranges, why it is not read."""

    formulas: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    refused: str = ""


class _Enough(Exception):
    pass


def scan(data: bytes, wanted: set[str]) -> dict[str, Scan]:
    """The sheets among ``wanted``, by name, in one pass over each. Raises :class:`Refused`."""
    if len(data) > MOST_BYTES:
        raise Refused(_("文件超过 %(n)s MB") % {"n": MOST_BYTES // 2**20})
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused(_("文件是旧版 .xls 或设有密码，请去掉密码并另存为 .xlsx"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            return _package(box, wanted)
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, NotImplementedError, EOFError) as e:
        raise Refused(_("不是有效的 Excel 文件，请另存为 .xlsx 后重试")) from e


def _package(box: zipfile.ZipFile, wanted: set[str]) -> dict[str, Scan]:
    names = box.namelist()
    if sum(i.file_size for i in box.infolist()) > MOST_UNPACKED:
        raise Refused(_("文件展开后过大，请删去无关的工作表和格式后重试"))
    types = box.read("[Content_Types].xml")
    if b"macroEnabled" in types or any(n.lower().endswith("vbaproject.bin") for n in names):
        raise Refused(_("文件带有宏，不予读取；请另存为不带宏的 .xlsx"))
    if any(i.flag_bits & 1 for i in box.infolist()):
        raise Refused(_("文件设有密码，请去掉密码后重试"))
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    _parse(
        box.read("xl/workbook.xml"),
        lambda tag, a: sheets.append((a.get("name", ""), _relation(a))) if tag == "sheet" else None,
    )
    _parse(
        box.read("xl/_rels/workbook.xml.rels"),
        lambda tag, a: (
            targets.__setitem__(a.get("Id", ""), a.get("Target", ""))
            if tag == "Relationship"
            else None
        ),
    )
    return {
        name: _sheet(box.read(_path(targets[relation])))
        for name, relation in sheets
        if name.strip() in wanted and relation in targets
    }


def _relation(attributes: dict[str, str]) -> str:
    return next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")


def _path(target: str) -> str:
    """The part's name in the package; an absolute target starts at the root."""
    return target.lstrip("/") if target[:1] == "/" else posixpath.normpath(f"xl/{target}")


def _parse(xml: bytes, start: Callable[[str, dict[str, str]], Any]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, a: start(tag.rpartition(":")[2], a)
    parser.Parse(xml, True)


def _sheet(xml: bytes) -> Scan:
    found, at = Scan(), _At()

    def start(tag: str, a: dict[str, str]) -> None:
        if tag == "c":
            at.to(a.get("r", ""))
        elif tag == "row":
            at.next_row(a.get("r", ""))
        elif tag in ("v", "is"):
            at.value()
        elif tag == "f":
            found.formulas.append(at.cell)
        elif tag == "mergeCell":
            found.merged.append(a.get("ref", ""))

    try:
        _parse(xml, start)
    except _Enough as why:
        found.refused = str(why)
    return found


@dataclass
class _At:
    """Where the scan stands, and how many rows hold anything."""

    row: int = 0
    column: int = 0
    cell: str = ""
    rows: int = 0
    counted: bool = False

    def next_row(self, number: str) -> None:
        self.row = int(number) if number.isdigit() else self.row + 1
        self.column, self.counted = 0, False

    def to(self, cell: str) -> None:
        self.cell = cell
        match = _CELL.fullmatch(cell)
        self.column = column_of(match[1]) if match else self.column + 1

    def value(self) -> None:
        if self.row > FAR_ROW or self.column > FAR_COLUMN:
            told = _("单元格 %(cell)s 离表格太远，请删去多余内容")
            raise _Enough(told % {"cell": self.cell})
        if not self.counted:
            self.counted = True
            self.rows += 1
            if self.rows > MOST_ROWS:
                raise _Enough(_("超过 %(n)s 行，不予读取") % {"n": MOST_ROWS})


def column_of(letters: str) -> int:
    """``A`` is 1."""
    n = 0
    for c in letters:
        n = n * 26 + ord(c) - 64
    return n


def corners(ref: str) -> tuple[int, int, int, int] | None:
    """``B2:C5`` → top row, left column, bottom row, right column; counted from 1."""
    ends = [_CELL.fullmatch(part) for part in ref.split(":")]
    if not ends or not all(ends):
        return None
    points = [(int(m[2]), column_of(m[1])) for m in ends if m]
    (top, left), (bottom, right) = points[0], points[-1]
    return top, left, bottom, right
