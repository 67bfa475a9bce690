"""A process that has just started builds what reports need before the first one comes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories_cases import make_report, make_town
from lifang.cases import warming
from lifang.cases.models import Case
from lifang.core import stamps
from lifang.places import atlas

pytestmark = pytest.mark.django_db


def statements() -> int:
    """How many statements a report takes now."""
    with CaptureQueriesContext(connection) as seen:
        make_report()
    return len(seen)


def test_it_works() -> None:
    make_town()
    stamps.forget()
    cold = statements()
    stamps.forget()
    assert warming.warm() == []
    assert Case.objects.count() == 1  # its own report is not kept
    first, second = statements(), statements()
    assert first == second < cold


def test_an_empty_installation_has_nothing_to_warm() -> None:
    assert warming.warm() == []


def test_what_fails_hinders_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_town()
    stamps.forget()

    def broken() -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(warming, "STEPS", (("model", broken), *warming.STEPS[2:]))
    assert warming.warm() == ["model"]
    held = stamps.fresh()
    assert held
    with CaptureQueriesContext(connection) as seen:
        atlas.regions()
    assert len(seen) == 1  # the stamps, not the table
