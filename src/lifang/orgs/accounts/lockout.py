"""Lock-out by account alone, over all addresses, above the limit by account and address.

django-axes counts by (account, address). A guesser with many addresses would have five tries from
each; this backend stops them. It answers before any password is checked.
"""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

#: failures of one account from all addresses within the cool-off, before it is locked
ACCOUNT_LIMIT = 30


def failures(username: str) -> int:
    """Failed sign-ins of the account within the cool-off, over all addresses."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    found = AccessAttempt.objects.filter(username=username, attempt_time__gte=since).aggregate(
        n=Sum("failures_since_start")
    )
    return int(found["n"] or 0)


def locked(username: str) -> bool:
    """Whether the account is locked now, for one address or for all."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    one = AccessAttempt.objects.filter(
        username=username,
        attempt_time__gte=since,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    )
    return one.exists() or failures(username) >= ACCOUNT_LIMIT


def unlock(username: str) -> int:
    """Forget the failures of an account; returns how many addresses were counted."""
    return int(AccessAttempt.objects.filter(username=username).delete()[0])


class AccountLock(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, **credentials: Any
    ) -> None:
        if username and failures(username) >= ACCOUNT_LIMIT:
            if request is not None:
                request.axes_locked_out = True  # type: ignore[attr-defined]  # axes' own flag
            raise PermissionDenied
