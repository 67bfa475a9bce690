"""The journal: entries, the chain over them, readers that skip nothing."""

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from lifang.core import engine, journal, readers
from lifang.core.models import JournalCursor, JournalEntry, JournalLink, Stamp
from lifang.orgs.acting import SYSTEM, Acting

CLERK = Acting(user_id=7, name="王受理", unit_id=3, address="10.0.0.1")


def tell(n: int = 1, **kw: object) -> list[JournalEntry]:
    with transaction.atomic():
        return journal.write_many(
            journal.entry(by=CLERK, room="cases", verb=f"v{i}", **kw)  # type: ignore[arg-type]  # passed on
            for i in range(n)
        )


@pytest.fixture
def read_verbs() -> Iterator[list[str]]:
    seen: list[str] = []
    readers.READERS["t"] = readers.Reader("t", frozenset({"cases"}), lambda e: seen.append(e.verb))
    yield seen
    del readers.READERS["t"]


@pytest.mark.django_db
def test_it_works(read_verbs: list[str]) -> None:
    subject = Stamp.objects.create(name="x")
    with transaction.atomic():
        entry = journal.write(
            by=CLERK,
            room="cases",
            verb="file",
            subject=subject,
            reason="属实",
            before={"state": "reported"},
            after={"state": "filed", "at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC), "x": 1.0},
        )
    entry.refresh_from_db()
    assert (entry.user_id, entry.actor, entry.unit_id) == (7, "王受理", 3)
    assert entry.after == {"state": "filed", "at": "2026-03-01T00:00:00.000000+00:00", "x": 1}
    assert journal.pending(timezone.now())
    assert journal.seal() == 1
    assert not journal.pending(timezone.now())
    assert journal.verify() is None
    readers.run_readers()
    assert read_verbs == ["file"]


@pytest.mark.django_db
def test_many_entries_are_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture
        journal.write_many(journal.entry(by=SYSTEM, room="cases", verb="x") for _ in range(20))


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_it_refuses() -> None:
    with pytest.raises(RuntimeError):
        journal.write(by=SYSTEM, room="cases", verb="x")


@pytest.mark.django_db
def test_the_chain_is_what_its_page_says() -> None:
    one, two = tell(2)
    journal.seal_all()
    first, second = JournalLink.objects.order_by("position")
    assert (first.position, first.entry_id, second.position, second.entry_id) == (
        1,
        one.id,
        2,
        two.id,
    )
    row = JournalEntry.objects.values(*journal.COVERED).get(id=two.id)
    row["at"] = row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert second.hash == hashlib.sha256((first.hash + text).encode()).hexdigest()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_journalentry SET actor = 'x'",
        "DELETE FROM core_journalentry",
        "UPDATE core_journallink SET hash = 'x'",
        "DELETE FROM core_journallink",
    ],
)
def test_the_database_itself_refuses_to_change_it(statement: str) -> None:
    engine.guard(connection)
    tell()
    journal.seal()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_a_changed_entry_is_named() -> None:
    rows = tell(5)
    journal.seal_all()
    JournalEntry.objects.filter(id=rows[2].id).update(reason="改过")
    assert journal.verify() == journal.Break("changed", 3, rows[2].id)


@pytest.mark.django_db
def test_a_missing_row_is_named() -> None:
    rows = tell(5)
    journal.seal_all()
    JournalLink.objects.filter(position=4).delete()
    assert journal.verify() == journal.Break("missing", 4, rows[4].id)


@pytest.mark.django_db
def test_a_missing_entry_under_its_link_is_named() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("the foreign key refuses it at once")
    rows = tell(3)
    journal.seal_all()
    with connection.cursor() as sql:
        sql.execute("PRAGMA defer_foreign_keys = ON")
        sql.execute("DELETE FROM core_journalentry WHERE id = %s", [rows[1].id])
        assert journal.verify() == journal.Break("missing", 2, rows[1].id)
        sql.execute(
            "INSERT INTO core_journalentry SELECT %s, at, device_at, user_id, token_id, actor, address,"
            " unit_id, room, verb, subject_kind, subject_id, subject_name, automatic, reason, before,"
            ' "after" FROM core_journalentry WHERE id = %s',
            [rows[1].id, rows[0].id],
        )
    assert journal.verify() == journal.Break("changed", 2, rows[1].id)


