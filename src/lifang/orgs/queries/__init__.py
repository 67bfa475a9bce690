"""Reads of the organisation. What a person's screen uses starts at ``users_visible_to``."""

from lifang.orgs.queries.me import choices, me, sessions
from lifang.orgs.queries.people import (
    group_out,
    groups,
    membership_out,
    memberships,
    people_in,
    people_over,
    post_out,
    posts,
    token_out,
    tokens,
    user,
    users,
    users_visible_to,
)
from lifang.orgs.queries.units import (
    name_on,
    names_on,
    successors,
    unit,
    unit_out,
    unit_tree,
    units,
)

__all__ = [
    "choices",
    "group_out",
    "groups",
    "me",
    "membership_out",
    "memberships",
    "name_on",
    "names_on",
    "people_in",
    "people_over",
    "post_out",
    "posts",
    "sessions",
    "successors",
    "token_out",
    "tokens",
    "unit",
    "unit_out",
    "unit_tree",
    "units",
    "user",
    "users",
    "users_visible_to",
]
