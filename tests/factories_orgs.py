"""Units, people and who acts, for the tests of every room."""

from itertools import count
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from lifang.orgs import signin
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.models import Membership, Unit, UnitName, User

_n = count(1)

PASSWORD = "good-Pass-2026"


def make_unit(**kw: Any) -> Unit:
    """A unit with its current name. ``parent``, ``kind``, ``area`` and the rest as in the model."""
    from datetime import date

    from lifang.orgs import tree

    n = next(_n)
    values = {"code": f"U{n:04d}", "name": f"单位{n}", "kind": UnitKind.DEPARTMENT} | kw
    unit = Unit.objects.create(**values)
    UnitName.objects.create(unit=unit, name=unit.name, valid_from=date(2020, 1, 1))
    tree.changed()
    return unit


def make_user(
    *, role: Role | str | None = None, unit: Unit | None = None, area: str = "", **kw: Any
) -> User:
    """A person with a password already changed, and one role in ``unit`` (a new one if not given)."""
    n = next(_n)
    unit = unit or make_unit()
    values = {
        "username": f"u{n}",
        "name": f"人员{n}",
        "unit": unit,
        "must_change_password": False,
    } | kw
    user = User(**values)
    user.set_password(PASSWORD)
    user.save()
    if role is not None:
        Membership.objects.create(user=user, unit=unit, role=role, area=area)
    return user


def acting_for(user: User) -> Acting:
    """The :class:`Acting` that a request of this person would have."""
    acting = signin.by_user(user.pk, address="127.0.0.1")
    assert acting is not None
    return acting


def client_for(user: User, *, mfa: bool = True) -> Client:
    """A signed-in client; ``mfa``: as if the second factor had been given."""
    client = Client()
    session = client.session
    session[SESSION_KEY] = str(user.pk)
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session[signin.MFA_FLAG] = mfa
    session.save()
    return client
