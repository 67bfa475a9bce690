"""From one edition to the next: what changed, what goes along, what every score becomes."""

import copy
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories_assessment import example, random_edition, random_facts, random_round
from lifang.assessment import crosswalk
from lifang.assessment.engine import facts
from lifang.core.errors import Invalid
from lifang.rounds import scope
from lifang.standards import editions
from lifang.standards.editions import Edition
from lifang.standards.editions.changes import changes, gravity


def changed(**edit: Any) -> Edition:
    """The example with some of its nodes changed: ``{code: {field: value}}`` by keyword ``nodes``."""
    document = copy.deepcopy(example("edition"))
    for node in document["nodes"]:
        node.update(edit.get("nodes", {}).get(node["code"], {}))
    document["nodes"] += edit.get("more", [])
    document["nodes"] = [n for n in document["nodes"] if n["code"] not in edit.get("less", ())]
    document.update(edit.get("whole", {}))
    return editions.read(document)


OLD = changed()
LINEAR = {"method": "statistic", "rule": {"kind": "ratio_of_target", "target": "4"}}


def rows(*special: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    equal = [
        {"old": [n.code], "new": [n.code], "relation": "equal"}
        for n in OLD.leaves
        if n.code not in without
    ]
    return {"format": crosswalk.FORMAT, "rows": [*equal, *special]}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, None),
        ({"nodes": {"1-1": {"title": "主干道干净"}}}, "text"),
        ({"nodes": {"1-1": {"lead": "sanitation"}}}, "compatible"),
        ({"nodes": {"1-1": {"points": "11"}, "1-2": {"points": "11"}}}, "scoring"),
        ({"nodes": {"2-1": {"measures": [{"method": "document", "slots": ["方案", "分解表"], "rule": {"kind": "grade_map", "grades": {"A": "1", "B": "0.7", "C": "0"}}}]}}}, "scoring"),
        ({"whole": {"bonus_cap": "5"}}, "scoring"),
        ({"nodes": {"1-1": {"parent": "2"}}}, "structural"),
        ({"more": [{"code": "2-4", "parent": "2", "points": "0", "measures": [LINEAR]}]}, "structural"),
        ({"less": ("X-2",)}, "structural"),
    ],
)  # fmt: skip
def test_it_works(edit: dict[str, Any], expected: str | None) -> None:
    """How grave a change is."""
    found = changes(OLD, changed(**edit))
    assert gravity(found) == expected
    assert len(found) == len({(c.code, c.what) for c in found})


def test_equal_rows_change_nothing() -> None:
    where, held = scope.read(example("round")), facts.read(example("facts"))
    found = crosswalk.preview(OLD, OLD, crosswalk.read(rows(), OLD, OLD), where, held)
    assert found.comparison.total == found.comparison.rules == 0
    assert found.before.canonical() == found.after.canonical()
    assert not found.carried.left


@given(st.integers(0, 2**32))
def test_equal_rows_change_nothing_anywhere(seed: int) -> None:
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    held = random_facts(rng, of, in_)
    found = crosswalk.preview(of, of, crosswalk.same(of, of), in_, held)
    assert found.comparison.total == 0
    assert found.before.total == found.after.total


def test_dropped_new_merged_and_reworded() -> None:
    merged = {"code": "2-9", "parent": "2", "points": "14", "measures": [{"key": "document", "method": "document", "slots": ["方案", "分解表", "制度"], "rule": {"kind": "grade_map", "grades": {"A": "1", "B": "0.6", "C": "0"}}}]}  # fmt: skip
    new = changed(
        nodes={"3-1": {"points": "8"}, "3-2": {"points": "4"}},
        more=[merged, {"code": "2-4", "parent": "2", "points": "6", "measures": [LINEAR]}],
        less=("2-1", "2-2", "2-3"),
        whole={"items": [i for i in example("edition")["items"] if i["code"] != "station"]},
    )
    document = rows(
        {"old": ["2-1", "2-2"], "new": ["2-9"], "relation": "merge"},
        {"old": ["2-3"], "new": [], "relation": "dropped"},
        {"old": [], "new": ["2-4"], "relation": "new"},
        without=("2-1", "2-2", "2-3"),
    )
    table = crosswalk.read(document, OLD, new)
    where = scope.read(example("round"))
    held = facts.read(example("facts"))
    found = crosswalk.preview(OLD, new, table, where, held)
    left = dict(found.carried.left)
    assert any("2-3" in why for why in left.values())  # its statistic stays behind
    assert any("station" in why for why in left.values())  # nobody asks for it any more
    (merge,) = [line for line in found.lines if line.row.relation == "merge"]
    assert merge.worth_before == merge.worth_after == 14
    assert merge.before == Decimal("9.2")
    assert found.after.leaves["2-9"].state == "scored"
    # 3-1 and 3-2 (with what 3-4 left them): rates as before, points moved
    assert found.comparison.performance == 0
    assert found.comparison.rules != 0


def test_what_is_there_already_is_left_be() -> None:
    table = [crosswalk.Row((n.code,), (n.code,), "equal", "copy_if_unset") for n in OLD.leaves]
    where = scope.read(example("round"))
    told = facts.read([{"kind": "statistic", "id": "a", "leaf": "3-1", "value": "99"}])
    held = facts.read([{"kind": "statistic", "id": "b", "leaf": "3-1", "value": "1"}])
    assert crosswalk.carry(held, table, OLD, where, told).facts == ()
    assert len(crosswalk.carry(held, table, OLD, where).facts) == 1


def test_bad_crosswalks_are_told_at_once() -> None:
    document = rows(
        {"old": ["1-1"], "new": ["zz"], "relation": "equal"},
        {"old": ["1-2"], "new": ["1-2"], "relation": "split"},
        {"old": [], "new": [], "relation": "sideways"},
        without=("1-2", "1-3"),
    )
    with pytest.raises(Invalid) as refused:
        crosswalk.read(document, OLD, OLD)
    told = [f"{f.path} {f.message}" for f in refused.value.fields]
    for part in (
        "没有指标“zz”",
        "“1-1”重复",
        "“1-3”没有对应关系",
        "“split”的个数不对",
        ".relation",
    ):
        assert any(part in line for line in told), (part, told)
