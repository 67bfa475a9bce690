"""Who acts: a signed-in person, a machine's token, a citizen, or the system itself."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden, Unauthenticated
from lifang.orgs.choices import Role


@dataclass(frozen=True)
class Grant:
    """A role held in a unit (``units`` = that unit and all below it) over an area prefix."""

    role: str
    unit_id: int
    units: frozenset[int]
    area: str = ""


@dataclass(frozen=True)
class Acting:
    """The one who acts, with all that permission rules ask about. Built once per request."""

    user_id: int | None = None
    username: str = ""
    name: str = ""
    unit_id: int | None = None
    unit_name: str = ""
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    token_id: int | None = None
    automatic: bool = False
    citizen: bool = False
    #: came by number and code: the reporter of the case in hand, who may do what reporters may
    door: bool = False
    must_change_password: bool = False
    address: str = ""

    @property
    def person(self) -> int:
        """The number of the person; a refusal where a machine or the public calls."""
        if self.user_id is None:
            raise Forbidden("orgs.person_only", _("此功能只供登录人员使用"))
        return self.user_id

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(g.role for g in self.grants)

    def has(self, *roles: Role) -> bool:
        """Whether any of ``roles`` is held. The system itself may do everything."""
        return self.automatic or any(r in self.roles for r in roles)

    def areas(self, *roles: Role) -> tuple[str, ...]:
        """Area prefixes over which any of ``roles`` is held; ``""`` means everywhere."""
        found = {g.area for g in self.grants if g.role in roles}
        return ("",) if "" in found else tuple(sorted(found))

    def units(self, *roles: Role) -> frozenset[int]:
        """Units (with all below them) in which any of ``roles`` is held."""
        return frozenset().union(*(g.units for g in self.grants if g.role in roles))


class ApiRequest(HttpRequest):
    """A request of the JSON API; ``auth`` is what :func:`of` found."""

    auth: Acting


SYSTEM = Acting(name="系统", automatic=True)
CITIZEN = Acting(name="市民", citizen=True)


def of(request: HttpRequest) -> Acting:
    """The one who calls: session cookie (CSRF checked where it writes) or bearer token."""
    from lifang.orgs import signin  # it builds on this module

    acting = signin.acting_of(request)
    if acting is None:
        raise Unauthenticated("unauthenticated", _("请先登录"))
    return acting


def optional(request: HttpRequest) -> Acting:
    """For doors open to the public (``auth=None``): a citizen, with the address for limits."""
    from lifang.orgs import signin

    return replace(CITIZEN, address=signin.address_of(request))
