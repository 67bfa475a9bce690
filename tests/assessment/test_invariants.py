"""What must hold of every score, whatever the edition, the round and the facts (§ the engine's contract)."""

import dataclasses
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from factories_assessment import random_edition, random_facts, random_round
from lifang.assessment.engine import Round, Standing, facts, score
from lifang.assessment.engine.facts import Fact, Mark, Observation, Withdrawal
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.engine.points import allocate
from lifang.standards.editions import Edition
from lifang.standards.editions.kinds import Veto

seeds = st.integers(0, 2**32)
City = tuple[Edition, Round, list[Fact], Random]


def city(seed: int, *, full: bool = False) -> City:
    rng = Random(seed)
    edition, round_ = random_edition(rng), random_round(rng)
    return edition, round_, random_facts(rng, edition, round_, full=full), rng


@given(seeds)
def test_it_works(seed: int) -> None:
    """Losses add up to possible − earned, in every indicator and in the whole, exactly."""
    edition, round_, held, _rng = city(seed)
    result = score(edition, round_, held)
    for leaf in result.leaves.values():
        assert sum(row.points for row in leaf.losses) == leaf.figures.possible - leaf.figures.earned
        assert all(row.points >= 0 for row in leaf.losses)
    whole = result.nodes[""]
    assert sum(row.points for row in result.losses) == whole.possible - whole.earned


