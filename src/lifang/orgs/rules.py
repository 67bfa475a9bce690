"""Pure rules of the organisation: names by date, successors, roles kept apart, loops in the tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lifang.orgs.choices import SEPARATED


@dataclass(frozen=True)
class Period:
    """A name borne in ``[start, end)``; ``end`` ``None``: still borne."""

    name: str
    start: date
    end: date | None


def name_on(periods: Iterable[Period], day: date) -> str:
    """The name borne on ``day``: before the first, the first; after the last, the last."""
    ordered = sorted(periods, key=lambda p: p.start)
    if not ordered:
        return ""
    found = ordered[0].name
    for period in ordered:
        if period.start <= day:
            found = period.name
    return found


def successors(unit: int, active: Iterable[int], follows: Mapping[int, Iterable[int]]) -> set[int]:
    """Active units in which the work of ``unit`` goes on. ``follows``: closed unit → its heirs."""
    alive, found, seen, open_ = set(active), set(), set(), [unit]
    while open_:
        at = open_.pop()
        if at in seen:
            continue
        seen.add(at)
        if at in alive:
            found.add(at)
        else:
            open_.extend(follows.get(at, ()))
    return found


def would_loop(unit: int, parent: int | None, parents: Mapping[int, int | None]) -> bool:
    """Whether ``unit`` under ``parent`` would stand below itself."""
    seen: set[int] = set()
    at = parent
    while at is not None and at not in seen:
        if at == unit:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def clash(held: Iterable[str], role: str) -> str | None:
    """The administrator's role already held that forbids ``role``, if any (三员分立)."""
    if role not in SEPARATED:
        return None
    return next((r for r in sorted(held) if r in SEPARATED and r != role), None)
