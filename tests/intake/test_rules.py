"""Masking, cleaning, windows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.cases.choices import State, Verb
from lifang.intake import rules
from lifang.intake.choices import STAGE_OF, STEP_WORDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("0715-3812345", "071*****2345"),
        ("12345", "***45"),
        ("", ""),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert rules.mask_phone(phone) == masked


@given(st.text(alphabet="0123456789", min_size=7, max_size=32))
def test_a_masked_phone_never_shows_more_than_seven_figures(phone: str) -> None:
    masked = rules.mask_phone(phone)
    assert len(masked) == len(phone)
    assert sum(c.isdigit() for c in masked) <= 7


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打13812345678找我", "打138****5678找我"),
        ("身份证42011119900101123X", "身份证420111********123X"),
        ("单号202603010001234", "单号202603010001234"),
    ],
)
def test_numbers_in_words(text: str, masked: str) -> None:
    assert rules.mask_text(text) == masked


@given(st.text(max_size=400))
def test_cleaning_is_stable_and_leaves_no_control(text: str) -> None:
    once = rules.clean_text(text)
    assert rules.clean_text(once) == once
    assert "\x00" not in once


def test_windows() -> None:
    day = timedelta(days=1)
    closed: dict[str, Any] = {"state": State.CLOSED, "closed_at": NOW, "days": 15}
    assert rules.may_rate(**closed, now=NOW + 15 * day, rated=False)
    assert not rules.may_rate(**closed, now=NOW + 16 * day, rated=False)
    assert not rules.may_rate(**closed, now=NOW, rated=True)
    assert rules.may_reopen(**closed, now=NOW)
    assert not rules.may_reopen(state=State.MERGED, closed_at=None, now=NOW, days=15)


def test_waiting_is_told_in_whole_minutes() -> None:
    assert rules.wait(NOW, NOW + timedelta(minutes=59, seconds=30)) == (30, 1)
    assert rules.wait(NOW, NOW) == (3600, 60)
    assert rules.wait(NOW, NOW + timedelta(hours=5)) == (1, 1)


def test_every_state_has_a_stage_and_every_public_verb_words() -> None:
    assert set(STAGE_OF) == set(State)
    inner = {
        Verb.ASSIGN, Verb.RETURN_TO_ACCEPTOR, Verb.CHECK, Verb.APPEAL, Verb.ADD_EVIDENCE,
        Verb.RECLASSIFY, Verb.ESCALATE, Verb.NOTE,
    }  # fmt: skip
    assert set(STEP_WORDS) | inner == set(Verb)
