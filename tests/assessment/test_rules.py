"""Each rule kind, the four ways of having no score, what does not apply, and the way to the total."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from factories_assessment import (
    counted,
    edition,
    example,
    field_leaf,
    items,
    observations,
    round_of,
)
from lifang.assessment.engine import Result, Round, Standing, facts, score
from lifang.assessment.engine.facts import Fact
from lifang.core.errors import Invalid
from lifang.rounds import scope
from lifang.standards import editions

GRADES = {"kind": "grade_map", "grades": {"A": "1", "B": "0.6", "C": "0"}}


def fact(kind: str, id_: str = "f1", **more: Any) -> Fact:
    return facts.read([{"kind": kind, "id": id_, **more}])[0]


def leaf_of(measure: dict[str, Any], *held: Fact, round_: Round | None = None, **node: Any) -> Any:
    of = edition([{"code": "L", "points": "10", "measures": [measure], **node}])
    return score(of, round_ or round_of(), held)


def earned(result: Result, code: str = "L") -> Decimal:
    return result.leaves[code].figures.earned


def test_it_works() -> None:
    """The example of the documentation, to the last step."""
    of, where = editions.read(example("edition")), scope.read(example("round"))
    result = score(of, where, facts.read(example("facts")))
    assert result.total.score == Decimal("70.45")
    assert [s.key for s in result.total.steps] == ["base", "bonus", "blend:minors"]
    assert result.nodes["3"].possible == 36  # the metro's six points went to the others of branch 3
    assert result.leaves["3-4"].state == "not_applicable"
    assert result.leaves["2-2"].state == "partial"


@pytest.mark.parametrize(("passed", "value"), [(9, 10), (8, 6), (7, 6), (6, 0)])
def test_step(passed: int, value: int) -> None:
    rule: dict[str, Any] = {"kind": "step", "cuts": [["0.90", "1"], ["0.70", "0.6"]], "else": "0"}
    of = edition([field_leaf(**rule)], items=items("i"))
    assert earned(score(of, round_of("s"), counted(passed, 10 - passed))) == value


@pytest.mark.parametrize(
    ("by", "expected"), [("pass_rate", "6"), ("site_rate", "5"), ("site_pass", "0")]
)
def test_what_is_counted(by: str, expected: str) -> None:
    of = edition([field_leaf(by=by)], items=items("a", "b", "c", "d"))
    states = {("x", "a"): "pass", ("x", "b"): "pass", ("x", "c"): "pass", ("x", "d"): "fail"}
    states |= {("y", "a"): "fail", ("y", "b"): "na", ("y", "c"): "na", ("y", "d"): "na"}
    states |= {("z", "a"): "pass", ("z", "b"): "fail", ("z", "c"): "pass", ("z", "d"): "na"}
    result = score(of, round_of("x", "y", "z"), observations(states))
    exact = {"pass_rate": Fraction(5, 8), "site_rate": Fraction(17, 36), "site_pass": Fraction(0)}
    assert result.leaves["L"].exact[0] == 10 * exact[by]
    assert Fraction(expected) == round(result.leaves["L"].exact[0])


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"kind": "step", "cuts": [["95", "1"], ["30", "0.6"]]}, "95", "10"),
        ({"kind": "step", "cuts": [["95", "1"], ["30", "0.6"]]}, "29.99", "0"),
        ({"kind": "step", "better": "low", "cuts": [["2", "1"], ["4", "0.5"]]}, "2", "10"),
        ({"kind": "step", "better": "low", "cuts": [["2", "1"], ["4", "0.5"]]}, "4.01", "0"),
        ({"kind": "linear_clamp", "lo": "60", "hi": "100"}, "80", "5"),
        ({"kind": "linear_clamp", "lo": "60", "hi": "100"}, "20", "0"),
        ({"kind": "linear_clamp", "lo": "4", "hi": "1.5"}, "2.5", "6"),
        ({"kind": "ratio_of_target", "target": "4"}, "3", "7.5"),
        ({"kind": "ratio_of_target", "target": "4"}, "9", "10"),
        ({"kind": "ratio_of_target", "target": "4", "cap": "0.8"}, "9", "8"),
        ({"kind": "deduct", "full": "10", "each": "4"}, "2", "2"),
        ({"kind": "deduct", "full": "10", "each": "4", "floor": "1"}, "7", "1"),
    ],
)
def test_statistics(rule: dict[str, Any], value: str, expected: str) -> None:
    told = fact("statistic", leaf="L", value=value)
    assert earned(leaf_of({"method": "statistic", "rule": rule}, told)) == Decimal(expected)


def test_the_latest_period_counts_or_the_mean() -> None:
    told = [
        fact("statistic", "a", leaf="L", value="1", period="2025"),
        fact("statistic", "b", leaf="L", value="3", period="2026"),
    ]
    measure: dict[str, Any] = {
        "method": "statistic",
        "rule": {"kind": "ratio_of_target", "target": "4"},
    }
    assert earned(leaf_of(measure, *told)) == Decimal("7.5")
    assert earned(leaf_of({**measure, "take": "mean"}, *told)) == 5


def test_documents() -> None:
    measure: dict[str, Any] = {"method": "document", "slots": ["a", "b"], "rule": GRADES}
    a = fact("review", "a", leaf="L", slot="a", grade="A")
    b = fact("review", "b", leaf="L", slot="b", grade="C")
    second = fact("review", "c", leaf="L", slot="b", grade="B", level=2)
    assert earned(leaf_of(measure, a, b)) == 5
    assert earned(leaf_of(measure, a, second, b)) == 8  # the higher level overrules
    worst = {**measure, "rule": {**GRADES, "combine": "min"}}
    assert earned(leaf_of(worst, a, second)) == 6
    (row,) = leaf_of(worst, a, second).losses
    assert (row.item, row.points, row.gain) == ("b", 4, 4)
    every = {**measure, "rule": {"kind": "all_or_nothing"}}
    assert earned(leaf_of(every, a, second)) == 10
    assert earned(leaf_of(every, a, b)) == 0
    target = {**measure, "rule": {"kind": "ratio_of_target", "target": "4"}}
    assert earned(leaf_of(target, a, second)) == 5


def test_surveys_are_weighted_to_the_population() -> None:
    rule = {"kind": "survey_mean", "options": {"y": "1", "n": "0", "-": None}}
    answers = [
        *(fact("answer", f"e{n}", question="q", option="y", stratum="E") for n in range(3)),
        fact("answer", "w1", question="q", option="n", stratum="W"),
        fact("answer", "w2", question="q", option="-", stratum="W"),
    ]
    measure = {"method": "survey", "questions": ["q"], "rule": rule}
    assert earned(leaf_of(measure, *answers)) == Decimal("7.5")
    where = round_of(population={"*": {"E": "0.5", "W": "0.5"}}, quota={"q": 8})
    result = leaf_of(measure, *answers, round_=where)
    figures = result.leaves["L"].figures
    assert (figures.earned, figures.low, figures.high) == (5, Decimal("2.5"), Decimal("7.5"))
    assert [(r.site, r.points) for r in result.losses] == [("W", 5)]
    stepped = {**measure, "rule": {**rule, "then": {"kind": "step", "cuts": [["0.7", "1"]]}}}
    assert earned(leaf_of(stepped, *answers)) == 10


def test_four_ways_of_no_score() -> None:
    measure: dict[str, Any] = {"method": "document", "rule": GRADES}

    def state(*held: Fact, **node: Any) -> Any:
        leaf = leaf_of(measure, *held, **node).leaves["L"]
        f = leaf.figures
        return leaf.state, f.possible, f.low, f.earned, f.high

    assert state() == ("pending", 10, 0, 0, 10)
    assert state(missing={"policy": "zero"}) == ("pending", 10, 0, 0, 0)
    assert state(fact("mark", leaf="L", state="not_applicable")) == ("not_applicable", 0, 0, 0, 0)
    assert state(fact("review", leaf="L", grade="missing")) == ("missing", 10, 0, 0, 0)
    assert state(fact("mark", leaf="L", state="missing")) == ("missing", 10, 0, 0, 0)
    graded = fact("review", "g", leaf="L", grade="B")
    assert state(graded, fact("mark", leaf="L", state="disputed")) == ("disputed", 10, 0, 6, 10)
    assert state(fact("review", leaf="L", grade="B", disputed=True)) == ("disputed", 10, 6, 6, 10)


def test_a_disputed_observation_may_still_turn() -> None:
    of = edition([field_leaf()], items=items("a", "b"))
    held = [
        *observations({("s", "a"): "pass"}),
        *observations({("s", "b"): "fail"}, disputed=True),
    ]
    f: Any = score(of, round_of("s"), held).leaves["L"].figures
    assert (f.low, f.earned, f.high, f.coverage) == (5, 5, 10, Decimal("0.5"))


def test_what_is_not_looked_at_yet_leaves_a_range() -> None:
    of = edition([field_leaf()], items=items("a", "b", "c", "d"))
    held = observations({("s", "a"): "pass", ("s", "b"): "fail"})
    f: Any = score(of, round_of("s"), held).leaves["L"].figures
    assert (f.low, f.earned, f.high) == (Decimal("2.5"), 5, Decimal("7.5"))
    closed = edition(
        [{**field_leaf(), "missing": {"policy": "zero"}}], items=items("a", "b", "c", "d")
    )
    result = score(closed, round_of("s"), held)
    f = result.leaves["L"].figures
    assert (f.low, f.earned, f.high) == (Decimal("2.5"),) * 3
    assert [r.kind for r in result.losses] == ["observation", "pending", "pending"]


@pytest.mark.parametrize(
    ("policy", "possible", "total"),
    [
        ("full", "30", "30"),
        ("drop", "20", "20"),
        ("redistribute", "30", "30"),
        ("zero", "30", "20"),
    ],
)
def test_not_applicable(policy: str, possible: str, total: str) -> None:
    document: dict[str, Any] = {"method": "document", "rule": GRADES}
    nodes: list[dict[str, Any]] = [
        {"code": "P"},
        *({"code": c, "parent": "P", "points": "10", "measures": [document]} for c in "abc"),
    ]
    nodes[1]["na"] = {"policy": policy}
    held = [
        fact("mark", "m", leaf="a", state="not_applicable"),
        fact("review", "b", leaf="b", grade="A"),
        fact("review", "c", leaf="c", grade="A"),
    ]
    result = score(edition(nodes), round_of(), held)
    assert result.nodes["P"].possible == Decimal(possible)
    assert result.total.score == Decimal(total)
    assert result.leaves["b"].figures.possible == (15 if policy == "redistribute" else 10)


def test_a_measure_that_does_not_apply_leaves_its_share_to_the_others() -> None:
    leaf = {
        "code": "L",
        "points": "10",
        "measures": [
            {"method": "field", "share": "0.7", "rule": {"kind": "linear_clamp"}},
            {"method": "document", "share": "0.3", "rule": GRADES},
        ],
    }
    of = edition([leaf], items=items("i", site_type="market"))
    held = [fact("review", leaf="L", grade="B")]
    assert earned(score(of, round_of("s", site_type="road"), held)) == 6  # no market was drawn


def test_overrides_count_and_say_who() -> None:
    told = fact("override", "o", leaf="L", points="7.5", reason="复核", approver="组长")
    result = leaf_of(
        {"method": "document", "rule": GRADES}, fact("review", leaf="L", grade="C"), told
    )
    assert earned(result) == Decimal("7.5")
    assert result.leaves["L"].note == "组长: 复核"
    assert [(r.kind, r.points) for r in result.losses] == [("override", Decimal("2.5"))]


def _whole(*held: Fact, **more: Any) -> Any:
    """100 points, 80 earned, with a bonus and three entries of the negative list."""
    nodes: list[dict[str, Any]] = [
        {"code": "L", "points": "100", "measures": [{"method": "statistic", "rule": {"kind": "linear_clamp", "hi": "100"}}]},
        {"code": "S1", "measures": [{"method": "special", "rule": {"kind": "bonus", "cap": "4"}}]},
        {"code": "S2", "measures": [{"method": "special", "rule": {"kind": "bonus", "cap": "4"}}]},
        {"code": "X1", "measures": [{"method": "veto", "rule": {"kind": "veto", "effect": "deduct", "value": "3"}}]},
        {"code": "X2", "measures": [{"method": "veto", "rule": {"kind": "veto", "effect": "cap", "value": "60"}}]},
        {"code": "X3", "measures": [{"method": "veto", "rule": {"kind": "veto", "effect": "suspend"}}]},
        {"code": "X4", "measures": [{"method": "veto", "rule": {"kind": "veto", "effect": "disqualify"}}]},
    ]  # fmt: skip
    told = fact("statistic", "base", leaf="L", value="80")
    return score(
        edition(nodes, **more), round_of(start="2026-01-01", end="2026-12-31"), [told, *held]
    )


def test_bonus_has_caps() -> None:
    awards = [fact("award", f"a{n}", leaf="S1", points="3") for n in range(2)]
    awards.append(fact("award", "b", leaf="S2", points="3"))
    assert _whole(*awards).total.score == 87
    assert _whole(*awards, bonus_cap="6").total.score == 86


def test_the_negative_list() -> None:
    def status(*codes: str, **more: Any) -> Any:
        total = _whole(
            *(fact("veto", f"v{c}{n}", leaf=c, **more) for n, c in enumerate(codes))
        ).total
        return total.status, total.score

    assert status("X1") == ("ok", 77)
    assert status("X1", "X1") == ("ok", 74)
    assert status("X1", "X2") == ("ok", 60)
    assert status("X3") == ("suspended", 80)
    assert status("X1", "X3", "X4") == ("disqualified", 0)
    assert status("X4", confirmed=False) == ("ok", 80)
    assert status("X4", on="2025-12-31") == ("ok", 80)
    assert status("X4", on="2026-12-31") == ("disqualified", 0)


def test_other_editions_bar_and_blend() -> None:
    """The minors' system: below 85 it bars, and it counts a fifth."""
    more = {
        "prerequisites": [{"edition": "minors", "at_least": "85"}],
        "blends": [{"edition": "minors", "share": "0.20"}],
    }
    good = _whole(fact("linked", edition="minors", score="90"), **more).total
    assert (good.status, good.score) == ("ok", 82)
    bad = _whole(fact("linked", edition="minors", score="84.99"), **more).total
    assert (bad.status, bad.score) == ("barred", Decimal("81.00"))
    unknown = _whole(**more).total
    assert (unknown.low, unknown.score, unknown.high) == (64, 64, 84)


