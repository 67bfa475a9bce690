"""Many cases out of few: rows are copied within the database, engine by engine alike.

Copies keep category, unit, place, state and times; numbers and keys are their own. Steps, journal and
evidence are not copied: no list, count or figure reads them.
"""

from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import ForeignKey, Model

from lifang.cases.models import Case, CaseUnit, Report

#: text columns that are unique: the copy's number is appended
UNIQUE = {"number", "client_id"}


def multiply(target: int) -> int:
    """Copy the cases that are there until there are about ``target``; returns how many there are."""
    base = Case.objects.count()
    times = max(0, round(target / base) - 1)
    if times:
        for model in (Case, CaseUnit, Report):
            _copy(model, times, gap=_gap(model))
        _reset_sequences()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return Case.objects.count()


def _gap(model: type[Model]) -> int:
    last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    return int(last)


def _copy(model: type[Model], times: int, *, gap: int) -> None:
    quote = connection.ops.quote_name
    case_gap = _GAPS.setdefault(model, gap) if model is Case else _GAPS[Case]
    columns, values = [], []
    for field in model._meta.local_concrete_fields:
        column = quote(str(field.column))
        columns.append(column)
        values.append(_value(field, column, gap, case_gap))
    table = quote(model._meta.db_table)
    sql = (
        f"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {times}) "
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {table} c CROSS JOIN k"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)


_GAPS: dict[type[Model], int] = {}


def _value(field: Any, column: str, gap: int, case_gap: int) -> str:
    if field.primary_key:
        return f"c.{column} + k.n * {gap}"
    if field.name in UNIQUE:
        return f"c.{column} || '-' || k.n"
    if isinstance(field, ForeignKey) and field.related_model is Case:
        return f"c.{column} + k.n * {case_gap}"
    return f"c.{column}"


def _reset_sequences() -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), [Case, CaseUnit, Report])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
