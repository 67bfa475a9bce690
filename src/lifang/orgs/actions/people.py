"""People's accounts: made, changed, locked out and let in again. Roles are another's business."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.orgs.accounts import lockout, passwords, sessions
from lifang.orgs.acting import Acting
from lifang.orgs.actions.units import check_active
from lifang.orgs.choices import SEPARATED, Role
from lifang.orgs.models import User
from lifang.orgs.permissions import (
    is_administrator,
    keep_one,
    require,
    require_person,
    require_unit,
)


def facts(user: User) -> dict[str, object]:
    """What the journal keeps of a person: who and where, no telephone number, no address."""
    return {
        "username": user.username,
        "name": user.name,
        "unit_id": user.unit_id,
        "active": user.is_active,
    }


@transaction.atomic
def create_user(
    *,
    by: Acting,
    username: str,
    name: str,
    unit_id: int,
    phone: str = "",
    email: str = "",
    password: str = "",
) -> tuple[User, str]:
    """A new account and its one-time password, which is shown once and must be changed."""
    unit = require_unit(by, unit_id, Role.SYSTEM_ADMIN)
    check_active(unit, "unit_id")
    check_username(username)
    given = password or passwords.one_time()
    user = User.objects.create_user(username, given, name=name, unit=unit, phone=phone, email=email)
    journal.write(
        by=by, room="orgs", verb="create_user", subject=user, unit_id=unit.pk, after=facts(user)
    )
    return user, given


@transaction.atomic
def update_user(
    *, by: Acting, user_id: int, name: str, unit_id: int, phone: str = "", email: str = ""
) -> User:
    """Change a person's name, unit and how to reach them."""
    user = require_person(by, user_id, Role.SYSTEM_ADMIN)
    before = facts(user)
    if unit_id != user.unit_id:
        unit = require_unit(by, unit_id, Role.SYSTEM_ADMIN)
        check_active(unit, "unit_id")
        user.unit = unit
    user.name, user.phone, user.email = name, phone, email
    user.save(update_fields=["name", "unit", "phone", "email"])
    journal.write(
        by=by,
        room="orgs",
        verb="update_user",
        subject=user,
        unit_id=user.unit_id,
        before=before,
        after=facts(user),
    )
    return user


@transaction.atomic
def deactivate_user(*, by: Acting, user_id: int, reason: str = "") -> User:
    """Close an account. What the person did stays under the person's name."""
    user = require_person(by, user_id, Role.SYSTEM_ADMIN)
    if user.pk == by.user_id:
        raise Forbidden("orgs.self", _("不能停用自己的账号"))
    if not user.is_active:
        raise Conflict("orgs.user_inactive", _("此账号已经停用"))
    for role in user.memberships.filter(role__in=SEPARATED).values_list("role", flat=True):
        keep_one(user, role)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    journal.write(
        by=by,
        room="orgs",
        verb="deactivate_user",
        subject=user,
        unit_id=user.unit_id,
        reason=reason,
    )
    return user


@transaction.atomic
def reactivate_user(*, by: Acting, user_id: int) -> tuple[User, str]:
    """Open an account again, with a new one-time password."""
    user = require_person(by, user_id, Role.SYSTEM_ADMIN)
    if user.is_active:
        raise Conflict("orgs.user_active", _("此账号正在使用"))
    user.is_active = True
    user.save(update_fields=["is_active"])
    password = _new_password(user)
    journal.write(by=by, room="orgs", verb="reactivate_user", subject=user, unit_id=user.unit_id)
    return user, password


@transaction.atomic
def reset_password(*, by: Acting, user_id: int) -> tuple[User, str]:
    """A new one-time password. An administrator's only by the security administrator: whoever
    edits people must not be able to become one who grants roles."""
    user = _for_reset(by, user_id)
    password = _new_password(user)
    sessions.end_all(user)
    lockout.unlock(user.username)
    journal.write(by=by, room="orgs", verb="reset_password", subject=user, unit_id=user.unit_id)
    return user, password


@transaction.atomic
def unlock_user(*, by: Acting, user_id: int) -> None:
    """Forget the failed sign-ins of an account."""
    user = require_person(by, user_id, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    lockout.unlock(user.username)
    journal.write(by=by, room="orgs", verb="unlock_user", subject=user, unit_id=user.unit_id)


@transaction.atomic
def reset_mfa(*, by: Acting, user_id: int, reason: str = "") -> None:
    """Take the second factor off an account whose telephone is lost; sessions end."""
    user = require_person(by, user_id, Role.SECURITY_ADMIN)
    if user.pk == by.user_id:
        raise Forbidden("orgs.self", _("不能重置自己的动态口令，请由另一位安全管理员办理"))
    Authenticator.objects.filter(user_id=user.pk).delete()
    sessions.end_all(user)
    journal.write(
        by=by, room="orgs", verb="reset_mfa", subject=user, unit_id=user.unit_id, reason=reason
    )


def check_username(username: str) -> None:
    if User.objects.filter(username=username).exists():
        message = _("用户名 %(name)s 已被使用") % {"name": username}
        raise Invalid("orgs.username_taken", message, fields=[Field("username", message)])


def _for_reset(by: Acting, user_id: int) -> User:
    require(by, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    user = require_person(by, user_id, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    if user.pk == by.user_id:
        raise Forbidden("orgs.self", _("自己的密码请在“我的账号”中修改"))
    if is_administrator(user):
        require(by, Role.SECURITY_ADMIN)
    else:
        require(by, Role.SYSTEM_ADMIN)
    if not user.is_active:
        raise Conflict("orgs.user_inactive", _("此账号已经停用"))
    return user


def _new_password(user: User) -> str:
    password = passwords.one_time()
    user.set_password(password)
    user.must_change_password = True
    user.password_changed_at = None
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    return password
