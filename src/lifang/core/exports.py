"""Excel and CSV out: written row by row in constant memory, filters on a sheet of their own.

Text is always written as text: ``=HYPERLINK(…)`` that somebody typed into a report stays what it
is and is never a formula.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Excel takes no more characters in a cell
_LONGEST = 32_767
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    title: Text
    #: in characters; a Chinese one counts two
    width: int = 14
    #: text | number | int | percent | date | datetime
    kind: str = "text"


_FORMATS = {
    "number": {"num_format": "0.00"},
    "int": {"num_format": "0"},
    "percent": {"num_format": "0.00%"},
    "date": {"num_format": "yyyy-mm-dd"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm"},
    "text": {"text_wrap": False},
}


def workbook(target: Path | io.BytesIO) -> Any:
    """An XlsxWriter workbook that turns no text into formulas, links or numbers."""
    return xlsxwriter.Workbook(
        target if isinstance(target, io.BytesIO) else str(target),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        },
    )


def table(
    target: Path | io.BytesIO,
    *,
    title: Text,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    filters: Sequence[tuple[Text, Text]] = (),
    by: str = "",
) -> int:
    """Write a table with bold heads, a frozen first line and filter arrows; returns its rows.

    ``filters`` (name, value) tell on a second sheet what the table was narrowed down to.
    """
    book = workbook(target)
    sheet = book.add_worksheet(_sheet_name(str(title)))
    count = write_rows(book, sheet, columns, rows)
    about = book.add_worksheet(_("筛选条件"))
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 60)
    lines = [
        (_("内容"), str(title)),
        (_("行数"), str(count)),
        (_("导出时间"), f"{timezone.localtime():%Y-%m-%d %H:%M}"),
        *([(_("导出人"), by)] if by else []),
        *((str(name), str(value)) for name, value in filters),
    ]
    for n, (name, value) in enumerate(lines):
        about.write_string(n, 0, name)
        about.write_string(n, 1, value[:_LONGEST])
    book.close()
    return count


def write_rows(
    book: Any, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> int:
    """Heads and rows into a sheet; returns how many rows."""
    head = book.add_format({"bold": True, "bg_color": "#EEF1F5", "bottom": 1})
    formats = {kind: book.add_format(f) for kind, f in _FORMATS.items()}
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, str(column.title), head)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        for at, (column, value) in enumerate(zip(columns, row, strict=True)):
            write_cell(sheet, count, at, value, formats[column.kind])
    if count:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def write_cell(sheet: Any, line: int, at: int, value: Any, form: Any) -> None:
    """One cell; moments in local time, ``None`` empty, all else by its type."""
    match value:
        case None | "":
            return
        case bool():
            sheet.write_string(line, at, _("是") if value else _("否"))
        case int() | float() | Decimal():
            if isinstance(value, int) and abs(value) >= 10**15:
                sheet.write_string(line, at, str(value))  # Excel would round it
            else:
                sheet.write_number(line, at, float(value), form)
        case dt.datetime():
            local = timezone.localtime(value) if value.tzinfo else value
            sheet.write_datetime(line, at, local.replace(tzinfo=None), form)
        case dt.date():
            sheet.write_datetime(line, at, dt.datetime.combine(value, dt.time()), form)
        case _:
            sheet.write_string(line, at, clean(str(value)))


def clean(text: str) -> str:
    """Text that a sheet can hold: no control characters, not longer than a cell."""
    return "".join(c for c in text if c >= " " or c in "\n\t")[:_LONGEST]


def _sheet_name(text: str) -> str:
    return "".join(c for c in text if c not in "[]:*?/\\'")[:31] or "Sheet1"


def csv_lines(titles: Sequence[Text], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV as Excel opens it (UTF-8 with mark); text that would be a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in chain([[str(t) for t in titles]], rows):
        writer.writerow([csv_cell(v) for v in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = clean(str(value))
    return "'" + text if text.startswith(_RISKY) else text
