"""The loop once round, and what must never happen on the way."""

import datetime as dt

import pytest

from factories_cases import make_file, make_report, make_town
from factories_orgs import acting_for, make_user
from lifang.cases import actions
from lifang.cases.choices import ClosedAs, State, Verb
from lifang.cases.models import Case, Step
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.models import JournalEntry, Notification
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def test_it_works(town):
    case = town.closed()
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert case.closed_as == ClosedAs.NORMAL
    assert case.closing == town.condition.closing
    verbs = list(case.steps.values_list("verb", flat=True))
    assert verbs == ["report", "file", "dispatch", "hand_back", "check", "close"]
    told = JournalEntry.objects.filter(room="cases", subject_id=case.pk)
    assert list(told.order_by("id").values_list("verb", flat=True)) == verbs


def test_filing_looks_up_who_answers_and_says_why(town):
    case = town.filed()
    assert case.duty["unit_id"] == town.unit.pk
    assert "17" in str(case.duty)


def test_dispatch_without_a_unit_takes_the_rule_s(town):
    case = town.filed()
    done = actions.dispatch(by=town["dispatcher"], case_id=case.pk)
    assert done.lead_unit_id == town.unit.pk
    assert done.due_at is not None


def test_nobody_responsible_goes_to_arbitration_and_only_the_chief_dispatches(town):
    from lifang.core import stamps
    from lifang.duties.models import DutyRule
    from lifang.duties.ruleset import STAMP

    DutyRule.objects.all().delete()
    stamps.bump(STAMP)
    case = town.filed()
    assert case.arbitration
    with pytest.raises(Forbidden, match="值班长"):
        actions.dispatch(by=town["dispatcher"], case_id=case.pk, unit_id=town.unit.pk)
    done = actions.dispatch(by=town["duty_chief"], case_id=case.pk, unit_id=town.unit.pk)
    assert done.state == State.DISPATCHED
    assert not done.arbitration


def test_a_case_returned_twice_goes_to_arbitration(town):
    case = town.dispatched()
    actions.return_to_dispatcher(by=town["handler"], case_id=case.pk, reason="不属本单位")
    actions.dispatch(by=town["dispatcher"], case_id=case.pk, unit_id=town.unit.pk)
    done = actions.return_to_dispatcher(by=town["handler"], case_id=case.pk, reason="确实不属")
    assert done.arbitration
    assert done.returns == 2


def test_the_one_who_fixed_does_not_check(town):
    both = make_user(role=Role.HANDLER, unit=town.unit)
    from lifang.orgs.models import Membership

    Membership.objects.create(user=both, unit=town.unit, role=Role.CHECKER, area="990102")
    who = acting_for(both)
    case = town.dispatched()
    actions.hand_back(by=who, case_id=case.pk, note="已修复", file_ids=[make_file().pk])
    with pytest.raises(Forbidden, match="其他人"):
        actions.check(by=who, case_id=case.pk, passed=True)
    assert Case.objects.get(pk=case.pk).state == State.HANDED_BACK


def test_nor_does_a_colleague_of_the_same_unit(town):
    case = town.handed_back()
    colleague = acting_for(make_user(role=Role.CHECKER, unit=town.unit, area="990102"))
    with pytest.raises(Forbidden, match="其他单位"):
        actions.check(by=colleague, case_id=case.pk, passed=True)


def test_hand_back_needs_the_pictures_that_closing_needs_and_no_more(town):
    case = town.dispatched()
    with pytest.raises(Invalid, match="还差 1 张"):
        actions.hand_back(by=town["handler"], case_id=case.pk, note="已修复")
    town.condition.photos_after = 0
    town.condition.save()
    other = town.dispatched()
    done = actions.hand_back(by=town["handler"], case_id=other.pk, note="已修复")
    assert done.state == State.HANDED_BACK


def test_rework_goes_on_the_same_clock(town):
    case = town.handed_back()
    due = case.due_at
    done = actions.check(by=town["checker"], case_id=case.pk, passed=False, note="未修平整")
    assert (done.state, done.due_at, done.rework) == (State.DISPATCHED, due, 1)
    assert done.handed_back_at is None


def test_a_failed_check_says_why(town):
    case = town.handed_back()
    with pytest.raises(Invalid, match="理由"):
        actions.check(by=town["checker"], case_id=case.pk, passed=False)


@pytest.mark.parametrize("verb", ["reject", "void"])
def test_ending_a_case_needs_a_reason(town, verb):
    case = town.report()
    with pytest.raises(Invalid, match="理由"):
        getattr(actions, verb)(by=town["duty_chief"], case_id=case.pk, reason="  ")


