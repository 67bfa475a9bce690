"""Lost points by Shapley's value: against the definition, for every small case."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import factorial

from hypothesis import given, settings
from hypothesis import strategies as st

from factories_assessment import (
    city_losses,
    counted,
    edition,
    field_leaf,
    items,
    observations,
    round_of,
)
from lifang.assessment.engine import losses, score, shapley
from lifang.rounds import scope


def by_definition(weights: Sequence[int], loss: Callable[[int], Fraction]) -> list[Fraction]:
    """The mean over every order of what each one adds on joining."""
    got = [Fraction(0)] * len(weights)
    for order in permutations(range(len(weights))):
        so_far = 0
        for player in order:
            got[player] += loss(so_far + weights[player]) - loss(so_far)
            so_far += weights[player]
    return [g / factorial(len(weights)) for g in got]


def test_it_works() -> None:
    """Ten checks, A from 0.9, B from 0.7: four fail, all is lost, each bears a quarter."""
    of = edition([field_leaf(kind="step", cuts=[["0.9", "1"], ["0.7", "0.6"]])], items=items("i"))
    result = score(of, round_of("s"), counted(6, 4))
    leaf = result.leaves["L"]
    assert leaf.figures.earned == 0
    assert [row.points for row in leaf.losses] == [Decimal("2.5")] * 4
    assert {row.how for row in leaf.losses} == {"shapley"}
    assert [(n.points, n.fixes) for n in leaf.next_grades] == [
        (Decimal(6), 1),
        (Decimal(10), 3),
    ]
    assert [row.gain for row in leaf.losses] == [6] * 4  # any one of them brings B back


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 20), st.fractions(0, 1)), max_size=4),
)
def test_shares_are_shapley_values(weights: list[int], steps: list[tuple[int, Fraction]]) -> None:
    def loss(m: int) -> Fraction:
        return sum((worth for at, worth in steps if m >= at), Fraction(0))

    found, exact = shapley.shares(weights, loss)
    assert exact
    assert found == by_definition(weights, loss)


def test_too_many_for_exact_counting_follow_the_weights() -> None:
    weights = [n % 50 + 1 for n in range(400)]
    found, exact = shapley.shares(weights, lambda m: Fraction(m >= 10))
    assert not exact
    assert sum(found) == 1
    assert found[0] < found[1]


def test_places_first_then_their_faults() -> None:
    """Each failing place bears the same where whole places count, however many faults it has."""
    of = edition(
        [field_leaf(kind="step", by="site_pass", cuts=[["0.9", "1"]])], items=items("a", "b", "c")
    )
    states = {(s, i): "pass" for s in "xyz" for i in "abc"}
    states |= {("x", "a"): "fail", ("y", "a"): "fail", ("y", "b"): "fail"}
    leaf = score(of, round_of(*"xyz"), observations(states)).leaves["L"]
    assert {(r.site, r.item): r.points for r in leaf.losses} == {
        ("x", "a"): Decimal(5),
        ("y", "a"): Decimal("2.5"),
        ("y", "b"): Decimal("2.5"),
    }
    assert {r.lead for r in leaf.losses} == {"unit x", "unit y"}
    assert [(n.fixes, n.what) for n in leaf.next_grades] == [(2, "sites")]


def test_unequal_weights_bear_unequal_shares() -> None:
    of = edition(
        [field_leaf(kind="step", cuts=[["0.6", "1"]])],
        items=[*items("a", "b"), *items("c", share="3")],
    )
    states = {("s", "a"): "fail", ("s", "b"): "pass", ("s", "c"): "fail"}
    leaf = score(of, round_of("s"), observations(states)).leaves["L"]
    # weights 1, 1, 3; below 0.6 as soon as c fails: c bears it all
    assert {r.item: r.points for r in leaf.losses} == {"a": 0, "c": 10}


def test_deductions_name_their_own_points() -> None:
    """Two points a fault, each place starting with ten and losing six at most."""
    of = edition(
        [field_leaf(kind="deduct", full="10", each="2", per="site", site_cap="6")], items=items("i")
    )
    held = [
        *observations({("x", "i"): "fail"}, count=1),
        *observations({("y", "i"): "fail"}, count=5),
    ]
    leaf = score(of, round_of("x", "y"), held).leaves["L"]
    assert leaf.figures.earned == 6  # the mean of 8 and 4
    assert {r.site: r.points for r in leaf.losses} == {"x": 1, "y": 3}


@given(st.integers(0, 2**32), st.sampled_from(losses.VIEWS))
def test_every_view_adds_up_to_the_same(seed: int, view: losses.View) -> None:
    rows = city_losses(seed)
    lines = losses.by(rows, view)
    assert sum(line.lost + line.open for line in lines) == sum(r.points for r in rows)
    assert [line.lost for line in lines] == sorted((line.lost for line in lines), reverse=True)


def test_assisting_units_bear_their_shares() -> None:
    leaf = field_leaf() | {"lead": "a", "assist": [{"role": "b", "share": "0.3"}]}
    of = edition([leaf], items=items("i"))
    where = round_of("s", roster={"a": "一局", "b": "二局"})
    result = score(of, where, counted(2, 1))
    (row,) = result.losses
    assert row.points == Decimal("3.3333333333")
    assert dict(losses.shares(row)) == {
        "一局": Decimal("2.3333333333"),
        "二局": Decimal("1.0000000000"),
    }
    (rate,) = losses.rates(of, where, result)
    assert (rate.unit, rate.rate) == ("一局", Decimal("0.6667"))


def test_the_unit_of_the_place_assists_there() -> None:
    leaf = field_leaf() | {"lead": "roads", "assist": [{"role": "site", "share": "0.3"}]}
    of = edition([leaf], items=items("i", "k"))
    rows = [
        {"code": "a", "type": "road", "unit": "东街道"},
        {"code": "b", "type": "road", "unit": "市政中心"},
        {"code": "c", "type": "road"},
    ]
    where = scope.read(
        {"format": "lifang.round/1", "key": "r", "sites": rows, "roster": {"roads": "市政中心"}}
    )
    seen = observations({(s, i): "fail" for s in "abc" for i in ("i", "k")})
    found = score(of, where, seen).losses
    assert {(r.site, r.assist) for r in found} == {
        ("a", (("东街道", Fraction(3, 10)),)),
        ("b", ()),
        ("c", ()),
    }
    lines = {x.key: x.lost for x in losses.by(found, "unit")}
    assert lines == {"市政中心": Decimal(9), "东街道": Decimal(1)}
