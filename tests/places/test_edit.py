"""Places are added, changed and retired with checks that say what is wrong, where, how to mend."""

import pytest

from factories_orgs import acting_for, make_user
from factories_places import (
    at,
    line,
    make_cell,
    make_code_template,
    make_region,
    make_road,
    make_site,
    make_site_type,
    square,
)
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.places import actions, queries
from lifang.places.models import Cell, PlaceName, Region, RegionLevel, Site

pytestmark = pytest.mark.django_db


def put(kind: str, *rows: dict[str, object], update: bool = False) -> list[object]:
    return actions.put(by=SYSTEM, kind=kind, rows=rows, update=update)


def refused(kind: str, *rows: dict[str, object], update: bool = False) -> dict[str, str]:
    with pytest.raises(Invalid) as told:
        put(kind, *rows, update=update)
    return {f.path: str(f.message) for f in told.value.fields}


def test_it_works() -> None:
    put("region", {"code": "990102", "name": "城东区", "level": 2, "geometry": square(side=3000)})
    community = {"code": "990102001", "name": "河西街道", "level": 3, "parent": "990102"}
    put("region", community | {"geometry": square()})
    put(
        "road",
        {"code": "R1", "name": "书院路", "level": "main", "geometry": line((0, 60), (900, 60))},
    )
    make_site_type(code="market", name="农贸市场")
    lng, lat = at(50, 50)
    (site,) = put(
        "site", {"code": "P1", "name": "河西市场", "type": "market", "lng": lng, "lat": lat}
    )
    assert isinstance(site, Site)
    assert site.region.name == "河西街道"
    assert site.road and site.road.name == "书院路"
    verbs = list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["add_region", "add_region", "add_road", "add_site"]


def test_a_whole_tree_comes_in_one_sheet() -> None:
    rows = [
        {"code": "990102001001", "name": "社区", "level": "社区（村）", "parent": "990102001"},
        {"code": "990102001", "name": "街道", "level": "街道（镇）", "parent": "990102"},
        {"code": "990102", "name": "区", "level": 2},
    ]
    put("region", *rows)
    assert Region.objects.get(code="990102001001").parent.parent.code == "990102"  # type: ignore[union-attr]  # just written


def test_every_error_is_told_by_row_and_column() -> None:
    make_site_type(code="market")
    make_region()
    lng, lat = at(50, 50)
    told = refused(
        "site",
        {"code": "P1", "name": "", "type": "market", "lng": lng, "lat": lat},
        {"code": "P1", "name": "甲", "type": "nothing", "lng": "x", "lat": lat},
        {"code": "P1", "name": "乙", "type": "market", "lng": 10, "lat": 10},
        {"code": "P1", "name": "丙", "type": "market", "lng": lng, "lat": lat},
    )
    assert told["rows.1.name"] == "名称必填"
    assert told["rows.2.type"] == "类型编码 nothing 不存在，请先建立"
    assert told["rows.2.lng"] == "经度应为数字"
    assert "不在任何已登记的区划内" in told["rows.3.region"]
    assert told["rows.4.code"] == "编码 P1 与第 1 行重复"
    assert not Site.objects.exists()


def test_a_region_stays_inside_the_one_above() -> None:
    make_region(code="990102", level=RegionLevel.DISTRICT, geometry=square(side=1000))
    told = refused(
        "region",
        {"code": "990102001", "name": "出界街道", "level": 3, "parent": "990102",
         "geometry": square(500, 0)},
    )  # fmt: skip
    assert "“出界街道”的边界有" in told["geometry"]
    assert "超出上级区划" in told["geometry"]


def test_neighbouring_regions_do_not_overlap() -> None:
    above = make_region(level=RegionLevel.DISTRICT, geometry=square(side=3000))
    row = {"code": f"{above.code}101", "name": "甲街道", "level": 3, "parent": above.code}
    put("region", row | {"geometry": square(0, 0, 1000)})
    other = {"code": f"{above.code}102", "name": "乙街道", "level": 3, "parent": above.code}
    told = refused("region", other | {"geometry": square(900, 0, 1000)})
    assert told["geometry"].startswith("“乙街道”与“甲街道”重叠 ")
    put("region", other | {"geometry": square(999, 0, 1000)})  # surveys differ by a metre


