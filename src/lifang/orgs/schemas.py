"""Shapes of the organisation API."""

import datetime as dt
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from lifang.orgs.choices import Role, UnitKind

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=r"^[\w.-]+$")
]
#: one line of text: no control characters
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Short = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Person = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Username = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=r"^[\w.@-]+$")]
Phone = Annotated[str, StringConstraints(max_length=32, pattern=r"^[\d\s+()\-,;转]*$")]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^([^@\s\x00]+@[^@\s\x00]+)?$")]
#: division-code prefix; empty: everywhere
Area = Annotated[str, StringConstraints(max_length=12, pattern=r"^\d*$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Search = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, StringConstraints(max_length=500)]
Limit = Annotated[int, Field(ge=1, le=200)]


class PersonRef(Schema):
    id: int
    name: str
    username: str


class UnitRef(Schema):
    id: int
    name: str


class MfaOut(Schema):
    required: bool
    enabled: bool


class MeOut(Schema):
    """What a face needs to know about the one who is signed in."""

    user: PersonRef
    unit: UnitRef | None
    roles: list[str]
    areas: list[str]
    must_change_password: bool
    mfa: MfaOut
    demo: bool
    city: str
    unread: int
    language: str
    csrf_token: str
    words: dict[str, str]


class Choice(Schema):
    key: str
    label: str


class ChoicesOut(Schema):
    """Labels of the organisation's enumerations, in the caller's language."""

    roles: list[Choice]
    administrators: list[str]
    kinds: list[Choice]
    changes: list[Choice]
    scopes: list[str]


class UnitNode(Schema):
    """A unit in the tree; ``children`` in their order."""

    id: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None
    area: str
    active: bool
    children: list["UnitNode"] = []


class UnitIn(Schema):
    code: Code
    name: Name
    kind: UnitKind
    parent_id: Id | None = None
    short_name: Short = ""
    area: Area = ""
    phone: Phone = ""
    order: int = Field(default=0, ge=0, le=1_000_000)
    since: dt.date | None = None


class UnitChangeIn(Schema):
    """Name and parent are not here: they change with a date, by rename and move."""

    code: Code
    kind: UnitKind
    short_name: Short = ""
    area: Area = ""
    phone: Phone = ""
    order: int = Field(default=0, ge=0, le=1_000_000)


class UnitOut(Schema):
    id: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None
    parent_name: str
    area: str
    phone: str
    order: int
    active: bool


class UnitNameOut(Schema):
    name: str
    valid_from: dt.date
    valid_to: dt.date | None


class ChangeOut(Schema):
    kind: str
    date: dt.date
    sources: list[UnitRef]
    targets: list[UnitRef]
    document: str
    note: str


class UnitDetail(UnitOut):
    path: list[UnitRef]
    people: int
    names: list[UnitNameOut]
    changes: list[ChangeOut]
    successors: list[UnitRef]


class Dated(Schema):
    """Every reorganisation: the day it takes effect, the document behind it, a note."""

    date: dt.date | None = None
    document: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    note: Text = ""


class RenameIn(Dated):
    name: Name
    short_name: Short | None = None


class MergeIn(Dated):
    """The unit of the path receives ``sources``."""

    sources: list[Id] = Field(min_length=1, max_length=50)


class PartIn(Schema):
    code: Code
    name: Name
    kind: UnitKind
    short_name: Short = ""
    people: list[Id] = Field(default=[], max_length=2000)
    children: list[Id] = Field(default=[], max_length=500)


class SplitIn(Dated):
    parts: list[PartIn] = Field(min_length=1, max_length=20)
    keep: bool = True


class MoveIn(Dated):
    parent_id: Id | None


class RoleOut(Schema):
    id: int
    role: str
    unit_id: int
    unit_name: str
    area: str


class UserIn(Schema):
    username: Username
    name: Person
    unit_id: Id
    phone: Phone = ""
    email: Email = ""


class UserChangeIn(Schema):
    name: Person
    unit_id: Id
    phone: Phone = ""
    email: Email = ""


class UserOut(Schema):
    id: int
    username: str
    name: str
    unit: UnitRef | None
    phone: str
    email: str
    active: bool
    must_change_password: bool
    last_login: dt.datetime | None
    mfa: bool
    roles: list[RoleOut]


class UserDetail(UserOut):
    locked: bool
    posts: list[str]


class OneTimeOut(Schema):
    """A person and the one-time password, which is shown this once."""

    id: int
    username: str
    password: str


class Reason(Schema):
    reason: Text = ""


class MembershipIn(Schema):
    user_id: Id
    unit_id: Id
    role: Role
    area: Area = ""


class MembershipOut(RoleOut):
    user: PersonRef


class PostIn(Schema):
    unit_id: Id
    title: Annotated[Name, StringConstraints(max_length=80)]
    holder_id: Id | None = None


class PostChangeIn(Schema):
    title: Annotated[Name, StringConstraints(max_length=80)]
    holder_id: Id | None = None


class PostOut(Schema):
    id: int
    unit: UnitRef
    title: str
    holder: PersonRef | None


class GroupIn(Schema):
    name: Name
    lead_unit_id: Id
    unit_ids: list[Id] = Field(default=[], max_length=500)
    user_ids: list[Id] = Field(default=[], max_length=2000)
    purpose: Text = ""


class GroupOut(Schema):
    id: int
    name: str
    lead_unit: UnitRef
    units: list[UnitRef]
    people: list[PersonRef]
    purpose: str


class TokenIn(Schema):
    name: Annotated[Name, StringConstraints(max_length=80)]
    unit_id: Id
    role: Role
    scopes: list[str] = Field(min_length=1, max_length=50)
    days: int = Field(default=365, ge=1, le=1095)


class TokenOut(Schema):
    id: int
    name: str
    unit: UnitRef
    role: str
    prefix: str
    scopes: list[str]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    active: bool


class TokenMade(TokenOut):
    """``secret`` is shown this once."""

    secret: str


class SessionOut(Schema):
    id: int
    address: str | None
    agent: str
    started_at: dt.datetime
    seen_at: dt.datetime
    current: bool
