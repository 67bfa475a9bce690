"""Posts (岗位) and working groups (工作组)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Field, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.actions.units import check_active
from lifang.orgs.choices import Role
from lifang.orgs.models import Post, Unit, User, WorkingGroup
from lifang.orgs.permissions import require, require_unit

GROUP_ROLES = (Role.SYSTEM_ADMIN, Role.DUTY_CHIEF)


@transaction.atomic
def create_post(*, by: Acting, unit_id: int, title: str, holder_id: int | None = None) -> Post:
    """A named post in a unit, whoever holds it."""
    unit = require_unit(by, unit_id, Role.SYSTEM_ADMIN)
    check_active(unit, "unit_id")
    _check_title(unit.pk, title)
    post = Post.objects.create(unit=unit, title=title, holder=_holder(holder_id))
    _tell(by, "create_post", post, after=_post(post))
    return post


@transaction.atomic
def update_post(*, by: Acting, post_id: int, title: str, holder_id: int | None = None) -> Post:
    """Change a post's title or who holds it."""
    post = _found(by, post_id)
    before = _post(post)
    if title != post.title:
        _check_title(post.unit_id, title)
    post.title, post.holder = title, _holder(holder_id)
    post.save(update_fields=["title", "holder"])
    _tell(by, "update_post", post, before=before, after=_post(post))
    return post


@transaction.atomic
def close_post(*, by: Acting, post_id: int) -> None:
    post = _found(by, post_id)
    post.active = False
    post.save(update_fields=["active"])
    _tell(by, "close_post", post, before=_post(post))


@transaction.atomic
def create_group(
    *,
    by: Acting,
    name: str,
    lead_unit_id: int,
    unit_ids: Sequence[int] = (),
    user_ids: Sequence[int] = (),
    purpose: str = "",
) -> WorkingGroup:
    """A group across units, led by one."""
    require(by, *GROUP_ROLES)
    _check_group_name(name)
    group = WorkingGroup.objects.create(
        name=name, lead_unit=_unit(lead_unit_id, "lead_unit_id"), purpose=purpose
    )
    _members(group, unit_ids, user_ids)
    _tell(by, "create_group", group, after=_group(group))
    return group


@transaction.atomic
def update_group(
    *,
    by: Acting,
    group_id: int,
    name: str,
    lead_unit_id: int,
    unit_ids: Sequence[int] = (),
    user_ids: Sequence[int] = (),
    purpose: str = "",
) -> WorkingGroup:
    group = _found_group(by, group_id)
    before = _group(group)
    if name != group.name:
        _check_group_name(name)
    group.name, group.purpose = name, purpose
    if lead_unit_id != group.lead_unit_id:
        group.lead_unit = _unit(lead_unit_id, "lead_unit_id")
    group.save(update_fields=["name", "purpose", "lead_unit"])
    _members(group, unit_ids, user_ids)
    _tell(by, "update_group", group, before=before, after=_group(group))
    return group


@transaction.atomic
def close_group(*, by: Acting, group_id: int) -> None:
    group = _found_group(by, group_id)
    group.active = False
    group.save(update_fields=["active"])
    _tell(by, "close_group", group, before=_group(group))


def _found(by: Acting, post_id: int) -> Post:
    require(by, Role.SYSTEM_ADMIN)
    post = Post.objects.select_for_update().filter(pk=post_id, active=True).first()
    if post is None:
        raise Missing("orgs.post_not_found", _("没有此岗位，或已撤销"))
    require_unit(by, post.unit_id, Role.SYSTEM_ADMIN)
    return post


def _found_group(by: Acting, group_id: int) -> WorkingGroup:
    require(by, *GROUP_ROLES)
    group = WorkingGroup.objects.select_for_update().filter(pk=group_id, active=True).first()
    if group is None:
        raise Missing("orgs.group_not_found", _("没有此工作组，或已撤销"))
    return group


def _holder(user_id: int | None) -> User | None:
    if user_id is None:
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        message = _("没有此人员，或账号已停用")
        raise Invalid("orgs.holder", message, fields=[Field("holder_id", message)])
    return user


def _unit(unit_id: int, path: str) -> Unit:
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        message = _("没有此单位")
        raise Invalid("orgs.unit_not_found", message, fields=[Field(path, message)])
    check_active(unit, path)
    return unit


def _members(group: WorkingGroup, unit_ids: Sequence[int], user_ids: Sequence[int]) -> None:
    units = list(Unit.objects.filter(pk__in=unit_ids, active=True))
    people = list(User.objects.filter(pk__in=user_ids, is_active=True))
    for path, given, found in (
        ("unit_ids", set(unit_ids), {u.pk for u in units}),
        ("user_ids", set(user_ids), {p.pk for p in people}),
    ):
        if given - found:
            message = _("有 %(n)s 个成员不存在或已停用，请重新选择") % {"n": len(given - found)}
            raise Invalid("orgs.group_members", message, fields=[Field(path, message)])
    group.units.set(units)
    group.people.set(people)


def _check_title(unit_id: int, title: str) -> None:
    if Post.objects.filter(unit_id=unit_id, title=title).exists():
        message = _("本单位已有岗位“%(title)s”") % {"title": title}
        raise Invalid("orgs.post_exists", message, fields=[Field("title", message)])


def _check_group_name(name: str) -> None:
    if WorkingGroup.objects.filter(name=name).exists():
        message = _("已有工作组“%(name)s”") % {"name": name}
        raise Invalid("orgs.group_exists", message, fields=[Field("name", message)])


def _post(post: Post) -> dict[str, object]:
    return {"unit_id": post.unit_id, "title": post.title, "holder_id": post.holder_id}


def _group(group: WorkingGroup) -> dict[str, object]:
    return {
        "name": group.name,
        "lead_unit_id": group.lead_unit_id,
        "units": sorted(group.units.values_list("id", flat=True)),
        "people": sorted(group.people.values_list("id", flat=True)),
    }


def _tell(
    by: Acting,
    verb: str,
    subject: Post | WorkingGroup,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    unit_id = subject.unit_id if isinstance(subject, Post) else subject.lead_unit_id
    journal.write(
        by=by,
        room="orgs",
        verb=verb,
        subject=subject,
        unit_id=unit_id,
        before=before,
        after=after,
    )
