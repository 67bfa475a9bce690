"""Polygons are checked with clear answers; the grid maker covers, numbers and never overlaps."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifang.core.errors import Invalid
from lifang.places import geometry
from lifang.places.gridding import grid
from lifang.places.shapes import ONE, Area, Boxes, metres_per_degree, rectangle

LNG, LAT = 113.0, 28.2


def metres(width: float, height: float, east: float = 0, north: float = 0) -> Area:
    """A rectangle of so many metres, its south-west corner so far from (LNG, LAT)."""
    x, y = metres_per_degree(LAT)
    corner = (LNG + east / x, LAT + north / y)
    return rectangle(
        round(corner[0] * ONE),
        round(corner[1] * ONE),
        round((corner[0] + width / x) * ONE),
        round((corner[1] + height / y) * ONE),
    )


def test_it_works() -> None:
    cells = grid(metres(300, 200), 100)
    assert len(cells) == 6
    assert all(abs(c.m2 - 10_000) < 20 for c in cells)


def test_cells_are_numbered_west_to_east_then_north_to_south() -> None:
    middles = [c.middle for c in grid(metres(300, 300), 100)]
    rows = [middles[i : i + 3] for i in (0, 3, 6)]
    for row in rows:
        assert row[0][0] < row[1][0] < row[2][0]
    assert rows[0][0][1] > rows[1][0][1] > rows[2][0][1]


def test_small_rests_join_their_neighbour() -> None:
    """310 m is three cells, not three and a strip of 10 m."""
    cells = grid(metres(310, 100), 100)
    assert len(cells) == 3
    assert max(c.m2 for c in cells) == pytest.approx(11_000, rel=0.01)


@st.composite
def regions(draw: st.DrawFn) -> Area:
    """A star-shaped polygon of 150 to 900 m around a point in China."""
    lng, lat = draw(st.floats(80, 130)), draw(st.floats(19, 52))
    n = draw(st.integers(3, 14))
    reach = draw(st.lists(st.floats(80, 450), min_size=n, max_size=n))
    x, y = metres_per_degree(lat)
    turn = [2 * math.pi * i / n for i in range(n)]
    ring = tuple(
        (round((lng + r * math.cos(t) / x) * ONE), round((lat + r * math.sin(t) / y) * ONE))
        for r, t in zip(reach, turn, strict=True)
    )
    return Area(((ring,),))


@settings(max_examples=60, deadline=None)
@given(regions(), st.sampled_from([50, 100, 150]))
def test_a_grid_covers_its_region_without_overlap(region: Area, side: int) -> None:
    cells = grid(region, side)
    assert cells
    assert sum(c.m2 for c in cells) == pytest.approx(region.m2, rel=1e-3, abs=2)
    for i, cell in enumerate(cells):
        assert not geometry.sticks_out(cell, region)
        assert geometry.read_area(geometry.write_area(cell)).m2 == pytest.approx(cell.m2)
        assert not any(geometry.overlap(cell, other) for other in cells[i + 1 :])


@settings(max_examples=60, deadline=None)
@given(regions())
def test_written_and_read_again_it_is_the_same(region: Area) -> None:
    assert geometry.read_area(geometry.write_area(region)) == region


@settings(max_examples=60, deadline=None)
@given(regions(), st.floats(0, 1), st.floats(0, 1))
def test_a_point_is_in_exactly_one_cell_or_outside(region: Area, u: float, v: float) -> None:
    west, south, east, north = region.bounds
    # off the lines of the grid by an odd fraction of a centimetre
    lng, lat = west + u * (east - west) + 3.3e-9, south + v * (north - south) + 3.3e-9
    cells = grid(region, 100)
    found = [c for c in cells if c.holds(lng, lat)]
    index = Boxes([c.bounds for c in cells])
    assert [cells[i] for i in index.at(lng, lat) if cells[i].holds(lng, lat)] == found
    nearest = min(abs(lng - x / ONE) + abs(lat - y / ONE) for r in region.rings for x, y in r)
    if nearest > 1e-5 and region.holds(lng, lat):
        assert len(found) <= 1


LEAF = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    LEAF,
    lambda x: (
        st.lists(x, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "x"]), x, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused_with_a_message(value: object) -> None:
    shapes = (
        value,
        {"type": value, "coordinates": [1]},
        {"type": "Polygon", "coordinates": value},
        {"type": "MultiPolygon", "coordinates": value},
        {"type": "LineString", "coordinates": value},
    )
    for shape in shapes:
        for reader in (geometry.read_area, geometry.read_line):
            try:
                reader(shape)
            except Invalid as exc:
                assert exc.fields[0].path == "geometry"
                assert str(exc.message)


def _polygon(*rings: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


@pytest.mark.parametrize(
    ("shape", "code", "says"),
    [
        ("nonsense", "geometry.shape", "GeoJSON"),
        ({"type": "Point", "coordinates": [1, 2]}, "geometry.kind", "Point"),
        ({"type": "Polygon", "coordinates": []}, "geometry.empty", "没有坐标"),
        (_polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), "geometry.not_closed", "没有闭合"),
        (_polygon([[0, 0], [1, 0], [0, 0]]), "geometry.ring_short", "4 个点"),
        (_polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "geometry.crossing", "自相交"),
        (_polygon([[0, 0], [1, 0], [2, 0], [0, 0]]), "geometry.flat", "面积为零"),
        (_polygon([[28, 113], [28, 114], [29, 114], [28, 113]]), "geometry.range", "经度在前"),
        (
            {"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [1, 0], ["a", 0]]]},
            "geometry.number",
            "数字",
        ),
        (
            _polygon([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], [[2, 2], [3, 2], [2, 3], [2, 2]]),
            "geometry.overlapping_parts",
            "内圈",
        ),
    ],
)
def test_a_bad_shape_is_refused_with_what_and_how(shape: object, code: str, says: str) -> None:
    with pytest.raises(Invalid) as told:
        geometry.read_area(shape)
    assert told.value.code == code
    assert says in str(told.value.message)


def test_a_hole_is_not_inside() -> None:
    area = geometry.read_area(
        _polygon([[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]])
    )
    assert area.holds(0.5, 0.5)
    assert not area.holds(1.5, 1.5)


def test_borders_drawn_twice_neither_overlap_nor_stick_out() -> None:
    a = metres(100, 100)
    assert geometry.overlap(a, metres(100, 100, east=99.995)) == 0
    assert geometry.overlap(a, metres(100, 100, east=98)) == pytest.approx(200, rel=0.02)
    both = metres(200, 100)
    assert geometry.sticks_out(metres(100, 100, east=-0.005), both) == 0
    assert geometry.sticks_out(metres(100, 100, east=-2), both) == pytest.approx(200, rel=0.02)


def test_a_region_of_two_parts_is_cut_too() -> None:
    two = Area((*metres(200, 100).polygons, *metres(200, 100, east=1000).polygons))
    assert len(grid(two, 100)) == 4


def test_a_side_that_makes_too_many_cells_is_refused() -> None:
    with pytest.raises(Invalid, match="加大边长"):
        grid(metres(20_000, 20_000), 10)
