"""Limits and codes as cities write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.core.errors import Invalid
from lifang.standards.choices import LimitUnit
from lifang.standards.rules import covers, pad_code, parse_limit, write_limit


def test_it_works() -> None:
    assert parse_limit("2U") == (Decimal(2), LimitUnit.URGENT_HOUR)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("4小时", "4", LimitUnit.WORK_HOUR),
        ("4 个工作时", "4", LimitUnit.WORK_HOUR),
        ("１５个工作日", "15", LimitUnit.WORK_DAY),
        ("15天", "15", LimitUnit.WORK_DAY),
        ("7自然日", "7", LimitUnit.NATURAL_DAY),
        ("2 ud", "2", LimitUnit.URGENT_DAY),
        ("1紧急工作时", "1", LimitUnit.URGENT_HOUR),
        ("0.5\n工作日", "0.5", LimitUnit.WORK_DAY),
    ],
)
def test_common_spellings_are_understood(text: str, amount: str, unit: LimitUnit) -> None:
    assert parse_limit(text) == (Decimal(amount), unit)


@pytest.mark.parametrize("text", ["", "4", "小时", "4周", "0h", "-1d", "1e5h", "100000d", "1.234h"])
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_limit(text)
    assert "例" in str(refusal.value.message)


@given(st.decimals("0.01", "99999", places=2), st.sampled_from(list(LimitUnit)))
def test_writing_and_reading_a_limit_changes_nothing(amount: Decimal, unit: LimitUnit) -> None:
    assert parse_limit(write_limit(amount, unit)) == (amount, unit)


@given(st.text(max_size=20))
def test_reading_a_limit_never_breaks(text: str) -> None:
    try:
        amount, _unit = parse_limit(text)
    except Invalid:
        return
    assert amount > 0


@pytest.mark.parametrize("value", ["1", "01", 1, 1.0, " 1 ", "１"])
def test_one_and_01_are_one_code(value: object) -> None:
    assert pad_code(value) == "01"


@pytest.mark.parametrize("value", ["", "x", "123", 1.5, "-1", None])
def test_what_is_no_code_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        pad_code(value)


@pytest.mark.parametrize(
    ("rule", "key", "holds"),
    [
        ("", "event-street.hawkers", True),
        ("event", "event-street.hawkers", True),
        ("event-street", "event-street.hawkers", True),
        ("event-street.hawkers", "event-street.hawkers", True),
        ("event-stree", "event-street.hawkers", False),
        ("event-street.hawk", "event-street.hawkers", False),
        ("event-street.hawkers", "event-street", False),
        ("component", "event-street", False),
        ("event-street", "event-street-food", False),
    ],
)
def test_a_rule_covers_a_key_or_a_leading_part_of_it(rule: str, key: str, holds: bool) -> None:
    assert covers(rule, key) is holds
