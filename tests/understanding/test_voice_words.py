"""Numbers as figures, homophones mended: pure parts of the transcript's repair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.understanding.voice.lexicon import Lexicon, mend, sound
from lifang.understanding.voice.numbers import value_of, written
from lifang.understanding.voice.wording import simplified


@pytest.fixture
def words() -> Lexicon:
    found = Lexicon()
    found.add(("井盖", "下水道", "垃圾", "人行道", "占道经营"), places=False)
    found.add(("书院南路", "老李五金店", "五一路"), places=True)
    return found


def test_it_works(words: Lexicon) -> None:
    found = mend("树院南路的景盖和下水刀坏了", words)
    assert found.text == "书院南路的井盖和下水道坏了"
    assert found.repairs == (("树院南路", "书院南路"), ("景盖", "井盖"), ("下水刀", "下水道"))
    assert found.names == ((0, 4),)


@pytest.mark.parametrize(
    "text",
    [
        "书院南路井盖坏了",
        "今天天气很好",
        "",
        "abc 123 !!",
        "老李五金店占道经营",
    ],
)
def test_what_is_right_stays(words: Lexicon, text: str) -> None:
    assert mend(text, words).text == text
    assert mend(text, words).repairs == ()


def test_two_names_of_one_sound_are_not_guessed_between(words: Lexicon) -> None:
    words.add(("建设路口", "见设路口"), places=True)
    assert mend("件设路口", words).text == "件设路口"


def test_an_ordinary_word_is_not_taken_for_one_of_ours(words: Lexicon) -> None:
    words.add(("试厂",), places=False)
    assert mend("市场很乱", words).text == "市场很乱"


def test_two_characters_must_sound_the_same_everywhere(words: Lexicon) -> None:
    words.add(("电箱", "烂路"), places=False)
    assert mend("小区电线掉在人民南路", words).repairs == ()
    assert mend("小区店箱坏了", words).repairs == (("店箱", "电箱"),)


def test_the_south_hears_no_difference() -> None:
    assert sound("中心牛奶") == sound("宗兴流来")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("三号楼二单元", "3号楼2单元"),
        ("一百二十号", "120号"),
        ("晚上十点半", "晚上10点半"),
        ("三点二十分左右", "3点20分左右"),
        ("二零二六年三月十五号", "2026年3月15号"),
        ("电话幺三八一二三四五六七八", "电话13812345678"),
        ("有两米宽", "有2米宽"),
        ("两千零三号", "2003号"),
        ("有一点脏", "有一点脏"),
        ("十分难闻", "十分难闻"),
        ("一个人", "一个人"),
        ("三三两两", "三三两两"),
    ],
)
def test_numbers_where_a_unit_says_so(said: str, shown: str) -> None:
    assert written(said) == shown


def test_names_of_places_keep_their_characters() -> None:
    assert written("五一号院旁三号楼", keep=((0, 4),)) == "五一号院旁3号楼"


@pytest.mark.parametrize(
    ("said", "value"),
    [("十", 10), ("十五", 15), ("二十", 20), ("一百零三", 103), ("一百二", 120), ("三五", None)],
)
def test_values(said: str, value: int | None) -> None:
    assert value_of(said) == value


@given(st.text(alphabet="零一二三四五六七八九十百千两号楼点分月日年路abc1，", max_size=40))
def test_any_numbers_end_well(text: str) -> None:
    shown = written(text)
    assert not shown or shown[-1] == text[-1] or shown[-1].isdigit()
    assert [c for c in shown if c in "楼路abc，"] == [c for c in text if c in "楼路abc，"]


def test_traditional_becomes_simplified() -> None:
    pytest.importorskip("opencc", reason="the extra [speech] is not installed")
    assert simplified("電線桿倒塌，請儘快處理") == "电线杆倒塌，请尽快处理"
