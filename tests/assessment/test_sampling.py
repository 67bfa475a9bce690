"""Estimates, exact limits, draws, predictions, ranks: against published numbers and scipy."""

from decimal import Decimal
from fractions import Fraction
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from factories_assessment import edition, field_leaf, items, observations, round_of
from lifang.assessment.engine import score
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.sampling import exact, fpc, predict, ranks
from lifang.rounds import drawing
from lifang.standards.editions.kinds import Step

GRADES = Step(((Fraction("0.9"), Fraction(1)), (Fraction("0.7"), Fraction("0.6"))))


def test_it_works() -> None:
    """Lohr, *Sampling: Design and Analysis*, example 3.2: acres of farmland by region, 300 of 3,078 counties."""
    regions = [
        fpc.Moments(220, 21, 97_629.8, 7_647_472_708),
        fpc.Moments(1054, 103, 300_504.2, 29_618_183_543),
        fpc.Moments(1382, 135, 211_315.0, 53_587_487_856),
        fpc.Moments(422, 41, 662_295.5, 396_185_950_266),
    ]
    found = fpc.mean(regions)
    assert round(found.value) == 295_561
    assert round(found.se) == 16_380
    assert round(found.value * 3078 / 1e6, 1) == 909.7


def test_a_ratio_of_a_simple_sample_against_its_textbook_formula() -> None:
    places = ((8.0, 10.0), (5.0, 6.0), (9.0, 12.0), (3.0, 3.0), (10.0, 14.0))
    found = fpc.ratio([fpc.Clusters(40, places)])
    assert found is not None
    r = 35 / 45
    spread = sum((y - r * x) ** 2 for y, x in places) / 4
    assert found.value == pytest.approx(r)
    assert found.se == pytest.approx(sqrt((1 - 5 / 40) * spread / 5) / 9)
    low, high = found.rate_interval()
    assert 0 < low < r < high <= 1


def test_everything_taken_leaves_no_error() -> None:
    found = fpc.ratio([fpc.Clusters(3, ((1.0, 2.0), (2.0, 2.0), (0.0, 2.0)))])
    assert found is not None
    assert (found.value, found.se) == (0.5, 0.0)
    assert fpc.ratio([fpc.Clusters(5, ())]) is None


def test_one_place_in_a_stratum_is_said() -> None:
    found = fpc.ratio([fpc.Clusters(9, ((1.0, 4.0),)), fpc.Clusters(9, ((3.0, 4.0), (4.0, 4.0)))])
    assert found is not None
    assert found.lonely == 1
    assert found.se > 0


def test_design_weighted_is_not_the_official_style() -> None:
    """Half of the draw in a district with a tenth of the places: the pooled rate says 0.5, the frame 0.86."""
    strata = [fpc.Clusters(10, ((0.0, 5.0),) * 2), fpc.Clusters(90, ((5.0, 5.0),) * 2)]
    found = fpc.ratio(strata)
    assert found is not None
    assert found.value == pytest.approx(0.9)


@given(st.integers(1, 60), st.data())
def test_the_hypergeometric_is_scipys(size: int, data: st.DataObject) -> None:
    marked = data.draw(st.integers(0, size))
    drawn = data.draw(st.integers(1, size))
    mine = exact.hypergeometric(size, marked, drawn)
    assert sum(mine.values()) == 1
    for k, chance in mine.items():
        assert float(chance) == pytest.approx(stats.hypergeom(size, marked, drawn).pmf(k), rel=1e-9)


@given(st.integers(1, 60), st.data())
def test_limits_are_where_the_tail_ends(size: int, data: st.DataObject) -> None:
    drawn = data.draw(st.integers(1, size))
    seen = data.draw(st.integers(0, drawn))
    top = exact.most(size, drawn, seen)
    assert seen <= top <= size - drawn + seen
    if top > seen:
        assert stats.hypergeom(size, top, drawn).cdf(seen) >= 0.05 - 1e-12
    if top < size - drawn + seen:
        assert stats.hypergeom(size, top + 1, drawn).cdf(seen) < 0.05 + 1e-12
    low, high = exact.limits(size, drawn, seen)
    assert low <= seen + size - drawn
    assert low <= round(seen / drawn * size) <= high or drawn == size
    if drawn == size:
        assert low == seen == high


