"""What was seen in the field is offered where a document is asked, so that nobody types it again."""

import pytest

import factories_cases
from factories_orgs import acting_for, make_user
from factories_score import SEEN, enter_all, evaluator, example_round
from factories_score import grade as reviewed
from lifang.inspections import actions as inspections
from lifang.inspections.rules import Line
from lifang.materials.models import Filing
from lifang.materials.proposals import offers
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    round_ = example_round()
    enter_all(round_, evaluator())
    photo = factories_cases.make_file()
    line = Line("road-1", "litter", "fail", SEEN, form="again", photos=(photo.sha256,))
    inspections.record(by=evaluator(), round_id=round_.pk, lines=[line])
    unit = Unit.objects.get(code="东街道")
    filing = reviewed(round_, {"leaf": "2-1", "grade": "A", "slot": "方案"}).filing
    Filing.objects.filter(pk=filing.pk).update(unit=unit)
    filing.refresh_from_db()
    handler = acting_for(make_user(role=Role.HANDLER, unit=unit))
    found = {s.key: rows for s, rows in offers(handler, filing)}["inspections"]
    one = next(o for o in found if o.key == "road-1")
    assert one.pictures[0][1] == photo.pk
    assert len(one.cells) == 6 and one.on == SEEN.date()


def test_other_units_places_are_not_offered() -> None:
    round_ = example_round()
    enter_all(round_, evaluator())
    stranger = make_user(role=Role.HANDLER)
    filing = reviewed(round_, {"leaf": "2-1", "grade": "A", "slot": "方案"}).filing
    Filing.objects.filter(pk=filing.pk).update(unit=stranger.unit)
    filing.refresh_from_db()
    assert "inspections" not in {s.key for s, _rows in offers(acting_for(stranger), filing)}
