"""The parts of a text model: grams, groups, calibration, measures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn")

from lifang.understanding.text import alike, features, scores  # noqa: E402  (needs the extra)
from lifang.understanding.text.model import levelled, softmax  # noqa: E402

LONG = "春和路十二号门前的路灯从上周三开始就不亮了晚上路过的老人小孩都看不清路请尽快修理"


def test_it_works() -> None:
    grams = features.channels(features.clean("路灯坏了\n春和路12号"))
    assert set(grams) == set(features.WEIGHTS)
    assert len(grams["characters"].ids) > len(grams["head"].ids) > 0


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_cleaning_is_settled_after_one_pass(text: str) -> None:
    once = features.clean(text)
    assert features.clean(once) == once
    once.encode("utf-8")


def test_blanks_between_characters_mean_nothing_and_between_words_much() -> None:
    assert features.clean("路灯 坏 了 ， 请 修") == features.clean("路灯坏了,请修")
    assert features.clean("Wi  Fi 坏了") == "wi fi 坏了"


def test_homophones_sound_the_same() -> None:
    said, heard = (features.channels(features.clean(t)) for t in ("井盖垃圾", "景盖垃及"))
    assert np.array_equal(said["sounds"].ids, heard["sounds"].ids)
    assert not np.array_equal(said["characters"].ids, heard["characters"].ids)


def test_like_messages_are_one_group() -> None:
    texts = [
        LONG,
        f"{LONG}谢谢",
        "垃圾桶满了没有人清运臭味很大影响居民生活",
        LONG.replace("，", " "),
        "",
    ]
    found = alike.groups([features.clean(t) for t in texts])
    assert found[0] == found[1] == found[3] == 0
    assert len({found[0], found[2], found[4]}) == 3


def test_groups_are_not_split_and_labels_are_spread() -> None:
    labels = ["a", "b"] * 20
    group = [i // 4 for i in range(40)]
    fold = alike.folds(labels, group, 5)
    assert all(len({fold[i] for i in range(40) if group[i] == g}) == 1 for g in range(10))
    assert all(fold.count(f) == 8 for f in range(5))


SHARES = st.lists(st.floats(-6, 6), min_size=2, max_size=6)


@given(SHARES, st.floats(0.3, 3), st.floats(-3, 3))
def test_levelling_keeps_sum_and_first(row: list[float], slope: float, offset: float) -> None:
    before = softmax(np.array([row]))
    after = levelled(before, slope, offset)
    assert after.sum() == pytest.approx(1)
    assert after[0, before.argmax()] >= after.max() - 1e-9
    assert (after >= 0).all()


def test_measures_of_a_known_table() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    guess = np.array([0, 0, 1, 1, 1, 0])
    # F1: 2·2/(3+3), 2·2/(2+3), 0/(1+0)
    assert scores.macro_f1(truth, guess, 3) == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    error = scores.calibration_error(np.array([0.9] * 10), np.array([1.0] * 8 + [0.0] * 2))
    assert error == pytest.approx(0.1)


def test_a_threshold_is_not_found_by_one_lucky_step() -> None:
    confidence = np.array([0.99] * 100 + [0.8] * 100 + [0.5] * 300)
    right = np.array([True] * 100 + [False] * 20 + [True] * 80 + [True] * 300)
    found = scores.threshold(confidence, right)
    assert found is not None and 0.8 < found.threshold <= 0.99
    assert scores.threshold(confidence[:30], right[:30]) is None


def test_words_shown_are_of_the_message_and_not_inside_one_another() -> None:
    strength = {
        int(i): 1.0 for i in features.channels(features.clean("路灯不亮"))["characters"].ids
    }
    words = features.told(features.clean(LONG), strength)
    assert words and all(w in LONG for w in words)
    assert not any(a != b and a in b for a in words for b in words)
