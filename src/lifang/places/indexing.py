"""Shops in the text index: they are too many for the memory of every process."""

from collections.abc import Sequence
from typing import Any

from lifang.core import search
from lifang.places.kinds import Kind
from lifang.places.models import Shop


def index(kind: Kind, rows: Sequence[Any]) -> None:
    """Put the names of ``rows`` into the text index, if their kind is searched there."""
    if kind.model is Shop and rows:
        search.put_many("shop", [(row.pk, row.name) for row in rows])


def forget(kind: Kind, ids: Sequence[int]) -> None:
    """Take rows out of the text index."""
    if kind.model is Shop:
        search.drop("shop", ids)
