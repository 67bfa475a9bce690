"""The tree: fast, complete, and sent again only when it changed."""

from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories_orgs import client_for, make_user
from factories_standards import load_base, make_category, make_condition
from lifang.core import stamps
from lifang.orgs.choices import Role
from lifang.standards import queries

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    load_base()
    client = client_for(make_user(role=Role.HANDLER))
    answer = client.get("/api/v1/catalogues/in-force/tree")
    assert answer.status_code == 200
    kinds = [c["kind"] for c in answer.json()["categories"]]
    assert kinds == ["component"] * 5 + ["event"] * 6 + ["matter"] * 15
    event = next(c for c in answer.json()["categories"] if c["key"] == "event-street")
    assert event["children"][0]["conditions"][0]["limit_text"] == "2 紧急工作时"


def test_it_takes_two_statements_cold_and_one_warm() -> None:
    base = load_base()
    for read in (queries.in_force, lambda: queries.tree(base.pk)):
        stamps.forget()
        with CaptureQueriesContext(
            connection,
        ) as cold:
            read()
        assert len(cold) <= 2
        with CaptureQueriesContext(connection) as warm:
            read()
        assert len(warm) <= 1


def test_warm_it_takes_less_than_two_milliseconds() -> None:
    load_base()
    len(queries.in_force().json)
    start = process_time()
    for _ in range(20):
        len(queries.in_force().json)
    assert (process_time() - start) / 20 < 0.002


def test_an_unchanged_tree_is_not_sent_again() -> None:
    c = make_category()
    make_condition(category=c)
    client = client_for(make_user(role=Role.HANDLER))
    first = client.get("/api/v1/catalogues/in-force/tree")
    same = client.get("/api/v1/catalogues/in-force/tree", headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    make_condition(category=c)
    other = client.get("/api/v1/catalogues/in-force/tree", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_without_a_version_in_force_the_tree_is_empty() -> None:
    assert queries.in_force().leaves == ()
    client = client_for(make_user(role=Role.HANDLER))
    assert client.get("/api/v1/catalogues/in-force/tree").json()["categories"] == []


def test_citizens_see_public_active_classes_without_limits() -> None:
    major = make_category(key="event-a", name="甲")
    make_category(parent=major, key="event-a.b", name="乙")
    make_category(parent=major, key="event-a.c", public=False)
    make_category(parent=major, key="event-a.d", active=False)
    (found,) = queries.public_tree()
    assert [c["key"] for c in found["children"]] == ["event-a.b"]
    assert "conditions" not in found


def test_leaves_are_active_classes_under_active_majors() -> None:
    major = make_category(key="event-a")
    make_category(parent=major, key="event-a.b")
    off = make_category(key="event-c", active=False)
    make_category(parent=off, key="event-c.d")
    assert [c.key for c in queries.in_force().leaves] == ["event-a.b"]
