"""An open case at a place of the round costs points; closing it gives them back."""

from typing import Any

import pytest
from django.utils import timezone

import factories_cases
from factories_assessment import example
from factories_places import make_road
from factories_rounds import make_edition
from factories_score import enter_all, evaluator, example_round
from lifang.assessment import actions, queries
from lifang.assessment.queries import worth
from lifang.cases.models import Case
from lifang.rounds.models import Round, RoundPlace

pytestmark = pytest.mark.django_db


def city(category: str) -> Round:
    """The example round, in which a case of the class is a fault of every item."""
    round_ = example_round()
    document = example("edition")
    for item in document["items"]:
        item["categories"] = [category]
    round_.edition = make_edition(document)
    round_.save()
    enter_all(round_, evaluator())
    actions.work_out(by=evaluator(), round_id=round_.pk)
    return round_


def case_at(round_: Round, town: Any) -> Case:
    case: Case = town.dispatched()
    place = RoundPlace.objects.filter(round=round_, type="road").select_related("site")[0]
    Case.objects.filter(pk=case.pk).update(site=place.site, road=None)
    return case


def forget() -> None:
    """The frame is kept by its hash, which these tests do not change."""
    worth._standing.cache_clear()


def test_it_works() -> None:
    town = factories_cases.make_town()
    round_ = city(town.dispatched().category.key)
    case = case_at(round_, town)
    found = queries.of_case(evaluator(), case.pk)
    assert found["points"] > 0
    assert found["rounds"][0]["round_id"] == round_.pk
    leaf = found["rounds"][0]["leaves"][0]["leaf"]
    board = queries.board(evaluator(), round_.pk)
    node = next(n for n in board["nodes"] if n["code"] == leaf)
    assert node["open_cases"]["cases"] == 1
    assert node["open_cases"]["points"] <= float(node["points"])


def test_closing_takes_it_back() -> None:
    town = factories_cases.make_town()
    round_ = city(town.dispatched().category.key)
    case = case_at(round_, town)
    assert queries.of_case(evaluator(), case.pk)["points"] > 0
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=timezone.now())
    assert queries.of_case(evaluator(), case.pk) == {"points": 0, "rounds": []}
    board = queries.board(evaluator(), round_.pk)
    assert not any(n["open_cases"] for n in board["nodes"])


def test_a_case_on_a_road_is_one_of_the_road() -> None:
    town = factories_cases.make_town()
    round_ = city(town.dispatched().category.key)
    case = case_at(round_, town)
    place = RoundPlace.objects.filter(round=round_, type="road").select_related("site__type")[0]
    road = make_road()
    place.site.road = road
    place.site.save()
    Case.objects.filter(pk=case.pk).update(site=None, road=road)
    forget()
    assert queries.of_case(evaluator(), case.pk)["points"] == 0
    place.site.type.is_road = True
    place.site.type.save()
    forget()
    assert queries.of_case(evaluator(), case.pk)["points"] > 0


def test_what_no_indicator_asks_is_worth_nothing() -> None:
    town = factories_cases.make_town()
    round_ = city("event-of-another-kind")
    case = case_at(round_, town)
    assert queries.of_case(evaluator(), case.pk) == {"points": 0, "rounds": []}


def test_the_dearest_cases_of_an_indicator_come_first() -> None:
    town = factories_cases.make_town()
    round_ = city(town.dispatched().category.key)
    case = case_at(round_, town)
    leaf = queries.of_case(evaluator(), case.pk)["rounds"][0]["leaves"][0]["leaf"]
    rows = queries.cases_of_leaf(evaluator(), round_, leaf)
    assert rows[0]["id"] == case.pk
    assert [r["points"] for r in rows] == sorted((r["points"] for r in rows), reverse=True)
