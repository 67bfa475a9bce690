"""Word files of lists and pictures (extra ``word``: python-docx brings lxml along). No database."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from PIL import Image

from lifang.core.exports import clean
from lifang.materials.documents import Sheet

#: characters that XML has no place for are left out by ``clean``
_CELL = '<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/></w:tcPr><w:p>{p}<w:r>{r}<w:t xml:space="preserve">{t}</w:t></w:r></w:p></w:tc>'
_BOLD = "<w:rPr><w:b/></w:rPr>"
_SMALL = '<w:pPr><w:spacing w:after="0"/></w:pPr>'


def write(
    target: Path,
    sheet: Sheet,
    pictures: Iterable[tuple[str, IO[bytes]]] = (),
    *,
    wide: bool = False,
) -> None:
    """Write a Word file; ``pictures`` (caption, JPEG or PNG stream), two beside each other."""
    book = docx.Document()
    _page(book, wide)
    book.add_heading(clean(sheet.title), level=1)
    for line in sheet.intro:
        book.add_paragraph(clean(line))
    if sheet.heads:
        _grid(book, sheet)
    album: Any = None
    cells: Any = ()
    for n, (caption, stream) in enumerate(pictures):
        if n % 2 == 0:
            album = album or book.add_table(rows=0, cols=2)
            cells = album.add_row().cells
        # read at once: the stream is gone when the next one is asked for
        cells[n % 2].paragraphs[0].add_run().add_picture(_small(stream), width=Cm(7.5))
        cells[n % 2].add_paragraph(clean(caption))
    book.save(str(target))


def _page(book: Any, wide: bool) -> None:
    section = book.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    if wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.2)
    for name in ("Normal", "Heading 1"):
        style = book.styles[name]
        style.font.name = "Times New Roman"
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    book.styles["Normal"].font.size = Pt(10.5)


def _grid(book: Any, sheet: Sheet) -> None:
    """The table as raw rows: adding cells one by one through the library takes quadratic time."""
    grid = book.add_table(rows=0, cols=len(sheet.heads))
    grid.style = "Table Grid"
    widths = list(sheet.widths) or [1] * len(sheet.heads)
    unit = 9400 / sum(widths)
    twips = [round(w * unit) for w in widths]
    for n, row in enumerate([sheet.heads, *sheet.rows]):
        cells = "".join(
            _CELL.format(w=w, p=_SMALL, r=_BOLD if n == 0 else "", t=escape(clean(str(text))))
            for w, text in zip(twips, row, strict=True)
        )
        head = "<w:trPr><w:tblHeader/></w:trPr>" if n == 0 else ""
        grid._tbl.append(parse_xml(f"<w:tr {nsdecls('w')}>{head}{cells}</w:tr>"))


def _small(stream: IO[bytes]) -> io.BytesIO:
    """A picture at 900 pixels: twenty of them still fit a slot's size."""
    out = io.BytesIO()
    with Image.open(stream) as image:
        image.draft("RGB", (900, 900))
        flat = image.convert("RGB")
    flat.thumbnail((900, 900))
    flat.save(out, "JPEG", quality=82)
    out.seek(0)
    return out
