"""Words and pages of a document. Pure: a path in, what it says out; bounded in time and memory.

Words are counted as Word does in Chinese (字数): every Chinese character is one, every run of other
letters and digits is one.
"""

import logging
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import python_calamine
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

#: a document of more than that is read so far; its words are then a lower bound
MOST_PAGES = 400
MOST_SECONDS = 4.0
_MOST_XML = 64 * 1024 * 1024
EXCERPT = 600
_WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+"
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# pypdf tells of every oddity of a file; what matters here is the text or that there is none
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Text:
    """What a document says. ``words`` is ``None`` where it has no text of its own (a scan)."""

    words: int | None = None
    pages: int | None = None
    excerpt: str = ""
    fault: str = ""


def count(text: str) -> int:
    """Words of a text, Chinese characters one by one."""
    return sum(1 for _m in _WORD.finditer(text))


def read(path: Path, content_type: str) -> Text:
    """Read a PDF, Word or Excel file; a file that cannot be read tells its fault."""
    try:
        if content_type == "application/pdf":
            return _pdf(path)
        if content_type.endswith("wordprocessingml.document"):
            return _text(_docx(path))
        if content_type.endswith(("spreadsheetml.sheet", "ms-excel")):
            return _sheet(path)
    except Exception as problem:  # whatever a strange file makes a parser do, it is only unreadable
        return Text(fault=_fault(problem))
    return Text()


def _fault(problem: Exception) -> str:
    if isinstance(problem, _Locked):
        return _("文件设了密码，无法阅读，请去掉密码后重新上传")
    return _("文件打不开，可能已损坏，请重新导出后上传")


class _Locked(Exception):
    pass


def _pdf(path: Path) -> Text:
    with path.open("rb") as stream:
        reader = PdfReader(stream, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Locked
        pages, parts, until = len(reader.pages), [], time.monotonic() + MOST_SECONDS
        for page in reader.pages[:MOST_PAGES]:
            try:
                parts.append(page.extract_text() + "\n")
            except (PyPdfError, ValueError, KeyError, TypeError, IndexError, RecursionError):
                continue  # of one odd page the others are none the worse
            if time.monotonic() > until:
                break
    return _text(parts, pages)


def _docx(path: Path) -> Iterator[str]:
    """Text of a Word file as it streams by; entities and bombs are refused."""
    with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as stream:
        if archive.getinfo("word/document.xml").file_size > _MOST_XML:
            raise ValueError("too large")
        until = time.monotonic() + MOST_SECONDS
        try:
            for _event, node in iterparse(stream, forbid_dtd=True):
                if node.tag == f"{_W}t":
                    yield node.text or ""
                elif node.tag == f"{_W}p":
                    yield "\n"
                    node.clear()
                    if time.monotonic() > until:
                        return
        except DefusedXmlException as problem:
            raise ValueError("entities") from problem


def _sheet(path: Path) -> Text:
    """The number of sheets, and the words of the first thousand rows."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    parts = []
    for name in book.sheet_names[:10]:
        for row in book.get_sheet_by_name(name).to_python()[:1000]:
            parts.append("\t".join(str(c) for c in row if c not in (None, "")) + "\n")
    made = _text(parts, len(book.sheet_names))
    return Text(made.words or 0, made.pages, made.excerpt)


def _text(parts: Iterator[str] | list[str], pages: int | None = None) -> Text:
    words, excerpt, part = 0, "", ""
    for part in _joined(parts):
        words += count(part)
        if len(excerpt) < EXCERPT:
            excerpt += part
    # halves of characters and zeros, as odd fonts give them, are nothing that a database keeps
    excerpt = excerpt.replace("\x00", "").encode("utf-8", "ignore").decode()
    excerpt = re.sub(r"\s*\n\s*", "\n", excerpt).strip()[:EXCERPT]
    return Text(words or None, pages, excerpt)


def _joined(parts: Iterator[str] | list[str]) -> Iterator[str]:
    """Whole lines: Word splits a word over runs, which would count it twice."""
    line = ""
    for part in parts:
        line += part
        if "\n" in part or len(line) > 100_000:
            yield line
            line = ""
    yield line
