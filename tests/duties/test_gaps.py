"""What nobody answers for, and what two answer for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories_duties import make_rule
from factories_orgs import client_for, make_user
from factories_places import make_region
from factories_standards import load_base, make_category
from lifang.core import stamps
from lifang.duties import queries
from lifang.orgs.choices import Role
from lifang.places.models import Region, RegionLevel

pytestmark = pytest.mark.django_db
API = "/api/v1/duties"


def _town(streets: int = 2) -> Region:
    district = make_region(code="990102", name="区", level=RegionLevel.DISTRICT, geometry=None)
    for n in range(1, streets + 1):
        street = make_region(
            code=f"990102{n:03}", name=f"街道{n}", level=RegionLevel.STREET, parent=district,
            geometry=None,
        )  # fmt: skip
        for m in range(1, 11):
            make_region(
                code=f"{street.code}{m:03}", name=f"社区{n}-{m}", level=RegionLevel.COMMUNITY,
                parent=street, geometry=None,
            )  # fmt: skip
    return district


def test_it_works() -> None:
    _town()
    major = make_category(key="event-a", name="甲")
    make_category(parent=major, key="event-a.b", name="乙")
    make_rule(category="event-a", area="990102001")
    client = client_for(make_user(role=Role.DISPATCHER))
    (found,) = client.get(f"{API}/gaps").json()["items"]
    assert (found["key"], found["path"], found["everywhere"]) == ("event-a.b", "甲", False)
    assert found["areas"] == [{"code": "990102002", "name": "街道2"}]
    assert client.get(f"{API}/gaps", {"area": "990102001"}).json()["items"] == []


def test_a_category_of_nobody_anywhere_is_one_row() -> None:
    _town()
    make_category(key="event-a", name="甲")
    (found,) = queries.gaps()
    assert found.everywhere
    assert found.areas == [{"code": "990102", "name": "区"}]


def test_a_whole_catalogue_over_130_communities_costs_no_statement_a_category() -> None:
    _town(streets=13)
    load_base()
    for n in range(1, 14):
        make_rule(category="event-street.hawkers", area=f"990102{n:03}001")
    queries.gaps()
    stamps.begin()
    try:
        with CaptureQueriesContext(connection) as log:
            found = queries.gaps()
    finally:
        stamps.end()
    assert len(log) <= 1
    hawkers = next(g for g in found if g.key == "event-street.hawkers")
    assert len(hawkers.areas) == 13 * 9
    adverts = next(g for g in found if g.key == "event-advert")
    assert (adverts.everywhere, adverts.minors, adverts.path) == (True, 8, "")
    assert next(g for g in found if g.kind == "component").owner_answers


def test_gaps_come_in_pages() -> None:
    _town()
    load_base()
    client = client_for(make_user(role=Role.DISPATCHER))
    first = client.get(f"{API}/gaps", {"kind": "event", "limit": 4}).json()
    second = client.get(
        f"{API}/gaps", {"kind": "event", "limit": 4, "cursor": first["next"]}
    ).json()
    assert len(first["items"]) + len(second["items"]) == 6
    assert second["next"] is None


def test_two_that_answer_for_one_matter_are_shown_side_by_side() -> None:
    a = make_rule(area="990102")
    b = make_rule(area="990102")
    make_rule(area="990103")
    client = client_for(make_user(role=Role.DISPATCHER))
    (found,) = client.get(f"{API}/overlaps").json()["items"]
    assert (found["first"]["id"], found["second"]["id"]) == (a.pk, b.pk)


def test_a_major_stands_for_its_minors_only_where_all_lack_the_same() -> None:
    _town()
    major = make_category(key="event-a", name="甲")
    for key in ("b", "c"):
        make_category(parent=major, key=f"event-a.{key}", name=key)
    (found,) = queries.gaps()
    assert (found.key, found.minors) == ("event-a", 2)
    make_rule(category="event-a.b")
    (found,) = queries.gaps()
    assert (found.key, found.minors, found.path) == ("event-a.c", 0, "甲")
