"""Tables of places come in by declared coordinates, all or nothing, and go out the same."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import xlsxwriter

import lifang
from factories_orgs import acting_for, client_for, make_user
from factories_places import (
    at,
    line,
    make_cell,
    make_region,
    make_road,
    make_shop,
    make_site,
    make_site_type,
    square,
)
from lifang.core import geo, imports
from lifang.core.errors import Forbidden, Invalid
from lifang.core.packs import Report
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.places import exports, packs
from lifang.places.kinds import KINDS
from lifang.places.models import Cell, CodeTemplate, PlaceName, Region, Road, Shop, Site, SiteType

pytestmark = pytest.mark.django_db


def sheet(path: Path, *lines: list[Any]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for n, cells in enumerate(lines):
        page.write_row(n, 0, cells)
    book.close()
    return path


def features(path: Path, *rows: tuple[dict[str, Any], Any]) -> Path:
    found = [{"type": "Feature", "properties": p, "geometry": g} for p, g in rows]
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": found}))
    return path


def load(kind: str, path: Path, system: str = "wgs84", dry: bool = False) -> imports.Outcome:
    return imports.run(
        by=SYSTEM, kind=f"places.{kind}", path=path, options={"system": system}, dry=dry
    )


def test_it_works(tmp_path: Path) -> None:
    make_region()
    make_site_type(code="market", name="农贸市场")
    lng, lat = at(50, 50)
    path = sheet(
        tmp_path / "a.xlsx",
        ["编码", "点位名称", "点位类型", "经度", "纬度"],
        ["P1", "河西市场", "农贸市场", lng, lat],
    )
    outcome = load("site", path)
    assert (outcome.created, outcome.error_count) == (1, 0), outcome.errors
    site = Site.objects.get()
    assert (site.name, site.type.code, site.lng) == ("河西市场", "market", lng)


def test_a_preview_leaves_nothing(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["编码", "名称", "等级"], ["R1", "书院路", "主干道"])
    assert load("road", path, dry=True).created == 1
    assert not Road.objects.exists()


def test_an_undeclared_system_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["编码", "名称", "等级"], ["R1", "书院路", "主干道"])
    with pytest.raises(Invalid, match="坐标系"):
        load("road", path, system="")


@pytest.mark.parametrize("system", ["gcj02", "bd09", "cgcs2000"])
def test_coordinates_are_converted_at_the_door(tmp_path: Path, system: str) -> None:
    make_region()
    make_site_type(code="market")
    lng, lat = at(300, 300)
    there = geo.from_wgs84(lng, lat, system)
    path = features(
        tmp_path / "a.geojson",
        (
            {"code": "P1", "name": "甲", "type": "market"},
            {"type": "Point", "coordinates": list(there)},
        ),
    )
    assert load("site", path, system=system).error_count == 0
    site = Site.objects.get()
    assert geo.metres((site.lng, site.lat), (lng, lat)) < 0.1


def test_polygons_are_converted_too(tmp_path: Path) -> None:
    border = square(side=500)
    ring = [list(geo.from_wgs84(*p, "gcj02")) for p in border["coordinates"][0]]
    path = features(
        tmp_path / "a.geojson",
        (
            {"code": "990102001", "name": "街道", "level": 3},
            {"type": "Polygon", "coordinates": [ring]},
        ),
    )
    assert load("region", path, system="gcj02").error_count == 0
    stored = Region.objects.get().geometry["coordinates"][0]
    assert (
        max(
            geo.metres(tuple(a), tuple(b))
            for a, b in zip(stored, border["coordinates"][0], strict=True)
        )
        < 0.1
    )


def test_errors_name_row_and_cell_and_nothing_is_loaded(tmp_path: Path) -> None:
    make_region(code="990102001")
    path = sheet(
        tmp_path / "a.xlsx",
        ["编码", "名称", "等级", "区划编码"],
        ["R1", "书院路", "主干道", "990102001"],
        ["R2", "人民路", "高速", "990102001"],
        ["R3", "五一路", "主干道", "888"],
    )
    outcome = load("road", path)
    told = {(e["cell"], e["message"][:8]) for e in outcome.errors}
    assert ("C3", "“高速”不在可选") in told
    assert not Road.objects.exists()


def test_a_second_load_changes_nothing_and_a_narrow_table_only_its_columns(tmp_path: Path) -> None:
    path = features(
        tmp_path / "a.geojson",
        ({"code": "R1", "name": "书院路", "level": "main"}, line((0, 0), (500, 0))),
    )
    assert load("road", path).created == 1
    again = load("road", path)
    assert (again.created, again.changed, again.same) == (0, 0, 1)
    narrow = sheet(tmp_path / "b.xlsx", ["编码", "名称", "等级"], ["R1", "书院大道", "主干道"])
    outcome = load("road", narrow)
    assert outcome.changed == 1
    assert outcome.rows[0]["changes"] == {"名称": ["书院路", "书院大道"]}
    assert Road.objects.get().geometry is not None


def test_overlapping_cells_in_a_file_are_told_by_feature(tmp_path: Path) -> None:
    community = make_region(code="990102001")
    path = features(
        tmp_path / "a.geojson",
        ({"code": "A1", "region": "990102001"}, square(0, 0, 100)),
        ({"code": "A2", "region": "990102001"}, square(10, 0, 100)),
    )
    outcome = load("cell", path)
    assert outcome.errors[0]["row"] == 2
    assert "网格 A2 与网格 A1 重叠" in outcome.errors[0]["message"]
    assert not Cell.objects.filter(region=community).exists()


def test_other_names_come_by_table(tmp_path: Path) -> None:
    make_region(code="990102001", name="城南街道")
    path = sheet(
        tmp_path / "a.xlsx",
        ["别名", "地点种类", "编码"],
        ["A3区", "区划", "990102001"],
        ["A4区", "区划", "1"],
    )
    outcome = imports.run(by=SYSTEM, kind="places.name", path=path)
    assert outcome.errors[0]["cell"] == "C3"
    assert not PlaceName.objects.exists()
    path = sheet(tmp_path / "b.xlsx", ["别名", "地点种类", "编码"], ["A3区", "区划", "990102001"])
    assert imports.run(by=SYSTEM, kind="places.name", path=path).created == 1


def test_only_administrators_load(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ["编码", "名称", "等级"], ["R1", "书院路", "主干道"])
    with pytest.raises(Forbidden):
        imports.run(
            by=acting_for(make_user(role=Role.LEADER)),
            kind="places.road",
            path=path,
            options={"system": "wgs84"},
        )


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_template(kind: str) -> None:
    assert imports.template(imports.spec_of(f"places.{kind}"))[:2] == b"PK"


@pytest.mark.parametrize("ending", ["xlsx", "geojson"])
def test_what_goes_out_comes_in_again_unchanged(tmp_path: Path, ending: str) -> None:
    region = make_region()
    make_cell(region=region)
    make_road(region=region)
    make_site(region=region)
    make_shop(region=region, owner_phone="13800000000")
    for kind in ("region", "cell", "road", "site", "shop"):
        body, _type = exports.export(KINDS[kind], ending, phones=True)
        path = tmp_path / f"{kind}.{ending}"
        path.write_bytes(body)
        outcome = load(kind, path)
        assert (outcome.error_count, outcome.created, outcome.changed) == (0, 0, 0), outcome.errors
        assert outcome.same == KINDS[kind].model.objects.count()


def test_an_export_masks_telephones_and_is_a_file() -> None:
    make_shop(owner_phone="13800000000")
    leader = client_for(make_user(role=Role.LEADER))
    got = leader.get("/api/v1/places/export/shop.geojson")
    assert got.json()["features"][0]["properties"]["owner_phone"] == "138****00"
    assert 'filename="shop.geojson"' in got["Content-Disposition"]
    assert leader.get("/api/v1/places/export/shop.xlsx").content[:2] == b"PK"
    assert leader.get("/api/v1/places/export/shop.exe").status_code == 404
    assert leader.get("/api/v1/places/export/site-type.geojson").status_code == 404


def test_the_base_pack_loads_twice_and_comes_out_again(tmp_path: Path) -> None:
    folder = Path(lifang.__file__).parent / "packs" / "base" / "places"
    packs.load(by=SYSTEM, folder=folder)
    n = SiteType.objects.count()
    assert n >= 40
    packs.load(by=SYSTEM, folder=folder)
    assert SiteType.objects.count() == n
    assert CodeTemplate.objects.filter(key="cell").exists()
    packs.export(tmp_path)
    types, templates = packs.read(tmp_path)
    assert (len(types), len(templates)) == (n, CodeTemplate.objects.count())


def test_shops_of_a_sheet_are_found_by_name(tmp_path: Path) -> None:
    make_region()
    lng, lat = at(50, 50)
    sheet(
        tmp_path / "a.xlsx",
        ["编码", "商铺名称", "经度", "纬度", "门前三包签订日期"],
        ["S1", "老王烧烤", lng, lat, "2026-03-01"],
    )
    assert load("shop", tmp_path / "a.xlsx").error_count == 0
    assert str(Shop.objects.get().duties_signed_on) == "2026-03-01"


def test_a_citys_pack_brings_tables(tmp_path: Path) -> None:
    row = {"code": "990102001", "name": "街道", "level": 3}
    features(tmp_path / "streets.geojson", (row, square()))
    listed = "tables:\n- {file: streets.geojson, kind: region, system: cgcs2000}\n"
    (tmp_path / "tables.yaml").write_text(listed, encoding="utf-8")
    report = Report()
    packs.Places().load(tmp_path, SYSTEM, report)
    assert not report.errors
    assert Region.objects.get().name == "街道"
    (tmp_path / "tables.yaml").write_text(listed.replace("streets", "../x"), encoding="utf-8")
    packs.Places().load(tmp_path, SYSTEM, report)
    assert len(report.errors) == 1
