"""Names and aliases are found by beginning, part and likeness."""

import pytest

from factories_places import make_place_name, make_region, make_road, make_shop, make_site
from lifang.orgs.acting import SYSTEM
from lifang.places import actions, queries

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    road = make_road(name="书院路")
    make_road(name="芙蓉路")
    (hit,) = queries.search("书院")
    assert (hit.kind, hit.id, hit.name) == ("road", road.id, "书院路")
    assert hit.lng and hit.lat


def test_the_exact_name_comes_first_then_the_beginning() -> None:
    make_site(name="河西农贸市场")
    make_site(name="新河西市场")
    make_site(name="河西")
    names = [h.name for h in queries.search("河西")]
    assert names == ["河西", "河西农贸市场", "新河西市场"]


def test_an_alias_says_which_place_it_means() -> None:
    region = make_region(name="城南街道")
    make_place_name("A3区", region=region)
    hit = queries.search("ａ3 区")[0]
    assert (hit.name, hit.matched) == ("城南街道", "A3区")


def test_a_slip_still_finds() -> None:
    make_site(name="梧桐花园小区")
    assert queries.search("梧桐花苑小区")[0].name == "梧桐花园小区"
    assert not queries.search("完全无关")


def test_shops_are_found_too() -> None:
    shop = make_shop(name="老王烧烤店")
    row = actions.as_row(actions.kind_of("shop"), shop)
    actions.change(by=SYSTEM, kind="shop", id=shop.id, row=row)
    assert queries.search("烧烤")[0].kind == "shop"
    actions.retire(by=SYSTEM, kind="shop", id=shop.id)
    assert not queries.search("烧烤")


def test_only_the_kinds_asked_for() -> None:
    make_road(name="书院路")
    make_site(name="书院小区")
    assert [h.kind for h in queries.search("书院", kinds=["site"])] == ["site"]


@pytest.mark.parametrize("odd", ["", " ", "%", "'", "\x00", "（", "a" * 5000, "一"])
def test_any_query_is_answered(odd: str) -> None:
    make_road(name="一环路")
    queries.search(odd)


def test_a_warm_search_takes_few_statements(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    make_road(name="书院路")
    make_site(name="书院小区")
    queries.search("书院")
    with django_assert_max_num_queries(6):
        queries.search("书院")
