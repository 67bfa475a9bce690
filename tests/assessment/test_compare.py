"""Two periods without a residual."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.assessment import compare

F = Fraction
_pairs = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.fractions(0, 20), st.fractions(0, 1)), max_size=6
)


def test_it_works() -> None:
    """Bennet's own arithmetic: points 10 → 12, r 0.5 → 0.75: 2.75 by performance, 1.25 by the rules."""
    found = compare.bennet({"a": (F(10), F(1, 2))}, {"a": (F(12), F(3, 4))})
    assert (found.performance, found.rules, found.total) == (F("2.75"), F("1.25"), F(4))


@given(_pairs, _pairs)
def test_nothing_is_left_over(
    before: dict[str, compare.Pair], after: dict[str, compare.Pair]
) -> None:
    found = compare.bennet(before, after)
    assert found.total == sum(p * r for p, r in after.values()) - sum(
        p * r for p, r in before.values()
    )
    for change in found.common:
        assert change.performance + change.rules == change.after - change.before
    back = compare.bennet(after, before)
    assert (back.performance, back.rules) == (-found.performance, -found.rules)


@given(_pairs)
def test_a_crosswalk_of_equals_changes_no_points(before: dict[str, compare.Pair]) -> None:
    renamed = {f"{code}'": pair for code, pair in before.items()}
    found = compare.bennet(before, renamed, {code: f"{code}'" for code in before})
    assert found.rules == found.performance == found.gone == found.new == 0


def test_a_drawn_mix_is_not_a_change() -> None:
    """The same rates, more of the worse places drawn: all of it is mix."""
    before = {"market": (5, 10), "road": (9, 10)}
    after = {"market": (10, 20), "road": (9, 10)}
    found = compare.by_strata(before, after)
    assert found.condition == 0
    assert found.change == found.mix == F(19, 30) - F(14, 20)
    better = compare.by_strata(before, {"market": (6, 10), "road": (9, 10)})
    assert (better.condition, better.mix) == (F(1, 20), F(0))
    with pytest.raises(ValueError, match="nothing"):
        compare.by_strata({}, after)


def test_the_years_of_a_cycle() -> None:
    """15 %, 25 %, 60 %, as one published rule has it."""
    years = [(F("0.15"), F(80)), (F("0.25"), F(90)), (F("0.60"), None)]
    assert compare.over_years(years) == (F("86.25"), F("0.4"))
    assert compare.over_years([(F(1), None)]) == (None, F(0))
    with pytest.raises(ValueError, match="weight"):
        compare.over_years([])


def test_changed_is_said_only_beyond_chance() -> None:
    assert compare.changed(0.05, [0.01, 0.01]) is True
    assert compare.changed(0.02, [0.01, 0.01]) is False
    assert compare.changed(0.02, []) is None
