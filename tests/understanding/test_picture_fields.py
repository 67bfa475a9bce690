"""Rules over what was read, and over what a photo's own time and place say."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.understanding.pictures.exif import compare, reach, span
from lifang.understanding.pictures.fields import Line, cut_short, phones, plates, shops

NOW = dt.datetime(2026, 3, 5, 4, 0, tzinfo=dt.UTC)
HERE = (112.9, 28.2)


def line(text: str, score: float = 0.98, height: float = 20) -> Line:
    return Line(text, score, (0, 0, 200, height))


def test_it_works() -> None:
    found = compare(
        taken_at=NOW - dt.timedelta(days=3, hours=2), at=(112.9, 28.2108), said_at=NOW, said=HERE
    )
    assert [d.words for d in found] == ["照片拍摄于3天前", "照片拍摄地距所报地点1.2公里"]


@pytest.mark.parametrize(
    ("taken", "not_before", "kinds"),
    [
        (None, None, []),
        (NOW - dt.timedelta(hours=2), None, []),
        (NOW + dt.timedelta(minutes=5), None, []),
        (NOW + dt.timedelta(hours=3), None, ["ahead"]),
        (NOW - dt.timedelta(hours=30), None, ["old"]),
        (NOW - dt.timedelta(hours=2), NOW - dt.timedelta(hours=1), ["before_report"]),
        (NOW - dt.timedelta(minutes=30), NOW - dt.timedelta(hours=1), []),
    ],
)
def test_time_against_the_report(
    taken: dt.datetime | None, not_before: dt.datetime | None, kinds: list[str]
) -> None:
    found = compare(taken_at=taken, at=None, said_at=NOW, said=HERE, not_before=not_before)
    assert [d.kind for d in found] == kinds


def test_near_enough_is_no_difference() -> None:
    assert compare(taken_at=None, at=(112.901, 28.2), said_at=NOW, said=HERE) == []
    assert compare(taken_at=None, at=(113.9, 28.2), said_at=NOW, said=None) == []


def test_lengths_are_said_as_people_say_them() -> None:
    assert [span(dt.timedelta(seconds=s)) for s in (30, 7_300, 90_000)] == ["1分钟", "2小时", "1天"]
    assert (reach(354), reach(12_340)) == ("350米", "12.3公里")


def test_phones_whole_parted_and_cut_short() -> None:
    found = phones(
        [line("办证 138-1234-5678"), line("电话０７３１８４４４５５５５"), line("135666677")]
    )
    assert [(p.text, p.sure) for p in found] == [
        ("13812345678", True),
        ("073184445555", True),
        ("135666677", False),
    ]
    assert [p.sure for p in phones([line("13812345678", score=0.6)])] == [False]
    assert [x.text for x in cut_short([line("135666677"), line("13812345678")])] == ["135666677"]


def test_shops_by_their_endings_largest_first() -> None:
    found = shops(
        [line("老李五金店", height=30), line("禁止停车"), line("好再来大酒店", height=80)]
    )
    assert found == ["好再来大酒店", "老李五金店"]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("湘A·3K572", True),
        ("湘AD12345", True),
        ("粵B12345", True),  # the province misread
        ("A3K572", True),  # not read at all
        ("老李五金店", False),
        ("13812345678", False),
        ("SALE OFF", False),
    ],
)
def test_plates_rather_one_too_many(text: str, hit: bool) -> None:
    assert bool(plates([line(text)])) is hit


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_letters_give_an_answer(texts: list[str]) -> None:
    lines = [line(t) for t in texts]
    assert all(p.text.isdigit() for p in phones(lines))
    assert len(shops(lines)) <= 5
    assert len(plates(lines)) <= len(lines)
