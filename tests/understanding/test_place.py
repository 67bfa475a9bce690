"""Text → place by the register's names: longest first, alternatives shown, position decides."""

import pytest

from factories_places import at, make_place_name, make_region, make_road, make_site, square
from lifang.places.models import Region
from lifang.understanding import queries
from lifang.understanding.placing import place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> Region:
    return make_region(code="990102", name="江城区", level=2, geometry=square(side=4000))


@pytest.fixture
def street(district: Region) -> Region:
    return make_region(
        code="990102001", name="城南街道", level=3, parent=district, geometry=square(side=1000)
    )


@pytest.fixture
def other(district: Region) -> Region:
    return make_region(
        code="990102002", name="城北街道", level=3, parent=district, geometry=square(0, 1500)
    )


def test_it_works(street: Region) -> None:
    make_place_name("A3区", region=street)
    place = place_of("A3区大道边的垃圾没人清")
    assert place is not None
    assert (place.region_id, place.area, place.name) == (street.id, "990102001", "城南街道（A3区）")
    assert place.sure


def test_the_longest_name_wins(street: Region) -> None:
    make_road(name="书院路", region=street)
    make_site(name="书院路小学", region=street)
    place = place_of("书院路小学门口很堵")
    assert place is not None and place.name == "书院路小学"
    assert place.words == ("书院路小学",)


def test_a_site_brings_its_region_and_the_road_said(street: Region) -> None:
    road = make_road(name="书院路", region=street)
    site = make_site(name="梧桐小区", region=street)
    place = place_of("书院路梧桐小区路灯坏了")
    assert place is not None
    assert (place.site_id, place.road_id, place.region_id) == (site.id, road.id, street.id)
    assert place.sure


def test_a_crossing_is_one_place(street: Region) -> None:
    make_road(name="书院路", region=street)
    make_road(name="人民路", region=street)
    place = place_of("书院路与人民路交叉口红绿灯不亮")
    assert place is not None
    assert {place.name, place.crossing} == {"书院路", "人民路"}
    assert place.sure and not place.alternatives


def test_two_places_of_one_name_are_alternatives(street: Region, other: Region) -> None:
    make_site(name="幸福小区", region=street)
    make_site(name="幸福小区", region=other)
    place = place_of("幸福小区停水了")
    assert place is not None
    assert not place.sure
    assert [o.name for o in place.alternatives] == ["幸福小区"]


def test_a_region_said_decides_between_them(street: Region, other: Region) -> None:
    make_site(name="幸福小区", region=street)
    right = make_site(name="幸福小区", region=other)
    place = place_of("城北街道幸福小区停水了")
    assert place is not None
    assert place.site_id == right.id
    assert place.sure


def test_the_position_decides_between_them(street: Region, other: Region) -> None:
    make_site(name="幸福小区", region=street)
    lng, lat = at(100, 1600)
    right = make_site(name="幸福小区", region=other, lng=lng, lat=lat)
    place = queries.understand("幸福小区停水了", lng=lng, lat=lat).place
    assert place is not None
    assert place.site_id == right.id and place.sure and not place.conflict


def test_words_and_position_that_disagree_are_shown_and_nothing_is_sure(
    street: Region, other: Region
) -> None:
    make_place_name("A3区", region=street)
    lng, lat = at(100, 1600)
    meaning = queries.understand("A3区的路灯坏了", lng=lng, lat=lat)
    assert meaning.place is not None
    assert meaning.place.conflict == "定位在“城北街道”，文字说的是“城南街道（A3区）”"
    assert not meaning.place.sure and not meaning.sure
    assert meaning.as_json()["place"]["conflict"]


def test_endings_left_out_are_understood_with_less_weight(street: Region) -> None:
    place = place_of("城南的垃圾没人管")
    assert place is not None
    assert place.region_id == street.id
    assert place.confidence < 0.9


def test_the_whole_district_is_no_rival_of_a_street_in_it(street: Region) -> None:
    place = place_of("江城区城南街道，垃圾堆了一周")
    assert place is not None
    assert place.region_id == street.id and not place.alternatives


def test_no_name_no_place(street: Region) -> None:
    assert place_of("这里的垃圾没人管") is None
    assert place_of("") is None
