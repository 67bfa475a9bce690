"""The floating rules of the simulations are the exact ones."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories_assessment import random_edition
from lifang.assessment.engine import quick
from lifang.assessment.engine.measures import field
from lifang.standards.editions.kinds import AllOrNothing, Deduct, LinearClamp, Step

_rows = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3)), max_size=8)


@given(st.integers(0, 2**32), _rows, st.sampled_from([1, 2, 10]))
def test_it_works(seed: int, raw: list[tuple[int, int, int]], scale: int) -> None:
    rows = [(p, f, f + extra if f else 0) for p, f, extra in raw]
    for leaf in random_edition(Random(seed)).leaves:
        for measure in leaf.measures:
            rule = measure.rule
            if measure.method != "field" or not isinstance(
                rule, Step | LinearClamp | Deduct | AllOrNothing
            ):
                continue
            mine = quick.compiled(rule, scale)(rows)
            if not any(p + f for p, f, _c in rows):
                assert mine is None
            else:
                assert mine == pytest.approx(float(field.value(rule, rows, scale)[0]), abs=1e-12)
