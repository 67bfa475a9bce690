"""Two clerks on one case at the same moment: one wins, the other sees what happened."""

import threading
from typing import Any

import pytest
from django.db import connection

from factories_cases import make_town
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case, Step
from lifang.core.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


def race(*calls: Any) -> list[Any]:
    """Run calls in threads that start together; their results or the problems they met."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(n: int, call: Any) -> None:
        try:
            gate.wait(10)
            results[n] = call()
        except Exception as problem:
            results[n] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, c)) for n, c in enumerate(calls)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    return results


def test_it_works():
    town = make_town()
    case = town.report()
    seen = Case.objects.get(pk=case.pk).version
    results = race(
        lambda: actions.file(
            by=town["acceptor"], case_id=case.pk, category_id=town.category.pk, version=seen
        ),
        lambda: actions.reject(
            by=town["duty_chief"], case_id=case.pk, reason="重复提问", version=seen
        ),
    )
    lost = [r for r in results if isinstance(r, Conflict)]
    assert len(lost) == 1, results
    winner = Step.objects.filter(case=case).latest("id")
    assert winner.actor in str(lost[0])
    assert Step.objects.filter(case=case).count() == 2
    assert Case.objects.get(pk=case.pk).state in (State.FILED, State.REJECTED)


def test_the_same_report_from_two_connections_is_one():
    from factories_cases import make_report

    make_town()
    results = race(*[lambda: make_report(client_id="phone-twice-0001") for _n in range(4)])
    made = [r for r in results if isinstance(r, actions.Reported)]
    assert len(made) == 4, results
    assert sum(r.created for r in made) == 1
    assert Case.objects.count() == 1
