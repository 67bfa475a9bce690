"""Routes of the organisation: the one who is signed in, units, people, roles, keys."""

from typing import Any

from ninja import Status

from lifang.core.api import Page, Router
from lifang.orgs import actions, queries
from lifang.orgs.accounts import sessions as own_sessions
from lifang.orgs.acting import ApiRequest
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.schemas import (
    ChoicesOut,
    Cursor,
    GroupIn,
    GroupOut,
    Id,
    Limit,
    MembershipIn,
    MembershipOut,
    MeOut,
    MergeIn,
    MoveIn,
    OneTimeOut,
    PostChangeIn,
    PostIn,
    PostOut,
    Reason,
    RenameIn,
    Search,
    SessionOut,
    SplitIn,
    TokenIn,
    TokenMade,
    TokenOut,
    UnitChangeIn,
    UnitDetail,
    UnitIn,
    UnitNode,
    UnitOut,
    UserChangeIn,
    UserDetail,
    UserIn,
    UserOut,
)

router = Router(tags=["orgs"])


@router.get("/me", response=MeOut)
def me(request: ApiRequest) -> Any:
    return queries.me(request, request.auth)


@router.get("/org-choices", response=ChoicesOut)
def org_choices(request: ApiRequest) -> Any:
    return queries.choices()


@router.get("/sessions", response=list[SessionOut])
def list_sessions(request: ApiRequest) -> Any:
    return queries.sessions(request, request.auth)


@router.delete("/sessions/{session_id}", response={204: None})
def end_session(request: ApiRequest, session_id: Id) -> Any:
    own_sessions.end(by=request.auth, session_id=session_id)
    return Status(204, None)


# ---------------------------------------------------------------- units


@router.get("/units/tree", response=list[UnitNode])
def unit_tree(request: ApiRequest, closed: bool = False) -> Any:
    return queries.unit_tree(with_closed=closed)


