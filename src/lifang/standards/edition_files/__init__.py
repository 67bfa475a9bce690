"""Editions out of files and into files: an Excel workbook, YAML, JSON. Loss-free both ways.

Every fault of a file is told at once with its place: sheet, row and column, or the line.
"""

from collections.abc import Mapping

from lifang.standards.edition_files import workbook, workbook_in, yamls
from lifang.standards.edition_files.places import FileFault, Place, Sheetful

__all__ = ["FileFault", "Place", "Sheetful", "read", "workbook", "yamls"]


def read(data: bytes, *, types: Mapping[str, str] | None = None) -> Sheetful:
    """A file by its content: a package is a workbook, anything else is YAML or JSON."""
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        return workbook_in.read(data, types=types)
    return yamls.read(data)
