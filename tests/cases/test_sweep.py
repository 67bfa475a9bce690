"""Reminders before and after the limit; escalation to the duty chief and the leader."""

import datetime as dt

import pytest
from django.utils import timezone

from factories_cases import make_town
from lifang.cases import actions
from lifang.cases.choices import Verb
from lifang.cases.models import Case
from lifang.core.models import Notification

pytestmark = pytest.mark.django_db
H = dt.timedelta(hours=1)


@pytest.fixture
def town():
    return make_town()


def test_it_works(town, run_tasks):
    case = town.dispatched()
    start = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        dispatched_at=start, amber_at=start + 3 * H, due_at=start + 4 * H
    )
    levels = []
    for hours in (1, 3, 4, 6, 8, 20):
        actions.sweep(now=start + hours * H)
        levels.append(Case.objects.get(pk=case.pk).reminded)
    assert levels == [0, 1, 2, 3, 4, 4]
    assert case.steps.filter(verb=Verb.ESCALATE).count() == 4
    run_tasks()
    titles = Notification.objects.filter(kind="case.escalate")
    assert titles.filter(user_id=town["handler"].user_id).count() == 4
    assert titles.filter(user_id=town["leader"].user_id).count() == 1
    assert titles.filter(user_id=town["duty_chief"].user_id).count() == 2


def test_twice_in_the_same_minute_tells_once(town):
    case = town.dispatched()
    late = case.due_at + dt.timedelta(minutes=1)
    actions.sweep(now=late)
    first = case.steps.count()
    actions.sweep(now=late)
    assert case.steps.count() == first


def test_a_case_left_in_the_centre_is_made_known_once_a_stage(town, run_tasks):
    case = town.report()
    late = case.stage_due_at + H
    assert actions.sweep(now=late) == 1
    assert actions.sweep(now=late + H) == 0
    run_tasks()
    assert Notification.objects.filter(user_id=town["duty_chief"].user_id).count() == 1


def test_nothing_is_told_of_cases_that_are_over(town):
    case = town.closed()
    assert actions.sweep(now=case.due_at + 100 * H) == 0
