"""A point finds its region, cell and road from memory."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories_places import (
    at,
    line,
    make_cell,
    make_region,
    make_road,
    make_shop,
    make_site,
    square,
)
from lifang.core import stamps
from lifang.orgs.acting import SYSTEM
from lifang.places import actions, atlas, queries
from lifang.places.models import RegionLevel, RoadLevel, Site

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    street = make_region(level=RegionLevel.STREET, geometry=square(side=2000))
    community = make_region(parent=street, geometry=square(side=1000))
    cell = make_cell(region=community, geometry=square(0, 450, side=100))
    road = make_road()
    found = queries.locate(*at(50, 490))
    assert found.region and found.cell and found.road
    assert (found.region.id, found.cell.id, found.road.id) == (community.id, cell.id, road.id)
    assert found.area == community.code


def test_outside_of_cells_the_smallest_region_is_found() -> None:
    street = make_region(level=RegionLevel.STREET, geometry=square(side=2000))
    make_region(parent=street, geometry=square(side=1000))
    found = queries.locate(*at(1500, 1500))
    assert found.region and found.region.id == street.id
    assert found.cell is None and found.road is None


def test_nowhere_is_nowhere() -> None:
    make_region()
    assert queries.locate(100.0, 30.0) == queries.Located()


@pytest.mark.parametrize("odd", [float("inf"), float("nan"), 1e308, -200.0])
def test_a_point_off_the_earth_is_nowhere(odd: float) -> None:
    make_cell()
    make_road()
    assert queries.locate(odd, 28.2) == queries.locate(113.0, odd) == queries.Located()


def test_of_two_roads_the_nearer_then_the_greater_one() -> None:
    lane = make_road(level=RoadLevel.LANE, geometry=line((0, 500), (1000, 500)))
    main = make_road(level=RoadLevel.MAIN, geometry=line((500, 0), (500, 1000)))
    near_lane = queries.locate(*at(520, 505)).road
    assert near_lane and near_lane.id == lane.id
    crossing = queries.locate(*at(510, 510)).road
    assert crossing and crossing.id == main.id
    assert queries.locate(*at(540, 540)).road is None  # 40 m from both


def test_warm_it_takes_one_statement_and_in_a_request_one_for_all() -> None:
    make_cell()
    queries.locate(*at(50, 50))
    stamps.begin()
    try:
        with CaptureQueriesContext(
            connection,
        ) as sql:
            for north in range(20):
                queries.locate(*at(50, north))
    finally:
        stamps.end()
    assert len(sql) == 1


def test_a_change_is_seen_at_once() -> None:
    community = make_region()
    cell = make_cell(region=community)
    assert queries.locate(*at(50, 50)).cell
    actions.retire(by=SYSTEM, kind="cell", id=cell.id)
    assert queries.locate(*at(50, 50)).cell is None


def test_near_gives_the_nearest_first_with_metres() -> None:
    region = make_region()
    far, near, out = (
        make_site(region=region, lng=at(east)[0], lat=at(east)[1]) for east in (90, 20, 150)
    )
    found = queries.near(Site, *at(0, 0), 100)
    assert [s for s, _m in found] == [near, far]
    assert found[0][1] == pytest.approx(20, abs=0.5)
    assert out not in [s for s, _m in found]
    assert queries.near(Site.objects.filter(id=far.id), *at(0, 0), 100)[0][0] == far


def test_near_is_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    make_shop()
    with django_assert_num_queries(1):
        queries.near(Site, *at(0, 0), 500)


def test_an_address_is_the_street_office_and_the_road() -> None:
    street = make_region(code="990102003", name="听澜街道", level=RegionLevel.STREET)
    community = make_region(
        code="990102003001", name="采菱社区", level=RegionLevel.COMMUNITY, parent=street
    )
    spot, road = (
        atlas.Spot(community.pk, community.code, community.name),
        atlas.Spot(7, "7", "糖画巷"),
    )
    assert atlas.address(spot, road) == "听澜街道糖画巷"
    assert atlas.address(spot, None) == "听澜街道"
    assert atlas.address(None, None) == ""
