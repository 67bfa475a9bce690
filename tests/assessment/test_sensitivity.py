"""The score under other means."""

from decimal import Decimal

from factories_assessment import counted, edition, example, field_leaf, items, round_of
from lifang.assessment import sensitivity
from lifang.assessment.engine import facts, score
from lifang.rounds import scope
from lifang.standards import editions


def test_it_works() -> None:
    of = editions.read(example("edition"))
    result = score(of, scope.read(example("round")), facts.read(example("facts")))
    found = sensitivity.means(of, result)
    assert found["arithmetic"] == Decimal("63.96")  # the base score
    assert found["geometric"] == found["harmonic"] == 0  # two indicators earned nothing


def test_parks_do_not_pay_for_fire_exits() -> None:
    of = edition(
        [field_leaf("park", "50"), field_leaf("exit", "50")],
        items=[*items("i", leaf="park")],
    )
    held = [*counted(1, 0), facts.Mark(id="m", leaf="exit", state="not_applicable")]
    assert sensitivity.means(of, score(of, round_of("s"), held))["geometric"] == 50
    told = facts.Override(id="o", leaf="exit", points=Decimal("12.5"), reason="r", approver="a")
    found = sensitivity.means(of, score(of, round_of("s"), [*counted(1, 0), told]))
    assert found == {
        "arithmetic": Decimal("62.50"),
        "geometric": Decimal("50.00"),
        "harmonic": Decimal("40.00"),
    }
