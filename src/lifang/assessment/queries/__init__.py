"""Reads of scores: what each page of the score asks for."""

from lifang.assessment.queries.board import board, entries_of, overview, plan_row, plans_of
from lifang.assessment.queries.losses import borne_by, heat, lines, rows
from lifang.assessment.queries.periods import comparison, trend
from lifang.assessment.queries.runs import (
    explain,
    last_of,
    latest,
    rates_of,
    run_of,
    run_seen,
    what_if,
)
from lifang.assessment.queries.units import my_units, peers
from lifang.assessment.queries.worth import cases_of_leaf, of_case, open_cases

__all__ = [
    "board", "borne_by", "cases_of_leaf", "comparison", "entries_of", "explain", "heat", "last_of", "latest", "lines", "my_units",
    "of_case", "open_cases", "overview", "peers", "plan_row", "plans_of", "rates_of", "rows", "run_of", "run_seen", "trend",
    "what_if",
]  # fmt: skip
