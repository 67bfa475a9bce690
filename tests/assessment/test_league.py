"""League tables of units, and tables whose children add up."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories_assessment import random_edition, random_facts, random_round
from lifang.assessment.engine import score
from lifang.assessment.engine.display import Column, rounded
from lifang.assessment.sampling.league import Places, league

COLUMNS: tuple[Column, ...] = ("earned", "possible", "low", "high", "covered", "bonus")


def test_it_works() -> None:
    """Taishan's shape: seventeen towns, 93 % on the whole; the best and the worst are told apart."""
    rng = Random(3)
    rates = {f"镇{n:02}": 0.99 - 0.012 * n for n in range(17)}
    towns = {
        town: {"market": [(sum(rng.random() < p for _k in range(40)), 40) for _place in range(12)]}
        for town, p in rates.items()
    }
    found = league(towns)
    table = {r.unit: r for r in found.table}
    assert len(table) == 17
    assert table["镇00"].high < table["镇16"].low
    assert 1 < len({r.group for r in found.table}) < 17
    assert found.small == ()
    assert league(towns) == found


def test_more_markets_are_no_shame() -> None:
    """The same rates at each type of place, another mix: the same standardised rate."""
    good, bad = [(10.0, 10.0), (8.0, 10.0)], [(3.0, 10.0), (7.0, 10.0)]
    units: dict[str, Places] = {
        "甲": {"park": good * 9, "market": bad},
        "乙": {"park": good, "market": bad * 9},
    }
    found = league(units, {"park": 1, "market": 1})
    assert found.rates == pytest.approx({"甲": 0.7, "乙": 0.7})
    assert {r.group for r in found.table} == {1}


def test_few_places_are_flagged_and_no_data_is_no_rank() -> None:
    units: dict[str, Places] = {
        "甲": {"park": [(9.0, 10.0)] * 6},
        "乙": {"park": [(1.0, 1.0)]},
        "丙": {"park": []},
    }
    found = league(units)
    assert [r.unit for r in found.table] == ["甲"]
    assert found.small == ("乙",)
    assert "丙" not in found.rates


@settings(deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(COLUMNS), st.integers(0, 3))
def test_printed_children_add_up(seed: int, column: Column, places: int) -> None:
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    result = score(of, in_, random_facts(rng, of, in_))
    table = rounded(of, result, column, places)
    unit = Decimal(1).scaleb(-places)
    for code, below in of.children.items():
        assert table[code] == sum(table[c] for c in below)
    assert abs(table[""] - getattr(result.nodes[""], column)) <= unit / 2
    for code, points in table.items():
        assert abs(points - getattr(result.nodes[code], column)) < 2 * unit
