"""Roles: granted and taken by the security administrator, never to oneself."""

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.orgs import rules
from lifang.orgs.acting import Acting
from lifang.orgs.actions.units import check_active
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership
from lifang.orgs.permissions import keep_one, reach, require, require_person, require_unit


@transaction.atomic
def grant_role(*, by: Acting, user_id: int, unit_id: int, role: str, area: str = "") -> Membership:
    """Give a person a role in a unit, over an area (division-code prefix; empty: everywhere)."""
    user = require_person(by, user_id, Role.SECURITY_ADMIN)
    if user.pk == by.user_id:
        raise Forbidden("orgs.self", _("不能给自己授权，请由另一位安全管理员办理"))
    unit = require_unit(by, unit_id, Role.SECURITY_ADMIN)
    check_active(unit, "unit_id")
    if not user.is_active:
        raise Conflict("orgs.user_inactive", _("此账号已经停用"))
    held = set(user.memberships.values_list("role", flat=True))
    if (other := rules.clash(held, role)) is not None:
        message = _("%(name)s已是%(role)s，系统、安全、审计三类管理员不能由一人兼任") % {
            "name": user.name,
            "role": Role(other).label,
        }
        raise Invalid("orgs.roles_apart", message, fields=[Field("role", message)])
    row, made = Membership.objects.get_or_create(user=user, unit=unit, role=Role(role), area=area)
    if not made:
        raise Conflict("orgs.membership_exists", _("已有此授权"))
    journal.write(
        by=by, room="orgs", verb="grant_role", subject=user, unit_id=unit.pk, after=facts(row)
    )
    return row


@transaction.atomic
def revoke_role(*, by: Acting, membership_id: int, reason: str = "") -> None:
    """Take a role. The last administrator of a kind keeps it."""
    require(by, Role.SECURITY_ADMIN)
    within = reach(by, Role.SECURITY_ADMIN)
    row = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=membership_id)
        .first()
    )
    if row is None or (within is not None and row.unit_id not in within):
        raise Missing("orgs.membership_not_found", _("没有此授权，或不归您管理"))
    elsewhere = row.user.memberships.filter(role=row.role).exclude(pk=row.pk).exists()
    if not elsewhere:
        keep_one(row.user, row.role)
    before = facts(row)
    row.delete()
    journal.write(
        by=by,
        room="orgs",
        verb="revoke_role",
        subject=row.user,
        unit_id=row.unit_id,
        reason=reason,
        before=before,
    )


def facts(row: Membership) -> dict[str, object]:
    return {"role": row.role, "unit_id": row.unit_id, "area": row.area}
