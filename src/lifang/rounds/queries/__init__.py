"""Reads of rounds. What a person's screen uses starts at ``visible_to(by)``.

For the rooms above: :func:`round_row`, :func:`scope_of`, :func:`edition_of`, :func:`place`,
:func:`tasks_of_unit`, :func:`leaves_with_steps`.
"""

from lifang.rounds.permissions import visible_to
from lifang.rounds.queries.overview import leaf_titles, list_rows, open_rounds, round_row, rounds
from lifang.rounds.queries.places import place
from lifang.rounds.queries.scopes import edition_of, scope_of
from lifang.rounds.queries.steps import leaves_with_steps
from lifang.rounds.queries.tasks import tasks_of_unit

__all__ = [
    "edition_of",
    "leaf_titles",
    "leaves_with_steps",
    "list_rows",
    "open_rounds",
    "place",
    "round_row",
    "rounds",
    "scope_of",
    "tasks_of_unit",
    "visible_to",
]
