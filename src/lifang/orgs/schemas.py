"""Shapes of the organisation API."""

from ninja import Schema


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
