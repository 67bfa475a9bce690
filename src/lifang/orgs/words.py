"""The city's own words (核实/核查), told to every face by ``/me``. An upper room has them."""

from collections.abc import Callable, Mapping

_source: list[Callable[[], Mapping[str, str]]] = []


def use(source: Callable[[], Mapping[str, str]]) -> None:
    """Where the words come from; set once, where the rooms are put together (``lifang.urls``)."""
    _source[:] = [source]


def current() -> dict[str, str]:
    """Key (``state.checking``) → word; empty: ours everywhere."""
    return dict(_source[0]()) if _source else {}
