"""The arrays say what the exact engine says."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories_assessment import random_edition, random_facts, random_round
from lifang.assessment.engine import score
from lifang.assessment.engine.board import FAIL, PASS, Board
from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.sampling.predict import Predictor


@settings(deadline=None, max_examples=150)  # the first example imports numpy
@given(st.integers(0, 2**32))
def test_it_works(seed: int) -> None:
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    if any(n.missing == "zero" for n in of.leaves):
        return  # what is not there counts there; the board holds what is there
    held = [f for f in random_facts(rng, of, in_) if f.kind not in ("override", "mark")]
    seen = [f for f in held if isinstance(f, Observation)]
    plan = compile_plan(of, in_)
    result = score(of, in_, held, plan=plan)
    board = Board(plan, seen, Predictor(plan, seen, result).weights(), result)

    assert board.score() == pytest.approx(float(result.nodes[""].earned), abs=1e-7)
    gains = dict(zip(board.ids, board.gains(), strict=True))
    told: dict[str, float] = {}
    for row in result.losses:
        for id_ in row.facts:
            told[id_] = told.get(id_, 0.0) + float(row.gain)
    for fact in seen:
        assert gains[fact.id] == pytest.approx(told.get(fact.id, 0.0), abs=1e-7)

    failed = [i for i, state in enumerate(board.states) if state == FAIL]
    if failed:
        at = rng.choice(failed)
        states = board.states.copy()
        states[at] = PASS
        rise = board.score(states) - board.score()
        assert rise == pytest.approx(gains[board.ids[at]], abs=1e-7)
