"""Passwords: what is asked of one, changing one's own, the one-time kind an administrator hands out."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.models import User

#: no letters or figures that are taken for another when read out
_ALPHABET = "abcdefghjkmnpqrstuvwxyz"
_FIGURES = "23456789"


class MixedValidator:
    """At least three of: small letters, capitals, figures, other signs (等保三级)."""

    def validate(self, password: str, user: Any = None) -> None:
        kinds = [
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        ]
        if sum(kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_mix")

    def get_help_text(self) -> str:
        return _("密码至少包含大写字母、小写字母、数字、符号中的三种")


def one_time() -> str:
    """A password to be handed over once and changed at the first sign-in; about 60 bits."""
    parts = ["".join(secrets.choice(_ALPHABET) for _i in range(4)) for _j in range(3)]
    figures = "".join(secrets.choice(_FIGURES) for _i in range(3))
    return f"{parts[0].capitalize()}-{parts[1]}-{parts[2]}{figures}"


@transaction.atomic
def change(*, by: Acting, old: str, new: str) -> User:
    """Change one's own password. Errors name the field."""
    user = User.objects.select_for_update().filter(pk=by.person, is_active=True).first()
    if user is None:
        raise Forbidden("orgs.person_only", _("此功能只供登录人员使用"))
    if not user.check_password(old):
        raise _wrong("old", [_("当前密码不正确")])
    if old == new:
        raise _wrong("new", [_("新密码不能与当前密码相同")])
    try:
        validate_password(new, user)
    except ValidationError as problem:
        raise _wrong("new", problem.messages) from None
    user.set_password(new)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    journal.write(by=by, room="orgs", verb="change_password", subject=user)
    return user


def _wrong(path: str, messages: list[str]) -> Invalid:
    return Invalid("orgs.password", "；".join(messages), fields=[Field(path, "；".join(messages))])
