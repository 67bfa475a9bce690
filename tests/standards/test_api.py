"""Routes of the catalogue: who may do what, and what comes back."""

from typing import Any

import pytest
from django.test import Client

from factories_orgs import client_for, make_user
from factories_standards import load_base, make_catalogue, make_category, make_condition
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
API = "/api/v1"
JSON: Any = {"content_type": "application/json"}


@pytest.fixture
def admin() -> Client:
    return client_for(make_user(role=Role.SYSTEM_ADMIN))


CONDITION = {"text": "有", "limit": "4", "unit": "work_hour", "closing": "无"}


def test_it_works(admin: Client) -> None:
    made = admin.post(
        f"{API}/catalogues", {"code": "a", "version": "1", "name": "甲"}, **JSON
    ).json()
    major = admin.post(
        f"{API}/categories",
        {"catalogue_id": made["id"], "kind": "event", "code": "1", "key": "event-a", "name": "甲"},
        **JSON,
    ).json()
    minor = admin.post(
        f"{API}/categories",
        {"catalogue_id": made["id"], "parent_id": major["id"], "kind": "event", "code": "1",
         "key": "event-a.b", "name": "乙"},
        **JSON,
    ).json()  # fmt: skip
    assert minor["code"] == "0101"
    condition = admin.post(f"{API}/conditions", {"category_id": minor["id"], **CONDITION}, **JSON)
    assert condition.status_code == 201
    changed = admin.put(
        f"{API}/conditions/{condition.json()['id']}", {**CONDITION, "limit": 2}, **JSON
    )
    assert changed.json()["limit"] in ("2.00", 2)
    assert admin.get(f"{API}/catalogues/{made['id']}/faults").json() == []
    assert admin.put(f"{API}/catalogues/{made['id']}/publish").json()["sha256"]
    assert admin.put(f"{API}/catalogues/{made['id']}/put-in-force").json()["in_force"]
    assert admin.get(f"{API}/catalogues").json()["items"][0]["categories_count"] == 2


def test_everybody_signed_in_reads() -> None:
    c = make_category()
    x = make_condition(category=c)
    client = client_for(make_user(role=Role.COLLECTOR))
    for path in (
        "/catalogues",
        f"/catalogues/{c.catalogue_id}",
        f"/catalogues/{c.catalogue_id}/tree",
        f"/catalogues/{c.catalogue_id}/faults",
        "/categories",
        f"/categories/{c.pk}",
        "/conditions",
        f"/conditions/{x.pk}",
    ):
        assert client.get(API + path).status_code == 200, path
        assert Client().get(API + path).status_code == 401, path


def test_what_is_not_there_is_404_with_a_message(admin: Client) -> None:
    for path in ("/catalogues/9", "/catalogues/9/tree", "/categories/9", "/conditions/9"):
        answer = admin.get(API + path)
        assert answer.status_code == 404
        assert answer.json()["message"]


def test_a_drafts_class_can_be_removed(admin: Client) -> None:
    c = make_category(catalogue=make_catalogue(in_force=False))
    assert admin.delete(f"{API}/categories/{c.pk}").status_code == 204
    assert admin.delete(f"{API}/catalogues/{c.catalogue_id}").status_code == 204


def test_classes_are_found_by_words_and_by_leading_key(admin: Client) -> None:
    load_base()
    found = admin.get(f"{API}/categories", {"q": "井盖 松动"}).json()["items"]
    assert "component-public.unknown-cover" in [c["key"] for c in found]
    found = admin.get(f"{API}/categories", {"key": "event-street", "limit": 200}).json()["items"]
    assert all(c["key"].startswith("event-street") for c in found)


def test_pages_go_through_all_classes(admin: Client) -> None:
    load_base()
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = admin.get(f"{API}/categories", {"limit": 100, "cursor": cursor}).json()
        seen += [c["key"] for c in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 265


def test_the_sheet_comes_with_a_name(admin: Client) -> None:
    base = load_base()
    answer = admin.get(f"{API}/catalogues/{base.pk}/export.xlsx")
    assert answer.content[:2] == b"PK"
    assert "xlsx" in answer["Content-Disposition"]


def test_a_bad_key_names_the_field(admin: Client) -> None:
    draft = make_catalogue(in_force=False)
    answer = admin.post(
        f"{API}/categories",
        {"catalogue_id": draft.pk, "kind": "event", "code": "1", "key": "Event A", "name": "甲"},
        **JSON,
    )
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["path"] == "key"
