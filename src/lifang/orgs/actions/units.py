"""Making units and changing what is not their name or place."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.orgs import tree
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.models import Unit, UnitName
from lifang.orgs.permissions import reach, require, require_unit


def facts(unit: Unit) -> dict[str, object]:
    """What the journal keeps of a unit."""
    return {
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name,
        "kind": unit.kind,
        "parent_id": unit.parent_id,
        "area": unit.area,
        "phone": unit.phone,
        "order": unit.order,
        "active": unit.active,
    }


@transaction.atomic
def create_unit(
    *,
    by: Acting,
    code: str,
    name: str,
    kind: str,
    parent_id: int | None = None,
    short_name: str = "",
    area: str = "",
    phone: str = "",
    order: int = 0,
    since: date | None = None,
) -> Unit:
    """Make a unit under ``parent_id``; one without parent only where all units are in reach."""
    require(by, Role.SYSTEM_ADMIN)
    if parent_id is not None:
        parent = require_unit(by, parent_id, Role.SYSTEM_ADMIN)
        check_active(parent, "parent_id")
    elif reach(by, Role.SYSTEM_ADMIN) is not None:
        raise Forbidden("orgs.unit_root", _("只有全市的系统管理员可以新建顶级单位，请选择上级单位"))
    check_code(code)
    unit = Unit.objects.create(
        code=code,
        name=name,
        kind=UnitKind(kind),
        parent_id=parent_id,
        short_name=short_name,
        area=area,
        phone=phone,
        order=order,
    )
    UnitName.objects.create(unit=unit, name=name, valid_from=since or timezone.localdate())
    tree.changed()
    journal.write(
        by=by, room="orgs", verb="create_unit", subject=unit, unit_id=unit.pk, after=facts(unit)
    )
    return unit


@transaction.atomic
def update_unit(
    *,
    by: Acting,
    unit_id: int,
    code: str,
    kind: str,
    short_name: str = "",
    area: str = "",
    phone: str = "",
    order: int = 0,
) -> Unit:
    """Change a unit's particulars. Name and place change by :mod:`.reorganise`, with a date."""
    unit = require_unit(by, unit_id, Role.SYSTEM_ADMIN)
    before = facts(unit)
    if code != unit.code:
        check_code(code)
    unit.code, unit.kind, unit.short_name = code, UnitKind(kind), short_name
    unit.area, unit.phone, unit.order = area, phone, order
    unit.save(update_fields=["code", "kind", "short_name", "area", "phone", "order"])
    tree.changed()
    journal.write(
        by=by,
        room="orgs",
        verb="update_unit",
        subject=unit,
        unit_id=unit.pk,
        before=before,
        after=facts(unit),
    )
    return unit


def check_code(code: str) -> None:
    if Unit.objects.filter(code=code).exists():
        message = _("单位代码 %(code)s 已被使用") % {"code": code}
        raise Invalid("orgs.unit_code_taken", message, fields=[Field("code", message)])


def check_active(unit: Unit, path: str) -> None:
    if not unit.active:
        message = _("单位“%(name)s”已撤销，请选择现有单位") % {"name": unit.name}
        raise Invalid("orgs.unit_closed", message, fields=[Field(path, message)])
