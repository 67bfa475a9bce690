"""From a table to rows of a spec: find the head line, map titles to columns, read the cells."""

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.core.imports.cells import BadCell, value
from lifang.core.imports.spec import Column, ImportSpec, Outcome, Row
from lifang.core.imports.tables import Table, is_empty, letter

#: titles of a report stand above the head line, never more than this
_HEAD_WITHIN = 15


def plain_title(text: Any) -> str:
    """A title without marks, blanks, remarks in brackets: ``*单位 编码（必填）`` is ``单位编码``."""
    shown = unicodedata.normalize("NFKC", str(text or "")).casefold()
    shown = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", shown)
    return re.sub(r"[\s*:：_]+", "", shown)


def _names(column: Column) -> set[str]:
    return {plain_title(n) for n in (column.title, column.key, *column.aliases)}


def find_head(table: Table, spec: ImportSpec) -> tuple[int, dict[int, Column]]:
    """Line of the titles and which column stands where; raises :class:`Invalid`."""
    known = {name: c for c in spec.columns for name in _names(c)}
    best: tuple[int, dict[int, Column]] = (0, {})
    for n, line in enumerate(table.lines[:_HEAD_WITHIN]):
        found: dict[int, Column] = {}
        for at, cell in enumerate(line):
            column = known.get(plain_title(cell)) if isinstance(cell, str) else None
            if column is not None and column not in found.values():
                found[at] = column
        if len(found) > len(best[1]):
            best = n, found
    missing = [str(c.title) for c in spec.columns if c.required and c not in best[1].values()]
    if missing:
        raise Invalid(
            "import.columns",
            _("表中缺少这些列：%(list)s。请下载模板对照列名") % {"list": "、".join(missing)},
        )
    if not best[1]:
        raise Invalid("import.columns", _("没有找到可以识别的列名，请下载模板对照"))
    return best


def read_rows(table: Table, spec: ImportSpec, outcome: Outcome) -> list[Row]:
    """Rows of the table; what is wrong in cells goes into ``outcome``."""
    head, places = find_head(table, spec)
    outcome.columns = {
        c.key: (str(c.title), letter(at) if table.lettered else "") for at, c in places.items()
    }
    _note_unknown(table.lines[head], places, outcome)
    rows: list[Row] = []
    above: dict[str, Any] = {}
    seen: dict[tuple[Any, ...], int] = {}
    for n, line in enumerate(table.lines[head + 1 :], start=head + 1 + table.first):
        cells = {c.key: line[at] if at < len(line) else None for at, c in places.items()}
        if all(is_empty(v) for v in cells.values()):
            above.clear()
            continue
        values: dict[str, Any] = {}
        whole = True
        for column in places.values():
            cell = cells[column.key]
            if column.carry:
                cell = above.get(column.key) if is_empty(cell) else cell
                above[column.key] = cell
            try:
                values[column.key] = value(cell, column)
            except BadCell as problem:
                outcome.error(n, column.key, str(problem))
                whole = False
        if whole and _first(n, values, spec, seen, outcome):
            rows.append(Row(n, values))
    if not rows and not outcome.error_count:
        raise Invalid("import.empty", _("列名下面没有数据"))
    return rows


def _first(
    number: int,
    values: dict[str, Any],
    spec: ImportSpec,
    seen: dict[tuple[Any, ...], int],
    outcome: Outcome,
) -> bool:
    """Whether no earlier row has the same key."""
    if not spec.key or any(k not in values for k in spec.key):
        return True
    mark = tuple(values[k] for k in spec.key)
    if all(v is None for v in mark):
        return True
    if mark in seen:
        outcome.error(number, spec.key[0], _("与第 %(n)s 行重复") % {"n": seen[mark]})
        return False
    seen[mark] = number
    return True


def _note_unknown(line: list[Any], places: dict[int, Column], outcome: Outcome) -> None:
    unknown = [str(c).strip() for at, c in enumerate(line) if at not in places and not is_empty(c)]
    if unknown:
        outcome.notes.append(_("这些列没有导入：%(list)s") % {"list": "、".join(unknown[:20])})
