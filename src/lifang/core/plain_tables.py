"""Tables of files as rows of text, for commands that work without a database: CSV and Excel."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.encoding import decode
from lifang.core.errors import Invalid

_TEXT, _EXCEL = (".csv", ".txt"), (".xlsx", ".xls")


def read(
    path: Path, columns: Sequence[str], *, optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Rows by column name, each with the number of its ``line`` in the file; empty rows are left out.

    The first line names the columns, in any order and case; others are ignored. Raises :class:`Invalid` in
    words for a file that cannot be read or lacks a column.
    """
    lines = _lines(path)
    head = [_text(v).lower() for v in lines[0]] if lines else []
    missing = [c for c in columns if c not in head]
    if missing:
        raise Invalid(
            "table.columns",
            _("%(file)s 缺少列：%(missing)s；现有：%(found)s")
            % {
                "file": path.name,
                "missing": "、".join(missing),
                "found": "、".join(filter(None, head)) or _("无"),
            },
        )
    at = {name: head.index(name) for name in (*columns, *optional) if name in head}
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = {name: _text(line[i]) if i < len(line) else "" for name, i in at.items()}
        if any(cells.values()):
            rows.append({**cells, "line": str(number)})
    return rows


def _lines(path: Path) -> list[list[Any]]:
    kind = path.suffix.lower()
    if kind in _TEXT:
        text = decode(path.read_bytes())
        head = text[:4096].split("\n", 1)[0]
        delimiter = max((",", "\t", ";", "，"), key=head.count)
        # a message may be longer than the 131,072 characters that csv allows by itself
        csv.field_size_limit(10_000_000)
        try:
            return list(csv.reader(io.StringIO(text), delimiter=delimiter))
        except csv.Error as problem:
            raise Invalid(
                "table.broken",
                _("%(file)s 不是有效的 CSV：%(e)s") % {"file": path.name, "e": problem},
            ) from problem
    if kind in _EXCEL:
        import python_calamine

        try:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
            with book:
                return [list(line) for line in book.get_sheet_by_index(0).to_python()]
        except Exception as problem:  # calamine has an exception for each way a file is broken
            raise Invalid(
                "table.broken",
                _("%(file)s 无法打开，可能已损坏或设有密码，请另存后重试") % {"file": path.name},
            ) from problem
    raise Invalid(
        "table.kind", _("%(file)s：只读 CSV 和 Excel（.csv、.xlsx）") % {"file": path.name}
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value).strip()
