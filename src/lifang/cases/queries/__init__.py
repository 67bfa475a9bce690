"""Reads of the loop. What a person's screen uses starts at ``visible_to``."""

from lifang.cases.permissions import visible_to
from lifang.cases.queries.desk import desk
from lifang.cases.queries.filters import CaseFilter, filtered
from lifang.cases.queries.lists import COLUMNS, count, features, rows
from lifang.cases.queries.one import one, related
from lifang.cases.queries.views import setting_row, view_row, views

__all__ = [
    "COLUMNS", "CaseFilter", "count", "desk", "features", "filtered", "one", "related", "rows",
    "setting_row", "view_row", "views", "visible_to",
]  # fmt: skip
