"""The one importer of tables (Excel, CSV, GeoJSON): read, map, check, preview, load all or nothing.

A room registers an :class:`ImportSpec` for each kind of table, in a module ``imports.py`` of its
own (loaded in every process). Its ``load`` is the one path of both preview and commit: it runs in
a transaction that a preview, or any error, rolls back.
"""

from lifang.core.imports.run import commit, preview, run
from lifang.core.imports.spec import (
    SPECS,
    Column,
    Context,
    ImportSpec,
    Outcome,
    Row,
    register,
    spec_of,
)
from lifang.core.imports.template import template

__all__ = [
    "SPECS",
    "Column",
    "Context",
    "ImportSpec",
    "Outcome",
    "Row",
    "commit",
    "preview",
    "register",
    "run",
    "spec_of",
    "template",
]
