"""Rules and pairings through Excel and back."""

import io

import pytest
from python_calamine import CalamineWorkbook

from factories_duties import make_pairing, make_rule
from factories_orgs import make_unit, make_user
from factories_places import make_component, make_region, make_road, make_shop, make_site
from factories_standards import make_category
from lifang.duties import queries, sheets
from lifang.duties.choices import PairingKind
from lifang.orgs.models import Post

pytestmark = pytest.mark.django_db


def _table(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_it_works() -> None:
    make_category(key="event-a", name="甲")
    lead, helpers = make_unit(), (make_unit(), make_unit())
    post = Post.objects.create(unit=lead, title="科长")
    places = {
        "road": make_road(), "site": make_site(), "shop": make_shop(),
        "component": make_component(),
    }  # fmt: skip
    made = make_rule(
        number=17, category="event-a", lead_unit=lead, assisting=helpers, post=post,
        owner_first=True, area="990102", grid="G1", valid_from="2026-01-01", note="一\n二", **places,
    )  # fmt: skip
    found = sheets.read_rules(_table(sheets.rules_sheet(queries.duty_rules())))
    assert found.errors == []
    ((n, values),) = found.rows
    made.refresh_from_db()
    assert n == 2
    assert values.pop("assisting") == [u.pk for u in helpers]
    assert values == {k: getattr(made, k) for k in values}
    assert {f"{k}_id" for k in places} | {"number", "post_id", "area", "note"} <= set(values)


def test_pairings_come_back_as_they_went() -> None:
    region = make_region(code="990102001")
    user = make_user()
    made = make_pairing(
        kind=PairingKind.UNIT_PLACE, area=region.code, region=region, user=user, person_name="张三",
        phone="13800000000", title="主任", unit=make_unit(), valid_to="2026-12-31",
    )  # fmt: skip
    found = sheets.read_pairings(_table(sheets.pairings_sheet(queries.pairings())))
    assert found.errors == []
    made.refresh_from_db()
    values = found.rows[0][1]
    assert values == {k: getattr(made, k) for k in values}


def test_units_are_also_understood_by_a_unique_name() -> None:
    unit = make_unit(name="城管局")
    found = sheets.read_rules([["主办单位", "协办单位"], ["城管局", "城管局"]])
    assert found.rows[0][1]["lead_unit_id"] == unit.pk


def test_errors_name_row_and_column() -> None:
    make_unit(name="同名局")
    make_unit(name="同名局")
    found = sheets.read_rules(
        [
            ["编号", "主办单位", "道路", "生效日期", "权属优先"],
            ["x", "没有局", "", "", ""],
            ["", "同名局", "无此路", "昨天", "也许"],
        ]
    )
    assert {(e.row, e.column) for e in found.errors} == {
        (2, "编号"),
        (2, "主办单位"),
        (3, "主办单位"),
        (3, "道路"),
        (3, "生效日期"),
        (3, "权属优先"),
    }


def test_a_missing_column_is_told() -> None:
    (error,) = sheets.read_pairings([["姓名"], ["甲"]]).errors
    assert (error.row, error.column) == (1, "类型")
