"""Coordinate systems and measures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.core import geo
from lifang.core.errors import Invalid

SQUARE = (
    '{"type":"Polygon","coordinates":[[[112,30],[112.01,30],[112.01,30.01],[112,30.01],[112,30]]]}'
)


def test_it_works() -> None:
    # Tiananmen, published pairs of the three systems agree to some metres
    wgs = (116.391349, 39.907375)
    assert geo.metres(geo.from_wgs84(*wgs, "gcj02"), (116.397573, 39.908743)) < 30
    assert geo.metres(geo.from_wgs84(*wgs, "bd09"), (116.403963, 39.915119)) < 60


@pytest.mark.parametrize("system", ["", "utm", "WGS84"])
def test_undeclared_systems_are_refused(system: str) -> None:
    with pytest.raises(Invalid) as problem:
        geo.to_wgs84(112, 30, system)
    assert problem.value.code == "geo.system"


@pytest.mark.parametrize(("lng", "lat"), [(30, 112), (181, 0), (math.nan, 30), (112, math.inf)])
def test_degrees_that_are_none_are_refused(lng: float, lat: float) -> None:
    with pytest.raises(Invalid) as problem:
        geo.to_wgs84(lng, lat, "wgs84")
    assert problem.value.code == "geo.range"


@given(st.floats(74, 135), st.floats(18, 53), st.sampled_from(geo.SYSTEMS))
def test_there_and_back_is_the_same_to_a_hand(lng: float, lat: float, system: str) -> None:
    there = geo.from_wgs84(lng, lat, system)
    assert geo.metres(geo.to_wgs84(*there, system), (lng, lat)) < 0.1
    if system in ("gcj02", "bd09"):
        assert 10 < geo.metres(there, (lng, lat)) < 2500


@given(
    st.floats(-179, 179), st.floats(-80, 80), st.floats(0, 360), st.floats(0, 1), st.floats(1, 5000)
)
def test_the_box_holds_all_within(
    lng: float, lat: float, way: float, share: float, metres: float
) -> None:
    west, south, east, north = geo.bbox_around(lng, lat, metres)
    there = (
        lng
        + math.degrees(share * metres * math.sin(way) / geo.EARTH) / math.cos(math.radians(lat)),
        lat + math.degrees(share * metres * math.cos(way) / geo.EARTH),
    )
    if geo.metres((lng, lat), there) <= metres:
        assert west <= there[0] <= east
        assert south <= there[1] <= north


def test_point_in_polygon() -> None:
    assert geo.contains(SQUARE, 112.005, 30.005)
    assert geo.contains(SQUARE, 112, 30.005)  # on the edge
    assert not geo.contains(SQUARE, 112.02, 30.005)
    assert geo.bbox_of(SQUARE) == (112, 30, 112.01, 30.01)
    with pytest.raises(Invalid):
        geo.contains({"type": "Polygon", "coordinates": "x"}, 112, 30)


def test_metres_are_metres() -> None:
    assert geo.metres((112, 30), (112, 30)) == 0
    assert geo.metres((112, 30), (112, 31)) == pytest.approx(111_195, rel=1e-3)
