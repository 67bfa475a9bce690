"""Versions of slow-changing tables. Caches in every process hang on them.

``bump("duties")`` in the transaction that changes the table; ``cached("duties", build)`` where it
is read. A request reads all stamps in one query (:func:`fresh`), at its first cached read.
"""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection

from lifang.core.models import Stamp

T = TypeVar("T")

#: stamps as read in this request or task; ``None`` outside of one: read each time
_SEEN: ContextVar[dict[str, int] | None] = ContextVar("stamps", default=None)
_CACHE: dict[str, tuple[int, Any]] = {}
_LOCAL = threading.local()


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
    """Raise the version of ``name``; visible to others when the transaction commits."""
    with connection.cursor() as sql:
        sql.execute(
            "INSERT INTO core_stamp (name, version) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET version = core_stamp.version + 1",
            [name],
        )
    _dirty().add(name)
    seen = _SEEN.get()
    if seen:
        seen.clear()


def cached(name: str, build: Callable[[], T], *, key: str = "") -> T:
    """What ``build`` made at the present version of ``name``, kept in this process.

    ``key`` tells several things under one stamp apart. What is built inside a transaction that
    bumped the stamp is not kept, since the transaction may yet be rolled back.
    """
    now = version(name)
    slot = f"{name}/{key}"
    held = _CACHE.get(slot)
    if held is not None and held[0] == now:
        return held[1]  # type: ignore[no-any-return]  # each slot holds one type
    value = build()
    if name not in _dirty():
        _CACHE[slot] = (now, value)
    return value


def forget() -> None:
    """Empty the caches of this process; for tests."""
    _CACHE.clear()


def _dirty() -> set[str]:
    """Names bumped in the transaction this thread is in; emptied once it is over."""
    if not connection.in_atomic_block:
        _LOCAL.dirty = set()
    held: set[str] | None = getattr(_LOCAL, "dirty", None)
    if held is None:
        held = _LOCAL.dirty = set()
    return held
