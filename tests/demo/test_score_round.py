"""The demo's rounds: one going on, one of the year before, as an office would have them."""

import pytest
from django.db.models import Count

from lifang.orgs.acting import SYSTEM
from lifang.rounds import queries
from lifang.rounds.choices import RoundStatus, TaskStatus
from lifang.rounds.models import Letter, RoundPlace, Step, Task
from lifang.rounds.queries import places


def test_it_works() -> None:
    opened, closed = queries.rounds(SYSTEM)
    assert (opened.status, closed.status) == (RoundStatus.OPEN, RoundStatus.CLOSED)
    assert opened.previous_id == closed.pk
    for r in (opened, closed):
        assert len(queries.scope_of(r).sites) == 78
        assert RoundPlace.objects.filter(round=r, drawn=True, unit=None).count() == 0
        assert places.replay(SYSTEM, r.pk)["same"]


def test_most_tasks_are_taken_up_and_some_lie() -> None:
    opened = queries.open_rounds(SYSTEM).get()
    n = dict(
        Task.objects.filter(round=opened).values_list("status").annotate(n=Count("pk")).order_by()
    )
    whole = sum(n.values())
    assert whole > 200
    assert 0.8 < n[TaskStatus.TAKEN_UP] / whole < 0.97
    assert n[TaskStatus.ISSUED] > 5
    assert TaskStatus.DRAFT not in n


def test_plans_and_letters_are_there() -> None:
    opened = queries.open_rounds(SYSTEM).get()
    steps = Step.objects.filter(round=opened)
    assert 0.2 < steps.exclude(done_on=None).count() / steps.count() < 0.7
    assert Letter.objects.filter(round=opened).count() > 30
    assert pytest.approx(1) == max(
        float(t.share) for t in Task.objects.filter(round=opened, part="lead")
    )
