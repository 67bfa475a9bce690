"""Two people on one filing at the same moment: one wins, the other is told; nothing is written twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from factories_materials import make_office, word
from lifang.core.errors import Conflict
from lifang.materials import actions
from lifang.materials.models import Filing, Review, Revision, Submission

pytestmark = pytest.mark.django_db(transaction=True)


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that start together; their results or the problems they met."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(n: int, call: Callable[[], Any]) -> None:
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


def test_it_works() -> None:
    office = make_office()
    filing = office.submitted()
    results = race(
        lambda: actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A"),
        lambda: actions.return_(by=office.second, filing_id=filing.pk, reason="未盖章"),
        lambda: actions.withdraw(by=office.clerk, filing_id=filing.pk),
    )
    # a return of what was just graded is possible, of what was withdrawn it is not: but never two of level 1
    won = [r for r in results if isinstance(r, Filing)]
    lost = [r for r in results if isinstance(r, Conflict)]
    assert len(won) + len(lost) == 3 and lost, results
    assert Review.objects.filter(level=1).count() <= 1


def test_two_first_reviews_are_one() -> None:
    office = make_office()
    filing = office.submitted()
    results = race(
        *[
            lambda by=by: actions.review(by=by, filing_id=filing.pk, level=1, grade="A")  # type: ignore[misc]
            for by in (office.first, office.second)
        ]
    )
    assert sum(isinstance(r, Conflict) for r in results) == 1, results
    assert Review.objects.count() == 1


def test_revisions_made_at_once_are_numbered_without_gap() -> None:
    office = make_office()
    filing = office.filing("II-3-12-2")
    papers = [word(f"第{n}稿") for n in range(4)]
    results = race(
        *[
            lambda file=file: actions.attach(by=office.clerk, filing_id=filing.pk, files=[file])  # type: ignore[misc]
            for file in papers
        ]
    )
    assert all(isinstance(r, Filing) for r in results), results
    assert sorted(Revision.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_handed_in_twice_is_handed_in_once() -> None:
    office = make_office()
    filing = office.filing("II-3-12-2")
    actions.attach(by=office.clerk, filing_id=filing.pk, files=[word()])
    results = race(
        *[lambda: actions.submit(by=office.clerk, filing_id=filing.pk) for _n in range(3)]
    )
    assert sum(isinstance(r, Conflict) for r in results) == 2, results
    assert Submission.objects.count() == 1


def test_asked_by_two_at_once_is_asked_once() -> None:
    office = make_office()
    Filing.objects.all().delete()
    race(
        *[
            lambda by=by: actions.ask(by=by, round_id=office.round.pk)  # type: ignore[misc]
            for by in (office.first, office.second)
        ]
    )
    assert Filing.objects.count() == 4
