"""From a request to the one who acts: no statement beside the session's own."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from lifang.config import config
from lifang.core.errors import Forbidden, Unauthenticated
from lifang.orgs.acting import Acting, Grant
from lifang.orgs.models import ApiToken, User
from lifang.orgs.tree import tree

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: set in the session of a person who gave, or has just set up, the second factor
MFA_FLAG = "lifang_mfa"
#: what a person may still do who has yet to change the password or set up the second factor
_ALWAYS = ("/api/v1/me", "/api/v1/sessions")
_TOKEN_SEEN = timedelta(minutes=10)


def address_of(request: HttpRequest) -> str:
    """The caller's address; a proxy's word is taken only from as many proxies as are declared."""
    hops = config().trusted_proxies
    if hops and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        chain = [a.strip() for a in forwarded.split(",")]
        return str(chain[-min(hops, len(chain))])
    return str(request.META.get("REMOTE_ADDR", ""))


def acting_of(request: HttpRequest) -> Acting | None:
    """The one who calls, or ``None``. Raises where a session or token is there but refused."""
    header = request.headers.get("Authorization", "")
    if header:
        return _of_token(request, header)
    return _of_session(request)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def needs_mfa(roles: frozenset[str]) -> bool:
    """Whether one of the roles must sign in with a second factor. Never in demo mode."""
    required = {r.strip() for r in config().mfa_required_roles.split(",")}
    return not config().demo and bool(roles & required)


def _of_session(request: HttpRequest) -> Acting | None:
    user_id = request.session.get(SESSION_KEY)
    if user_id is None:
        return None
    acting = by_user(
        user_id,
        session_hash=request.session.get(HASH_SESSION_KEY, ""),
        address=address_of(request),
        # what the session's own statement brought along; see accounts.store
        rows=getattr(request.session, "person", None),
    )
    if acting is None:
        return None
    if request.method not in SAFE and check_csrf(request) is not None:
        raise Forbidden("csrf", _("页面已过期，请刷新后重试"))
    if not request.path.startswith(_ALWAYS):
        if acting.must_change_password:
            raise Forbidden("orgs.must_change_password", _("请先修改初始密码"))
        if needs_mfa(acting.roles) and not request.session.get(MFA_FLAG):
            raise Forbidden("orgs.mfa_required", _("您的角色要求启用动态口令，请先在账号页设置"))
    return acting


class Person(NamedTuple):
    """A person with one of his or her roles, as one statement gives them."""

    id: int
    username: str
    name: str
    unit_id: int | None
    unit_name: str | None
    must_change_password: bool
    password: str
    password_changed_at: datetime | None
    role: str | None
    role_unit_id: int | None
    area: str | None


_PERSON = (
    "id", "username", "name", "unit_id", "unit__name", "must_change_password", "password",
    "password_changed_at", "memberships__role", "memberships__unit_id", "memberships__area",
)  # fmt: skip


def by_user(
    user_id: Any,
    *,
    session_hash: str | None = None,
    address: str = "",
    rows: list[Person] | None = None,
) -> Acting | None:
    """A person's :class:`Acting`; ``session_hash`` is checked where given.

    One statement, none where the person's ``rows`` were read with the session.
    """
    if not rows or str(rows[0].id) != str(user_id):
        found = User.objects.filter(pk=user_id, is_active=True).values_list(*_PERSON)
        rows = [Person(*row) for row in found]
    if not rows:
        return None
    first = rows[0]
    if session_hash is not None and not _same_session(first.password, session_hash):
        return None
    now = timezone.now()
    return Acting(
        user_id=first.id,
        username=first.username,
        name=first.name,
        unit_id=first.unit_id,
        unit_name=first.unit_name or "",
        must_change_password=bool(first.must_change_password)
        or password_expired(first.password_changed_at, now),
        grants=tuple(grant(r.role, r.role_unit_id or 0, r.area or "") for r in rows if r.role),
        address=address,
    )


def password_expired(changed_at: datetime | None, now: datetime) -> bool:
    """Whether the password is older than the operator allows. Never in demo mode."""
    days = config().password_days
    if not days or config().demo or changed_at is None:
        return False
    return now - changed_at > timedelta(days=days)


def grant(role: str, unit_id: int, area: str) -> Grant:
    return Grant(role, unit_id, tree().below(unit_id), area)


def _same_session(password: str, session_hash: str) -> bool:
    """As ``django.contrib.auth.get_user`` does: a changed password ends other sessions."""
    user = User(password=password)
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, h) for h in hashes)


def _of_token(request: HttpRequest, header: str) -> Acting:
    kind, _sep, secret = header.partition(" ")
    if kind.lower() != "bearer":
        secret = ""
    return by_key(secret.strip(), need=scope_needed(request), address=address_of(request))


def by_key(secret: str, *, need: str | None, address: str = "") -> Acting:
    """The machine that holds this key, if the key is good and has the scope ``need``; else a refusal."""
    now = timezone.now()
    token = None
    if secret:
        token = (
            ApiToken.objects.select_related("unit")
            .filter(digest=digest(secret), active=True, unit__active=True)
            .first()
        )
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        raise Unauthenticated("orgs.bad_token", _("令牌无效、已停用或已过期，请联系管理员更换"))
    if need is not None and not scope_held(need, token.scopes):
        raise Forbidden(
            "orgs.scope", _("此令牌没有权限“%(scope)s”，请联系管理员") % {"scope": need}
        )
    _seen(token, now)
    return Acting(
        name=token.name,
        unit_id=token.unit_id,
        unit_name=token.unit.name,
        grants=(grant(token.role, token.unit_id, token.unit.area),),
        scopes=frozenset(token.scopes),
        token_id=token.pk,
        address=address,
    )


def scope_needed(request: HttpRequest) -> str | None:
    """``cases:read`` for ``GET /api/v1/cases/7``: first part of the path, read or write."""
    parts = request.path.strip("/").split("/")
    if len(parts) < 3:
        return None
    return f"{parts[2]}:{'read' if request.method in SAFE else 'write'}"


def scope_held(need: str, scopes: list[str]) -> bool:
    return need in scopes or "*:" + need.partition(":")[2] in scopes


def _seen(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is None or now - token.last_used_at > _TOKEN_SEEN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
