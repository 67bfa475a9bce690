"""Search by character pairs, alike on both engines."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lifang.core import search
from lifang.core.models import SearchText, Stamp

TEXTS = {
    1: "人民路与建设路交叉口井盖缺失，请尽快处理",
    2: "路灯不亮，井 盖完好",
    3: "编号A3区-1024，占道经营",
    4: "Ｓｈｏｐ ＡＢＣ 门前乱堆放㙍䶮",
    5: "100%的'引号'和\"双引号\"\\反斜线_下划线",
}


@pytest.fixture(autouse=True)
def _texts(db: None) -> None:
    search.put_many("case", TEXTS.items())
    search.put("place", 1, "井盖路")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("井盖", [1]),
        ("井盖缺失", [1]),
        ("井盖 处理", [1]),
        ("井盖处理", []),
        ("路灯", [2]),
        ("路", [2, 1]),
        ("路 井盖", [1]),
        ("1024", [3]),
        ("a3区", [3]),
        ("shop", [4]),
        ("ＡＢＣ", [4]),
        ("㙍䶮", [4]),
        ("引号", [5]),
        ("'引号' & | ! <-> :*", [5]),
        ('"双引号" OR NOT NEAR(', []),
        ("%", []),
        ("。，", []),
        ("xxx", []),
        ("", []),
    ],
)
def test_what_is_found(query: str, found: list[int]) -> None:
    assert search.ids("case", query) == found


def test_it_stays_one_statement_with_the_queryset() -> None:
    for n in TEXTS:
        Stamp.objects.create(name=f"s{n}")
    rows = SearchText.objects.filter(kind="case")
    by_id = {r.object_id: r.pk for r in rows}
    search.put_many("row", [(pk, TEXTS[n]) for n, pk in by_id.items()])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        hits = list(search.filter(rows, "row", "井盖"))
    assert [h.object_id for h in hits] == [1]
    assert len(queries) == 1
    assert search.filter(rows, "row", " ").count() == len(TEXTS)


def test_new_text_takes_the_place_of_the_old_and_what_is_dropped_is_gone() -> None:
    search.put("case", 1, "垃圾外溢")
    assert search.ids("case", "井盖") == []
    assert search.ids("case", "垃圾") == [1]
    search.drop("case", [1])
    assert search.ids("case", "垃圾") == []
    assert search.ids("place", "井盖") == [1]


def test_a_long_text_is_no_error() -> None:
    search.put("case", 9, "长井盖" * 20_000)
    assert search.ids("case", "长井盖") == [9]


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_part_is_found_in_the_whole(one: str, two: str) -> None:
    whole = f" {search.grams(one + two)} "
    for word in search.runs(one):
        if len(word) > 1 and not two:
            assert f" {' '.join(search._pairs(word))} " in whole


def test_small_tables_match_on_their_own_column() -> None:
    rows = SearchText.objects.filter(kind="case")
    assert [r.object_id for r in search.match(rows, "grams", "井盖 缺失")] == [1]
