"""Rules and pairings through Excel and back."""

import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from factories_duties import make_pairing, make_rule
from factories_orgs import acting_for, make_unit, make_user
from factories_places import make_component, make_region, make_road, make_shop, make_site
from factories_standards import make_category
from lifang.core import imports
from lifang.duties import queries, sheets
from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule
from lifang.orgs.choices import Role
from lifang.orgs.models import Post

pytestmark = pytest.mark.django_db


Records = list[tuple[int, dict[str, object]]]


def _records(table: list[list[object]]) -> Records:
    head = [str(c) for c in table[0]]
    return [(n, dict(zip(head, r, strict=True))) for n, r in enumerate(table[1:], 2)]


def _table(content: bytes) -> Records:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return _records(book.get_sheet_by_index(0).to_python())


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
    found = sheets.read_rules(_records([["主办单位", "协办单位"], ["城管局", "城管局"]]))
    assert found.rows[0][1]["lead_unit_id"] == unit.pk


def test_errors_name_row_and_column() -> None:
    make_unit(name="同名局")
    make_unit(name="同名局")
    table: list[list[object]] = [
        ["编号", "主办单位", "道路", "生效日期", "权属优先"],
        ["x", "没有局", "", "", ""],
        ["", "同名局", "无此路", "昨天", "也许"],
    ]
    found = sheets.read_rules(_records(table))
    assert {(e.row, e.column) for e in found.errors} == {
        (2, "编号"),
        (2, "主办单位"),
        (3, "主办单位"),
        (3, "道路"),
        (3, "生效日期"),
        (3, "权属优先"),
    }


def _import(kind: str, content: bytes, tmp_path: Path, *, dry: bool = False) -> imports.Outcome:
    path = tmp_path / "table.xlsx"
    path.write_bytes(content)
    by = acting_for(make_user(role=Role.DISPATCHER))
    return imports.run(by=by, kind=kind, path=path, dry=dry)


def test_an_exported_table_imported_again_changes_nothing(tmp_path: Path) -> None:
    make_category(key="event-a", name="甲")
    make_region(code="990102")
    rule = make_rule(category="event-a", area="990102", assisting=(make_unit(), make_unit()))
    make_rule(road=make_road(), active=False)
    content = sheets.rules_sheet(queries.duty_rules(active=None))
    outcome = _import("duty-rules", content, tmp_path)
    assert (outcome.errors, outcome.same, outcome.changed) == ([], 2, 0)
    region = make_region(code="990102001")
    make_pairing(area=region.code, region=region)
    outcome = _import("pairings", sheets.pairings_sheet(queries.pairings()), tmp_path)
    assert (outcome.errors, outcome.same) == ([], 1)
    rule.refresh_from_db()
    assert rule.active


def test_a_table_makes_and_changes_rules_and_a_preview_neither(tmp_path: Path) -> None:
    make_category(key="event-a", name="甲")
    make_region(code="990102")
    rule = make_rule(category="event-a", area="990102", note="旧")
    other = make_unit()
    rule.note = "新"
    rows = [rule, DutyRule(number=900, lead_unit=other, category="event-a")]
    content = sheets.rules_sheet([rule])
    rule.refresh_from_db()
    dry = _import("duty-rules", content, tmp_path, dry=True)
    rule.refresh_from_db()
    assert (dry.changed, rule.note) == (1, "旧")
    _import("duty-rules", content, tmp_path)
    rule.refresh_from_db()
    assert rule.note == "新"
    rows[1].save()
    content = sheets.rules_sheet(queries.duty_rules().filter(number=900))
    rows[1].delete()
    made = _import("duty-rules", content, tmp_path)
    assert made.created == 1
    assert DutyRule.objects.get(number=900).lead_unit == other


def test_what_an_action_refuses_is_told_by_row_and_column(tmp_path: Path) -> None:
    rule = make_rule()
    rule.category = "event-nothing"
    outcome = _import("duty-rules", sheets.rules_sheet([rule]), tmp_path)
    assert [(e["row"], e["column"]) for e in outcome.errors] == [(2, "类别标识")]
    rule.refresh_from_db()
    assert rule.category == ""
