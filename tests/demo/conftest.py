"""The made-up district once for all tests of the room, in a transaction that is rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from lifang.demo import run


@pytest.fixture(scope="package")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """40 closed and 25 open cases in the whole district, seed 1."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            run.build(cases=40, seed=1, opened=25)
            yield
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _in_the_city(city: None, db: None) -> None:
    """Every test of the room stands in the city; what it changes is undone."""
