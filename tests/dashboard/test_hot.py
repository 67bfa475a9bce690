"""What is hot now: clusters by matter and place, growth with its interval, the joint case."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories_cases import make_report, make_town
from factories_orgs import acting_for, client_for, make_user
from factories_places import make_region, make_road, make_site
from lifang.cases import actions
from lifang.core import stamps
from lifang.core.errors import Forbidden
from lifang.dashboard import hot
from lifang.dashboard.growth import growth
from lifang.dashboard.growth import hot as is_hot
from lifang.dashboard.hot import ClusterAsked, HotAsked
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.orgs.models import User

from .histories import HOUR, case, category, load, unit

NOW = dt.datetime(2024, 12, 10, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def told(n: int, *, days_ago: float = 0.5, **more: Any) -> list[dict[str, Any]]:
    """``n`` reports, minutes apart."""
    at = NOW - days_ago * DAY
    return [case(**{"reported_at": at + i * HOUR / 60, **more}) for i in range(n)]


def found(**asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = hot.clusters(SYSTEM, HotAsked(**asked), now=NOW)["clusters"]
    return rows


@pytest.mark.django_db
def test_it_works() -> None:
    rubbish, site = category("event-appearance.rubbish"), make_site(name="金穗花园")
    lead = unit(name="城管局")
    mine = {"category_id": rubbish.pk, "site_id": site.pk}
    load(
        [
            *told(9, **mine, lead_unit_id=lead.pk),
            *told(3, days_ago=4, **mine),
            *told(2, category_id=category("event-street.lamp").pk),
        ]
    )
    [row] = found()
    assert (row["level"], row["name"], row["category"]) == ("site", "金穗花园", "rubbish")
    assert (row["n"], row["before"], row["usual"]) == (9, 3, 0.5)
    assert row["ratio"] == 18.0
    assert 1 < row["low"] < 18 < row["high"]
    assert row["first"] == NOW - DAY / 2
    assert row["units"] == [{"name": "城管局", "n": 9}]
    assert row["filter"] == {
        "category": rubbish.key, "site": str(site.pk), "reported_from": "2024-12-09",
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("now", "before"), [(2, 1), (4, 0), (3, 6), (20, 100), (1, 0)])
def test_chance_is_not_hot(now: int, before: int) -> None:
    one = category("event-appearance.rubbish").pk
    load([*told(now, category_id=one), *told(before, days_ago=3, category_id=one)])
    assert found() == []


@pytest.mark.django_db
def test_a_storm_is_one_finding_of_the_city_and_a_street_in_it_only_if_it_stands_out() -> None:
    water = category("event-street.water").pk
    places = [f"99010{n}00100{m}" for n in range(1, 5) for m in range(1, 4)]
    load([r for area in places for r in told(2, category_id=water, area=area)])
    [row] = found()
    assert (row["level"], row["n"], row["name"]) == ("city", 24, "全市")
    load(told(30, category_id=water, area=places[0]))
    levels = {r["level"]: r["n"] for r in found()}
    assert levels == {"community": 32, "city": 54}


@pytest.mark.django_db
def test_the_narrowest_place_tells_it_and_the_wider_ones_are_silent() -> None:
    region = make_region(code="990102001001")
    road = make_road(name="书院路", region=region)
    site = make_site(name="金穗花园", region=region)
    one = category("event-appearance.rubbish").pk
    load(told(9, category_id=one, site_id=site.pk, road_id=road.pk, area=region.code))
    assert [r["level"] for r in found()] == ["site"]


@pytest.mark.django_db
def test_a_week_is_compared_with_the_week_before() -> None:
    one = category("event-appearance.rubbish").pk
    load([*told(20, days_ago=6, category_id=one), *told(5, days_ago=10, category_id=one)])
    assert found() == []
    [row] = found(period="week")
    assert (row["n"], row["before"], row["ratio"]) == (20, 5, 4.0)


@pytest.mark.django_db
def test_mistakes_parts_and_other_areas_do_not_count() -> None:
    one = category("event-appearance.rubbish").pk
    whole = load(told(1, days_ago=100, category_id=one))[0]
    load(
        [
            *told(9, category_id=one, state="void"),
            *told(9, category_id=one, state="rejected"),
            *told(9, category_id=one, parent_id=whole),
            *told(9, days_ago=-1, category_id=one),
        ]
    )
    assert found() == []
    load(told(9, category_id=one, area="990105001001"))
    assert found(area="990102") == []
    assert found(area="990105")


@pytest.mark.django_db
def test_merged_reports_are_people_who_reported() -> None:
    one = category("event-appearance.rubbish").pk
    head = load(told(1, category_id=one))[0]
    load(told(8, category_id=one, state="merged", merged_into_id=head))
    [row] = found()
    assert (row["n"], row["open"]) == (9, 1)


@pytest.mark.django_db
def test_it_takes_few_statements_however_many_there_are(django_assert_max_num_queries) -> None:
    kinds = [category(f"event-appearance.k{n}").pk for n in range(16)]
    sites = [make_site(name=f"{n}号院").pk for n in range(2)]
    found()
    load([r for k in kinds for s in sites for r in told(8, category_id=k, site_id=s)])
    stamps.begin()
    with django_assert_max_num_queries(6):
        assert len(found()) == hot.MOST
    stamps.end()


@pytest.mark.django_db
def test_others_see_their_own_area_and_nobody_without_a_post() -> None:
    one = category("event-appearance.rubbish").pk
    load(told(9, category_id=one, area="990105001001"))
    elsewhere = acting_for(make_user(role=Role.ACCEPTOR, unit=unit("C"), area="990102"))
    assert hot.clusters(elsewhere, HotAsked(), now=NOW)["clusters"] == []
    nobody = acting_for(make_user())
    with pytest.raises(Forbidden):
        hot.clusters(nobody, HotAsked(), now=NOW)


@pytest.mark.django_db
def test_the_cases_of_a_cluster_and_one_head_for_the_others() -> None:
    town = make_town()
    cases = [
        make_report(
            text=f"第{n}处垃圾没人清", category_key=town.category.key, lng=113.0 + n / 1000
        ).case
        for n in range(9)
    ]
    actions.merge(by=town["acceptor"], case_id=cases[8].pk, into_id=cases[4].pk)
    [row] = hot.clusters(town["acceptor"], HotAsked())["clusters"]
    assert row["n"] == 9
    asked = ClusterAsked(category=row["category_key"], level=row["level"], place=row["place"])
    shown = hot.cluster(town["acceptor"], asked)
    assert shown["head"] == cases[4].pk
    assert shown["complete"]
    able = [r["id"] for r in shown["cases"] if r["mergeable"]]
    assert sorted(able) == [c.pk for n, c in enumerate(cases[:8]) if n != 4]
    done = actions.bulk(by=town["acceptor"], verb="merge", case_ids=able, into_id=shown["head"])
    assert all(o.ok for o in done)
    cases[4].refresh_from_db()
    assert cases[4].reports_count == 9


@pytest.mark.django_db
def test_over_the_api() -> None:
    town = make_town()
    client = client_for(User.objects.get(pk=town["acceptor"].user_id))
    for n in range(9):
        make_report(text=f"{n}号垃圾", category_key=town.category.key, lng=113.0 + n / 1000)
    answer = client.get("/api/v1/stats/hot?period=day")
    assert answer.status_code == 200, answer.content
    [row] = answer.json()["clusters"]
    query = {"category": row["category_key"], "level": row["level"], "place": row["place"]}
    cases = client.get("/api/v1/stats/hot/cases", query).json()
    assert len(cases["cases"]) == 9
    bad = client.get("/api/v1/stats/hot/cases", query | {"level": "road", "place": "x"})
    assert bad.json()["cases"] == []


def test_growth_has_an_interval_and_1_to_2_is_nothing() -> None:
    assert not is_hot(2, growth(2, 1, times=1))
    assert not is_hot(6, growth(6, 0, times=1))
    assert is_hot(7, growth(7, 0, times=1))
    assert growth(7, 0, times=1).high is None
    assert growth(0, 0, times=1).ratio is None


@given(st.integers(0, 500), st.integers(0, 500), st.sampled_from([1, 6]))
def test_the_interval_holds_the_ratio_and_narrows_with_more(
    now: int, before: int, times: int
) -> None:
    one = growth(now, before, times=times)
    assert one.low >= 0
    if one.ratio is not None:
        assert one.low <= one.ratio + 1e-9
        assert one.high is None or one.ratio <= one.high + 1e-9
        ten = growth(10 * now, 10 * before, times=times)
        assert ten.low >= one.low - 1e-9


@given(st.integers(0, 200), st.integers(0, 200))
def test_more_now_is_never_less_growth(now: int, before: int) -> None:
    assert growth(now + 1, before, times=6).low >= growth(now, before, times=6).low
