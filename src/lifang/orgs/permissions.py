"""Who may do what with the organisation. Three administrators, kept apart (三员分立)."""

from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import SEPARATED, Role
from lifang.orgs.models import Unit, User
from lifang.orgs.tree import tree

#: who sees all people's names and units, to reach them: the centre's desks
DESKS = (
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.DUTY_CHIEF,
    Role.EVALUATOR,
    Role.LEADER,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)


def require(by: Acting, *roles: Role) -> None:
    """Refuse unless one of ``roles`` is held; says which would be needed."""
    if not by.has(*roles):
        names = "、".join(str(r.label) for r in roles)
        raise Forbidden("orgs.role", _("此操作需要角色：%(roles)s") % {"roles": names})


def reach(by: Acting, *roles: Role) -> frozenset[int] | None:
    """Units over which ``roles`` rule; ``None``: all (a role held at the top of the tree)."""
    if by.automatic:
        return None
    whole = tree()
    grants = [g for g in by.grants if g.role in roles]
    for g in grants:
        node = whole.nodes.get(g.unit_id)
        if node is not None and node.parent_id is None:
            return None
    return frozenset().union(*(g.units for g in grants))


def require_unit(by: Acting, unit_id: int, *roles: Role) -> Unit:
    """The unit, locked for change, if ``roles`` rule over it."""
    require(by, *roles)
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    within = reach(by, *roles)
    if unit is None or (within is not None and unit.pk not in within):
        raise Missing("orgs.unit_not_found", _("没有此单位，或不归您管理"))
    return unit


def require_person(by: Acting, user_id: int, *roles: Role) -> User:
    """The person, locked for change, if ``roles`` rule over the unit."""
    require(by, *roles)
    user = User.objects.select_for_update().filter(pk=user_id).first()
    within = reach(by, *roles)
    if user is None or (within is not None and user.unit_id not in within):
        raise Missing("orgs.user_not_found", _("没有此人员，或不归您管理"))
    return user


def is_administrator(user: User) -> bool:
    """Whether the person holds one of the three administrators' roles."""
    return user.memberships.filter(role__in=SEPARATED).exists()


def keep_one(user: User, role: str) -> None:
    """Refuse to take ``role`` from the last active person who holds it."""
    if role not in SEPARATED:
        return
    others = (
        User.objects.filter(is_active=True, memberships__role=role).exclude(pk=user.pk).exists()
    )
    if not others:
        raise Forbidden(
            "orgs.last_administrator",
            _("%(name)s是最后一位%(role)s，请先指定另一位")
            % {"name": user.name, "role": Role(role).label},
        )
