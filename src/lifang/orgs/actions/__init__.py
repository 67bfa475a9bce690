"""The verbs of the organisation that write. One file a noun."""

from lifang.orgs.actions.groups import (
    close_group,
    close_post,
    create_group,
    create_post,
    update_group,
    update_post,
)
from lifang.orgs.actions.people import (
    create_user,
    deactivate_user,
    reactivate_user,
    reset_mfa,
    reset_password,
    unlock_user,
    update_user,
)
from lifang.orgs.actions.reorganise import (
    Part,
    close_unit,
    merge_units,
    move_unit,
    rename_unit,
    split_unit,
)
from lifang.orgs.actions.roles import grant_role, revoke_role
from lifang.orgs.actions.tokens import create_token, revoke_token
from lifang.orgs.actions.units import create_unit, update_unit

__all__ = [
    "Part",
    "close_group",
    "close_post",
    "close_unit",
    "create_group",
    "create_post",
    "create_token",
    "create_unit",
    "create_user",
    "deactivate_user",
    "grant_role",
    "merge_units",
    "move_unit",
    "reactivate_user",
    "rename_unit",
    "reset_mfa",
    "reset_password",
    "revoke_role",
    "revoke_token",
    "split_unit",
    "unlock_user",
    "update_group",
    "update_post",
    "update_unit",
    "update_user",
]
