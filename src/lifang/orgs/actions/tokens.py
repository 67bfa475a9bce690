"""Machines' keys: shown once, kept as a hash, bound to a unit, a role and scopes, with an end."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Field, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.actions.units import check_active
from lifang.orgs.choices import SCOPES, SEPARATED, Role
from lifang.orgs.models import ApiToken
from lifang.orgs.permissions import reach, require, require_unit
from lifang.orgs.signin import digest

PREFIX = "lf_"


@transaction.atomic
def create_token(
    *, by: Acting, name: str, unit_id: int, role: str, scopes: Sequence[str], days: int = 365
) -> tuple[ApiToken, str]:
    """A new key; the second value is shown once and cannot be read again."""
    unit = require_unit(by, unit_id, Role.SECURITY_ADMIN)
    check_active(unit, "unit_id")
    if role in SEPARATED:
        message = _("令牌不能使用管理员角色")
        raise Invalid("orgs.token_role", message, fields=[Field("role", message)])
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        message = _("权限范围有误：%(list)s") % {"list": "、".join(wrong) or _("未选择")}
        raise Invalid("orgs.token_scopes", message, fields=[Field("scopes", message)])
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        unit=unit,
        role=Role(role),
        prefix=secret[:9],
        digest=digest(secret),
        scopes=sorted(set(scopes)),
        created_by_id=by.user_id,
        expires_at=timezone.now() + timedelta(days=days),
    )
    journal.write(
        by=by,
        room="orgs",
        verb="create_token",
        subject=token,
        unit_id=unit.pk,
        after={"role": role, "scopes": token.scopes, "expires_at": token.expires_at},
    )
    return token, secret


@transaction.atomic
def revoke_token(*, by: Acting, token_id: int) -> None:
    """End a key at once."""
    require(by, Role.SECURITY_ADMIN)
    within = reach(by, Role.SECURITY_ADMIN)
    token = ApiToken.objects.select_for_update().filter(pk=token_id, active=True).first()
    if token is None or (within is not None and token.unit_id not in within):
        raise Missing("orgs.token_not_found", _("没有此令牌，或已停用"))
    token.active = False
    token.save(update_fields=["active"])
    journal.write(by=by, room="orgs", verb="revoke_token", subject=token, unit_id=token.unit_id)
