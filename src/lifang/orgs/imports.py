"""Tables of the organisation: units, people, roles. Rows are told apart by code and user name.

A second load of the same table changes nothing. People's tables carry no roles: roles are the
security administrator's, in a table of their own.
"""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.acts import Actor
from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.orgs import actions
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.models import Membership, Unit, User

UNIT_FIELDS = ("kind", "short_name", "area", "phone", "order")
USER_FIELDS = ("name", "unit", "phone", "email")


def _by(actor: Actor) -> Acting:
    if not isinstance(actor, Acting):
        raise TypeError("the importer is called by somebody of the organisation")
    return actor


def _tell(outcome: Outcome, row: Row, problem: Problem, column: str) -> None:
    """A refusal of an action, at the column of its field."""
    field = problem.fields[0].path if problem.fields else column
    outcome.error(row, field.removesuffix("_id").replace("parent", "parent_code"), problem.message)


def _ordered(rows: list[Row]) -> list[Row]:
    """Parents before their children, wherever they stand in the table."""
    by_code = {str(r["code"]): r for r in rows}
    done: dict[str, Row] = {}

    def place(row: Row, above: frozenset[str]) -> None:
        code, parent = str(row["code"]), str(row["parent_code"] or "")
        if code in done:
            return
        if parent in by_code and parent not in above:
            place(by_code[parent], above | {code})
        done[code] = row

    for row in rows:
        place(row, frozenset())
    return list(done.values())


