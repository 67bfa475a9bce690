"""Who calls in the contract test, and the small city they call about."""

from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken, Unit
from lifang.orgs.signin import digest

ANONYMOUS = "anonymous"
CALLERS = [
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.HANDLER,
    Role.CHECKER,
    Role.LEADER,
]


def make_city() -> None:
    """A unit tree and a token for each caller."""
    unit = Unit.objects.create(code="contract", name="契约测试单位", kind="centre")
    for role in CALLERS:
        ApiToken.objects.create(
            name=f"契约 {role}",
            unit=unit,
            role=role,
            prefix=role[:12],
            digest=digest(f"token-{role}"),
            scopes=["*:read", "*:write"],
        )


def headers_of(caller: str) -> dict[str, str]:
    """The headers with which ``caller`` signs a request."""
    return {} if caller == ANONYMOUS else {"Authorization": f"Bearer token-{caller}"}