@given(seeds)
def test_low_score_high(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    result = score(edition, round_, held)
    for figures in result.nodes.values():
        assert 0 <= figures.low <= figures.earned <= figures.high <= figures.possible
        assert 0 <= figures.covered <= figures.possible
        if figures.covered == figures.possible:
            assert figures.low == figures.earned == figures.high
        if figures.estimate is not None:
            assert figures.low - Decimal("0.0001") <= figures.estimate
            assert figures.estimate <= figures.high + Decimal("0.0001")
    assert result.total.low <= result.total.score <= result.total.high


@given(seeds)
def test_full_coverage_closes_the_range(seed: int) -> None:
    edition, round_, held, _rng = city(seed, full=True)
    result = score(edition, round_, held)
    open_leaves = [
        c for c, leaf in result.leaves.items() if leaf.figures.covered < leaf.figures.possible
    ]
    for code in open_leaves:  # a quota above the answers given, nothing else
        assert any(m.method in ("survey", "field") for m in edition.nodes[code].measures)
    if not open_leaves:
        assert result.total.low == result.total.score == result.total.high


@given(seeds)
def test_children_add_up_to_parents(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    nodes = score(edition, round_, held).nodes
    for code, below in edition.children.items():
        for name in ("possible", "earned", "low", "high", "covered", "bonus"):
            assert getattr(nodes[code], name) == sum(getattr(nodes[c], name) for c in below)


@given(seeds)
def test_the_order_of_facts_changes_nothing(seed: int) -> None:
    edition, round_, held, rng = city(seed)
    mixed = held[:]
    rng.shuffle(mixed)
    assert score(edition, round_, held).canonical() == score(edition, round_, mixed).canonical()


@given(seeds)
def test_mending_never_lowers_an_indicator(seed: int) -> None:
    edition, round_, held, rng = city(seed)
    failed = [n for n, f in enumerate(held) if isinstance(f, Observation) and f.state == "fail"]
    if not failed:
        return
    before = score(edition, round_, held)
    at = rng.choice(failed)
    old = held[at]
    assert isinstance(old, Observation)
    mended = [*held[:at], dataclasses.replace(old, state="pass", disputed=False), *held[at + 1 :]]
    after = score(edition, round_, mended)
    for code, leaf in after.leaves.items():
        assert leaf.figures.earned >= before.leaves[code].figures.earned
    rise = after.nodes[""].earned - before.nodes[""].earned
    told = sum(row.gain for row in before.losses if old.id in row.facts)
    assert abs(rise - told) <= Decimal(
        "1e-8"
    )  # the gain printed beside the loss is what comes back


@given(seeds)
def test_points_after_redistribution_add_up(seed: int) -> None:
    """Whatever is redistributed stays in the total, unless nothing is left to take it."""
    edition, _round, _held, rng = city(seed)
    base = [n for n in edition.leaves if n.kind == "base"]
    absent = {n.code for n in base if rng.random() < 0.4}
    worth = allocate(edition, absent)
    dropped = sum(n.points for n in base if n.code in absent and n.na.policy == "drop")
    spread = sum(n.points for n in base if n.code in absent and n.na.policy == "redistribute")
    takers = [n for n in base if n.code not in absent]
    expected = edition.total - dropped - (Decimal(0) if takers else spread)
    assert sum(worth.values()) == expected
    assert all(worth[n.code] >= n.points for n in takers)


@given(seeds)
def test_a_branch_that_does_not_apply_is_not_a_zero(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    inside = [n.code for n in edition.leaves if n.kind == "base" and n.parent == "A"]
    others = [n.code for n in edition.leaves if n.kind == "base" and n.parent != "A"]
    spread = {n.code for n in edition.leaves if n.na.policy == "redistribute"}
    if not inside or not others or not set(inside) <= spread:
        return
    held = [f for f in held if getattr(f, "leaf", "") not in inside]
    marks = [Mark(id=f"m{c}", leaf=c, state="not_applicable") for c in inside]
    nodes = score(edition, round_, [*held, *marks]).nodes
    assert all(nodes[c].possible == 0 for c in inside)
    kept = {c for c in others if score(edition, round_, held).leaves[c].state != "not_applicable"}
    if kept:
        assert sum(nodes[c].possible for c in kept) >= sum(edition.nodes[c].points for c in inside)


@given(seeds)
def test_superseding_and_restoring_restores_the_hash(seed: int) -> None:
    edition, round_, held, rng = city(seed)
    seen = [f for f in held if isinstance(f, Observation)]
    if not seen:
        return
    first = rng.choice(seen)
    other = dataclasses.replace(first, id="new1", supersedes=first.id, state="na")
    back = dataclasses.replace(first, id="new2", supersedes="new1")
    before = score(edition, round_, held).inputs["facts"]
    assert score(edition, round_, [*held, other]).inputs["facts"] != before or first.state == "na"
    assert score(edition, round_, [*held, other, back]).inputs["facts"] == before
    taken = [*held, Withdrawal(id="w", supersedes=first.id)]
    assert facts.in_force(taken) == [f for f in held if f is not first]


@given(seeds)
def test_bonus_within_its_caps_and_veto_last(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    result = score(edition, round_, held)
    steps = {s.key: s for s in result.total.steps}
    assert result.nodes["S1"].bonus <= 3
    if edition.bonus_cap is not None:
        assert steps["bonus"].delta <= edition.bonus_cap
    exact = sum((s.delta for s in result.total.steps), Decimal(0))
    assert abs(exact - result.total.score) <= Decimal("0.005") + Decimal("1e-9")
    happened = any(f.kind == "veto" for f in held)
    rule = edition.nodes["X1"].measures[0].rule
    assert isinstance(rule, Veto)
    if happened and rule.effect == "disqualify":
        assert result.total.status == "disqualified"
        assert result.total.score == 0
    if happened and rule.effect == "cap":
        assert result.total.high <= rule.value


@settings(max_examples=60)
@given(seeds)
def test_standing_equals_the_full_run_byte_for_byte(seed: int) -> None:
    """Facts one after the other, replaced and withdrawn, with results asked for in between."""
    edition, round_, held, rng = city(seed)
    standing = Standing(edition, round_)
    told: list[Fact] = []
    for fact in held:
        batch: list[Fact] = [fact]
        if rng.random() < 0.2 and told:
            old = rng.choice(told)
            if not any(f.supersedes == old.id for f in told) and not isinstance(old, Withdrawal):
                batch.append(
                    dataclasses.replace(old, id=f"{old.id}+", supersedes=old.id)
                    if rng.random() < 0.5
                    else Withdrawal(id=f"w{old.id}", supersedes=old.id)
                )
        touched = standing.add(batch)
        told += batch
        assert touched <= set(edition.nodes)
        if rng.random() < 0.3:
            standing.result()
    assert standing.result().canonical() == score(edition, round_, told).canonical()


@given(seeds)
def test_shares_of_a_measure_add_up_to_what_it_lost(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    for leaf in score(edition, round_, held).leaves.values():
        for _key, outcome in leaf.outcomes:
            if outcome.applies:
                assert sum((p.weight for p in outcome.parts), Fraction(0)) == 1 - outcome.r
                assert 0 <= outcome.low <= outcome.r <= outcome.high <= 1


@given(seeds)
def test_the_plan_takes_every_fact_somewhere(seed: int) -> None:
    edition, round_, held, _rng = city(seed)
    plan = compile_plan(edition, round_)
    taken = {f.id for found in plan.sort(held).values() for f in found}
    assert taken == {f.id for f in held}
