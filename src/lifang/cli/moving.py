"""``lifang move``: from the SQLite of the data folder to PostgreSQL, table by table.

Every table is copied in batches in the order of its key; each batch commits together with a mark of
how far it came, so that a run that was broken off goes on there. Then count and checksum of both
sides are compared, and the sequences are set. Nothing is written on the SQLite side.

The checksum is the sum of SHA-256 over the rows as Python sees them, so that neither the engines' ways
of storing a date, a number or a JSON text nor their orders of text keys matter.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Field, ForeignKey, Model

from lifang.core import search

SOURCE, TARGET = "default", "target"
BATCH = 5000
MARKS = "lifang_move"
Say = Callable[[str], None]


class MoveFailed(Exception):
    """The two sides differ, or the target is not fit; the message says where."""


@dataclass
class Table:
    """One table on its way."""

    model: type[Model]
    rows: int = 0
    checksum: str = ""

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def fields(self) -> list[Field[Any, Any]]:
        fields = self.model._meta.local_concrete_fields
        return [f for f in fields if not getattr(f, "generated", False)]


def tables() -> list[Table]:
    """Every table Django manages, those pointed to before those that point."""
    models = [
        m
        for m in apps.get_models(include_auto_created=True)
        if m._meta.managed and not m._meta.proxy
    ]
    done: list[type[Model]] = []

    def visit(model: type[Model], above: tuple[type[Model], ...] = ()) -> None:
        if model in done or model in above:
            return
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model in models:
                visit(field.related_model, (*above, model))
        done.append(model)

    for model in models:
        visit(model)
    return [Table(m) for m in done]


def connect(address: str) -> None:
    """Make the target known to Django under the name ``target``."""
    from lifang import settings

    entry = settings.database(address)
    entry["OPTIONS"].pop("pool", None)
    connections.settings = connections.configure_settings(
        {SOURCE: connections.settings[SOURCE], TARGET: entry}
    )


def move(address: str, *, say: Say) -> list[Table]:
    """Copy everything to ``address`` and prove it. Raises :class:`MoveFailed`."""
    if connections[SOURCE].vendor != "sqlite":
        raise MoveFailed("来源不是 SQLite：请先清空 LIFANG_DATABASE_URL，再用 --to 指定 PostgreSQL")
    connect(address)
    call_command("migrate", database=TARGET, verbosity=0, interactive=False)
    everything = tables()
    _begin(everything)
    for table in everything:
        with _untriggered(table):
            copied = _copy(table)
        if copied:
            say(f"{table.name}：已复制 {copied} 行")
    _reset_sequences(everything)
    search.fill_vectors(connections[TARGET])
    for table in everything:
        _compare(table)
    with connections[TARGET].cursor() as cursor:
        cursor.execute(f"DROP TABLE {MARKS}")
    return everything


def _begin(everything: list[Table]) -> None:
    """On the first run, empty the target (a new one holds only what migrations put there)."""
    connection = connections[TARGET]
    with transaction.atomic(using=TARGET), connection.cursor() as cursor:
        if MARKS in connection.introspection.table_names(cursor):
            return
        for name in ("orgs_user", "core_journalentry"):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")  # noqa: S608  (our names)
            if cursor.fetchone()[0]:
                raise MoveFailed(f"目标库不是空库（{name} 已有数据）。请换一个新建的空库")
        cursor.execute(f"CREATE TABLE {MARKS} (name text PRIMARY KEY, last text, done boolean)")
        names = ", ".join(connection.ops.quote_name(t.name) for t in everything)
        cursor.execute(f"TRUNCATE {names}")


class _untriggered:
    """Our own triggers (append-only tables, search) stand still while rows are copied as they are."""

    def __init__(self, table: Table) -> None:
        self.name = connections[TARGET].ops.quote_name(table.name)

    def __enter__(self) -> None:
        with connections[TARGET].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {self.name} DISABLE TRIGGER USER")

    def __exit__(self, *_: object) -> None:
        with connections[TARGET].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {self.name} ENABLE TRIGGER USER")


def _copy(table: Table) -> int:
    """Copy what is not there yet; returns how many rows were copied now."""
    connection = connections[TARGET]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last, done FROM {MARKS} WHERE name = %s", [table.name])  # noqa: S608
        mark = cursor.fetchone()
    if mark and mark[1]:
        return 0
    key = table.model._meta.pk
    after = key.to_python(json.loads(mark[0])) if mark else None
    columns = ", ".join(quote(str(f.column)) for f in table.fields)
    copied = 0
    while True:
        rows = list(_rows(table, SOURCE, after=after, limit=BATCH))
        if rows:
            after = rows[-1][table.fields.index(key)]
        with transaction.atomic(using=TARGET), connection.cursor() as cursor:
            if rows:
                with cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(
                            [
                                f.get_db_prep_save(v, connection)
                                for f, v in zip(table.fields, row, strict=True)
                            ]
                        )
            cursor.execute(
                f"INSERT INTO {MARKS} VALUES (%s, %s, %s) ON CONFLICT (name)"  # noqa: S608
                " DO UPDATE SET last = excluded.last, done = excluded.done",
                [table.name, json.dumps(after, default=str), len(rows) < BATCH],
            )
        copied += len(rows)
        if len(rows) < BATCH:
            return copied


def _rows(
    table: Table, side: str, *, after: Any = None, limit: int | None = None
) -> Iterator[tuple[Any, ...]]:
    rows = table.model._base_manager.using(side).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    names = [f.attname for f in table.fields]
    values = rows.values_list(*names)
    return values[:limit].iterator() if limit else values.iterator(chunk_size=BATCH)


def _reset_sequences(everything: list[Table]) -> None:
    connection = connections[TARGET]
    statements = connection.ops.sequence_reset_sql(no_style(), [t.model for t in everything])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _compare(table: Table) -> None:
    ours, theirs = (_checksum(table, side) for side in (SOURCE, TARGET))
    if ours != theirs:
        raise MoveFailed(
            f"{table.name} 两边不一致：SQLite {ours[0]} 行，PostgreSQL {theirs[0]} 行，"
            "校验和不同。请确认迁移期间服务已停止，换一个空库重试"
        )
    table.rows, table.checksum = ours


def _checksum(table: Table, side: str) -> tuple[int, str]:
    """Row count and order-free checksum (text keys sort differently on the two engines)."""
    count, total = 0, 0
    for row in _rows(table, side):
        text = json.dumps([_plain(v) for v in row], sort_keys=True, ensure_ascii=False)
        total = (total + int.from_bytes(hashlib.sha256(text.encode()).digest())) % (1 << 256)
        count += 1
    return count, f"{total:064x}"


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, uuid.UUID | dt.date | dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value
