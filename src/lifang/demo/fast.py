"""Many rows at once: plain mappings, one prepared INSERT a table, ids handed out by the caller."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.core.management.color import no_style
from django.db import connection
from django.db.models import DateTimeField, DecimalField, Field, JSONField, Max, Model
from django.utils import timezone

Row = Mapping[str, Any]


def last_id(model: type[Model]) -> int:
    """The highest id in use, 0 for an empty table."""
    return int(model._default_manager.aggregate(n=Max("pk"))["n"] or 0)


def insert(model: type[Model], rows: Iterable[Row], *, batch: int = 5000) -> int:
    """Insert ``rows`` (column attribute → value; what is missing takes the field's default).

    ``bulk_create`` needs some thirty times as long on SQLite, where it builds an object a row and
    sends 999 values a statement at most.
    """
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} "  # noqa: S608  names come from the models
        f"({', '.join(quote(str(f.column)) for f in fields)}) "
        f"VALUES ({', '.join(['%s'] * len(fields))})"
    )
    plan = [(f.attname, *_default(f)) for f in fields]
    done, missing = 0, object()
    values: list[list[Any]] = []
    with connection.cursor() as cursor:
        for row in rows:
            values.append(
                [
                    constant
                    if (value := row.get(name, missing)) is missing
                    else (value if adapt is None or value is None else adapt(value))
                    for name, constant, adapt in plan
                ]
            )
            if len(values) >= batch:
                cursor.executemany(sql, values)
                done += len(values)
                values = []
        if values:
            cursor.executemany(sql, values)
    return done + len(values)


def _default(field: Field[Any, Any]) -> tuple[Any, Callable[[Any], Any] | None]:
    """The bound default of ``field``, the same for all rows of one call, and its adapter."""
    adapt = _adapter(field)
    timed = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
    value = timezone.now() if timed else field.get_default()
    return (value if adapt is None or value is None else adapt(value)), adapt


def _adapter(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of ``field`` is bound; ``None``: as it is."""
    lite = connection.vendor == "sqlite"
    if isinstance(field, JSONField):
        return _json if lite else _jsonb
    if isinstance(field, DateTimeField):
        return _moment if lite else None
    if isinstance(field, DecimalField):
        return _decimal(field)
    return None


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _jsonb(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value)


def _moment(value: dt.datetime) -> str:
    """As Django's SQLite backend writes it: UTC without an offset."""
    return str(value.astimezone(dt.UTC).replace(tzinfo=None))


def _decimal(field: Any) -> Callable[[Any], Any]:
    def adapt(value: Any) -> Any:
        return connection.ops.adapt_decimalfield_value(
            Decimal(value), field.max_digits, field.decimal_places
        )

    return adapt


def mend_sequences(*models: type[Model]) -> None:
    """After inserts with ids of our own: PostgreSQL's sequences go on behind them."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(models))
    if statements:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
