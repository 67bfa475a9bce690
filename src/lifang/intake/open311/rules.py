"""Pure rules of GeoReport v2: lists, dates, windows, pages; our many states as its two."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lifang.cases.choices import FINAL

#: the specification: requests are found within so many days, and so many at a time
MOST_DAYS = 90
MOST_ROWS = 1000
#: how far back a request may have been made that is asked for by its change (our extension)
CHANGED_DAYS = 365
MOST_IDS = 200
MOST_PAGE = 1000
#: rows before a page: beyond, dates must narrow what is asked
MOST_DEEP = 50_000
#: how far rows are counted for ``X-Total-Count``
MOST_COUNTED = 10_000
MOST_DESCRIPTION = 4000
#: the same content from the same key within this time is the same report
SAME_WITHIN = timedelta(minutes=10)

OPEN, CLOSED = "open", "closed"


class Wrong(ValueError):
    """A parameter that is not as specified; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Window:
    """Requests made in ``[start, end]``."""

    start: datetime
    end: datetime


def status_of(state: str) -> str:
    """``closed`` where nothing more is due, else ``open``."""
    return CLOSED if state in FINAL else OPEN


def words(text: str) -> list[str]:
    """``"a, b,,a"`` → ``["a", "b"]``: a list by comma; an empty one was not given."""
    return list(dict.fromkeys(w for part in text.split(",") if (w := part.strip())))


def statuses(text: str) -> set[str]:
    """The asked statuses; both or none: no filter. Raises :class:`Wrong`."""
    found = {w.lower() for w in words(text)}
    if found - {OPEN, CLOSED}:
        raise Wrong("status")
    return found


def moment(text: str, zone: tzinfo, name: str) -> datetime | None:
    """A W3C date or time. ``None``: not given. Without a zone it is local. Raises :class:`Wrong`.

    A ``+`` that travelled unescaped arrives as a space and is read as the ``+`` it was.
    """
    said = text.strip()
    if not said:
        return None
    head, space, tail = said.rpartition(" ")
    if space and "T" in head and len(tail) in (4, 5):
        said = f"{head}+{tail}"
    try:
        made = datetime.fromisoformat(said)
        return (made if made.tzinfo else made.replace(tzinfo=zone)).astimezone(zone)
    except (ValueError, OverflowError):
        raise Wrong(name) from None


def window(start: datetime | None, end: datetime | None, now: datetime) -> Window:
    """The last 90 days; 90 days from the one end that is given; or both as given.

    Raises :class:`Wrong` for a span of more than 90 days and for one that ends before it begins.
    """
    span = timedelta(days=MOST_DAYS)
    try:
        if start is None and end is None:
            return Window(now - span, now)
        if start is None and end is not None:
            return Window(end - span, end)
        if start is not None and end is None:
            return Window(start, start + span)
    except OverflowError:
        raise Wrong("start_date" if end is None else "end_date") from None
    if start is None or end is None or end < start or end - start > span:
        raise Wrong("end_date")
    return Window(start, end)


def number(text: str, name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to ``most``. Raises :class:`Wrong`."""
    said = text.strip()
    if not said:
        return default
    if not (said.isascii() and said.isdigit() and len(said) < 9) or not 1 <= int(said) <= most:
        raise Wrong(name)
    return int(said)


def degrees(text: str, name: str, most: float) -> float | None:
    """Degrees of WGS-84 within ±``most``. ``None``: not given. Raises :class:`Wrong`."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise Wrong(name) from None
    if not -most <= value <= most:  # also what is no number
        raise Wrong(name)
    return value


def fingerprint(said: Mapping[str, str], files: Iterable[str]) -> str:
    """32 characters that stand for what was sent: fields and the files' own hashes."""
    lines = [f"{k}={v}" for k, v in sorted(said.items())] + sorted(files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
