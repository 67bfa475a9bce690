"""Intervals, thresholds and confidences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.understanding import rules

SAMPLES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200)


def test_it_works() -> None:
    low, high = rules.wilson(95, 100)
    assert (round(low, 4), round(high, 4)) == (0.8882, 0.9785)  # published vector: 95 of 100


def test_nothing_seen_is_nothing_known() -> None:
    assert rules.wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = rules.wilson(right, n)
    assert 0 <= low <= right / n + 1e-12 and right / n - 1e-12 <= high <= 1


@given(SAMPLES)
def test_a_threshold_that_is_given_meets_its_target(samples: list[tuple[float, bool]]) -> None:
    found = rules.lowest_threshold(samples, target=0.9)
    if found is not None:
        assert found.low >= 0.9
        assert found.n >= 35  # fewer can not prove nine in ten


def test_few_messages_never_allow_acting_alone() -> None:
    assert rules.lowest_threshold([(0.99, True)] * 34, target=0.9) is None
    assert rules.lowest_threshold([(0.99, True)] * 35, target=0.9) is not None


@given(st.lists(st.floats(0, 200), min_size=1, max_size=20))
def test_confidences_leave_room_for_doubt(scores: list[float]) -> None:
    found = rules.shares(scores, 4.0, 4.0)
    assert all(0 <= c <= 1 for c in found)
    assert sum(found) <= 1 + 1e-9
    best = max(range(len(scores)), key=scores.__getitem__)
    assert found[best] == max(found)


@pytest.mark.parametrize(
    ("key", "right", "fits"),
    [
        ("event-street.bikes", ("event-street",), True),
        ("event-street.bikes", ("event",), True),
        ("event-street.bikes", ("event-street.bikes",), True),
        ("event-street.bikes", ("event-str",), False),
        ("event-street.bikes", ("matter", "event-street"), True),
    ],
)
def test_a_label_of_the_first_level_fits_what_lies_below(
    key: str, right: tuple[str, ...], fits: bool
) -> None:
    assert rules.fits(key, right) is fits
