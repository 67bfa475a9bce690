"""The five fields of a crontab: minute hour day month weekday, with ``*``, lists, ranges, steps."""

import datetime as dt
from functools import lru_cache

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[frozenset[int], ...]:
    """Sets of minutes, hours, days, months, weekdays (0 is Sunday); ``ValueError`` if it is none."""
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"five fields, not {len(fields)}: {text!r}")
    found = [_field(f, low, high) for f, (low, high) in zip(fields, _BOUNDS, strict=True)]
    found[4] = frozenset(d % 7 for d in found[4])
    return tuple(found)


def _field(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first, last = int(start), int(end or start)
        if not (low <= first <= last <= high) or (step and int(step) < 1):
            raise ValueError(f"{text!r} is not within {low}–{high}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def due(text: str, since: dt.datetime, until: dt.datetime) -> bool:
    """Whether the crontab matches a minute in ``(since, until]``; both in local time.

    Looks back a day at most: what was missed for longer runs once when the clock is back.
    """
    minutes, hours, days, months, weekdays = parse(text)
    any_day, any_weekday = len(days) == 31, len(weekdays) == 7
    at = until.replace(second=0, microsecond=0)
    oldest = max(since, until - dt.timedelta(days=1))
    while at > oldest:
        if at.minute in minutes and at.hour in hours and at.month in months:
            in_days, in_week = at.day in days, at.isoweekday() % 7 in weekdays
            # as cron has it: where both are given, either will do
            either = in_days or in_week if not (any_day or any_weekday) else in_days and in_week
            if either:
                return True
        at -= dt.timedelta(minutes=1)
    return False
