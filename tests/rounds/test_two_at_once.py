"""Two people on one thing at the same moment: one wins, the other sees what happened."""

import threading
from typing import Any

import pytest
from django.db import connection

from factories_rounds import Ready
from lifang.core.errors import Conflict
from lifang.rounds import actions
from lifang.rounds.models import Step, Task

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


def test_it_works() -> None:
    ready = Ready().issued()
    task = Task.objects.get(leaf="1-5")
    hands = [ready.handler(ready.units["fire"]) for _ in range(2)]
    results = race(*(lambda by=by: actions.take_up(by=by, ids=[task.pk]) for by in hands))
    lost = [r for r in results if isinstance(r, Conflict)]
    assert len(lost) == 1, results
    task.refresh_from_db()
    assert task.taken_up_by and task.taken_up_by.name in str(lost[0])
    assert task.person_id == task.taken_up_by_id


def test_the_planner_pressed_twice_orders_once() -> None:
    ready = Ready().opened()
    rows = [{"unit_id": ready.units["fire"].pk, "leaf": "1-5", "standard": "x"}]
    order = {"by": ready.evaluator, "round_id": ready.round.pk, "rows": rows}
    results = race(*[lambda: actions.add_steps(**order)] * 2)
    assert sorted(r["made"] for r in results) == [0, 1], results
    assert Step.objects.count() == 1