def test_a_border_cannot_leave_out_what_lies_below() -> None:
    above = make_region(level=RegionLevel.DISTRICT, geometry=square(side=2000))
    make_region(parent=above, name="甲街道", geometry=square(side=1000))
    row = actions.as_row(actions.kind_of("region"), above) | {"geometry": square(side=800)}
    with pytest.raises(Invalid, match="下级区划“甲街道”有"):
        actions.change(by=SYSTEM, kind="region", id=above.id, row=row)


def test_a_region_cannot_hang_below_itself() -> None:
    above = make_region(level=RegionLevel.DISTRICT)
    below = make_region(level=RegionLevel.STREET, parent=above)
    row = {"code": above.code, "name": above.name, "level": 2, "parent": below.code}
    with pytest.raises(Invalid) as told:
        actions.change(by=SYSTEM, kind="region", id=above.id, row=row)
    assert told.value.fields[0].path == "parent"


def test_cells_of_a_community_do_not_overlap_and_the_cell_is_named() -> None:
    community = make_region()
    cell = make_cell(region=community, code="A01")
    told = refused(
        "cell", {"code": "A02", "region": community.code, "geometry": square(50, 0, 100)}
    )
    assert told["geometry"].startswith("网格 A02 与网格 A01 重叠 5,0")
    side_by_side = {"code": "A02", "region": community.code, "geometry": square(100, 0, 100)}
    put("cell", side_by_side)
    told = refused(
        "cell", {"code": "A03", "region": community.code, "geometry": square(950, 0, 100)}
    )
    assert "超出“" in told["geometry"]
    row = actions.as_row(actions.kind_of("cell"), cell) | {"geometry": square(0, 0, 90)}
    changed = actions.change(by=SYSTEM, kind="cell", id=cell.id, row=row)
    assert changed.area_m2 == pytest.approx(8100, rel=0.01)


def test_cells_overlapping_inside_one_sheet_are_told_once() -> None:
    community = make_region()
    told = refused(
        "cell",
        {"code": "A1", "region": community.code, "geometry": square(0, 0, 100)},
        {"code": "A2", "region": community.code, "geometry": square(20, 0, 100)},
    )
    assert list(told) == ["rows.2.geometry"]
    assert "网格 A2 与网格 A1 重叠" in told["rows.2.geometry"]


def test_a_cell_that_crosses_itself_is_refused() -> None:
    community = make_region()
    points = [list(at(*p)) for p in ((0, 0), (100, 100), (100, 0), (0, 100), (0, 0))]
    bow = {"type": "Polygon", "coordinates": [points]}
    told = refused("cell", {"code": "A1", "region": community.code, "geometry": bow})
    assert "自相交" in told["geometry"]


def test_codes_follow_the_template_and_are_made_by_it() -> None:
    make_code_template("cell", "{region}{serial:3}")
    community = make_region(code="990102001001", level=RegionLevel.COMMUNITY)
    told = refused("cell", {"code": "X1", "region": community.code, "geometry": square(0, 0, 100)})
    assert told["code"] == "编码 X1 不符合编码模板，应为：990102001001 + 3 位流水号"
    first, second = put(
        "cell",
        {"region": community.code, "geometry": square(0, 0, 100)},
        {"region": community.code, "geometry": square(100, 0, 100)},
    )
    assert [first.code, second.code] == ["990102001001001", "990102001001002"]  # type: ignore[attr-defined]  # cells


def test_serials_count_within_what_stands_before_them() -> None:
    """Two streets of one district share their first six figures."""
    make_code_template("road", "{region:6}R{serial:4}")
    for code in ("990102001", "990102002"):
        make_region(code=code, geometry=None)
    rows = [{"name": "路", "level": "main", "region": c} for c in ("990102001", "990102002")]
    assert [r.code for r in put("road", *rows)] == ["990102R0001", "990102R0002"]  # type: ignore[attr-defined]  # roads
    assert put("road", rows[0])[0].code == "990102R0003"  # type: ignore[attr-defined]  # a road