def test_none_failing_does_not_mean_none() -> None:
    """Known values: 5 of 30 flawless still allow 12 failing, 10 of 30 allow 6."""
    assert exact.most(30, 5, 0) == 12
    assert exact.most(30, 10, 0) == 6
    with pytest.raises(ValueError, match="7 of 5"):
        exact.most(30, 5, 7)


@given(st.integers(1, 400), st.data())
def test_clopper_pearson_is_scipys(drawn: int, data: st.DataObject) -> None:
    seen = data.draw(st.integers(0, drawn))
    low, high = exact.clopper_pearson(drawn, seen)
    theirs = stats.binomtest(seen, drawn).proportion_ci(method="exact")
    assert low == pytest.approx(theirs.low, abs=1e-9)
    assert high == pytest.approx(theirs.high, abs=1e-9)


@pytest.mark.parametrize(
    ("good", "drawn", "chances"),
    [
        (45, 5, (0.577, 0.352, 0.072)),
        (45, 10, (0.742, 0.254, 0.004)),
        (45, 20, (0.690, 0.310, 0.000)),
        (40, 10, (0.349, 0.555, 0.097)),
    ],
)
def test_one_round_proves_little(good: int, drawn: int, chances: tuple[float, ...]) -> None:
    """Exactly: how often 50 places of which so many are good come out at A, B, C."""
    found = exact.grades_of_a_draw(50, good, drawn, GRADES)
    values = [float(found.get(v, Fraction(0))) for v in (Fraction(1), Fraction("0.6"), Fraction(0))]
    assert values == pytest.approx(chances, abs=6e-4)
    assert exact.expected(found.items()) <= 1


def test_kish() -> None:
    assert fpc.kish([1, 1, 1]) == 1
    assert fpc.kish([1, 3]) == pytest.approx(1.25)


# -- drawing


FRAME = [drawing.Candidate(f"{s}{n:02}", s, 1 + n % 5) for s in "ab" for n in range(20)]


@pytest.mark.parametrize("method", ["random", "systematic", "pps", "all"])
def test_the_same_seed_draws_the_same(method: drawing.Method) -> None:
    wanted = {"a": 4, "b": 3}
    first = drawing.draw(FRAME, wanted, "2026-09", method=method, reserves=2)
    mixed = FRAME[:]
    Random(3).shuffle(mixed)
    assert drawing.draw(mixed, wanted, "2026-09", method=method, reserves=2) == first
    assert (
        drawing.draw(FRAME, wanted, "2026-10", method=method, reserves=2) != first
        or method == "all"
    )
    taken = [d for d in first if not d.reserve]
    assert len({d.code for d in first}) == len(first)
    expected = {"a": 20, "b": 20} if method == "all" else wanted
    assert {s: sum(d.stratum == s for d in taken) for s in "ab"} == expected


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=30), st.data())
def test_systematic_draws_take_as_many_as_wanted(sizes: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(sizes)))
    frame = [drawing.Candidate(f"p{i:02}", "s", size) for i, size in enumerate(sizes)]
    for method in ("systematic", "pps"):
        found = drawing.draw(frame, {"s": n}, "seed", method=method)
        assert len({d.code for d in found}) == n


def test_draws_are_fair() -> None:
    """Each of ten places comes up about as often; χ² with nine degrees, far from its 99.9 % point."""
    frame = [drawing.Candidate(str(n), "s") for n in range(10)]
    hits = [0] * 10
    for seed in range(2000):
        for one in drawing.draw(frame, {"s": 3}, str(seed)):
            hits[int(one.code)] += 1
    assert stats.chisquare(hits).pvalue > 0.001


