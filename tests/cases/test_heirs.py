"""Open cases of units that were merged or closed do not stay behind with nobody."""

import pytest
from django.utils import timezone

from factories_cases import make_town
from factories_orgs import acting_for, make_unit
from lifang.cases import actions
from lifang.cases.actions.heirs import hand_over
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case
from lifang.core.models import Notification
from lifang.orgs import actions as orgs
from lifang.orgs.acting import SYSTEM
from lifang.orgs.models import Unit, User
from lifang.orgs.tree import changed, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def merged_into(town, name="大城管局"):
    heir = make_unit(name=name)
    orgs.merge_units(by=SYSTEM, target_id=heir.pk, source_ids=[town.unit.pk])
    return heir


def close(unit: Unit) -> None:
    User.objects.filter(unit=unit).update(unit=make_unit())
    orgs.close_unit(by=SYSTEM, unit_id=unit.pk)


def test_it_works(town, run_tasks):
    case = town.dispatched()
    due = case.due_at
    heir = merged_into(town)
    actions.sweep()
    case.refresh_from_db()
    assert (case.lead_unit_id, case.state, case.due_at) == (heir.pk, State.DISPATCHED, due)
    step = case.steps.get(verb=Verb.TAKE_OVER)
    assert step.automatic and step.public
    assert step.detail["from_name"] == "城管局" and step.detail["unit"] == heir.pk
    assert list(case.units.filter(until=None).values_list("unit_id", flat=True)) == [heir.pk]
    run_tasks()
    told = Notification.objects.filter(title__contains="承接")
    assert list(told.values_list("user_id", flat=True)) == [town["handler"].user_id]
    # and the handler, who went along, can work it
    went_along = acting_for(User.objects.get(pk=town["handler"].user_id))
    assert actions.start(by=went_along, case_id=case.pk).state == State.HANDLING


def test_twice_hands_over_once(town):
    case = town.dispatched()
    merged_into(town)
    actions.sweep()
    actions.sweep()
    assert case.steps.filter(verb=Verb.TAKE_OVER).count() == 1


def test_without_an_heir_it_goes_to_arbitration(town):
    case = town.dispatched()
    close(town.unit)
    actions.sweep()
    case.refresh_from_db()
    assert (case.state, case.arbitration, case.due_at) == (State.RETURNED, True, None)
    assert case.stage_due_at is not None
    assert not case.units.filter(until=None).exists()
    actions.sweep()
    assert case.steps.filter(verb=Verb.TAKE_OVER).count() == 1


def test_a_hanging_case_without_an_heir_loses_its_pause(town):
    case = town.dispatched()
    actions.hang(by=town["duty_chief"], case_id=case.pk, reason="管线产权不明")
    close(town.unit)
    actions.sweep()
    case.refresh_from_db()
    assert (case.state, case.paused_at, case.paused_state) == (State.RETURNED, None, "")


def test_handed_back_work_stays_with_who_did_it(town):
    case = town.handed_back()
    close(town.unit)
    actions.sweep()
    case.refresh_from_db()
    assert (case.state, case.lead_unit_id) == (State.HANDED_BACK, town.unit.pk)


def test_an_assisting_unit_is_followed_by_its_heir(town):
    helper, heir = make_unit(name="园林所"), make_unit(name="绿化中心")
    case = town.filed()
    actions.dispatch(
        by=town["dispatcher"], case_id=case.pk, unit_id=town.unit.pk, assisting=[helper.pk]
    )
    orgs.merge_units(by=SYSTEM, target_id=heir.pk, source_ids=[helper.pk])
    actions.sweep()
    now = Case.objects.get(pk=case.pk).units.filter(until=None)
    assert dict(now.values_list("unit_id", "role")) == {town.unit.pk: "lead", heir.pk: "assist"}


def test_closed_cases_keep_the_old_name(town):
    case = town.closed()
    merged_into(town)
    actions.sweep(now=timezone.now())
    case.refresh_from_db()
    assert case.lead_unit_id == town.unit.pk


def test_nothing_to_do_is_no_statement_on_cases(town, django_assert_num_queries):
    changed()
    tree()
    with django_assert_num_queries(1):  # the stamps
        assert hand_over(now=timezone.now()) == 0