def test_rounding_is_declared_and_happens_once() -> None:
    """A third of 1 thrice is 1; rounded at the indicators it is not."""
    nodes = [field_leaf(f"L{n}", "1") for n in range(3)]
    rows = [row for n in range(3) for row in items(f"i{n}", leaf=f"L{n}")]
    states = {
        (s, f"i{n}"): ("pass" if s == "x" else "fail") for n in range(3) for s in ("x", "y", "z")
    }
    held = observations(states)
    once = score(edition(nodes, items=rows), round_of(*"xyz"), held)
    assert once.total.score == 1
    twice = score(
        edition(nodes, items=rows, rounding={"leaf": 2, "total": 2}), round_of(*"xyz"), held
    )
    assert twice.total.score == Decimal("0.99")
    assert sum(r.points for r in twice.losses) == Decimal("2.01")


def test_as_of_looks_back() -> None:
    told = [
        fact("review", "a", leaf="L", grade="C", at="2026-03-01T08:00:00+08:00"),
        fact("review", "b", leaf="L", grade="A", at="2026-03-05T08:00:00+08:00", supersedes=""),
    ]
    of = edition(
        [{"code": "L", "points": "10", "measures": [{"method": "document", "rule": GRADES}]}]
    )
    assert earned(score(of, round_of(), told)) == 10
    assert earned(score(of, round_of(), told, as_of="2026-03-04")) == 0


