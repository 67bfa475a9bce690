"""Labelled messages out of the files that cities have: CSV of any encoding, Excel."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.core.imports import tables
from lifang.core.imports.run import TYPES

#: between the words of a label, in one cell
_BETWEEN = re.compile(r"[\s、，,；;｜|/]+")


@dataclass
class Messages:
    """Messages with their labels (empty where none was asked for), in the file's order."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    #: number of each message's row, as the program that wrote the file counts
    rows: list[int] = field(default_factory=list)
    #: reason → rows that were left out
    skipped: dict[str, int] = field(default_factory=dict)


def _table(path: Path) -> tuple[list[str], list[list[Any]], int]:
    """Titles, lines and the number of the first line."""
    if not path.is_file():
        raise Invalid("classify.file", _("没有文件“%(path)s”") % {"path": str(path)})
    suffix = path.suffix.lower()
    kind = TYPES.get(suffix, "text/csv" if suffix == ".tsv" else "")
    try:
        table = tables.read(path, content_type=kind)
    except OSError as problem:
        raise Invalid(
            "classify.file",
            _("文件“%(path)s”无法读取：%(e)s") % {"path": str(path), "e": problem.strerror},
        ) from problem
    lines = table.lines
    at = next((i for i, line in enumerate(lines) if not all(map(tables.is_empty, line))), None)
    if at is None or len(lines) <= at + 1:
        raise Invalid("classify.empty", _("文件“%(path)s”里没有数据行") % {"path": path.name})
    titles = [
        tables.as_text(c).strip().lstrip("\ufeff") if c is not None else "" for c in lines[at]
    ]
    return titles, lines[at + 1 :], table.first + at + 1


def _column(titles: Sequence[str], wanted: str) -> int:
    folded = [t.casefold() for t in titles]
    try:
        return folded.index(wanted.strip().casefold())
    except ValueError:
        raise Invalid(
            "classify.column",
            _("没有名为“%(name)s”的列，文件里有：%(list)s")
            % {"name": wanted, "list": "、".join(t for t in titles if t)},
        ) from None


def _cell(line: Sequence[Any], column: int) -> str:
    value = line[column] if column < len(line) else None
    return "" if tables.is_empty(value) else tables.as_text(value).strip()


def read(path: Path, *, text: Sequence[str], label: str = "") -> Messages:
    """The messages of a file; several text columns (title, body) are joined by line ends.

    Rows without text, or without a label where one is asked for, are left out and counted.
    Raises :class:`Invalid` for a missing column, an empty or broken file.
    """
    titles, lines, first = _table(path)
    columns = [_column(titles, t) for t in text]
    own = _column(titles, label) if label else None
    found = Messages()
    for n, line in enumerate(lines):
        said = "\n".join(c for c in (_cell(line, i) for i in columns) if c)
        right = _cell(line, own) if own is not None else ""
        if not said and not right:
            reason = "empty"
        elif not said:
            reason = "no_text"
        elif own is not None and not right:
            reason = "no_label"
        else:
            found.texts.append(said)
            found.labels.append(right)
            found.rows.append(first + n)
            continue
        found.skipped[reason] = found.skipped.get(reason, 0) + 1
    if not found.texts:
        raise Invalid(
            "classify.empty",
            _("文件“%(path)s”里没有一行既有文字又有类别") % {"path": path.name}
            if label
            else _("文件“%(path)s”里没有一行有文字") % {"path": path.name},
        )
    return found


def names(path: Path) -> Mapping[str, list[str]]:
    """Label → its words, from columns ``label`` and ``words`` (or 类别 and 词语).

    A label may have several rows; words in one cell are split at blanks, 、，； and the like.
    """
    titles, lines, _first = _table(path)
    folded = {t.casefold() for t in titles}
    label = _column(titles, "类别" if "label" not in folded and "类别" in folded else "label")
    words = _column(titles, "词语" if "words" not in folded and "词语" in folded else "words")
    found: dict[str, list[str]] = {}
    for line in lines:
        name = _cell(line, label)
        if name:
            found.setdefault(name, []).extend(w for w in _BETWEEN.split(_cell(line, words)) if w)
    if not found:
        raise Invalid("classify.empty", _("文件“%(path)s”里没有数据行") % {"path": path.name})
    return found


def told(skipped: Mapping[str, int]) -> list[str]:
    """What was left out, in words."""
    titles = {"empty": _("空行"), "no_text": _("没有文字"), "no_label": _("没有类别")}
    return [
        _("跳过 %(n)s 行：%(why)s") % {"n": n, "why": titles[why]} for why, n in skipped.items()
    ]
