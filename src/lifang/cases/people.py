"""Who is to be told of a case: people of a unit, people of the centre over an area."""

from lifang.cases.models import Case
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership
from lifang.orgs.tree import tree


def of_unit(unit_id: int | None) -> tuple[int, ...]:
    """Handlers of a unit; where it has none, those of the nearest unit above."""
    if unit_id is None:
        return ()
    path = [node.id for node in reversed(tree().path(unit_id))]
    rows = Membership.objects.filter(
        role=Role.HANDLER, unit__in=path, user__is_active=True
    ).values_list("unit_id", "user_id")
    found: dict[int, list[int]] = {}
    for unit, user in rows:
        found.setdefault(unit, []).append(user)
    return next((tuple(found[unit]) for unit in path if unit in found), ())


def of_centre(case: Case, *roles: Role) -> tuple[int, ...]:
    """People who hold one of ``roles`` over the case's place."""
    rows = Membership.objects.filter(role__in=roles, user__is_active=True)
    return tuple(
        {user for user, area in rows.values_list("user_id", "area") if case.area.startswith(area)}
    )
