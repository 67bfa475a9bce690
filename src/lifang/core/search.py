"""Chinese search by overlapping character pairs: two-character words (井盖, 路灯) are found.

One table for all rooms (:class:`SearchText`), one technique on both engines: pairs as words of an
FTS5 index on SQLite, as lexemes with positions in a ``tsvector`` on PostgreSQL. A query is the
phrase of its own pairs, so it matches what stands together; words apart are joined by AND.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

M = TypeVar("M", bound=Model)
_RUN = re.compile(r"[^\W_]+")
#: stands between runs, so that the end of one and the beginning of the next are no phrase;
#: three letters, which no pair has
_BREAK = "xxx"
#: a tsvector counts positions to 16,383; longer texts are not found by their end
_LONGEST = 12_000


def runs(text: str) -> list[str]:
    """Letters, digits and characters that stand together; full-width and case made one."""
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def grams(text: str) -> str:
    """The character pairs of ``text``: ``"井盖 盖缺 缺失"``; a lone character stands as it is."""
    return f" {_BREAK} ".join(" ".join(_pairs(run)) for run in runs(text[:_LONGEST]))


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def put(kind: str, object_id: int, text: str) -> None:
    """Keep the text of one thing, in place of what was kept of it. One statement."""
    put_many(kind, [(object_id, text)])


def put_many(kind: str, texts: Iterable[tuple[int, str]]) -> None:
    """Keep the texts of many things; a statement for every 300."""
    rows = [(kind, number, grams(text)) for number, text in texts]
    for start in range(0, len(rows), 300):
        _upsert(rows[start : start + 300])


def _upsert(rows: Sequence[tuple[str, int, str]]) -> None:
    if connection.vendor == "postgresql":
        columns, one = "kind, object_id, grams, pairs", "(%s, %s, %s, %s::tsvector)"
        update = "grams = excluded.grams, pairs = excluded.pairs"
        values = [v for kind, n, pairs in rows for v in (kind, n, pairs, _vector(kind, pairs))]
    else:
        columns, one, update = "kind, object_id, grams", "(%s, %s, %s)", "grams = excluded.grams"
        values = [v for row in rows for v in row]
    with connection.cursor() as sql:
        sql.execute(
            f"INSERT INTO core_searchtext ({columns}) VALUES {', '.join([one] * len(rows))} "  # noqa: S608  (no value of a user in it)
            f"ON CONFLICT (kind, object_id) DO UPDATE SET {update}",
            values,
        )


def _vector(kind: str, pairs: str) -> str:
    """A tsvector in its text form: no parser and no locale comes between."""
    places: dict[str, list[str]] = {}
    for n, pair in enumerate(pairs.split(), start=1):
        places.setdefault(pair, []).append(str(n))
    words = [f"'{pair}':{','.join(at[:255])}" for pair, at in places.items() if pair != _BREAK]
    return " ".join([f"'={kind}':1", *words])


def fill_vectors(target: BaseDatabaseWrapper, *, batch: int = 1000) -> int:
    """Fill the text index of a PostgreSQL whose rows came from SQLite; returns how many rows."""
    done = 0
    while True:
        with target.cursor() as sql:
            sql.execute(
                "SELECT id, kind, grams FROM core_searchtext WHERE pairs IS NULL LIMIT %s", [batch]
            )
            rows = sql.fetchall()
            if not rows:
                return done
            sql.executemany(
                "UPDATE core_searchtext SET pairs = %s::tsvector WHERE id = %s",
                [(_vector(kind, pairs), number) for number, kind, pairs in rows],
            )
        done += len(rows)


def drop(kind: str, ids: Iterable[int]) -> None:
    """Forget the texts of some things."""
    from lifang.core.models import SearchText

    SearchText.objects.filter(kind=kind, object_id__in=list(ids)).delete()


def filter(qs: QuerySet[M], kind: str, query: str) -> QuerySet[M]:
    """Rows of ``qs`` whose text holds every word of ``query``; all of them if it has no word.

    Stays one statement with the rest of the queryset.
    """
    sql, params = _hits(kind, query)
    return qs.filter(pk__in=RawSQL(sql, params)) if sql else qs  # noqa: S611  (values are bound)


def ids(kind: str, query: str, limit: int = 50) -> list[int]:
    """Numbers of the things whose text holds every word of ``query``, the newest first."""
    sql, params = _hits(kind, query)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY object_id DESC LIMIT %s", [*params, limit])
        return [row[0] for row in cursor.fetchall()]


def _hits(kind: str, query: str) -> tuple[str, list[Any]]:
    words = runs(query[:200])
    long = [w for w in words if len(w) > 1]
    where: list[str] = ["kind = %s"]
    params: list[Any] = [kind]
    if not words:
        return "", []
    if long and connection.vendor == "postgresql":
        where.append("pairs @@ %s::tsquery")
        phrases = [" <-> ".join(f"'{p}'" for p in _pairs(w)) for w in long]
        params.append(" & ".join([f"'={kind}'", *(f"({p})" for p in phrases)]))
    elif long:
        where.append("id IN (SELECT rowid FROM core_search_fts WHERE core_search_fts MATCH %s)")
        phrases = [f'grams:"{" ".join(_pairs(w))}"' for w in long]
        params.append(" AND ".join([f'kind:"{kind}"', *phrases]))
    for word in words:
        if len(word) == 1:  # no index knows one character
            where.append("grams LIKE %s")
            params.append(f"%{word}%")
    return f"SELECT object_id FROM core_searchtext WHERE {' AND '.join(where)}", params  # noqa: S608  (values are bound)


def match(qs: QuerySet[M], field: str, query: str) -> QuerySet[M]:
    """Rows whose own column ``field`` of :func:`grams` holds every word; for small tables."""
    for word in runs(query[:200]):
        qs = qs.filter(**{f"{field}__contains": " ".join(_pairs(word))})
    return qs
