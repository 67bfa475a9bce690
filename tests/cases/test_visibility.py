"""Who sees which case."""

import pytest

from factories_cases import make_report, make_town
from factories_orgs import acting_for, make_unit, make_user
from lifang.cases import actions
from lifang.cases.permissions import may_see_reporter, visible_to
from lifang.core.errors import Missing
from lifang.orgs.acting import CITIZEN
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def test_it_works(town):
    case = town.dispatched()
    for role in (
        "acceptor",
        "dispatcher",
        "duty_chief",
        "checker",
        "evaluator",
        "leader",
        "handler",
    ):
        assert case in visible_to(town[role]), role


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_see_no_case(town, role):
    town.dispatched()
    assert not visible_to(acting_for(make_user(role=role))).exists()


def test_another_area_and_another_unit_see_nothing(town):
    town.dispatched()
    elsewhere = acting_for(make_user(role=Role.ACCEPTOR, area="990199"))
    stranger = acting_for(make_user(role=Role.HANDLER, unit=make_unit()))
    assert not visible_to(elsewhere).exists()
    assert not visible_to(stranger).exists()
    assert not visible_to(CITIZEN).exists()


def test_a_unit_above_sees_what_is_below(town):
    case = town.dispatched()
    above = make_unit()
    town.unit.parent = above
    town.unit.save()
    from lifang.orgs import tree

    tree.changed()
    assert case in visible_to(acting_for(make_user(role=Role.HANDLER, unit=above)))


def test_a_unit_that_returned_a_case_still_sees_what_it_did(town):
    case = town.dispatched()
    actions.return_to_dispatcher(by=town["handler"], case_id=case.pk, reason="不属")
    other = make_unit()
    actions.dispatch(by=town["dispatcher"], case_id=case.pk, unit_id=other.pk)
    assert case in visible_to(town["handler"])


def test_what_is_not_seen_is_not_found(town):
    case = town.dispatched()
    elsewhere = acting_for(make_user(role=Role.DUTY_CHIEF, area="990199"))
    with pytest.raises(Missing):
        actions.void(by=elsewhere, case_id=case.pk, reason="x")


def test_the_reporter_s_number_is_for_those_who_need_it(town):
    case = make_report(reporter_phone="13800001234").case
    assert may_see_reporter(case, town["acceptor"])
    assert not may_see_reporter(case, town["leader"])
    assert not may_see_reporter(case, town["checker"])
