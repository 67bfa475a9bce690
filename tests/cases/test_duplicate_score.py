"""How likely two reports are of one matter: what raises it, what lowers it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.cases.duplicates.score import Evidence, nearness, score

share = st.floats(0, 1)
hours = st.floats(0, 2000)


def value(**kw):
    return score(Evidence(**{"text": 0.3, "near": 1.0, "hours": 1.0} | kw), window_hours=24).value


def test_it_works():
    """The same manhole an hour later in other words; a rubbish heap next door; the same words across the town."""
    assert value(text=0.3, same_class=True) > 0.7
    assert value(text=0.05, same_class=False) < 0.3
    assert value(text=0.9, near=0.0, same_class=None, hours=200) < 0.8


def test_the_same_picture_says_more_than_words():
    assert value(text=0.0, picture=2) > 0.9
    assert value(picture=40) == value(picture=None)
    assert value(picture=2) > value(picture=9) > value()


@given(share, share, hours, st.sampled_from([None, True, False]))
def test_it_is_a_share_and_grows_with_likeness_and_nearness(text, near, apart, same):
    found = value(text=text, near=near, hours=apart, same_class=same)
    assert 0 <= found <= 1
    assert value(text=min(1, text + 0.1), near=near, hours=apart, same_class=same) >= found
    assert value(text=text, near=min(1, near + 0.1), hours=apart, same_class=same) >= found
    assert value(text=text, near=near, hours=apart + 24, same_class=same) <= found


@given(st.floats(0, 1e6), st.floats(0, 1e4))
def test_nearness_falls_with_distance(metres, reach):
    assert 0 <= nearness(metres + 1, reach) <= nearness(metres, reach) <= 1
    assert nearness(0, reach) == 1


def test_the_parts_are_told():
    parts = score(Evidence(0.5, 1.0, 0.0, True, 3), window_hours=24).parts
    assert parts == {
        "text": pytest.approx(3.0), "place": 2.0, "time": 1.0, "class": 1.0, "picture": 4.0,
    }  # fmt: skip