@pytest.mark.django_db
def test_an_inserted_entry_is_named() -> None:
    rows = tell(3)
    journal.seal_all()
    stranger = JournalEntry.objects.create(
        id=rows[0].id - 1000, at=timezone.now() - dt.timedelta(days=3), room="cases", verb="x"
    )
    assert journal.verify() == journal.Break("inserted", 4, stranger.id)


@pytest.mark.django_db
def test_a_reader_that_fails_waits_and_skips_nothing() -> None:
    seen: list[str] = []
    broken = True

    def read(entry: JournalEntry) -> None:
        Stamp.objects.create(name=f"read-{entry.verb}")
        if broken and entry.verb == "v3":
            raise ValueError("no")
        seen.append(entry.verb)

    readers.READERS["f"] = readers.Reader("f", frozenset({"cases"}), read)
    try:
        tell(6)
        journal.seal_all()
        readers.run_readers()
        cursor = JournalCursor.objects.get(name="f")
        assert (cursor.position, cursor.failures) == (3, 1)
        assert "ValueError" in cursor.error
        # what it wrote for the entry that failed is gone with it
        assert set(
            Stamp.objects.filter(name__startswith="read").values_list("name", flat=True)
        ) == {
            "read-v0",
            "read-v1",
            "read-v2",
        }
        assert readers.run_readers() == 0  # waits
        broken = False
        readers.run_readers(now=timezone.now() + dt.timedelta(minutes=1))
        assert JournalCursor.objects.get(name="f").position == 6
        assert seen[-3:] == ["v3", "v4", "v5"]
        assert readers.lags()["f"] == 0
    finally:
        del readers.READERS["f"]


@pytest.mark.django_db
def test_replayed_from_zero_it_reads_the_same(read_verbs: list[str]) -> None:
    tell(250)
    with transaction.atomic():
        journal.write(by=SYSTEM, room="orgs", verb="not-ours")
    journal.seal_all()
    readers.run_readers()
    first = list(read_verbs)
    assert len(first) == 250
    read_verbs.clear()
    readers.replay("t")
    assert read_verbs == first


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_what_commits_late_is_never_skipped(read_verbs: list[str]) -> None:
    """Two connections: the first takes its number, the second overtakes it and is read."""
    wrote, go = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                journal.write(by=CLERK, room="cases", verb="slow")
                wrote.set()
                assert go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(20)
    with transaction.atomic():
        fast = journal.write(by=CLERK, room="cases", verb="fast")
    journal.seal_all()
    readers.run_readers()
    assert read_verbs == ["fast"]
    go.set()
    thread.join(20)
    late = JournalEntry.objects.get(verb="slow")
    assert late.id < fast.id  # its number is lower, and yet:
    assert journal.pending(timezone.now())
    journal.seal_all()
    readers.run_readers()
    assert read_verbs == ["fast", "slow"]
    assert JournalLink.objects.get(entry=late).position == 2
    assert journal.verify() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_what_commits_later_than_the_look_back_is_found_by_the_sweep() -> None:
    with transaction.atomic():
        one, _two = tell(2)
    JournalEntry.objects.filter(id=one.id).update(at=timezone.now() - dt.timedelta(hours=1))
    JournalCursor.objects.create(name=journal.SEALER, position=_two.id)
    assert journal.seal_all() == 1
    assert journal.seal_all(sweep=True) == 1
    assert journal.verify() is None


@pytest.mark.django_db(transaction=True)
def test_several_writers_and_sealers_at_once_make_one_whole_chain() -> None:

    def work(n: int) -> None:
        try:
            for _ in range(10):
                tell(2)
                journal.seal(limit=7, wait=bool(n % 2))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    journal.seal_all(sweep=True)
    assert JournalLink.objects.count() == 80
    assert list(
        JournalLink.objects.order_by("position").values_list("position", flat=True)
    ) == list(range(1, 81))
    assert journal.verify() is None