def test_two_clerks_at_once_one_wins_the_other_sees_what_happened(town):
    case = town.report()
    seen = Case.objects.get(pk=case.pk).version
    actions.reject(by=town["acceptor"], case_id=case.pk, reason="重复提问", version=seen)
    with pytest.raises(Conflict) as told:
        actions.file(
            by=town["duty_chief"], case_id=case.pk, category_id=town.category.pk, version=seen
        )
    assert town["acceptor"].name in str(told.value)
    assert "不予立案" in str(told.value)
    assert Step.objects.filter(case=case).count() == 2


def test_a_verb_from_the_wrong_state_names_the_state(town):
    case = town.closed()
    with pytest.raises(Conflict, match="已结案"):
        actions.hand_back(by=town["handler"], case_id=case.pk, note="再交")


def test_self_handled_is_checked_all_the_same(town):
    case = town.report(by=town["collector"], source="collector")
    done = actions.self_handle(
        by=town["collector"], case_id=case.pk, note="顺手清走", category_id=town.category.pk
    )
    assert done.state == State.HANDED_BACK
    actions.check(by=town["checker"], case_id=case.pk, passed=True)
    closed = actions.close(by=town["acceptor"], case_id=case.pk)
    assert closed.closed_as == ClosedAs.SELF_HANDLED


def test_the_unit_is_told_once_however_often_the_task_runs(town, run_tasks):
    case = town.dispatched()
    run_tasks()
    step = Step.objects.get(case=case, verb=Verb.DISPATCH)
    from lifang.cases.telling import tell

    assert tell(step.pk) == 0
    mine = Notification.objects.filter(user_id=town["handler"].user_id)
    assert mine.count() == 1
    assert case.number in mine.get().title


def test_the_same_report_twice_is_one(town):
    first = make_report(client_id="phone-0001-abcd")
    second = make_report(client_id="phone-0001-abcd")
    assert first.created
    assert not second.created
    assert first.case.pk == second.case.pk
    assert Case.objects.count() == 1


def test_a_report_is_kept_when_understanding_fails(town, monkeypatch):
    from lifang.understanding import queries

    def broken(*_a, **_k):
        raise RuntimeError("model is gone")

    monkeypatch.setattr(queries, "understand", broken)
    assert make_report().case.state == State.REPORTED


@pytest.mark.parametrize(
    ("kw", "path"),
    [
        ({"text": "   "}, "text"),
        ({"text": "长" * 10_001}, "text"),
        ({"lng": 200.0}, "lng"),
        ({"lat": None}, "lng"),
        ({"client_id": "x"}, "client_id"),
        ({"category_key": "no-such"}, "category_key"),
        ({"file_ids": [999_999]}, "files"),
    ],
)
def test_a_bad_report_names_the_field_and_leaves_nothing(town, kw, path):
    with pytest.raises(Invalid) as refused:
        make_report(**kw)
    assert path in {f.path for f in refused.value.fields}
    assert Case.objects.count() == 0


def test_control_characters_and_emoji_are_no_harm(town):
    case = make_report(text="路灯\x00坏了\u202e😀\ud800").case
    case.refresh_from_db()
    assert case.text == "路灯坏了😀"


def test_reports_from_the_future_are_dated_now(town):
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    assert make_report(at=ahead).case.reported_at < ahead - dt.timedelta(days=2)


def test_reopening_by_the_reporter_needs_a_reason_and_starts_again(town):
    made = make_report()
    actions.file(by=town["acceptor"], case_id=made.case.pk, category_id=town.category.pk)
    actions.dispatch(by=town["dispatcher"], case_id=made.case.pk)
    actions.hand_back(
        by=town["handler"], case_id=made.case.pk, note="好了", file_ids=[make_file().pk]
    )
    actions.check(by=town["checker"], case_id=made.case.pk, passed=True)
    actions.close(by=town["acceptor"], case_id=made.case.pk)
    from lifang.orgs.acting import CITIZEN

    report = actions.find(number=made.case.number, code=made.report.follow_code.lower())
    with pytest.raises(Invalid):
        actions.reopen(by=CITIZEN, report=report, reason="")
    done = actions.reopen(by=CITIZEN, report=report, reason="又堆满了")
    assert done.state == State.FILED
    assert done.closed_at is None
    assert actions.dispatch(by=town["dispatcher"], case_id=done.pk).state == State.DISPATCHED
