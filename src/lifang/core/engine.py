"""What differs by database engine and no migration operation expresses: triggers and text indexes.

The journal's tables refuse UPDATE and DELETE in the database itself. Search keeps one table of
character pairs: FTS5 over it on SQLite, a ``tsvector`` column with GIN on PostgreSQL.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

GUARDED = ("core_journalentry", "core_journallink")


def guard(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse to change or delete what the journal holds."""
    with connection.cursor() as sql:
        if connection.vendor == "sqlite":
            for table in GUARDED:
                for verb in ("UPDATE", "DELETE"):
                    sql.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} "
                        f"ON {table} BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
                    )
        else:
            sql.execute(
                "CREATE OR REPLACE FUNCTION core_journal_refuse() RETURNS trigger AS $$ BEGIN "
                "RAISE EXCEPTION 'the journal is append-only'; END $$ LANGUAGE plpgsql"
            )
            for table in GUARDED:
                sql.execute(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}")
                sql.execute(
                    f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION core_journal_refuse()"
                )


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the guard off: for tests that forge rows or empty the tables, never in operation."""
    with connection.cursor() as sql:
        for table in GUARDED:
            if connection.vendor == "sqlite":
                for verb in ("update", "delete"):
                    sql.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            else:
                sql.execute(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}")


def search_index(connection: BaseDatabaseWrapper) -> None:
    """The text index over ``core_searchtext``."""
    with connection.cursor() as sql:
        if connection.vendor == "sqlite":
            for statement in _FTS5:
                sql.execute(statement)
        else:
            sql.execute("ALTER TABLE core_searchtext ADD COLUMN IF NOT EXISTS pairs tsvector")
            sql.execute(
                "CREATE INDEX IF NOT EXISTS core_searchtext_pairs ON core_searchtext USING gin (pairs)"
            )


_GONE = (
    "INSERT INTO core_search_fts(core_search_fts, rowid, kind, grams) "
    "VALUES ('delete', old.id, old.kind, old.grams);"
)
_NEW = "INSERT INTO core_search_fts(rowid, kind, grams) VALUES (new.id, new.kind, new.grams);"
_FTS5 = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS core_search_fts USING fts5"
    "(kind, grams, content='core_searchtext', content_rowid='id', tokenize='unicode61')",
    "CREATE TRIGGER IF NOT EXISTS core_searchtext_fts_i AFTER INSERT ON core_searchtext "
    f"BEGIN {_NEW} END",
    "CREATE TRIGGER IF NOT EXISTS core_searchtext_fts_d AFTER DELETE ON core_searchtext "
    f"BEGIN {_GONE} END",
    "CREATE TRIGGER IF NOT EXISTS core_searchtext_fts_u AFTER UPDATE ON core_searchtext "
    f"BEGIN {_GONE} {_NEW} END",
)  # fmt: skip
