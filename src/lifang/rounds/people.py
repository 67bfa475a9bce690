"""Whom to tell: handlers of units, those who run the round."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, Post, User
from lifang.orgs.tree import tree


def handlers(unit_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Unit → its handlers; where it has none, those of the nearest unit above. One statement."""
    paths = {u: [n.id for n in reversed(tree().path(u))] for u in set(unit_ids)}
    rows = Membership.objects.filter(
        role=Role.HANDLER,
        unit__in={x for path in paths.values() for x in path},
        user__is_active=True,
    ).values_list("unit_id", "user_id")
    there: dict[int, list[int]] = {}
    for unit_id, user_id in rows:
        there.setdefault(unit_id, []).append(user_id)
    return {u: next((tuple(there[x]) for x in path if x in there), ()) for u, path in paths.items()}


def evaluators() -> tuple[int, ...]:
    rows = Membership.objects.filter(role=Role.EVALUATOR, user__is_active=True)
    return tuple(set(rows.values_list("user_id", flat=True)))


def person(
    unit_id: int, user_id: int | None, name: str, path: str = "person_id"
) -> tuple[int | None, str]:
    """(user, name) of the one who is named: somebody of the unit or below it, or a name without an account."""
    if user_id is None:
        return None, name
    found = User.objects.filter(pk=user_id, is_active=True).values_list("name", "unit_id").first()
    if found is None or found[1] not in tree().below(unit_id):
        message = _("所选人员不属于“%(unit)s”，请重新选择") % {"unit": tree().name(unit_id)}
        raise Invalid("rounds.person", message, fields=[Field(path, message)])
    return user_id, found[0]


def post(unit_id: int, post_id: int | None) -> int | None:
    """The post, checked to be one of the unit's."""
    if post_id is None:
        return None
    if not Post.objects.filter(pk=post_id, unit_id__in=tree().below(unit_id), active=True).exists():
        message = _("所选岗位不属于“%(unit)s”，请重新选择") % {"unit": tree().name(unit_id)}
        raise Invalid("rounds.post", message, fields=[Field("post_id", message)])
    return post_id
