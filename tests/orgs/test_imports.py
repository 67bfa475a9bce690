"""Tables of units, people and roles: all or nothing, errors by row, a second load changes nothing."""

from pathlib import Path

import pytest

from factories_orgs import acting_for, make_unit, make_user
from lifang.core import imports
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, Unit, UnitName, User

pytestmark = pytest.mark.django_db


def load(tmp_path: Path, kind: str, text: str, role: Role = Role.SYSTEM_ADMIN) -> imports.Outcome:
    path = tmp_path / "table.csv"
    path.write_text(text.strip() + "\n", encoding="utf-8")
    by = acting_for(make_user(role=role, unit=make_unit()))
    return imports.run(by=by, kind=kind, path=path)


UNITS = """
代码,名称,类型,上级代码,简称,辖区代码,电话,排序
0102,城管局下属大队,部门,0101,大队,,,2
0101,城市管理局,部门,,城管局,990102,0730-8000000,1
"""


def test_it_works(tmp_path: Path) -> None:
    made = load(tmp_path, "units", UNITS)
    assert (made.created, made.errors) == (2, [])
    child = Unit.objects.get(code="0102")
    assert child.parent is not None and child.parent.code == "0101"
    again = load(tmp_path, "units", UNITS)
    assert (again.created, again.changed, again.same) == (0, 0, 2)


def test_a_new_name_in_the_table_is_a_rename_with_history(tmp_path: Path) -> None:
    load(tmp_path, "units", UNITS)
    UnitName.objects.update(valid_from="2020-01-01")
    changed = load(tmp_path, "units", UNITS.replace("城市管理局", "城市管理和执法局"))
    assert changed.changed == 1, changed.errors
    assert UnitName.objects.filter(unit__code="0101").count() == 2


def test_one_wrong_row_and_nothing_is_loaded(tmp_path: Path) -> None:
    made = load(tmp_path, "units", UNITS + "0103,孤儿单位,部门,9999,,,,3")
    assert made.error_count == 1 and made.errors[0]["row"] == 4
    assert not Unit.objects.filter(code__startswith="01").exists()


def test_people_come_with_a_password_that_must_be_changed(tmp_path: Path) -> None:
    make_unit(code="U1")
    table = (
        "用户名,姓名,单位代码,电话,初始密码\nwang,王五,U1,13800000000,First-pass-26\nli,李四,U1,,\n"
    )
    made = load(tmp_path, "users", table)
    assert made.created == 2, made.errors
    assert "1 个新账号" in made.notes[0]
    user = User.objects.get(username="wang")
    assert user.must_change_password and user.check_password("First-pass-26")
    assert load(tmp_path, "users", table).same == 2


def test_a_weak_first_password_is_told_at_its_cell(tmp_path: Path) -> None:
    make_unit(code="U1")
    made = load(tmp_path, "users", "用户名,姓名,单位代码,初始密码\nwang,王五,U1,123456\n")
    assert (
        made.errors[0]["column"] == "初始密码" and not User.objects.filter(username="wang").exists()
    )


def test_roles_are_the_security_administrators(tmp_path: Path) -> None:
    unit = make_unit(code="U1")
    user = make_user(username="wang", unit=unit)
    table = "用户名,单位代码,角色,辖区代码\nwang,U1,受理员,990102\n"
    made = load(tmp_path, "memberships", table, role=Role.SECURITY_ADMIN)
    assert made.created == 1, made.errors
    assert Membership.objects.filter(user=user, role="acceptor", area="990102").exists()
    assert load(tmp_path, "memberships", table, role=Role.SECURITY_ADMIN).same == 1
    refused = load(tmp_path, "memberships", table.replace("受理员", "领导"))
    assert refused.error_count == 1