def test_facts_that_speak_of_nothing_known_are_all_named() -> None:
    of = edition([field_leaf()], items=items("i"))
    held = [
        *observations({("nowhere", "i"): "pass", ("s", "unknown"): "pass"}),
        fact("review", "r", leaf="L", grade="A"),
        fact("award", "a", leaf="L", points="1"),
        fact("override", "o", leaf="L", points="11", reason="r", approver="a"),
    ]
    with pytest.raises(Invalid) as refused:
        score(of, round_of("s"), held)
    assert {f.path for f in refused.value.fields} == {"nowhere/i", "s/unknown", "r", "a", "o"}


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"kind": "nothing", "id": "a"}, "facts[0]"),
        ({"kind": "observation", "id": "a", "site": "s", "item": "i"}, "facts[0].state"),
        (
            {"kind": "observation", "id": "a", "site": "s", "item": "i", "state": "ok"},
            "facts[0].state",
        ),
        ({"kind": "statistic", "id": "a", "leaf": "L", "value": "NaN"}, "facts[0].value"),
        ({"kind": "linked", "id": "a", "edition": "m", "score": "1", "more": 1}, "facts[0].more"),
        ({"kind": "withdrawal", "id": "a", "supersedes": "zz"}, "facts"),
        ({"kind": "review", "id": "", "leaf": "L", "grade": "A"}, "facts[0].id"),
    ],
)
def test_bad_facts_are_refused(row: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        facts.read([row])
    assert [f.path for f in refused.value.fields] == [path]


def test_a_standing_takes_a_fact_once() -> None:
    of = edition([field_leaf()], items=items("i"))
    held = observations({("s", "i"): "fail"})
    standing = Standing(of, round_of("s"), held)
    assert standing.add(held) == set()  # told twice, taken once
    other = observations({("s", "i"): "pass"})
    with pytest.raises(Invalid, match="重复"):
        standing.add(other)
    assert standing.result().canonical() == score(of, round_of("s"), held).canonical()
    with pytest.raises(Invalid, match="重复"):
        score(of, round_of("s"), [*held, *other])


def test_the_facts_of_two_ids_alike_are_refused() -> None:
    row = {"kind": "linked", "id": "a", "edition": "m", "score": "1"}
    with pytest.raises(Invalid):
        facts.read([row, row])
