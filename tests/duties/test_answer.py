"""The answer from the database: few statements, in words, also after a reorganisation."""

import datetime as dt
from time import process_time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_duties import make_pairing, make_rule
from factories_orgs import client_for, make_unit, make_user
from factories_places import at, make_cell, make_component, make_region, make_road, make_site
from factories_standards import make_category
from lifang.core import stamps
from lifang.duties import queries
from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule
from lifang.orgs.choices import ChangeKind, Role
from lifang.orgs.models import Post, UnitChange, User, UserSession
from lifang.orgs.tree import changed

pytestmark = pytest.mark.django_db
API = "/api/v1/duties/answer"


def _client() -> Client:
    return client_for(make_user(role=Role.COLLECTOR))


def test_it_works() -> None:
    major = make_category(key="event-a", name="甲")
    make_category(parent=major, key="event-a.b", name="无照游商")
    road = make_road(name="建设大道")
    unit = make_unit(name="城管局")
    rule = make_rule(road=road, lead_unit=unit, number=17)
    found = queries.answer_for(category_key="event-a.b", area="99", road_id=road.pk)
    assert (found.unit_id, found.rule_id) == (unit.pk, rule.pk)
    assert found.reason == "路权单位：建设大道，无照游商 由城管局负责（规则 17）"
    assert found.as_json()["rule"] == 17


def test_warm_in_a_request_it_takes_two_statements() -> None:
    unit = make_unit(code="W1")
    part = make_component(owner_code="W1")
    make_rule(grid="G1")
    ask: dict[str, Any] = {"category_key": "component-a.b", "area": "99", "component_id": part.pk}
    queries.answer_for(**ask)
    stamps.begin()
    try:
        with CaptureQueriesContext(connection) as log:
            found = queries.answer_for(**ask)
    finally:
        stamps.end()
    assert (found.by, found.unit_id) == ("owner", unit.pk)
    assert len(log) <= 2


def test_with_2000_rules_it_takes_less_than_two_milliseconds_of_cpu() -> None:
    unit = make_unit()
    DutyRule.objects.bulk_create(
        [
            DutyRule(
                number=10_000 + n, category=f"event-m{n % 9}", area=f"99{n:04}", lead_unit=unit
            )
            for n in range(2000)
        ]
    )
    stamps.bump("duties")
    queries.answer_for(category_key="event-m3.x", area="990003")
    stamps.begin()
    try:
        start = process_time()
        for _ in range(50):
            found = queries.answer_for(category_key="event-m3.x", area="990003")
        spent = (process_time() - start) / 50
    finally:
        stamps.end()
    assert found.unit_id == unit.pk
    assert spent < 0.002


def test_a_responsibility_grid_is_found_by_the_cell() -> None:
    cell = make_cell(grid="G7")
    rule = make_rule(grid="G7")
    found = queries.answer_for(category_key="event-a.b", area="99", grid_cell_id=cell.pk)
    assert found.rule_id == rule.pk


def test_assisting_units_and_post_come_with_the_rule() -> None:
    lead, helper = make_unit(), make_unit(name="协办局")
    post = Post.objects.create(unit=lead, title="市容科科长")
    make_rule(lead_unit=lead, assisting=(helper,), post=post)
    found = queries.answer_for(category_key="event-a.b")
    assert (found.post, found.assisting_names) == ("市容科科长", ("协办局",))


def test_a_merged_units_work_goes_to_its_heir() -> None:
    old, new = make_unit(), make_unit()
    make_rule(lead_unit=old, number=5)
    change = UnitChange.objects.create(kind=ChangeKind.MERGE, date=dt.date(2026, 1, 1))
    change.sources.add(old)
    change.targets.add(new)
    old.active = False
    old.save()
    changed()
    assert queries.answer_for(category_key="event-a.b").unit_id == new.pk


def test_a_closed_unit_without_one_heir_is_nobody_and_the_reason_says_so() -> None:
    old = make_unit(name="旧局", active=False)
    make_rule(lead_unit=old, number=5)
    found = queries.answer_for(category_key="event-a.b")
    assert (found.by, found.unit_id) == ("nobody", None)
    assert "旧局" in found.reason
    assert "规则 5" in found.reason


def test_other_units_that_rules_name_here_are_told() -> None:
    make_rule(number=2)
    street = make_rule(number=1, area="99")
    found = queries.answer_for(category_key="event-a.b", area="9901")
    assert found.rule_id == street.pk
    assert [o.rule for o in found.others] == [2]


def test_the_try_it_box_understands_a_point_and_shows_who_is_paired() -> None:
    region = make_region(code="990102001", name="甲街道")
    rule = make_rule(area="990102001")
    leader = make_pairing(area="990102001", person_name="张区长", region=region)
    make_pairing(area="990102002")
    lng, lat = at(500, 500)
    found = (
        _client().get(API, {"category": "event-a.b", "lng": lng, "lat": lat, "people": 1}).json()
    )
    assert found["answer"]["rule_id"] == rule.pk
    assert (found["area"], found["area_name"]) == ("990102001", "甲街道")
    assert [p["id"] for p in found["pairings"]] == [leader.pk]


def test_an_answer_is_two_statements(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    make_rule(area="990102001")
    client, (lng, lat) = _client(), at(500, 500)
    query: dict[str, Any] = {"category": "event-a.b", "lng": lng, "lat": lat}
    person, key = User.objects.get(pk=client.session["_auth_user_id"]), client.session.session_key
    UserSession.objects.create(user=person, key=key or "", seen_at=timezone.now())
    client.get(API, query)  # fills the caches of this process
    with django_assert_num_queries(2):  # the session with its person, the stamps
        client.get(API, query)


def test_the_try_it_box_takes_a_site() -> None:
    site = make_site()
    rule = make_rule(site=site)
    paired = make_pairing(kind=PairingKind.UNIT_PLACE, site=site, area="", unit=make_unit())
    found = _client().get(API, {"category": "event-a.b", "site": site.pk, "people": 1}).json()
    assert (found["answer"]["rule_id"], found["place"]) == (rule.pk, site.name)
    assert [p["id"] for p in found["pairings"]] == [paired.pk]


def test_half_a_point_and_unknown_places_are_refused() -> None:
    client = _client()
    assert client.get(API, {"category": "event-a.b", "lng": 113}).status_code == 422
    assert client.get(API, {"category": "event-a.b", "site": 9}).status_code == 404
    assert client.get(API).status_code == 422
