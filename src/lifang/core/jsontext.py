"""JSON that is the same text on every engine and in every process, for hashes."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise


def plain(value: Any) -> Any:
    """``value`` made of what JSON knows. Moments become UTC ISO text, Decimals text, models numbers.

    Whole floats become integers, since ``jsonb`` forgets the difference; NUL characters, which
    ``jsonb`` refuses, are dropped.
    """
    match value:
        case None | bool() | int():
            return value
        case str():
            return value.replace("\x00", "") if "\x00" in value else str(value)
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                return None
            return int(value) if value.is_integer() else value
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [plain(v) for v in items]
        case dt.datetime():
            return moment(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case Decimal() | UUID() | Promise():
            return str(value)
        case Model():
            return value.pk
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def moment(value: dt.datetime) -> str:
    """UTC with microseconds always: one moment, one text."""
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> str:
    """The one JSON text of ``value``: sorted keys, no blanks, UTF-8."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
