"""The routes of places: lists, trees, map layers with ETag; everybody reads, administrators edit."""

from typing import Any

import orjson
import pytest
from django.test import Client

from factories_orgs import client_for, make_user
from factories_places import at, make_cell, make_region, make_road, make_shop, make_site, square
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def admin() -> Client:
    return client_for(make_user(role=Role.SYSTEM_ADMIN))


@pytest.fixture
def reader() -> Client:
    return client_for(make_user(role=Role.HANDLER))


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    call = getattr(client, method)
    return call(f"{API}{path}", data=orjson.dumps(body), content_type="application/json")


def test_it_works(reader: Client) -> None:
    cell = make_cell()
    lng, lat = at(50, 50)
    got = reader.get(f"{API}/places/at", {"lng": lng, "lat": lat}).json()
    assert got["cell"]["code"] == cell.code
    assert got["area"] == cell.region.code


def test_a_point_off_the_earth_is_told(reader: Client) -> None:
    for odd in ("inf", "nan", "1e308", "200"):
        assert reader.get(f"{API}/places/at", {"lng": odd, "lat": 28.2}).status_code == 422


def test_nobody_reads_without_signing_in(client: Client) -> None:
    for path in (
        "/regions",
        "/places/at?lng=1&lat=1",
        "/places/geojson/cells",
        "/places/code-templates",
    ):
        assert client.get(f"{API}{path}").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/regions",
        "/cells",
        "/roads",
        "/site-types",
        "/sites",
        "/shops",
        "/components",
        "/place-names",
    ],
)
def test_every_list_has_the_page_shape(reader: Client, path: str) -> None:
    make_site()
    make_shop()
    make_cell()
    make_road()
    got = reader.get(f"{API}{path}", {"limit": 1})
    assert got.status_code == 200
    assert set(got.json()) == {"items", "next"}


