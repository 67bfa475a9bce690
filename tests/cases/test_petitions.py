"""More time, a pause, an exemption: who asks, who decides, and what the clock does."""

import datetime as dt

import pytest
from django.utils import timezone

from factories_cases import make_town
from factories_orgs import acting_for, make_unit, make_user
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def town():
    return make_town()


def grant(town, petition):
    actions.decide(by=town["dispatcher"], petition_id=petition.pk, granted=True)
    return actions.decide(by=town["leader"], petition_id=petition.pk, granted=True)


def test_it_works(town):
    case = town.dispatched()
    due = case.due_at
    grant(town, actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件"))
    case.refresh_from_db()
    assert case.due_at > due
    assert case.extensions == 1


def test_an_extension_is_refused_once_overdue(town):
    case = town.dispatched()
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - DAY)
    with pytest.raises(Conflict, match="已超期"):
        actions.extend(by=town["handler"], case_id=case.pk, reason="来不及")


def test_asked_in_time_but_decided_late_still_counts(town):
    case = town.dispatched()
    petition = actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件")
    Case.objects.filter(pk=case.pk).update(due_at=petition.asked_at + dt.timedelta(seconds=1))
    grant(town, petition)
    case.refresh_from_db()
    assert case.extensions == 1


def test_at_most_two_extensions(town):
    case = town.dispatched()
    for _n in range(2):
        grant(town, actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件"))
    with pytest.raises(Conflict, match="上限"):
        actions.extend(by=town["handler"], case_id=case.pk, reason="再要")


def test_one_petition_of_a_kind_at_a_time(town):
    case = town.dispatched()
    actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件")
    with pytest.raises(Conflict, match="在审"):
        actions.extend(by=town["handler"], case_id=case.pk, reason="催一下")


def test_three_different_people(town):
    from lifang.orgs.models import Membership

    case = town.dispatched()
    petition = actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件")
    chief = town["duty_chief"]
    actions.decide(by=chief, petition_id=petition.pk, granted=True)
    with pytest.raises(Forbidden, match="三个不同的人"):
        actions.decide(by=chief, petition_id=petition.pk, granted=True)
    assert Membership.objects.count() > 0


def test_refusing_needs_a_reason_and_ends_it(town):
    case = town.dispatched()
    petition = actions.extend(by=town["handler"], case_id=case.pk, reason="需采购配件")
    with pytest.raises(Invalid, match="理由"):
        actions.decide(by=town["dispatcher"], petition_id=petition.pk, granted=False)
    actions.decide(by=town["dispatcher"], petition_id=petition.pk, granted=False, note="不必要")
    with pytest.raises(Conflict):
        actions.decide(by=town["leader"], petition_id=petition.pk, granted=True)


def test_a_suspension_stops_the_clock_and_ends_by_itself(town):
    case = town.dispatched()
    left = case.due_at - timezone.now()
    until = timezone.now() + 30 * DAY
    grant(
        town,
        actions.suspend(by=town["handler"], case_id=case.pk, reason="冬季不宜施工", until=until),
    )
    case.refresh_from_db()
    assert case.state == State.SUSPENDED
    actions.sweep(now=until + dt.timedelta(minutes=1))
    case.refresh_from_db()
    assert case.state == State.DISPATCHED
    assert case.pauses.get().end is not None
    # four working hours: what was left is left again, counted from the day it went on
    assert case.due_at >= timezone.now() + left - dt.timedelta(minutes=1)


@pytest.mark.parametrize("days", [-1, 400])
def test_a_suspension_ends_within_a_year(town, days):
    case = town.dispatched()
    with pytest.raises(Invalid, match="一年之内"):
        actions.suspend(
            by=town["handler"], case_id=case.pk, reason="等",
            until=timezone.now() + days * DAY,
        )  # fmt: skip


def test_an_appeal_exempts_but_the_overdue_fact_stays(town):
    case = town.closed()
    with pytest.raises(Conflict, match="没有超期"):
        actions.appeal(by=town["handler"], case_id=case.pk, reason="误判")
    Case.objects.filter(pk=case.pk).update(due_at=case.handed_back_at - DAY)
    grant(town, actions.appeal(by=town["handler"], case_id=case.pk, reason="道路封闭"))
    case.refresh_from_db()
    assert case.exempt
    assert case.handed_back_at > case.due_at
    with pytest.raises(Conflict, match="一次"):
        actions.appeal(by=town["handler"], case_id=case.pk, reason="再来")


def test_only_the_leading_unit_asks(town):
    case = town.dispatched()
    other = acting_for(make_user(role=Role.HANDLER, unit=make_unit()))
    with pytest.raises(Exception, match="没有这个案件"):
        actions.extend(by=other, case_id=case.pk, reason="x")


def test_hanging_and_back(town):
    case = town.dispatched()
    actions.hang(by=town["leader"], case_id=case.pk, reason="需要财政立项")
    case.refresh_from_db()
    assert case.state == State.HANGING
    done = actions.unhang(by=town["duty_chief"], case_id=case.pk)
    assert done.state == State.DISPATCHED
    assert done.due_at is not None
