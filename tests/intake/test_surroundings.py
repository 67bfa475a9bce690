"""Near cases, classes, places and the map, as anybody may see them."""

from typing import Any

import pytest
from django.test import Client

from factories_cases import LAT, LNG, Town, make_town
from lifang.core import stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def get(path: str, **query: Any) -> Any:
    return Client().get(f"/api/v1/public/{path}", query)


def test_near_works(town: Town) -> None:
    case = town.dispatched(text="门口垃圾，我叫张小明", reporter_phone="13812345678")
    town.dispatched(lng=LNG + 0.01)
    answer = get("near", category=town.category.key, lng=LNG, lat=LAT)
    (row,) = answer.json()
    assert row["number"] == case.number
    assert row["metres"] == 0
    assert row["stage_words"] == "已交处理单位"
    assert "张小明" not in answer.content.decode()


def test_near_leaves_out_what_is_closed_and_other_classes(town: Town) -> None:
    town.closed()
    assert get("near", category=town.category.key, lng=LNG, lat=LAT).json() == []
    town.dispatched()
    assert get("near", category="event-other", lng=LNG, lat=LAT).json() == []


@pytest.mark.parametrize(
    "query", [{}, {"lng": 200, "lat": 0}, {"lng": 113, "lat": 28, "metres": 0}]
)
def test_near_asks_for_a_place(town: Town, query: dict[str, Any]) -> None:
    assert get("near", category="x", **query).status_code == 422


def test_categories_show_public_ones_with_examples(town: Town) -> None:
    town.category.words = "脏 乱 垃圾"
    town.category.save()
    stamps.bump("standards")
    found = get("categories").json()
    leaves = [c for major in found for c in (major["children"] or [major])]
    mine = next(c for c in leaves if c["key"] == town.category.key)
    assert mine["examples"] == ["脏", "乱", "垃圾"]
    town.category.public = False
    town.category.save()
    stamps.bump("standards")
    assert town.category.key not in get("categories").content.decode()


def test_at_names_a_point(town: Town) -> None:
    assert town.region.name in get("at", lng=LNG, lat=LAT).json()["name"]
    assert get("at", lng=0, lat=0).json()["name"] == ""


def test_places_are_found_by_name(town: Town) -> None:
    found = get("places", q=town.region.name).json()
    assert found[0]["name"] == town.region.name
    assert get("places", q="").status_code == 422


def test_the_map_shows_regions_and_roads_only(town: Town) -> None:
    assert get("map/regions").json()["type"] == "FeatureCollection"
    for layer in ("components", "shops", "nothing"):
        assert get(f"map/{layer}").status_code == 404


def test_the_extent_is_the_box_of_the_city(town: Town) -> None:
    box = get("map/extent").json()
    assert box["west"] < LNG < box["east"]
    assert box["south"] < LAT < box["north"]


def test_suggest_offers_classes_for_words(town: Town) -> None:
    answer = Client().post(
        "/api/v1/public/suggest", {"text": "道路不洁，垃圾很多"}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert town.category.key in [s["key"] for s in answer.json()]