def load_units(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by, units = _by(context.by), {u.code: u for u in Unit.objects.all()}
    for row in _ordered(rows):
        code = str(row["code"])
        parent = units.get(str(row["parent_code"])) if row["parent_code"] else None
        if row["parent_code"] and parent is None:
            outcome.error(row, "parent_code", _("没有代码为此的单位，表中也没有"))
            continue
        try:
            there = units.get(code)
            if there is None:
                units[code] = actions.create_unit(
                    by=by,
                    code=code,
                    name=row["name"],
                    kind=row["kind"] or UnitKind.DEPARTMENT,
                    parent_id=parent.pk if parent else None,
                    short_name=row["short_name"] or "",
                    area=row["area"] or "",
                    phone=row["phone"] or "",
                    order=row["order"] or 0,
                )
                outcome.create(row, row["name"])
            else:
                units[code] = _change_unit(by, there, parent, row, outcome)
        except Problem as problem:
            _tell(outcome, row, problem, "code")


def _change_unit(by: Acting, unit: Unit, parent: Unit | None, row: Row, outcome: Outcome) -> Unit:
    """Particulars by update, a new name by rename, a new parent by move: the history is kept."""
    changes: dict[str, tuple[Any, Any]] = {}
    now = {f: getattr(unit, f) for f in UNIT_FIELDS}
    given = {f: row[f] for f in UNIT_FIELDS if row.has(f) and row[f] is not None}
    changes |= {f: (now[f], v) for f, v in given.items() if v != now[f]}
    if changes:
        unit = actions.update_unit(by=by, unit_id=unit.pk, code=unit.code, **now | given)
    if row["name"] != unit.name:
        changes["name"] = (unit.name, row["name"])
        unit = actions.rename_unit(by=by, unit_id=unit.pk, name=row["name"])
    if row.has("parent_code") and (parent.pk if parent else None) != unit.parent_id:
        changes["parent_code"] = (unit.parent_id, row["parent_code"])
        unit = actions.move_unit(by=by, unit_id=unit.pk, parent_id=parent.pk if parent else None)
    outcome.put(row, made=False, name=unit.name, changes=changes)
    return unit


def load_users(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by, units = _by(context.by), dict(Unit.objects.values_list("code", "id"))
    people = {
        u.username: u for u in User.objects.filter(username__in=[r["username"] for r in rows])
    }
    without = 0
    for row in rows:
        unit_id = units.get(str(row["unit"]))
        if unit_id is None:
            outcome.error(row, "unit", _("没有代码为此的单位"))
            continue
        values = {"name": row["name"], "unit_id": unit_id}
        values |= {f: row[f] or "" for f in ("phone", "email") if row.has(f)}
        user = people.get(row["username"])
        try:
            if user is None:
                without += not row["password"]
                _create_user(by, row, values)
                outcome.create(row, row["name"])
                continue
            before = {f: getattr(user, f) for f in ("name", "unit_id", "phone", "email")}
            changes = {f: (before[f], v) for f, v in values.items() if v != before[f]}
            if changes:
                actions.update_user(by=by, user_id=user.pk, **before | values)
            outcome.put(row, made=False, name=row["name"], changes=changes)
        except ValidationError as problem:
            outcome.error(row, "password", "；".join(problem.messages))
        except Problem as problem:
            _tell(outcome, row, problem, "username")
    if without:
        outcome.notes.append(
            _("%(n)s 个新账号没有填初始密码，请在人员页逐个“重置密码”后再使用") % {"n": without}
        )


def _create_user(by: Acting, row: Row, values: dict[str, Any]) -> None:
    """The table's first password must be good enough; it must be changed all the same."""
    password = str(row["password"] or "")
    if password:
        validate_password(password, User(username=row["username"], name=row["name"]))
    actions.create_user(by=by, username=row["username"], password=password, **values)


def load_roles(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by, units = _by(context.by), dict(Unit.objects.values_list("code", "id"))
    people = dict(
        User.objects.filter(username__in=[r["username"] for r in rows]).values_list(
            "username", "id"
        )
    )
    held = set(
        Membership.objects.filter(user__in=people.values()).values_list(
            "user_id", "unit_id", "role", "area"
        )
    )
    for row in rows:
        user_id, unit_id = people.get(row["username"]), units.get(str(row["unit"]))
        if user_id is None:
            outcome.error(row, "username", _("没有此用户名"))
        elif unit_id is None:
            outcome.error(row, "unit", _("没有代码为此的单位"))
        elif (user_id, unit_id, row["role"], row["area"] or "") in held:
            outcome.keep(row)
        else:
            try:
                actions.grant_role(
                    by=by,
                    user_id=user_id,
                    unit_id=unit_id,
                    role=row["role"],
                    area=row["area"] or "",
                )
                outcome.create(row, row["username"])
            except Problem as problem:
                _tell(outcome, row, problem, "role")


_t = gettext_lazy
UNIT_CODE = Column("unit", _t("单位代码"), "code", required=True, aliases=("所属单位代码", "单位"))
USERNAME = Column(
    "username", _t("用户名"), required=True, max_length=64, aliases=("账号", "登录名")
)
AREA = Column(
    "area",
    _t("辖区代码"),
    "code",
    max_length=12,
    note=_t("区划代码的前几位，空为不限"),
    example="990102",
)

register(
    ImportSpec(
        kind="units",
        title=_t("单位"),
        key=("code",),
        load=load_units,
        columns=(
            Column("code", _t("代码"), "code", required=True, max_length=32, aliases=("单位代码",)),
            Column("name", _t("名称"), required=True, max_length=120, aliases=("单位名称",)),
            Column(
                "kind",
                _t("类型"),
                "choice",
                choices={str(label): key for key, label in UnitKind.choices},
            ),
            Column("parent_code", _t("上级代码"), "code", aliases=("上级单位代码", "上级单位")),
            Column("short_name", _t("简称"), max_length=40),
            AREA,
            Column("phone", _t("电话"), max_length=40, aliases=("联系电话",)),
            Column("order", _t("排序"), "int"),
        ),
    )
)
register(
    ImportSpec(
        kind="users",
        title=_t("人员"),
        key=("username",),
        load=load_users,
        columns=(
            USERNAME,
            Column("name", _t("姓名"), required=True, max_length=64),
            UNIT_CODE,
            Column("phone", _t("电话"), max_length=32, aliases=("手机", "联系电话")),
            Column("email", _t("电子邮箱"), max_length=254, aliases=("邮箱",)),
            Column(
                "password",
                _t("初始密码"),
                max_length=100,
                note=_t("只用于新账号，首次登录须修改；空则由管理员重置后使用"),
            ),
        ),
    )
)
register(
    ImportSpec(
        kind="memberships",
        title=_t("角色授权"),
        roles=(Role.SECURITY_ADMIN,),
        key=("username", "unit", "role", "area"),
        load=load_roles,
        columns=(
            USERNAME,
            UNIT_CODE,
            Column(
                "role",
                _t("角色"),
                "choice",
                required=True,
                choices={str(label): key for key, label in Role.choices},
            ),
            AREA,
        ),
    )
)
