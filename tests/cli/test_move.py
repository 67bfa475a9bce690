"""``lifang move``: what was in SQLite is in PostgreSQL, whole and proved."""

import os
from collections.abc import Iterator
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection, connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from conftest import missing
from factories_orgs import make_unit, make_user
from lifang.cli import moving
from lifang.core import journal, search
from lifang.core.models import JournalEntry
from lifang.orgs.acting import SYSTEM
from lifang.orgs.models import User

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="moves from SQLite only")


@pytest.fixture
def target(transactional_db: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of a new empty database, to which the test may connect."""
    server = os.environ.get("LIFANG_TEST_POSTGRES", "")
    if not server:
        missing("needs a PostgreSQL server: set LIFANG_TEST_POSTGRES=postgresql://…")
    name = f"lifang_move_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    before = connections.settings
    with django_db_blocker.unblock():
        yield f"{server}/{name}"
        if hasattr(connections._connections, moving.TARGET):
            connections[moving.TARGET].close()
            delattr(connections._connections, moving.TARGET)
        connections.settings = before
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def some_rows(transactional_db: None) -> None:
    for n in range(30):
        make_user(role="handler", unit=make_unit(name=f"单位{n}“引号”\\反斜\t杠"))
    with transaction.atomic():
        for n in range(7):
            after = {"n": n, "词": "井盖", "x": 1.50}
            journal.write(by=SYSTEM, room="orgs", verb="test", after=after)
    journal.seal_all()
    search.put("case", 1, "人民路井盖缺失")


def test_it_works(target: str, some_rows: None) -> None:
    tables = moving.move(target, say=lambda _: None)
    rows = {t.name: t.rows for t in tables}
    assert rows["orgs_user"] == 30
    assert rows["core_journalentry"] == rows["core_journallink"] == 7
    with psycopg.connect(target) as there:
        one = partial(_one, there)
        assert one("SELECT count(*) FROM orgs_unit WHERE name = '单位3“引号”\\反斜\t杠'") == 1
        new = one("SELECT nextval(pg_get_serial_sequence('orgs_user', 'id'))")
        assert new == one("SELECT max(id) FROM orgs_user") + 1
        assert one("SELECT count(*) FROM core_searchtext WHERE pairs @@ '井盖'::tsquery") == 1
        with pytest.raises(psycopg.errors.RaiseException):
            there.execute("DELETE FROM core_journalentry")
    with pytest.raises(moving.MoveFailed, match="不是空库"):
        moving.move(target, say=lambda _: None)


def test_goes_on_where_it_was_broken_off_and_proves_the_result(
    target: str, some_rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 4)
    copy, compare = moving._copy, moving._compare

    def breaks(table: moving.Table) -> int:
        if table.model is JournalEntry:
            raise KeyboardInterrupt
        return copy(table)

    def changes(table: moving.Table) -> None:
        if table.model is User:
            User.objects.using(moving.TARGET).filter(name="人员1").update(name="改")
        compare(table)

    monkeypatch.setattr(moving, "_copy", breaks)
    with pytest.raises(KeyboardInterrupt):
        moving.move(target, say=lambda _: None)
    monkeypatch.setattr(moving, "_copy", copy)
    monkeypatch.setattr(moving, "_compare", changes)
    User.objects.filter(pk=User.objects.order_by("pk").values("pk")[:1]).update(name="人员1")
    said: list[str] = []
    with pytest.raises(moving.MoveFailed, match="orgs_user"):
        moving.move(target, say=said.append)
    assert any(line.startswith("core_journalentry") for line in said)
    assert not any(line.startswith("orgs_unit：") for line in said)


def _one(there: "psycopg.Connection[Any]", sql: LiteralString) -> Any:
    row = there.execute(sql).fetchone()
    assert row is not None
    return row[0]