def test_too_many_wanted_is_refused() -> None:
    with pytest.raises(ValueError, match="21 wanted, 20 there"):
        drawing.draw(FRAME, {"a": 21}, "x")


# -- predicting


def _predicted(size: int, draw: int, passed: int, failed: int, n: int = 3000) -> predict.Prediction:
    """One item, one stratum, so many places seen."""
    of = edition([field_leaf(points="1", kind="step", by="site_pass", cuts=[["0.9", "1"], ["0.7", "0.6"]])], items=items("i"))  # fmt: skip
    sites = [f"s{k}" for k in range(passed + failed)]
    where = round_of(*sites, frame=[{"type": "road", "district": "D", "size": size, "draw": draw}])
    held = observations({(s, "i"): "pass" if k < passed else "fail" for k, s in enumerate(sites)})
    plan = compile_plan(of, where)
    return predict.predictor(plan, held, score(of, where, held)).predict(n=n, seed=5)


def test_a_frame_seen_whole_is_drawn_as_it_is() -> None:
    """50 places known, 45 good: the prediction is the exact hypergeometric."""
    found = _predicted(50, 5, 45, 5)
    chances = found.chances(("L", "field"))
    for value, chance in zip((1.0, 0.6, 0.0), (0.577, 0.352, 0.072), strict=True):
        assert chances[value] == pytest.approx(chance, abs=0.03)
    assert found.mean == pytest.approx(0.577 + 0.6 * 0.352, abs=0.03)


def test_few_places_seen_leave_a_wide_range() -> None:
    little, much = _predicted(200, 20, 3, 0), _predicted(200, 20, 60, 0)
    assert little.chances(("L", "field"))[1.0] < much.chances(("L", "field"))[1.0]
    assert little.quantile(0.05) < 1  # three flawless places are no proof
    assert much.quantile(0.25) == 1


def test_the_same_seed_predicts_the_same() -> None:
    assert _predicted(40, 5, 8, 4, n=50) == _predicted(40, 5, 8, 4, n=50)


def test_what_no_place_feeds_stays_as_it_is() -> None:
    doc = {"code": "M", "points": "4", "measures": [{"method": "statistic", "rule": {"kind": "ratio_of_target", "target": "2"}}]}  # fmt: skip
    of = edition([field_leaf(), doc], items=items("i"))
    where = round_of("s", frame=[])
    held = observations({("s", "i"): "pass"})
    plan = compile_plan(of, where)
    result = score(of, where, held)
    found = predict.predictor(plan, held, result).predict(n=10)
    assert set(found.scores) == {10.0}
    assert found.kept == (("L", "field"),)
    assert result.total.score == Decimal(10)


# -- ranking


def test_ranks_have_bands_and_groups() -> None:
    rng = Random(2)
    draws = {
        "甲": [90 + rng.gauss(0, 1) for _i in range(500)],
        "乙": [80 + rng.gauss(0, 2) for _i in range(500)],
        "丙": [80.3 + rng.gauss(0, 2) for _i in range(500)],
        "丁": [60.0] * 500,
    }
    table = {r.unit: r for r in ranks.rank(draws)}
    assert (table["甲"].low, table["甲"].high, table["甲"].group) == (1, 1, 1)
    assert (table["乙"].low, table["乙"].high) == (2, 3)
    assert table["乙"].group == table["丙"].group == 2
    assert (table["丁"].rank, table["丁"].group) == (4, 3)
    assert ranks.small({"甲": 30, "乙": 4}, 10) == ["乙"]
    assert ranks.rank({}) == []
    with pytest.raises(ValueError, match="same number"):
        ranks.rank({"a": [1.0], "b": []})


def test_equal_units_share_a_rank() -> None:
    table = ranks.rank({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [0.0, 0.0]})
    assert [(r.unit, r.rank) for r in table] == [("a", 1), ("b", 1), ("c", 3)]
