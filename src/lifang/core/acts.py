"""The shape of the one who acts, as far as ``core`` needs it. ``orgs.acting.Acting`` fits it."""

from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden, Unauthenticated


class Actor(Protocol):
    """Who acts. ``core`` knows no people and no units, only their numbers and names."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def token_id(self) -> int | None: ...
    @property
    def automatic(self) -> bool: ...
    @property
    def citizen(self) -> bool: ...
    @property
    def address(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


def owner_of(by: Actor) -> str:
    """A short name of the one who acts that outlives the request: ``user:7``, ``token:3``."""
    if by.user_id is not None:
        return f"user:{by.user_id}"
    if by.token_id is not None:
        return f"token:{by.token_id}"
    if by.automatic:
        return "system"
    return f"address:{by.address}" if by.address else "citizen"


_WHO: list[Callable[[HttpRequest], Actor]] = []


def use(
    signed_in: Callable[[HttpRequest], Actor], stranger: Callable[[HttpRequest], Actor]
) -> None:
    """Tell ``core`` how to find out who calls: called once, from ``urls``."""
    _WHO[:] = [signed_in, stranger]


def who(request: HttpRequest) -> Actor:
    """The one who calls, for doors open to strangers too. Nobody else may call this."""
    signed_in, stranger = _WHO
    try:
        return signed_in(request)
    except Unauthenticated:
        return stranger(request)


def has_role(by: Actor, *roles: str) -> bool:
    """Whether any of ``roles`` (keys of ``orgs.choices.Role``) is held."""
    return by.automatic or any(r in by.roles for r in roles)


def need_role(by: Actor, *roles: str) -> None:
    """Refuse who holds none of ``roles``."""
    if not has_role(by, *roles):
        raise Forbidden("forbidden", _("您没有进行这项操作的权限，如有需要请联系管理员"))


class CoreRequest(HttpRequest):
    """A request of the JSON API as ``core`` sees it."""

    auth: Actor
