"""Word and Excel files made of what lifang holds: lists for a slot, the index of a package. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from lifang.core.errors import Problem
from lifang.core.exports import Column, table


@dataclass(frozen=True)
class Sheet:
    """A list as a document: title, lines of introduction, heads, rows, pictures with captions."""

    title: str
    intro: Sequence[str] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    #: relative widths of the columns
    widths: Sequence[int] = ()


def writes_word() -> bool:
    """Whether the extra ``word`` is installed."""
    return find_spec("docx") is not None


def word(
    target: Path,
    sheet: Sheet,
    pictures: Iterable[tuple[str, IO[bytes]]] = (),
    *,
    wide: bool = False,
) -> None:
    """Write a Word file; ``pictures`` (caption, JPEG or PNG stream), two beside each other.

    Raises :class:`Problem` where the extra is not installed.
    """
    if not writes_word():
        told = _("本机没有安装生成 Word 的组件，请管理员执行 pip install 'lifang[word]' 后再试")
        raise Problem("word.missing", told, status=409)
    from lifang.materials import wordfiles  # only with the extra

    wordfiles.write(target, sheet, pictures, wide=wide)


def excel(target: Path, sheet: Sheet, *, by: str = "") -> None:
    """The same list as a workbook."""
    wide = list(sheet.widths) or [2] * len(sheet.heads)
    columns = [Column(h, 8 * w) for h, w in zip(sheet.heads, wide, strict=True)]
    table(target, title=sheet.title, columns=columns, rows=sheet.rows, by=by)
