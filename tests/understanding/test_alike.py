"""Duplicates among many messages: what is found, what would be merged, how that is judged."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifang.core.errors import Invalid
from lifang.understanding.alike import evaluation, measures, names
from lifang.understanding.alike.text import Rarity, cosine, features, vector

pytest.importorskip("sklearn")

#: two matters by name and words, told by many; the rest is one message each
CONCRETE = (
    "搅拌站离楼不到一百米", "水泥罐车整夜进出", "粉尘落满阳台", "窗户不敢开", "机器轰鸣到凌晨",
    "环评没有公示", "砂石料露天堆放", "孩子咳嗽了一个月",
)  # fmt: skip
PARKING = (
    "不买车位就不签合同", "车位十八万一个", "认购协议捆绑车位", "没有车的人也要买", "车位款没有发票",
    "限价房变相涨价", "单位通知一次交清", "职工首付已经困难",
)  # fmt: skip
OTHER = (
    ("咨询新生儿医保", "孩子刚出生，请问在哪里参保，需要带什么证件"),
    ("路灯不亮", "B3县双河镇主街路灯坏了十几盏，晚上看不见路"),
    ("学校补课", "C市第九中学周末强制补课并收费"),
    ("水压太低", "高层水压不足，洗澡要等半夜"),
    ("公交线路", "希望12路延长到火车南站"),
    ("违建", "楼顶有人搭建铁皮房"),
    ("噪音", "楼下广场舞音响太大，影响学生复习"),
    ("垃圾", "河边有人倒建筑垃圾"),
)


def told(name: str, parts: tuple[str, ...], dice: random.Random) -> tuple[str, str]:
    chosen = dice.sample(parts, 4)
    return f"{name}{chosen[0]}", f"您好，我住在{name}，" + "，".join(chosen[1:]) + "，请处理。"


def corpus() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    dice = random.Random(7)
    texts = [told("A2区金穗花园", CONCRETE, dice) for _n in range(8)]
    texts += [told("A4区望江苑", PARKING, dice) for _n in range(6)]
    # the same words about another town are another matter
    texts += [told("D1县青石小区", CONCRETE, dice)]
    texts += OTHER
    rows = [
        {"id": str(i), "title": t, "text": b, "line": str(i + 2)}
        for i, (t, b) in enumerate(texts)
    ]  # fmt: skip
    labels = [
        {"cluster": "搅拌站" if i < 8 else "车位", "id": str(i), "line": str(i + 2)}
        for i in range(14)
    ]
    return labels, rows


def test_it_works() -> None:
    labels, rows = corpus()
    found = evaluation.evaluate(labels=labels, corpus=rows).as_json()
    assert found["n"] == 14 and found["clusters"] == 2 and found["corpus"] == 23
    assert set(found) >= {"n", "map", "pairwise", "bcubed"}
    for quality in (found["pairwise"], found["bcubed"]):
        assert isinstance(quality, dict)
        for measure in ("precision", "recall", "f1"):
            assert quality[measure]["low"] <= quality[measure]["value"] <= quality[measure]["high"]
    assert found["map"]["value"] > 0.98
    assert found["pairwise"]["precision"]["value"] == 1.0
    assert found["pairwise"]["recall"]["value"] > 0.9


def test_the_same_words_about_another_town_are_another_matter() -> None:
    from lifang.understanding.alike.corpus import Corpus, Message

    _labels, rows = corpus()
    groups = Corpus([Message(r["id"], r["title"], r["text"]) for r in rows]).merged()
    assert groups[14] not in groups[:14]
    assert len(set(groups[15:])) == len(OTHER)


def test_positions_join_what_has_no_name_and_part_what_is_far() -> None:
    from lifang.understanding.alike.corpus import Corpus, Message

    said = ("垃圾没人清", "路口的垃圾桶满了三天没人清运，味道很大")
    others = [Message(str(i), t, b) for i, (t, b) in enumerate(OTHER)]
    again = ("垃圾桶满了", "路口垃圾桶满了没人清运，臭")
    here = Message("a", *said, lng=112.9, lat=28.2)
    near = Message("b", *again, lng=112.9005, lat=28.2)
    far = Message("c", *again, lng=112.99, lat=28.2)
    together = Corpus([here, near, *others]).merged()
    assert together[0] == together[1]
    apart = Corpus([here, far, *others]).merged()
    assert apart[0] != apart[1]


def test_a_stranger_in_the_group_is_a_mistake_once() -> None:
    """Two labelled and one unlabelled message merged: one right pair, two wrong ones."""
    rows = measures.judged({0: "a", 1: "a", 2: "b", 3: "b"}, [1, 1, 5, 6, 1], lambda i: [1 - i] * 1)
    found = measures.figures(rows)
    assert found.pairwise.precision.value == pytest.approx(1 / 3)
    assert found.pairwise.recall.value == pytest.approx(1 / 2)
    assert found.bcubed.precision.value == pytest.approx((2 / 3 + 2 / 3 + 1 + 1) / 4)
    assert found.bcubed.recall.value == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)


def test_average_precision_of_a_textbook_list() -> None:
    """Manning, Raghavan, Schütze, Introduction to Information Retrieval §8.4: hits at 1, 3 and 6."""
    found = measures.average_precision(list("abcdef"), {"a", "c", "f"})
    assert found == pytest.approx((1 + 2 / 3 + 3 / 6) / 3)
    assert measures.average_precision(list("ab"), {"z"}) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=2, max_size=30))
def test_measures_are_shares_and_perfect_merging_is_one(pairs: list[tuple[int, int]]) -> None:
    clusters = {i: f"c{c}" for i, (c, _g) in enumerate(pairs)}
    groups = [g for _c, g in pairs]
    order = list(range(len(pairs)))
    rows = measures.judged(clusters, groups, lambda i: [j for j in order if j != i])
    found = measures.figures(rows, draws=50)
    for quality in (found.pairwise, found.bcubed):
        for m in (quality.precision, quality.recall, quality.f1):
            assert 0 <= m.low <= m.high <= 1 and 0 <= m.value <= 1
    right = measures.figures(
        measures.judged(clusters, [c for c, _g in pairs], lambda i: []), draws=50
    )
    assert right.pairwise.precision.value == right.bcubed.f1.value == 1.0


def test_the_same_files_give_the_same_intervals() -> None:
    labels, rows = corpus()
    first = evaluation.evaluate(labels=labels, corpus=rows)
    assert evaluation.evaluate(labels=labels, corpus=rows) == first


@pytest.mark.parametrize(
    ("labels", "rows", "words"),
    [
        ([("甲", "9")], [("1", "路灯"), ("2", "井盖")], "编号“9”不在语料中"),
        ([("甲", "1"), ("乙", "1")], [("1", "路灯"), ("2", "井盖")], "标注了两次"),
        ([("", "1")], [("1", "路灯"), ("2", "井盖")], "没有写组别"),
        ([("甲", "1")], [("1", "路灯"), ("1", "井盖")], "编号“1”重复"),
        ([("甲", "1"), ("乙", "2")], [("1", "路灯"), ("2", "井盖")], "每组都只有一条"),
        ([], [("1", "路灯"), ("2", "井盖")], "标注是空的"),
        ([("甲", "1")], [("1", "路灯")], "至少要有两条"),
    ],
)
def test_what_cannot_be_judged_is_told(
    labels: list[tuple[str, str]], rows: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        evaluation.evaluate(
            labels=[{"cluster": c, "id": i, "line": "2"} for c, i in labels],
            corpus=[{"id": i, "title": t, "text": "", "line": "2"} for i, t in rows],
        )
    told = str(refused.value) + "".join(str(f.message) for f in refused.value.fields)
    assert words in told


def test_clusters_of_one_are_left_out_and_told() -> None:
    labels, rows = corpus()
    labels.append({"cluster": "独", "id": "20", "line": "16"})
    found = evaluation.evaluate(labels=labels, corpus=rows)
    assert found.figures.n == 14 and any("独" in note for note in found.notes)


def test_texts_without_a_letter_are_no_mistake() -> None:
    rows = [{"id": str(i), "title": "", "text": t, "line": "2"} for i, t in enumerate("😀！。…")]
    labels = [{"cluster": "a", "id": "0", "line": "2"}, {"cluster": "a", "id": "1", "line": "3"}]
    found = evaluation.evaluate(labels=labels, corpus=rows)
    assert found.figures.pairwise.precision.value == 1.0


def test_names_and_divisions() -> None:
    assert "金穗花园" in names.names("住在A2区金穗花园三期")
    assert "金穗花园" in names.names("ｘ金穗花园的业主")
    assert not names.names("我们小区的物业公司和附近居民")
    assert names.divisions("A7县的路、A市的桥") == {"a7", "a"}
    assert names.apart({"a7"}, {"k7"}) and not names.apart({"a7"}, {"a"})
    assert not names.apart(set(), {"a"})


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_symmetric_and_the_same_is_one(a: str, b: str) -> None:
    rarity = Rarity.of([a, b, "路灯不亮"])
    x, y = vector(a, rarity), vector(b, rarity)
    assert cosine(x, y) == pytest.approx(cosine(y, x))
    assert -1e-9 <= cosine(x, y) <= 1 + 1e-9
    if features(a):
        assert cosine(x, x) == pytest.approx(1)
