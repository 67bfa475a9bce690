"""People, their roles, posts, working groups, machines' keys."""

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core import paging
from lifang.core.errors import Missing
from lifang.orgs.accounts import lockout
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken, Membership, Post, User, WorkingGroup
from lifang.orgs.permissions import DESKS, reach, require
from lifang.orgs.schemas import (
    GroupOut,
    MembershipOut,
    PersonRef,
    PostOut,
    RoleOut,
    TokenOut,
    UnitRef,
    UserDetail,
    UserOut,
)
from lifang.orgs.tree import tree


def users_visible_to(by: Acting) -> QuerySet[User]:
    """The centre's desks see everybody, an administrator who is in reach, others their own unit."""
    rows: QuerySet[User] = User.objects.all()
    if by.automatic or by.has(*DESKS):
        return rows
    if by.has(Role.SYSTEM_ADMIN):
        within = reach(by, Role.SYSTEM_ADMIN)
        return rows if within is None else rows.filter(unit_id__in=within)
    if by.unit_id is None:
        return rows.none()
    return rows.filter(unit_id__in=tree().below(by.unit_id))


def people_in(unit_ids: Iterable[int], *roles: Role) -> list[int]:
    """Numbers of active people who hold any of ``roles`` in one of the units."""
    rows = Membership.objects.filter(
        unit_id__in=set(unit_ids), role__in=roles, user__is_active=True
    )
    return sorted(set(rows.values_list("user_id", flat=True)))


def people_over(area: str, *roles: Role) -> list[int]:
    """Numbers of active people who hold any of ``roles`` over the place with division code
    ``area`` (their own area is a leading part of it, or empty)."""
    prefixes = [area[:n] for n in range(len(area) + 1)]
    rows = Membership.objects.filter(area__in=prefixes, role__in=roles, user__is_active=True)
    return sorted(set(rows.values_list("user_id", flat=True)))


def users(
    *,
    by: Acting,
    q: str = "",
    unit: int | None = None,
    role: str = "",
    active: bool | None = True,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of people, with their roles."""
    rows = _with_mfa(users_visible_to(by))
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(username__istartswith=q) | Q(phone__startswith=q)
        )
    if unit is not None:
        rows = rows.filter(unit_id__in=tree().below(unit))
    if role:
        rows = rows.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), role=role)))
    if active is not None:
        rows = rows.filter(is_active=active)
    rows = rows.prefetch_related("memberships")
    found = paging.page(rows, order=("username",), cursor=cursor, limit=limit)
    return {"items": [user_out(u) for u in found["items"]], "next": found["next"]}


def user(*, by: Acting, user_id: int) -> UserDetail:
    row = (
        _with_mfa(users_visible_to(by))
        .prefetch_related("memberships", "posts")
        .filter(pk=user_id)
        .first()
    )
    if row is None:
        raise Missing("orgs.user_not_found", _("没有此人员，或不归您查看"))
    return UserDetail(
        **user_out(row).model_dump(),
        locked=lockout.locked(row.username),
        posts=[p.title for p in row.posts.all() if p.active],
    )


def user_out(user: User) -> UserOut:
    return UserOut(
        id=user.pk,
        username=user.username,
        name=user.name,
        unit=UnitRef(id=user.unit_id, name=tree().name(user.unit_id)) if user.unit_id else None,
        phone=user.phone,
        email=user.email,
        active=user.is_active,
        must_change_password=user.must_change_password,
        last_login=user.last_login,
        mfa=bool(getattr(user, "has_mfa", False)),
        roles=[role_out(m) for m in user.memberships.all()],
    )


def role_out(row: Membership) -> RoleOut:
    return RoleOut(
        id=row.pk,
        role=row.role,
        unit_id=row.unit_id,
        unit_name=tree().name(row.unit_id),
        area=row.area,
    )


def memberships(
    *,
    by: Acting,
    user: int | None = None,
    unit: int | None = None,
    role: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of roles held by those whom the caller may see."""
    rows = Membership.objects.select_related("user").filter(user__in=users_visible_to(by))
    if user is not None:
        rows = rows.filter(user_id=user)
    if unit is not None:
        rows = rows.filter(unit_id__in=tree().below(unit))
    if role:
        rows = rows.filter(role=role)
    found = paging.page(rows, order=("id",), cursor=cursor, limit=limit)
    return {"items": [membership_out(m) for m in found["items"]], "next": found["next"]}


def membership_out(row: Membership) -> MembershipOut:
    return MembershipOut(**role_out(row).model_dump(), user=_person(row.user))


def posts(
    *, unit: int | None = None, q: str = "", cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of posts. They are public within the city, so that matters find who answers."""
    rows = Post.objects.filter(active=True).select_related("holder")
    if unit is not None:
        rows = rows.filter(unit_id__in=tree().below(unit))
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(holder__name__icontains=q))
    found = paging.page(rows, order=("unit_id", "title"), cursor=cursor, limit=limit)
    return {"items": [post_out(p) for p in found["items"]], "next": found["next"]}


def post_out(post: Post) -> PostOut:
    return PostOut(
        id=post.pk,
        unit=UnitRef(id=post.unit_id, name=tree().name(post.unit_id)),
        title=post.title,
        holder=_person(post.holder) if post.holder else None,
    )


def groups(*, q: str = "", cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
    """A page of working groups with their members."""
    rows = WorkingGroup.objects.filter(active=True).prefetch_related("units", "people")
    if q:
        rows = rows.filter(name__icontains=q)
    found = paging.page(rows, order=("name",), cursor=cursor, limit=limit)
    return {"items": [group_out(g) for g in found["items"]], "next": found["next"]}


def group_out(group: WorkingGroup) -> GroupOut:
    return GroupOut(
        id=group.pk,
        name=group.name,
        lead_unit=UnitRef(id=group.lead_unit_id, name=tree().name(group.lead_unit_id)),
        units=[UnitRef(id=u.pk, name=u.name) for u in group.units.all()],
        people=[_person(p) for p in group.people.all()],
        purpose=group.purpose,
    )


def tokens(
    *, by: Acting, active: bool | None = True, cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of machines' keys, without the keys."""
    require(by, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    rows = ApiToken.objects.all()
    within = reach(by, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    if within is not None:
        rows = rows.filter(unit_id__in=within)
    if active is not None:
        rows = rows.filter(active=active)
    found = paging.page(rows, order=("-id",), cursor=cursor, limit=limit)
    return {"items": [token_out(t) for t in found["items"]], "next": found["next"]}


def token_out(token: ApiToken) -> TokenOut:
    return TokenOut(
        id=token.pk,
        name=token.name,
        unit=UnitRef(id=token.unit_id, name=tree().name(token.unit_id)),
        role=token.role,
        prefix=token.prefix,
        scopes=list(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        active=token.active,
    )


def _person(user: User) -> PersonRef:
    return PersonRef(id=user.pk, name=user.name, username=user.username)


def _with_mfa(rows: QuerySet[User]) -> QuerySet[User]:
    has = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return rows.annotate(has_mfa=Exists(has))
