"""Versions of slow-changing tables. Caches in every process hang on them.

``bump("duties")`` in the transaction that changes the table; ``cached("duties", build)`` where it
is read. A request reads all stamps in one query (:func:`fresh`), at its first cached read.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection

from lifang.core.models import Stamp

T = TypeVar("T")

#: stamps as read in this request or task; ``None`` outside of one: read each time
_SEEN: ContextVar[dict[str, int] | None] = ContextVar("stamps", default=None)
_CACHE: dict[str, tuple[int, Any]] = {}


def begin() -> None:
    """Start of a request or task: the next read asks the database once for all stamps."""
    _SEEN.set({})


def end() -> None:
    """End of a request or task."""
    _SEEN.set(None)


def fresh() -> dict[str, int]:
    """All stamps: one query, once a request."""
    seen = _SEEN.get()
    if seen:
        return seen
    found = dict(Stamp.objects.values_list("name", "version"))
    if seen is not None:
        seen.update(found, _read=1)
    return found


def version(name: str) -> int:
    """The version of ``name``; 0 before the first bump."""
    return fresh().get(name, 0)


def bump(name: str) -> None:
    """Give ``name`` a new version, after the change; others see it when the transaction commits.

    Versions are moments in nanoseconds, not counts: one that was rolled back never comes again
    with other contents, so caches may also be filled inside a transaction.
    """
    now = time.time_ns()
    with connection.cursor() as sql:
        sql.execute(
            "INSERT INTO core_stamp (name, version) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
            [name, now],
        )
    seen = _SEEN.get()
    if seen:
        seen[name] = now


def cached(name: str, build: Callable[[], T], *, key: str = "") -> T:
    """What ``build`` made at the present version of ``name``, kept in this process.

    ``key`` tells several things under one stamp apart; each holds one version only.
    """
    now = version(name)
    slot = f"{name}/{key}"
    held = _CACHE.get(slot)
    if held is not None and held[0] == now:
        return held[1]  # type: ignore[no-any-return]  # each slot holds one type
    value = build()
    _CACHE[slot] = (now, value)
    return value


def forget() -> None:
    """Empty the caches of this process; for tests."""
    _CACHE.clear()