@router.get("/units", response=Page[UnitOut])
def list_units(
    request: ApiRequest,
    q: Search = "",
    kind: UnitKind | None = None,
    under: Id | None = None,
    active: bool | None = True,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Any:
    return queries.units(
        q=q, kind=kind or "", under=under, active=active, cursor=cursor, limit=limit
    )


@router.post("/units", response={201: UnitOut})
def create_unit(request: ApiRequest, data: UnitIn) -> Any:
    return Status(201, queries.unit_out(actions.create_unit(by=request.auth, **data.dict())))


@router.get("/units/{unit_id}", response=UnitDetail)
def get_unit(request: ApiRequest, unit_id: Id) -> Any:
    return queries.unit(unit_id)


@router.put("/units/{unit_id}", response=UnitOut)
def update_unit(request: ApiRequest, unit_id: Id, data: UnitChangeIn) -> Any:
    row = actions.update_unit(by=request.auth, unit_id=unit_id, **data.dict())
    return queries.unit_out(row)


@router.delete("/units/{unit_id}", response={204: None})
def close_unit(request: ApiRequest, unit_id: Id) -> Any:
    actions.close_unit(by=request.auth, unit_id=unit_id)
    return Status(204, None)


@router.put("/units/{unit_id}/rename", response=UnitDetail)
def rename_unit(request: ApiRequest, unit_id: Id, data: RenameIn) -> Any:
    actions.rename_unit(
        by=request.auth,
        unit_id=unit_id,
        name=data.name,
        short_name=data.short_name,
        day=data.date,
        document=data.document,
        note=data.note,
    )
    return queries.unit(unit_id)


@router.put("/units/{unit_id}/merge", response=UnitDetail)
def merge_units(request: ApiRequest, unit_id: Id, data: MergeIn) -> Any:
    actions.merge_units(
        by=request.auth,
        target_id=unit_id,
        source_ids=data.sources,
        day=data.date,
        document=data.document,
        note=data.note,
    )
    return queries.unit(unit_id)


@router.put("/units/{unit_id}/split", response=UnitDetail)
def split_unit(request: ApiRequest, unit_id: Id, data: SplitIn) -> Any:
    actions.split_unit(
        by=request.auth,
        unit_id=unit_id,
        parts=[
            actions.Part(
                code=p.code,
                name=p.name,
                kind=p.kind,
                short_name=p.short_name,
                people=tuple(p.people),
                children=tuple(p.children),
            )
            for p in data.parts
        ],
        keep=data.keep,
        day=data.date,
        document=data.document,
        note=data.note,
    )
    return queries.unit(unit_id)


@router.put("/units/{unit_id}/move", response=UnitDetail)
def move_unit(request: ApiRequest, unit_id: Id, data: MoveIn) -> Any:
    actions.move_unit(
        by=request.auth,
        unit_id=unit_id,
        parent_id=data.parent_id,
        day=data.date,
        document=data.document,
        note=data.note,
    )
    return queries.unit(unit_id)


# ---------------------------------------------------------------- people and roles


@router.get("/users", response=Page[UserOut])
def list_users(
    request: ApiRequest,
    q: Search = "",
    unit: Id | None = None,
    role: Role | None = None,
    active: bool | None = True,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Any:
    return queries.users(
        by=request.auth,
        q=q,
        unit=unit,
        role=role or "",
        active=active,
        cursor=cursor,
        limit=limit,
    )


@router.post("/users", response={201: OneTimeOut})
def create_user(request: ApiRequest, data: UserIn) -> Any:
    user, password = actions.create_user(by=request.auth, **data.dict())
    return Status(201, OneTimeOut(id=user.pk, username=user.username, password=password))


@router.get("/users/{user_id}", response=UserDetail)
def get_user(request: ApiRequest, user_id: Id) -> Any:
    return queries.user(by=request.auth, user_id=user_id)


@router.put("/users/{user_id}", response=UserDetail)
def update_user(request: ApiRequest, user_id: Id, data: UserChangeIn) -> Any:
    actions.update_user(by=request.auth, user_id=user_id, **data.dict())
    return queries.user(by=request.auth, user_id=user_id)


@router.delete("/users/{user_id}", response={204: None})
def deactivate_user(request: ApiRequest, user_id: Id) -> Any:
    actions.deactivate_user(by=request.auth, user_id=user_id)
    return Status(204, None)


@router.put("/users/{user_id}/reactivate", response=OneTimeOut)
def reactivate_user(request: ApiRequest, user_id: Id) -> Any:
    user, password = actions.reactivate_user(by=request.auth, user_id=user_id)
    return OneTimeOut(id=user.pk, username=user.username, password=password)


@router.put("/users/{user_id}/reset-password", response=OneTimeOut)
def reset_password(request: ApiRequest, user_id: Id) -> Any:
    user, password = actions.reset_password(by=request.auth, user_id=user_id)
    return OneTimeOut(id=user.pk, username=user.username, password=password)


@router.put("/users/{user_id}/reset-mfa", response={204: None})
def reset_mfa(request: ApiRequest, user_id: Id, data: Reason) -> Any:
    actions.reset_mfa(by=request.auth, user_id=user_id, reason=data.reason)
    return Status(204, None)


@router.put("/users/{user_id}/unlock", response={204: None})
def unlock_user(request: ApiRequest, user_id: Id) -> Any:
    actions.unlock_user(by=request.auth, user_id=user_id)
    return Status(204, None)


@router.get("/memberships", response=Page[MembershipOut])
def list_memberships(
    request: ApiRequest,
    user: Id | None = None,
    unit: Id | None = None,
    role: Role | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Any:
    return queries.memberships(
        by=request.auth, user=user, unit=unit, role=role or "", cursor=cursor, limit=limit
    )


@router.post("/memberships", response={201: MembershipOut})
def grant_role(request: ApiRequest, data: MembershipIn) -> Any:
    row = actions.grant_role(by=request.auth, **data.dict())
    return Status(201, queries.membership_out(row))


@router.delete("/memberships/{membership_id}", response={204: None})
def revoke_role(request: ApiRequest, membership_id: Id) -> Any:
    actions.revoke_role(by=request.auth, membership_id=membership_id)
    return Status(204, None)


# ---------------------------------------------------------------- posts, groups, keys


@router.get("/posts", response=Page[PostOut])
def list_posts(
    request: ApiRequest,
    unit: Id | None = None,
    q: Search = "",
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Any:
    return queries.posts(unit=unit, q=q, cursor=cursor, limit=limit)


@router.post("/posts", response={201: PostOut})
def create_post(request: ApiRequest, data: PostIn) -> Any:
    return Status(201, queries.post_out(actions.create_post(by=request.auth, **data.dict())))


@router.put("/posts/{post_id}", response=PostOut)
def update_post(request: ApiRequest, post_id: Id, data: PostChangeIn) -> Any:
    row = actions.update_post(by=request.auth, post_id=post_id, **data.dict())
    return queries.post_out(row)


@router.delete("/posts/{post_id}", response={204: None})
def close_post(request: ApiRequest, post_id: Id) -> Any:
    actions.close_post(by=request.auth, post_id=post_id)
    return Status(204, None)


@router.get("/working-groups", response=Page[GroupOut])
def list_groups(
    request: ApiRequest, q: Search = "", cursor: Cursor | None = None, limit: Limit = 50
) -> Any:
    return queries.groups(q=q, cursor=cursor, limit=limit)


@router.post("/working-groups", response={201: GroupOut})
def create_group(request: ApiRequest, data: GroupIn) -> Any:
    return Status(201, queries.group_out(actions.create_group(by=request.auth, **data.dict())))


@router.put("/working-groups/{group_id}", response=GroupOut)
def update_group(request: ApiRequest, group_id: Id, data: GroupIn) -> Any:
    row = actions.update_group(by=request.auth, group_id=group_id, **data.dict())
    return queries.group_out(row)


@router.delete("/working-groups/{group_id}", response={204: None})
def close_group(request: ApiRequest, group_id: Id) -> Any:
    actions.close_group(by=request.auth, group_id=group_id)
    return Status(204, None)


@router.get("/tokens", response=Page[TokenOut])
def list_tokens(
    request: ApiRequest,
    active: bool | None = True,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Any:
    return queries.tokens(by=request.auth, active=active, cursor=cursor, limit=limit)


@router.post("/tokens", response={201: TokenMade})
def create_token(request: ApiRequest, data: TokenIn) -> Any:
    token, secret = actions.create_token(by=request.auth, **data.dict())
    return Status(201, TokenMade(**queries.token_out(token).model_dump(), secret=secret))


@router.delete("/tokens/{token_id}", response={204: None})
def revoke_token(request: ApiRequest, token_id: Id) -> Any:
    actions.revoke_token(by=request.auth, token_id=token_id)
    return Status(204, None)
