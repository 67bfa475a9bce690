"""The transition table, lights, escalation and likeness."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.cases import rules
from lifang.cases.choices import FINAL, Light, State, Verb
from lifang.orgs.choices import Role

T0 = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
H = dt.timedelta(hours=1)


def test_it_works():
    assert Verb.FILE in rules.possible(State.REPORTED)
    assert Verb.CLOSE not in rules.possible(State.HANDED_BACK)


def test_only_a_passed_check_opens_the_way_to_closing():
    assert rules.TABLE[Verb.CLOSE].source == {State.CHECKED}
    into_checked = {v for v, m in rules.TABLE.items() if m.to == State.CHECKED}
    assert into_checked == set()  # the check itself decides where it goes


def test_every_state_that_is_not_final_has_a_way_on():
    for state in set(State) - FINAL - {State.SPLIT}:
        assert set(rules.possible(state)) - {Verb.NOTE, Verb.ADD_EVIDENCE, Verb.ANSWER}, state


def test_no_administrator_has_a_verb():
    admins = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
    assert not any(admins & set(m.roles) for m in rules.TABLE.values())


@pytest.mark.parametrize(
    ("at", "expected"),
    [(T0, Light.GREEN), (T0 + 3 * H, Light.AMBER), (T0 + 4 * H, Light.AMBER),
     (T0 + 4 * H + dt.timedelta(seconds=1), Light.RED)],
)  # fmt: skip
def test_the_light_follows_the_clock(at, expected):
    found = rules.light(at, state=State.HANDLING, due=T0 + 4 * H, amber=T0 + 3 * H, ended=None)
    assert found == expected


def test_a_case_handed_back_keeps_the_light_of_that_moment():
    late = rules.light(
        T0 + 100 * H, state=State.CLOSED, due=T0 + 4 * H, amber=T0 + 3 * H, ended=T0 + 5 * H
    )
    in_time = rules.light(
        T0 + 100 * H, state=State.CLOSED, due=T0 + 4 * H, amber=T0 + 3 * H, ended=T0 + 2 * H
    )
    assert (late, in_time) == (Light.RED, Light.GREEN)


def test_a_stopped_clock_is_grey():
    for state in (State.SUSPENDED, State.HANGING):
        assert rules.light(T0, state=state, due=T0 - H, amber=T0 - 2 * H, ended=None) == Light.GREY


@given(st.integers(0, 1000), st.integers(1, 500))
def test_escalation_never_goes_back(minutes, span):
    start, due = T0, T0 + dt.timedelta(minutes=span)
    amber = T0 + (due - start) * 3 / 4
    at = T0 + dt.timedelta(minutes=minutes)
    now = rules.escalation(at, start=start, amber=amber, due=due)
    later = rules.escalation(at + H, start=start, amber=amber, due=due)
    assert 0 <= now <= later <= 4
    assert (now >= 2) == (at >= due)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_symmetric_and_bounded(a, b):
    assert 0 <= rules.likeness(a, b) == rules.likeness(b, a) <= 1


@given(st.text(min_size=1, max_size=60).filter(lambda t: any(c.isalnum() for c in t)))
def test_a_text_is_like_itself(text):
    assert rules.likeness(text, text) == 1


@given(st.text(max_size=500))
def test_a_summary_is_one_short_line(text):
    line = rules.summary(text)
    assert len(line) <= 60
    assert "\n" not in line


def test_a_telephone_number_is_masked():
    assert rules.masked_phone("13800001234") == "138****1234"
    assert rules.masked_phone("120") == "120"
