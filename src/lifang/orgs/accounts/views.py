"""Sign-in, password, second factor and own sessions as pages that need no script."""

import json
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as MfaReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifang.config import config
from lifang.core import journal
from lifang.core.errors import Problem
from lifang.orgs import signin
from lifang.orgs.accounts import passwords, sessions
from lifang.orgs.accounts.forms import LoginForm, PasswordForm
from lifang.orgs.acting import Acting
from lifang.orgs.models import User, UserSession

DEMO_ACCOUNTS = "demo-accounts.json"


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: only a path of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else "/console/"


def _with_next(page: str, target: str) -> str:
    return f"{reverse(page)}?{urlencode({'next': target})}"


def demo_accounts() -> list[dict[str, str]]:
    """Accounts of the made-up city, written by the demo; none outside demo mode."""
    path = config().data / DEMO_ACCOUNTS
    if not config().demo or not path.is_file():
        return []
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def signed_in(request: HttpRequest) -> Acting | None:
    """The person of this page request."""
    user = request.user
    return (
        signin.by_user(user.pk, address=signin.address_of(request))
        if user.is_authenticated
        else None
    )


def onward(request: HttpRequest, acting: Acting, target: str) -> HttpResponseRedirect:
    """To the page asked for, unless the password or the second factor comes first."""
    if acting.must_change_password:
        return redirect(_with_next("account_change_password", target))
    if signin.needs_mfa(acting.roles) and not request.session.get(signin.MFA_FLAG):
        return redirect(reverse("mfa_activate_totp"))
    return redirect(target)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    target = safe_next(request)
    if request.method != "POST" and (acting := signed_in(request)):
        return onward(request, acting, target)
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["username"], form.cleaned_data["password"]
        user = authenticate(request, username=name, password=password)
        if isinstance(user, User):
            answer: HttpResponse = perform_password_login(
                request,
                {"username": name},
                Login(user=user, redirect_url=_with_next("account_login", target)),
            )
            return answer
        if not getattr(request, "axes_locked_out", False):
            _tell(request, name, "sign_in_failed")
        form.add_error(None, _("用户名或密码不正确"))
    return _login_page(request, form, target, 200 if request.method != "POST" else 422)


def locked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer of django-axes once an account is locked for an address, or altogether."""
    if request.path != reverse("account_login"):
        return HttpResponse(_("登录尝试过多，请 30 分钟后再试"), status=429)
    name = request.POST.get("username", "")[:64]
    if cache.add(f"orgs.locked:{name}", 1, timeout=int(settings.AXES_COOLOFF_TIME * 3600)):
        _tell(request, name, "locked")  # once, not for every further try
    form = LoginForm(initial={"username": name})
    message = _("登录尝试过多，账号已暂时锁定。请 30 分钟后再试，或联系系统管理员解锁")
    return _login_page(request, form, safe_next(request), 429, message)


def _login_page(
    request: HttpRequest, form: LoginForm, target: str, status: int, message: str = ""
) -> HttpResponse:
    accounts = demo_accounts()
    shared = {a["password"] for a in accounts}
    context = {
        "form": form,
        "next": target,
        "locked": message,
        "accounts": accounts,
        "password": shared.pop() if len(shared) == 1 else "",
        "sso": bool(config().oidc_server_url),
    }
    return render(request, "login.html", context, status=status)


def _tell(request: HttpRequest, name: str, verb: str) -> None:
    """An event of somebody who is not (yet) signed in, under the name that was given."""
    by = Acting(name=name[:64], address=signin.address_of(request))
    with transaction.atomic():
        journal.write(
            by=by,
            room="orgs",
            verb=verb,
            subject=User.objects.filter(username=name).first(),
            after={"username": name[:64]},
        )


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    acting = signed_in(request)
    if acting is not None:
        with transaction.atomic():
            journal.write(
                by=acting, room="orgs", verb="sign_out", subject=User.objects.get(pk=acting.person)
            )
    sessions.close(request)
    return redirect("account_login")


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    acting = signed_in(request)
    assert acting is not None  # noqa: S101  (login_required came first)
    rows = UserSession.objects.filter(user_id=acting.person).order_by("-seen_at")
    kinds = set(Authenticator.objects.filter(user_id=acting.person).values_list("type", flat=True))
    context = {
        "acting": acting,
        "sessions": rows,
        "current": request.session.session_key,
        "mfa": Authenticator.Type.TOTP in kinds,
        "mfa_required": signin.needs_mfa(acting.roles),
        "sso": bool(config().oidc_server_url),
    }
    return render(request, "account/index.html", context)


@login_required
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    acting = signed_in(request)
    assert acting is not None  # noqa: S101  (login_required came first)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = passwords.change(
                by=acting, old=form.cleaned_data["old"], new=form.cleaned_data["new"]
            )
        except Problem as problem:
            for field in problem.fields:
                form.add_error(field.path, str(field.message))
        else:
            key = request.session.session_key
            update_session_auth_hash(request, user)
            sessions.moved(key, request)
            messages.success(request, _("密码已修改，其他设备上的登录已退出"))
            now = signed_in(request)
            return onward(request, now, safe_next(request)) if now else redirect("account_login")
    context = {"form": form, "forced": acting.must_change_password, "next": safe_next(request)}
    return render(request, "account/password.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    acting = signed_in(request)
    assert acting is not None  # noqa: S101  (login_required came first)
    try:
        sessions.end(by=acting, session_id=session_id)
    except Problem as problem:
        messages.error(request, str(problem.message))
    return redirect("account_index")


class _Told:
    """Tells the journal what an allauth view did."""

    request: HttpRequest
    verb = ""

    def tell(self) -> None:
        acting = signed_in(self.request)
        if acting is not None:
            with transaction.atomic():
                subject = User.objects.get(pk=acting.person)
                journal.write(by=acting, room="orgs", verb=self.verb, subject=subject)


class Authenticate(AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """The second step of a sign-in."""

    def form_invalid(self, form: Any) -> HttpResponse:
        user = self.stage.login.user
        by = Acting(user_id=user.pk, name=user.name, address=signin.address_of(self.request))
        with transaction.atomic():
            journal.write(by=by, room="orgs", verb="mfa_failed", subject=user)
        answer: HttpResponse = super().form_invalid(form)
        return answer


class ActivateTotp(_Told, ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    verb = "mfa_on"

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.request.session[signin.MFA_FLAG] = True
        self.tell()
        return answer


class DeactivateTotp(_Told, DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    verb = "mfa_off"

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.request.session.pop(signin.MFA_FLAG, None)
        self.tell()
        return answer


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """The codes, shown once."""


class NewRecoveryCodes(_Told, GenerateRecoveryCodesView):  # type: ignore[misc]  # as above
    verb = "recovery_codes"

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.tell()
        return answer


class Reauthenticate(ReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """Asks for the password again before the second factor is changed."""


class MfaReauthenticate(MfaReauthenticateView):  # type: ignore[misc]  # allauth has no types
    """Asks for the second factor again before it is changed."""
