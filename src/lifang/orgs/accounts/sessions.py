"""Sessions as rows, so that they can be counted, shown and ended."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import logout as django_logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core import journal
from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.orgs.models import User, UserSession
from lifang.orgs.signin import address_of

STARTED, SEEN = "lifang_started", "lifang_seen"
#: how stale the time of the last request may be: one write a minute, not one a request
_TOUCH = 60


def _store() -> type[SessionBase]:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store


@transaction.atomic
def begin(request: HttpRequest, user: User, *, by: Acting, how: str) -> None:
    """Note a new session, end the oldest beyond the limit, and tell the journal."""
    now = timezone.now()
    request.session[STARTED] = request.session[SEEN] = int(now.timestamp())
    if request.session.session_key is None:
        request.session.save()
    UserSession.objects.update_or_create(
        key=request.session.session_key,
        defaults={
            "user": user,
            "address": address_of(request) or None,
            "agent": request.headers.get("User-Agent", "")[:200],
            "seen_at": now,
        },
    )
    prune(user)
    kept = list(
        UserSession.objects.filter(user=user)
        .order_by("-started_at", "-id")
        .values_list("key", flat=True)
    )
    drop(kept[config().sessions_per_user :])
    journal.write(by=by, room="orgs", verb="sign_in", subject=user, after={"how": how})


def drop(keys: list[str]) -> None:
    """End sessions by key."""
    for key in keys:
        _store()(key).delete()
    UserSession.objects.filter(key__in=keys).delete()


def prune(user: User) -> None:
    """Forget the rows of sessions that ran out by themselves."""
    now = timezone.now()
    UserSession.objects.filter(user=user).exclude(
        seen_at__gt=now - timedelta(minutes=config().session_idle_minutes),
        started_at__gt=now - timedelta(hours=config().session_hours),
    ).delete()


def moved(old_key: str | None, request: HttpRequest) -> None:
    """The session got a new key (after a change of password): the row follows, others end."""
    row = UserSession.objects.filter(key=old_key).first()
    if row is None:
        return
    if request.session.session_key is None:
        request.session.save()
    row.key = str(request.session.session_key)
    row.save(update_fields=["key"])
    drop(
        list(
            UserSession.objects.filter(user=row.user_id)
            .exclude(pk=row.pk)
            .values_list("key", flat=True)
        )
    )


def ran_out(session: SessionBase, now: datetime) -> bool:
    """Whether the session was idle, or alive, for too long."""
    at, limits = int(now.timestamp()), config()
    return bool(
        at - session.get(SEEN, at) > limits.session_idle_minutes * 60
        or at - session.get(STARTED, at) > limits.session_hours * 3600
    )


def touch(session: SessionBase, now: datetime) -> None:
    """Note that the session is in use, at most once a minute."""
    at = int(now.timestamp())
    session.setdefault(STARTED, at)
    if at - session.get(SEEN, 0) >= _TOUCH:
        session[SEEN] = at
        UserSession.objects.filter(key=session.session_key).update(seen_at=now)


def close(request: HttpRequest) -> None:
    """Sign out of this session."""
    UserSession.objects.filter(key=request.session.session_key).delete()
    django_logout(request)


@transaction.atomic
def end(*, by: Acting, session_id: int) -> None:
    """End one of one's own sessions."""
    row = UserSession.objects.filter(pk=session_id, user_id=by.person).first()
    if row is None:
        raise Missing("orgs.session_not_found", _("此会话已结束，请刷新"))
    drop([row.key])
    journal.write(by=by, room="orgs", verb="end_session", subject=row.user)


def end_all(user: User) -> None:
    """End every session of a person (deactivated, password reset)."""
    drop(list(UserSession.objects.filter(user=user).values_list("key", flat=True)))