def test_a_list_is_few_statements_however_long(
    reader: Client, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    region = make_region()
    for _n in range(30):
        make_site(region=region)
    reader.get(f"{API}/sites")
    with django_assert_max_num_queries(6):
        got = reader.get(f"{API}/sites", {"limit": 200}).json()
    assert len(got["items"]) == 30


def test_pages_follow_one_another(reader: Client) -> None:
    region = make_region()
    codes = sorted(make_site(region=region).code for _n in range(5))
    seen, cursor = [], ""
    while cursor is not None:
        got = reader.get(f"{API}/sites", {"limit": 2, "cursor": cursor}).json()
        seen += [s["code"] for s in got["items"]]
        cursor = got["next"]
    assert seen == codes


def test_lists_filter(reader: Client) -> None:
    one, other = make_site(name="书院小区"), make_site(name="河西市场")

    def names(**q: str) -> list[str]:
        return [s["name"] for s in reader.get(f"{API}/sites", q).json()["items"]]

    assert names(q="书院") == ["书院小区"]
    assert names(type=other.type.code) == ["河西市场"]
    assert names(region=one.region.code) == ["书院小区"]
    assert reader.get(f"{API}/regions", {"level": "9"}).status_code == 422


def test_an_administrator_adds_changes_retires_and_restores(admin: Client) -> None:
    made = send(admin, "post", "/roads", {"code": "R1", "name": "书院路", "level": "main"})
    assert made.status_code == 201
    path = f"/roads/{made.json()['id']}"
    body = {"code": "R1", "name": "书院大道", "level": "main"}
    assert send(admin, "put", path, body).json()["name"] == "书院大道"
    assert send(admin, "delete", path).json()["active"] is False
    assert admin.get(f"{API}/roads").json()["items"] == []
    assert send(admin, "put", f"{path}/restore").json()["active"] is True
    assert send(admin, "put", "/roads/999999", body).status_code == 404


def test_a_reader_may_not_edit(reader: Client) -> None:
    road = make_road()
    body = {"code": "R9", "name": "路", "level": "main"}
    for method, path in (
        ("post", "/roads"),
        ("put", f"/roads/{road.id}"),
        ("delete", f"/roads/{road.id}"),
    ):
        got = send(reader, method, path, body)
        assert got.status_code == 403
        assert got.json()["code"] == "places.forbidden"


def test_errors_have_the_one_shape_with_the_field(admin: Client) -> None:
    got = send(admin, "post", "/roads", {"code": "R1", "name": "路", "level": "highway"})
    assert got.status_code == 422
    assert got.json()["fields"][0]["path"] == "level"
    assert "主干道" in got.json()["fields"][0]["message"]


def test_the_tree_is_nested_and_one_statement_beside_signing_in(reader: Client) -> None:
    above = make_region(code="990102", level=2)
    make_cell(region=make_region(parent=above))
    tree = reader.get(f"{API}/regions/tree").json()
    assert tree[0]["code"] == "990102"
    assert tree[0]["children"][0]["cells"] == 1


def test_a_layer_is_cut_by_the_box_and_answers_304(reader: Client) -> None:
    region = make_region()
    make_cell(region=region, code="IN", geometry=square(0, 0, 100))
    make_cell(region=region, code="OUT", geometry=square(800, 800, 100))
    (w, s), (e, n) = at(-50, -50), at(300, 300)
    path = f"{API}/places/geojson/cells?bbox={w},{s},{e},{n}"
    got = reader.get(path)
    assert [f["properties"]["code"] for f in got.json()["features"]] == ["IN"]
    assert reader.get(path, headers={"If-None-Match": got["ETag"]}).status_code == 304
    make_cell(region=region, code="NEW", geometry=square(100, 100, 100))
    assert reader.get(path, headers={"If-None-Match": got["ETag"]}).status_code == 200


@pytest.mark.parametrize("layer", ["regions", "cells", "roads", "sites", "shops", "components"])
def test_every_layer_answers(reader: Client, layer: str) -> None:
    make_site()
    make_cell()
    make_road()
    got = reader.get(f"{API}/places/geojson/{layer}")
    assert got.status_code == 200
    assert got.json()["type"] == "FeatureCollection"


def test_a_bad_box_or_layer_is_told(reader: Client) -> None:
    assert reader.get(f"{API}/places/geojson/cells?bbox=1,2,3").status_code == 422
    assert reader.get(f"{API}/places/geojson/cells?bbox=nan,2,3,4").status_code == 422
    assert reader.get(f"{API}/places/geojson/nothing").status_code == 404


def test_a_shop_owners_telephone_is_masked_for_those_who_need_it_not(admin: Client) -> None:
    shop = make_shop(owner_phone="13800000000")
    leader = client_for(make_user(role=Role.LEADER))
    assert leader.get(f"{API}/shops/{shop.id}").json()["owner_phone"] == "138****00"
    assert leader.get(f"{API}/shops").json()["items"][0]["owner_phone"] == "138****00"
    assert admin.get(f"{API}/shops/{shop.id}").json()["owner_phone"] == "13800000000"


def test_a_grid_is_previewed_then_made(admin: Client) -> None:
    assert (
        send(
            admin, "put", "/places/code-templates/cell", {"template": "{region}{serial:3}"}
        ).status_code
        == 200
    )
    region = make_region(geometry=square(side=200))
    assert len(admin.get(f"{API}/cells/grid", {"region": region.id}).json()) == 4
    made = send(admin, "post", "/cells/grid", {"region": region.id})
    assert (made.status_code, made.json()) == (201, {"cells": 4})
    assert send(admin, "post", "/cells/grid", {"region": region.id}).status_code == 409


def test_code_templates_are_shown_in_words_and_checked(admin: Client) -> None:
    got = send(
        admin, "put", "/places/code-templates/cell", {"template": "{region}{serial:3}"}
    ).json()
    assert got["form"] == "区划编码 + 3 位流水号"
    assert send(admin, "put", "/places/code-templates/cell", {"template": "{x}"}).status_code == 422
    assert (
        send(admin, "put", "/places/code-templates/nothing", {"template": "{text}"}).status_code
        == 404
    )


def test_other_names_by_api(admin: Client) -> None:
    region = make_region(name="城南街道")
    body = {"name": "A3区", "kind": "region", "code": region.code}
    made = send(admin, "post", "/place-names", body)
    assert made.json()["target"]["name"] == "城南街道"
    assert admin.get(f"{API}/places/search", {"q": "A3区"}).json()[0]["id"] == region.id
    assert admin.get(f"{API}/place-names", {"q": "城南"}).json()["items"][0]["name"] == "A3区"
    assert send(admin, "delete", f"/place-names/{made.json()['id']}").status_code == 200
