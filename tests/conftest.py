"""Fixtures of every room. Factories stand in ``tests/factories_<room>.py``."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from lifang.core import calendar, engine, stamps

#: in CI a missing service is a failure, elsewhere a skip that says why
IN_CI = os.environ.get("LIFANG_CI") == "1"


def missing(what: str) -> None:
    """Skip, or in CI fail, because ``what`` (a service or program) is not there."""
    if IN_CI:
        pytest.fail(f"{what}; LIFANG_CI=1 forbids skipping")
    pytest.skip(what)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set LIFANG_DATABASE_URL and LIFANG_TEST_DB")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The journal's guard off: tests with real transactions empty the tables after themselves.

    ``tests/core/test_journal.py`` puts it on again where it is what is tested.
    """
    with django_db_blocker.unblock():
        if not connection.settings_dict["TEST"]["MIGRATE"]:
            _as_migrated()
        engine.lift(connection)


def _as_migrated() -> None:
    """What our migrations do beside making tables (see ``lifang_test_settings``)."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    engine.search_index(connection)
    calendar.seed()
    recorder = MigrationRecorder(connection)
    for app, name in MigrationLoader(connection).graph.nodes:
        recorder.record_applied(app, name)


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """What a process keeps between requests starts empty, and the language is ours."""
    cache.clear()
    stamps.forget()
    with translation.override("zh-hans"):
        yield
    cache.clear()


@pytest.fixture
def run_tasks(db: None) -> Callable[..., list[str]]:
    """``run_tasks()`` runs every task that is due, in this process, until none is left.

    Returns the names of the tasks run, in order. ``at_any_time=True`` also runs those put off
    (retries, reminders). A task that fails fails the test, unless ``failures=True``.
    """
    from django_tasks_db.models import DBTaskResult

    def drain(*, at_any_time: bool = False, failures: bool = False, limit: int = 2000) -> list[str]:
        ran: list[str] = []
        while len(ran) < limit:
            rows = DBTaskResult.objects.filter(status="READY")
            row = (rows if at_any_time else DBTaskResult.objects.ready()).first()
            if row is None:
                return ran
            row.claim("test")
            ran.append(row.task_path.rsplit(".", 1)[-1])
            try:
                value = row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
            except Exception as problem:
                if not failures:
                    raise
                row.set_failed(problem)
            else:
                row.set_successful(value)
        raise AssertionError(f"more than {limit} tasks: do they enqueue one another for ever?")

    return drain
