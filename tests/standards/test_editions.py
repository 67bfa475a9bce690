"""Editions from documents: the whole, every fault at once, and the hash."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from factories_assessment import example
from lifang.core.errors import Invalid
from lifang.standards import editions
from lifang.standards.editions import kinds


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        editions.read(document)
    return {f.path: str(f.message) for f in refused.value.fields}


def test_it_works() -> None:
    edition = editions.read(example("edition"))
    assert edition.total == Decimal(100)
    assert len(edition.leaves) == 15
    assert edition.ancestors("1-1") == ["1", ""]
    used = {type(m.rule).__name__ for n in edition.leaves for m in n.measures}
    assert used == {
        "AllOrNothing", "Bonus", "Deduct", "GradeMap", "LinearClamp", "RatioOfTarget", "Step",
        "SurveyMean", "Veto",
    }  # fmt: skip
    assert isinstance(edition.prerequisites[0], kinds.Prerequisite)


def test_the_hash_is_of_what_it_says() -> None:
    document = example("edition")
    first = editions.read(document).digest
    turned = json.loads(json.dumps(dict(reversed(document.items()))))
    assert editions.read(turned).digest == first
    turned["nodes"][5]["points"] = "12.0"
    assert editions.read(turned).digest != first
    assert editions.digest({"a": "é"}) == editions.digest({"a": "e\u0301"})  # NFC


def test_every_fault_is_told_at_once() -> None:
    document = copy.deepcopy(example("edition"))
    nodes = document["nodes"]
    nodes[1]["code"] = nodes[0]["code"]
    nodes[5]["parent"] = "nobody"
    nodes[6]["points"] = "ten"
    nodes[7]["measures"][0]["rule"]["cuts"] = [["0.8", "0.6"], ["0.95", "1"]]
    nodes[8]["measures"][0]["rule"]["kind"] = "grade_map"
    nodes[11]["measures"][0]["share"] = "0.6"
    document["items"][0]["feeds"]["road"][0]["leaf"] = "2-1"
    document["blends"][0]["share"] = "1"
    told = faults(document)
    for path in (
        "nodes[1].code",
        "nodes[5].parent",
        "nodes[6].points",
        "nodes[7].measures[0].rule.cuts",
        "nodes[8].measures[0].rule.kind",
        "nodes[11].measures",
        "items[0].feeds.road[0]",
        "blends",
    ):
        assert path in told, (path, told)


def test_more_passes_never_earn_less() -> None:
    document = copy.deepcopy(example("edition"))
    nodes = document["nodes"]
    nodes[5]["measures"][0]["rule"]["better"] = "low"
    nodes[5]["measures"][0]["rule"]["cuts"] = [["0.7", "1"], ["0.9", "0.6"]]
    nodes[6]["measures"][0]["rule"] = {"kind": "linear_clamp", "lo": "1", "hi": "0"}
    nodes[15]["measures"][0]["rule"]["then"] = {"kind": "linear_clamp", "lo": "1", "hi": "0"}
    assert set(faults(document)) == {
        "nodes[5].measures[0].rule",
        "nodes[6].measures[0].rule",
        "nodes[15].measures[0].rule.then",
    }


def test_cycles_and_leaves_with_children() -> None:
    leaf = {"method": "statistic", "rule": {"kind": "ratio_of_target", "target": "1"}}
    base = {"format": "lifang.edition/1", "key": "k", "version": "1"}
    told = faults({**base, "nodes": [{"code": "a", "parent": "b"}, {"code": "b", "parent": "a"}, {"code": "c", "measures": [leaf]}]})  # fmt: skip
    assert set(told) == {"nodes[0].parent", "nodes[1].parent"}
    told = faults({**base, "nodes": [{"code": "a", "measures": [leaf]}, {"code": "b", "parent": "a", "measures": [leaf]}]})  # fmt: skip
    assert "不能有下级" in told["nodes[1].parent"]
    told = faults(
        {**base, "total": "99", "nodes": [{"code": "a", "points": "1", "measures": [leaf]}]}
    )
    assert "与声明的总分 99 不符" in told["total"]


@pytest.mark.parametrize(
    "broken", [None, [], "x", {"nodes": 1}, {"nodes": [1], "items": {}, "blends": [3]}]
)
def test_anything_else_is_refused_in_words(broken: Any) -> None:
    assert "format" in faults(broken)


def test_parents_may_stand_after_their_children() -> None:
    leaf = {"method": "statistic", "rule": {"kind": "ratio_of_target", "target": "1"}}
    nodes = [
        {"code": "c", "parent": "b", "measures": [leaf]},
        {"code": "b", "parent": "a"},
        {"code": "a"},
    ]
    document = {"format": "lifang.edition/1", "key": "k", "version": "1", "nodes": nodes}
    assert list(editions.read(document).nodes) == ["a", "b", "c"]
