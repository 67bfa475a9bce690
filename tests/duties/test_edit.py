"""Rules and pairings are created, changed and closed by those who may, and nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories_duties import make_pairing, make_rule
from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_places import make_region, make_road, make_shop
from factories_standards import make_category
from lifang.core.errors import Forbidden
from lifang.core.models import JournalEntry
from lifang.duties import actions, queries
from lifang.duties.actions import EDITORS
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
API = "/api/v1"
JSON: Any = {"content_type": "application/json"}


@pytest.fixture
def dispatcher() -> Client:
    return client_for(make_user(role=Role.DISPATCHER))


def test_it_works(dispatcher: Client) -> None:
    major = make_category(key="event-a", name="甲")
    make_category(parent=major, key="event-a.b", name="乙")
    make_region(code="990102001", name="甲街道")
    lead, helper = make_unit(name="城管局"), make_unit()
    body = {
        "category": "event-a.b",
        "area": "990102001",
        "lead_unit_id": lead.pk,
        "assisting": [helper.pk, lead.pk],
        "valid_from": "2026-01-01",
    }
    made = dispatcher.post(f"{API}/duty-rules", body, **JSON)
    assert made.status_code == 201
    found = made.json()
    assert (found["number"], found["category_name"], found["slot"]) == (1, "乙", "area")
    assert [u["id"] for u in found["assisting"]] == [helper.pk]
    assert queries.answer_for(category_key="event-a.b", area="990102001").unit_id == lead.pk
    path = f"{API}/duty-rules/{found['id']}"
    changed = dispatcher.put(path, {**body, "category": "event-a"}, **JSON).json()
    assert (changed["category_name"], changed["number"]) == ("甲", 1)
    assert dispatcher.delete(path).status_code == 204
    assert dispatcher.get(path).json()["active"] is False
    assert queries.answer_for(category_key="event-a.b", area="990102001").unit_id is None
    assert [e.verb for e in JournalEntry.objects.filter(room="duties").order_by("id")] == [
        "create",
        "change",
        "close",
    ]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"category": "event-nothing"}, "category"),
        ({"area": "12345"}, "area"),
        ({"road_id": 99}, "road_id"),
        ({"lead_unit_id": 99999}, "lead_unit_id"),
        ({"lead_unit_id": None}, "lead_unit_id"),
        ({"assisting": [99999]}, "assisting"),
        ({"post_id": 99}, "post_id"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    dispatcher: Client, wrong: dict[str, Any], path: str
) -> None:
    body = {"lead_unit_id": make_unit().pk} | wrong
    answer = dispatcher.post(f"{API}/duty-rules", body, **JSON)
    assert answer.status_code == 422
    assert [f["path"] for f in answer.json()["fields"]] == [path]


def test_a_number_is_given_once(dispatcher: Client) -> None:
    make_rule(number=501)
    body = {"number": 501, "lead_unit_id": make_unit().pk}
    assert dispatcher.post(f"{API}/duty-rules", body, **JSON).status_code == 409


@pytest.mark.parametrize("role", list(Role))
def test_only_dispatchers_duty_chiefs_and_system_administrators_edit(role: Role) -> None:
    by = acting_for(make_user(role=role))
    unit = make_unit()
    if role in EDITORS:
        assert actions.create_rule(by=by, lead_unit_id=unit.pk).pk
    else:
        with pytest.raises(Forbidden):
            actions.create_rule(by=by, lead_unit_id=unit.pk)


def test_a_dispatcher_of_an_area_edits_only_there() -> None:
    make_region(code="990102001")
    make_region(code="990102002")
    by = acting_for(make_user(role=Role.DISPATCHER, area="990102001"))
    unit = make_unit()
    mine = actions.create_rule(by=by, lead_unit_id=unit.pk, area="990102001")
    with pytest.raises(Forbidden):
        actions.create_rule(by=by, lead_unit_id=unit.pk, area="990102002")
    with pytest.raises(Forbidden):
        actions.change_rule(by=by, rule_id=mine.pk, lead_unit_id=unit.pk, area="")


def test_everybody_signed_in_reads() -> None:
    rule, pairing = make_rule(), make_pairing()
    client = client_for(make_user(role=Role.COLLECTOR))
    for path in (
        "/duty-rules",
        f"/duty-rules/{rule.pk}",
        "/pairings",
        f"/pairings/{pairing.pk}",
        "/duties/gaps",
        "/duties/overlaps",
        "/duties/answer?category=event-a",
        "/duty-rules/export.xlsx",
        "/pairings/export.xlsx",
    ):
        assert client.get(API + path).status_code == 200, path
        assert Client().get(API + path).status_code == 401, path


def test_a_list_of_many_rules_takes_as_many_statements_as_one_of_few(dispatcher: Client) -> None:
    def count() -> int:
        dispatcher.get(f"{API}/duty-rules")
        with CaptureQueriesContext(connection) as log:
            assert dispatcher.get(f"{API}/duty-rules").status_code == 200
        return len(log)

    road = make_road()
    make_rule(road=road, assisting=(make_unit(),))
    few = count()
    for _ in range(10):
        make_rule(road=road, assisting=(make_unit(), make_unit()))
    assert count() == few


def test_rules_are_filtered_by_what_people_look_for(dispatcher: Client) -> None:
    major = make_category(key="event-a", name="甲")
    make_category(parent=major, key="event-a.b", name="无照游商")
    road = make_road(name="建设大道")
    unit, helper = make_unit(), make_unit()
    a = make_rule(road=road)
    b = make_rule(category="event-a.b", area="990102", lead_unit=unit)
    c = make_rule(assisting=(helper,), number=90417)  # a number that stands in no name

    def ask(**filters: Any) -> list[int]:
        found = dispatcher.get(f"{API}/duty-rules", filters).json()["items"]
        return [r["id"] for r in found]

    assert ask(q="建设") == [a.pk]
    assert ask(q="游商") == [b.pk]
    assert ask(q=str(c.number)) == [c.pk]
    assert ask(category="event") == [b.pk]
    assert ask(area="9901") == [b.pk]
    assert ask(unit=unit.pk) == [b.pk]
    assert ask(unit=helper.pk) == [c.pk]
    assert ask(slot="road") == [a.pk]
    assert ask(slot="everywhere") == [c.pk]


def test_a_pairing_names_what_its_kind_needs(dispatcher: Client) -> None:
    region = make_region(code="990102001", name="甲街道")
    user = make_user()
    made = dispatcher.post(
        f"{API}/pairings",
        {"kind": "leader_area", "region_id": region.pk, "user_id": user.pk, "title": "副区长"},
        **JSON,
    )
    assert made.status_code == 201
    assert (made.json()["area"], made.json()["person_name"]) == ("990102001", user.name)
    for body, path in (
        ({"kind": "leader_area", "person_name": "甲"}, "region_id"),
        ({"kind": "leader_area", "area": "990102001"}, "user_id"),
        ({"kind": "road_chief", "person_name": "甲"}, "road_id"),
        ({"kind": "unit_place", "area": "990102001"}, "unit_id"),
        ({"kind": "shop_front", "person_name": "甲"}, "shop_id"),
        ({"kind": "grid_staff", "person_name": "甲"}, "grid"),
    ):
        answer = dispatcher.post(f"{API}/pairings", body, **JSON)
        assert answer.status_code == 422, body
        assert [f["path"] for f in answer.json()["fields"]] == [path]


def test_a_pairing_is_changed_and_closed(dispatcher: Client) -> None:
    shop = make_shop()
    made = dispatcher.post(
        f"{API}/pairings",
        {"kind": "shop_front", "shop_id": shop.pk, "person_name": "王老板"},
        **JSON,
    ).json()
    path = f"{API}/pairings/{made['id']}"
    body = {"kind": "shop_front", "shop_id": shop.pk, "person_name": "李老板"}
    assert dispatcher.put(path, body, **JSON).json()["person_name"] == "李老板"
    assert dispatcher.delete(path).status_code == 204
    assert dispatcher.get(f"{API}/pairings").json()["items"] == []
