"""Tables out of files: Excel by calamine, CSV of whatever encoding, GeoJSON features as rows."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import python_calamine
from django.utils.translation import gettext as _

from lifang.core.encoding import decode
from lifang.core.errors import Invalid

MOST_ROWS = 200_000
GEOMETRY = "geometry"


@dataclass
class Table:
    """Cells as they stand. ``lines[0]`` has number ``first`` as the program shows it."""

    lines: list[list[Any]]
    first: int = 1
    #: whether cells have letters (Excel, CSV) or only names (GeoJSON)
    lettered: bool = True
    sheet: str = ""


def read(path: Path, *, content_type: str, sheet: str = "") -> Table:
    """The table in a file; raises :class:`Invalid` in words."""
    if content_type == "text/csv":
        table = _csv(path.read_bytes())
    elif content_type == "application/geo+json":
        table = _geojson(path.read_bytes())
    else:
        table = _excel(path, sheet)
    if len(table.lines) > MOST_ROWS:
        raise Invalid("import.too_long", _("超过 %(n)s 行，请分成几个文件") % {"n": MOST_ROWS})
    if not table.lines:
        raise Invalid("import.empty", _("表格是空的"))
    return table


def _excel(path: Path, wanted: str) -> Table:
    try:
        # by its bytes: in the store a file has no ending to go by
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except Exception as problem:  # calamine has an exception for each way a file is broken
        raise Invalid(
            "import.broken", _("Excel 文件无法打开，可能已损坏或设有密码，请另存后重试")
        ) from problem
    with book:
        names = [m.name for m in book.sheets_metadata if "Visible" in str(m.visible)]
        names = names or list(book.sheet_names)
        if wanted and wanted not in names:
            raise Invalid(
                "import.sheet",
                _("没有名为“%(name)s”的工作表，有：%(list)s")
                % {"name": wanted, "list": "、".join(names)},
            )
        if not names:
            raise Invalid("import.empty", _("表格是空的"))
        sheet = book.get_sheet_by_name(wanted or names[0])
        lines = [list(line) for line in sheet.to_python(skip_empty_area=False)]
        _unmerge(lines, sheet)
        return Table(lines, sheet=wanted or names[0])


def _unmerge(lines: list[list[Any]], sheet: Any) -> None:
    """A merged cell has its value in the first of its cells only: give it to the column's others."""
    for (top, left), (bottom, _right) in getattr(sheet, "merged_cell_ranges", None) or ():
        if top >= len(lines) or left >= len(lines[top]):
            continue
        for line in lines[top + 1 : bottom + 1]:
            if left < len(line) and line[left] in ("", None):
                line[left] = lines[top][left]


def _csv(data: bytes) -> Table:
    text = decode(data)
    head = text[:4096].split("\n", 1)[0]
    delimiter = max((",", "\t", ";", "，"), key=head.count)
    try:
        lines: list[list[Any]] = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as problem:
        raise Invalid("import.broken", _("CSV 文件格式有误：%(e)s") % {"e": problem}) from problem
    while lines and not any(lines[-1]):
        lines.pop()
    return Table(lines)


def _geojson(data: bytes) -> Table:
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        features = found["features"]
        titles: dict[str, None] = {}
        for feature in features:
            titles.update(dict.fromkeys(feature.get("properties") or {}))
        names = [*titles, GEOMETRY]
        lines: list[list[Any]] = [names]
        for feature in features:
            values = feature.get("properties") or {}
            lines.append([*(values.get(t) for t in titles), feature.get("geometry")])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as problem:
        raise Invalid(
            "import.geojson", _("不是有效的 GeoJSON（应为 FeatureCollection）")
        ) from problem
    return Table(lines, first=0, lettered=False)  # the first feature is number 1


def letter(index: int) -> str:
    """Excel's name of a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def as_text(value: Any) -> str:
    """A cell as a person would type it."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes") if value.time() != dt.time() else str(value.date())
    return str(value)
