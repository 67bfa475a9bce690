"""Pure rules: allocation, countdown, the breakdown and its shares, the six implementations."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from factories_assessment import edition, example
from lifang.core.worktime import calendar
from lifang.rounds import rules
from lifang.rounds.choices import Head, Share
from lifang.rounds.rules import FramePlace, StepFacts, TaskCounts
from lifang.standards import editions

CITY = editions.read(example("edition"))
ROSTER = {r: f"U-{r}" for r in rules.roles(CITY)}


def test_it_works() -> None:
    found = rules.propose(CITY, ROSTER, {"road": ["东街道", "西街道"], "market": ["东街道"]}, {})
    first = [(p.unit, p.part, p.share) for p in found if p.leaf == "1-1"]
    assert first == [
        ("东街道", Share.LEAD, Decimal("0.7")),
        ("西街道", Share.LEAD, Decimal("0.7")),
        ("U-sanitation", Share.ASSIST, Decimal("0.3")),
    ]
    assert [p.unit for p in found if p.leaf == "1-3"] == ["东街道"]
    assert [p.unit for p in found if p.leaf == "2-1"] == ["U-office"]


def test_an_indicator_that_does_not_apply_gives_no_task() -> None:
    def asked(context: dict[str, str]) -> set[str]:
        return {p.leaf for p in rules.propose(CITY, ROSTER, {}, context)}

    assert "3-4" in asked({})
    assert "3-4" in asked({"metro": "yes"})
    assert "3-4" not in asked({"metro": "no"})


def test_a_role_without_a_unit_gives_no_task() -> None:
    assert rules.propose(CITY, {}, {}, {}) == []


def test_two_roles_of_one_unit_are_one_task() -> None:
    nodes = [
        {
            "code": "L", "points": "10", "lead": "a",
            "assist": [{"role": "b", "share": "0.2"}, {"role": "c", "share": "0.3"}],
            "measures": [{"method": "document", "slots": ["x"], "rule": {"kind": "all_or_nothing"}}],
        }
    ]  # fmt: skip
    of = edition(nodes)
    same = rules.propose(of, {"a": "甲", "b": "乙", "c": "乙"}, {}, {})
    assert [(p.unit, p.part, p.share) for p in same] == [
        ("甲", Share.LEAD, Decimal("0.5")), ("乙", Share.ASSIST, Decimal("0.5")),
    ]  # fmt: skip
    whole = rules.propose(of, {"a": "甲", "b": "甲", "c": "甲"}, {}, {})
    assert [(p.unit, p.part, p.share) for p in whole] == [("甲", Share.LEAD, Decimal(1))]


shares = st.lists(st.integers(1, 40), min_size=0, max_size=6).filter(lambda x: sum(x) <= 100)
units = st.sampled_from(["甲", "乙", "丙", ""])


@given(shares, st.lists(units, min_size=8, max_size=8), st.booleans(), st.booleans())
def test_shares_of_every_indicator_come_to_one(
    parts: list[int], holds: list[str], at_places: bool, helps: bool
) -> None:
    """Σ of assisting units ≤ 1, no unit twice, and each lead takes exactly the rest."""
    assist: list[dict[str, Any]] = [
        {"role": f"r{n}", "share": f"{x / 100:.2f}"} for n, x in enumerate(parts)
    ]
    if helps and assist:
        assist[0]["role"] = "site"
    leaf = {
        "code": "L", "points": "10", "lead": "site" if at_places else "lead", "assist": assist,
        "measures": [{"method": "field", "rule": {"kind": "linear_clamp"}}],
    }  # fmt: skip
    of = edition([leaf], items=[{"code": "i", "feeds": {"*": [{"leaf": "L"}]}}])
    roster = {f"r{n}": u for n, u in enumerate(holds[:6])} | {"lead": holds[6]}
    found = rules.propose(of, roster, {"road": ["甲", "丁", "戊"], "market": [holds[7]]}, {})
    by_part = defaultdict(list)
    for p in found:
        by_part[p.part].append(p)
    assert len({p.unit for p in found}) == len(found)
    assert all(p.unit and p.share >= 0 for p in found)
    rest = 1 - sum((p.share for p in by_part[Share.ASSIST]), Decimal(0))
    assert 0 <= rest <= 1
    assert all(p.share == rest for p in by_part[Share.LEAD])


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 50), max_size=8),
    st.integers(0, 200),
)
def test_places_are_allotted_in_proportion_and_all_of_them(sizes: dict[str, int], n: int) -> None:
    found = rules.allocate(sizes, n)
    assert sum(found.values()) == min(n, sum(sizes.values()))
    assert all(0 <= found[k] <= sizes[k] for k in sizes)
    total = sum(sizes.values())
    assert all(abs(found[k] - min(n, total) * sizes[k] / total) < 1 for k in sizes if total)


frames = st.lists(
    st.tuples(st.sampled_from(["road", "market"]), st.sampled_from("DE")), min_size=1, max_size=30
).map(lambda rows: [FramePlace(f"P{n}", t, d) for n, (t, d) in enumerate(rows)])


@given(frames, st.integers(0, 9), st.sampled_from(["type", "type_district"]), st.text(max_size=5))
def test_a_draw_takes_what_is_wanted_and_does_not_hang_on_order(
    frame: list[FramePlace], n: int, by: str, seed: str
) -> None:
    design = rules.Design(seed=seed, by=by, draws={"road": n, "market": n})
    drawn = [d.code for d in rules.draw_places(frame, design) if not d.reserve]
    there = {t: sum(p.type == t for p in frame) for t in ("road", "market")}
    assert len(drawn) == len(set(drawn)) == sum(min(n, there[t]) for t in there)
    again = rules.draw_places(list(reversed(frame)), design)
    assert {d.code for d in again if not d.reserve} == set(drawn)
    assert rules.frame_hash(frame) == rules.frame_hash(list(reversed(frame)))


def test_a_countdown_in_days_and_working_days() -> None:
    cal = calendar(hours=[["08:00", "12:00"]], years=[2026], days={dt.date(2026, 10, 1): False})
    wednesday = dt.date(2026, 9, 30)
    found = rules.countdown(wednesday, dt.date(2026, 10, 5), cal)
    assert (found.days, found.work_days) == (5, 2)
    past = rules.countdown(dt.date(2026, 10, 5), wednesday, cal)
    assert (past.days, past.work_days) == (-5, -2)
    assert rules.countdown(wednesday, wednesday, cal).work_days == 0
    assert rules.countdown(wednesday, dt.date(2027, 1, 4), cal).work_days is None


def test_the_six_implementations_of_a_plan() -> None:
    today = dt.date(2026, 6, 1)
    tasks = TaskCounts(tasks=2, taken_up=1, named=1)
    steps = [
        StepFacts("1-1", measure=True, person=True, due=today, done=False, shown=False),
        StepFacts("1-2", measure=False, person=True, due=dt.date(2026, 5, 1), done=False, shown=False),
    ]  # fmt: skip
    heads = rules.six(tasks, steps, letter=True, today=today)
    assert heads == {
        Head.LETTER: (1, 1), Head.TASKS: (1, 2), Head.MEASURES: (1, 2), Head.DATES: (2, 2),
        Head.PEOPLE: (3, 4), Head.CHECKS: (0, 1),
    }  # fmt: skip
    assert rules.complete(heads) == 2
    nothing = rules.six(TaskCounts(), [], letter=False, today=today)
    assert rules.complete(nothing) == 0
    whole = rules.six(TaskCounts(1, 1, 1), steps[:1], letter=True, today=today)
    assert rules.complete(whole) == 6


@given(st.fractions(0, 1), st.integers(1, 40))
def test_a_share_is_split_evenly_and_never_grows(share: Fraction, n: int) -> None:
    found = rules.split(share, n)
    assert 0 <= share - Fraction(sum(found)) < Fraction(1, 10_000)
    assert max(found) - min(found) <= rules.SHARE
