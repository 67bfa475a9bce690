"""Where allauth asks us: no self sign-up, our sessions, our journal, secrets encrypted."""

import base64
import hashlib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import login as django_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.config import config
from lifang.core import journal
from lifang.orgs import signin
from lifang.orgs.accounts import sessions
from lifang.orgs.acting import Acting
from lifang.orgs.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Every way in ends here: password, second factor, single sign-on."""
        methods = [str(r.get("method")) for r in get_authentication_records(request, user)]
        user.backend = BACKEND
        django_login(request, user)
        if "mfa" in methods:
            request.session[signin.MFA_FLAG] = True
        by = signin.by_user(user.pk, address=signin.address_of(request))
        if by is not None:
            sessions.begin(request, user, by=by, how="+".join(dict.fromkeys(methods)))

    def logout(self, request: HttpRequest) -> None:
        sessions.close(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not again within ten minutes of the sign-in: first set-up would ask twice in a row."""
        started = int(context.request.session.get(sessions.STARTED, 0))
        return time.time() - started > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return render(
            request, "account/refused.html", {"message": refuse_text("inactive")}, status=403
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened; allauth's own notes would say it twice."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Accounts have no mail address that is sure; the journal has the event."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return signin.address_of(request)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy("您的角色要求启用动态口令，不能停用"),
        "cannot_generate_recovery_codes": gettext_lazy("启用动态口令后才能生成恢复码"),
        "incorrect_code": gettext_lazy("口令不正确，请核对手机时间后重试"),
    }

    def get_totp_issuer(self) -> str:
        return config().city_name or "lifang"

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        acting = signin.by_user(authenticator.user_id)
        return acting is None or not signin.needs_mfa(acting.roles)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie the identity to the account that was made for it. There is no self sign-up."""
        if sociallogin.is_existing:
            return
        given = claims(sociallogin.account.extra_data)
        user = match(given)
        if user is None:
            name = str(given.get("preferred_username") or given.get("email") or "")[:64]
            by = Acting(name=name, address=signin.address_of(request))
            with transaction.atomic():
                journal.write(by=by, room="orgs", verb="sign_on_refused", after={"username": name})
            raise ImmediateHttpResponse(
                render(
                    request, "account/refused.html", {"message": refuse_text("unknown")}, status=403
                )
            )
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        raise ImmediateHttpResponse(
            render(request, "account/refused.html", {"message": refuse_text("failed")}, status=403)
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """As in :class:`AccountAdapter`."""


def claims(data: dict[str, Any]) -> dict[str, Any]:
    """The claims of an OpenID Connect answer, of the user info before the token's."""
    found = data.get("userinfo") or data.get("id_token") or data
    return found if isinstance(found, dict) else {}


def match(claims: dict[str, Any]) -> User | None:
    """The account of an identity: by user name, else by an e-mail address that was verified."""
    name = str(claims.get("preferred_username") or "").strip()
    if name and (user := User.objects.filter(username=name, is_active=True).first()):
        return user
    mail = str(claims.get("email") or "").strip()
    if mail and claims.get("email_verified") is True:
        found = list(User.objects.filter(email__iexact=mail, is_active=True)[:2])
        return found[0] if len(found) == 1 else None
    return None


def refuse_text(reason: str) -> str:
    return {
        "inactive": _("此账号已停用，请联系本单位的系统管理员"),
        "unknown": _("统一身份认证成功，但本系统没有对应账号，请联系系统管理员开通"),
    }.get(reason, _("统一身份认证未完成，请重试，或改用用户名和密码登录"))


def _cipher() -> Fernet:
    key = hashlib.sha256(b"lifang.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