def test_without_a_template_codes_are_free_but_needed() -> None:
    told = refused("road", {"name": "路", "level": "main"})
    assert "尚未设置编码模板" in told["code"]


def test_rows_that_exist_are_changed_when_asked() -> None:
    road = make_road(code="R1", name="旧名")
    told = refused("road", {"code": "R1", "name": "新名", "level": "main"})
    assert told["code"] == "编码 R1 已被使用"
    put("road", {"code": "R1", "name": "新名", "level": "支路"}, update=True)
    road.refresh_from_db()
    assert (road.name, road.level) == ("新名", "branch")


def test_a_change_without_geometry_keeps_the_shape() -> None:
    road = make_road()
    row = {"code": road.code, "name": "改名路", "level": "main"}
    assert actions.change(by=SYSTEM, kind="road", id=road.id, row=row).geometry == road.geometry


def test_what_is_in_use_is_not_retired() -> None:
    site = make_site()
    with pytest.raises(Conflict, match="1 个点位和商铺"):
        actions.retire(by=SYSTEM, kind="region", id=site.region_id)
    with pytest.raises(Conflict, match="1 个点位属于"):
        actions.retire(by=SYSTEM, kind="site-type", id=site.type_id)
    actions.retire(by=SYSTEM, kind="site", id=site.id)
    actions.retire(by=SYSTEM, kind="region", id=site.region_id)


def test_a_retired_cell_comes_back_only_if_it_still_fits() -> None:
    cell = make_cell()
    actions.retire(by=SYSTEM, kind="cell", id=cell.id)
    put("cell", {"code": "NEW", "region": cell.region.code, "geometry": square(50, 50, 100)})
    with pytest.raises(Invalid, match="重叠"):
        actions.restore(by=SYSTEM, kind="cell", id=cell.id)
    actions.retire(by=SYSTEM, kind="cell", id=Cell.objects.get(code="NEW").id)
    assert actions.restore(by=SYSTEM, kind="cell", id=cell.id).active


def test_a_region_is_cut_into_cells_and_cut_again_keeps_their_numbers() -> None:
    make_code_template()
    community = make_region(code="990102001001", geometry=square(side=300))
    made = actions.make_grid(by=SYSTEM, region_id=community.id, side=100)
    assert [c.code[-3:] for c in made] == [f"{n:03}" for n in range(1, 10)]
    with pytest.raises(Conflict, match="已有 9 个网格"):
        actions.make_grid(by=SYSTEM, region_id=community.id, side=150)
    again = actions.make_grid(by=SYSTEM, region_id=community.id, side=150, replace=True)
    assert [c.id for c in again] == [c.id for c in made[:4]]
    assert Cell.objects.filter(active=True).count() == 4


def test_only_system_administrators_edit() -> None:
    row = {"code": "R1", "name": "路", "level": "main"}
    for role in Role:
        by = acting_for(make_user(role=role))
        if role == Role.SYSTEM_ADMIN:
            actions.put(by=by, kind="road", rows=[row])
            continue
        with pytest.raises(Forbidden):
            actions.put(by=by, kind="road", rows=[row])


def test_other_names_lead_to_their_place() -> None:
    road = make_road(name="书院路")
    name = actions.add_name(by=SYSTEM, name="老书院街", target=road, note="旧名")
    assert queries.search("老书院街")[0].id == road.id
    actions.add_name(by=SYSTEM, name="老书院街", target=road)
    assert PlaceName.objects.count() == 1
    actions.remove_name(by=SYSTEM, id=name.id)
    assert not queries.search("老书院街")
    with pytest.raises(Missing):
        actions.remove_name(by=SYSTEM, id=name.id)


def test_putting_many_takes_few_statements(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    make_code_template()
    community = make_region(code="990102001001", geometry=square(side=1000))
    with django_assert_max_num_queries(20):
        assert len(actions.make_grid(by=SYSTEM, region_id=community.id)) == 100
