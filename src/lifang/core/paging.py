"""Keyset paging: the cursor holds the sort values of the last row, so page 20,000 costs as page 1."""

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from ninja import Query

from lifang.core.errors import Invalid

M = TypeVar("M", bound=Model)
DEFAULT, MOST = 50, 200
#: how many rows a route answers at a time
Limit = Annotated[int, Query(ge=1, le=MOST)]


def page(
    queryset: QuerySet[M, Any],
    *,
    order: Sequence[str] = ("-id",),
    cursor: str | None = None,
    limit: int = DEFAULT,
) -> dict[str, Any]:
    """``{"items": [...], "next": str | None}``: at most ``limit`` (1–200) rows after ``cursor``.

    ``order`` are field names, ``-`` for descending, that never hold NULL; ``id`` is added at the
    end if it is not there, so that the order is total. Works on ``.values()`` too. One statement.
    """
    size = max(1, min(limit, MOST))
    keys = list(order)
    if keys[-1].lstrip("-") not in ("id", "pk"):
        keys.append("-id" if keys[-1].startswith("-") else "id")
    rows = queryset.order_by(*keys)
    if cursor:
        rows = rows.filter(_after(keys, _decode(cursor, keys)))
    found: list[Any] = list(rows[: size + 1])
    more = len(found) > size
    items = found[:size]
    return {"items": items, "next": _encode(items[-1], keys) if more else None}


def sequence(
    items: Sequence[Any], *, cursor: str | None = None, limit: int = DEFAULT
) -> dict[str, Any]:
    """The same page shape over a list in memory; the cursor is an offset."""
    size = max(1, min(limit, MOST))
    start = 0
    if cursor:
        try:
            start = max(0, int(cursor))
        except ValueError as problem:
            raise _bad() from problem
    more = start + size < len(items)
    return {"items": list(items[start : start + size]), "next": str(start + size) if more else None}


def _after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y): ``a > x or (a = x and b > y)``, with a plain bound on the first key.

    The bound lets both engines start in the index at the right place.
    """
    where = Q()
    for n in range(len(keys)):
        one = Q()
        for key, value in zip(keys[:n], values[:n], strict=True):
            one &= Q(**{key.lstrip("-"): value})
        one &= Q(**{f"{keys[n].lstrip('-')}__{_way(keys[n])}": values[n]})
        where |= one
    if len(keys) == 1:
        return where
    return Q(**{f"{keys[0].lstrip('-')}__{_way(keys[0])}e": values[0]}) & where


def _way(key: str) -> str:
    return "lt" if key.startswith("-") else "gt"


def _value(row: Any, key: str) -> Any:
    name = key.lstrip("-")
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _encode(row: Any, keys: Sequence[str]) -> str:
    values = [
        {"t": v.isoformat()} if isinstance(v := _value(row, key), dt.datetime) else v
        for key in keys
    ]
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).rstrip(b"=").decode()


def _decode(cursor: str, keys: Sequence[str]) -> list[Any]:
    try:
        raw = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_moment(v["t"]) if isinstance(v, dict) else v for v in raw]
    except (binascii.Error, ValueError, KeyError, TypeError) as problem:
        raise _bad() from problem
    if len(values) != len(keys) or any(isinstance(v, list) or v is None for v in values):
        raise _bad()
    return values


def _moment(text: str) -> dt.datetime:
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError(text)
    return found


def _bad() -> Invalid:
    return Invalid("paging.cursor", _("翻页标记无效，请从第一页重新打开"))
