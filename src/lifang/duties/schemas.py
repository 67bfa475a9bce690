"""Shapes of the duties API."""

import datetime as dt
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule, Pairing
from lifang.duties.rules import SLOT_LABELS
from lifang.standards import queries as standards
from lifang.standards.choices import CategoryKind
from lifang.standards.schemas import Id

Area = Annotated[str, Field(max_length=12, pattern=r"^[0-9]*$")]


class PlaceIn(Schema):
    area: Area = ""
    road_id: Id | None = None
    site_id: Id | None = None
    shop_id: Id | None = None
    component_id: Id | None = None
    grid: str = Field("", max_length=20)
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    note: str = Field("", max_length=200)


class DutyRuleIn(PlaceIn):
    #: left out: one more than the highest
    number: int | None = Field(None, ge=1, le=2**31 - 1)
    category: str = Field("", max_length=40)
    owner_first: bool = False
    lead_unit_id: Id | None = None
    assisting: list[Id] = Field([], max_length=50)
    post_id: Id | None = None


class DutyRuleChange(DutyRuleIn):
    active: bool = True


class DutyRef(Schema):
    id: int
    name: str


def _ref(row: Any) -> DutyRef | None:
    return DutyRef(id=row.pk, name=str(row)) if row is not None else None


def category_name(key: str) -> str:
    """The name of a rule's category: of a class, of a kind, or ``全部类别``."""
    if not key:
        return ""
    found = standards.in_force().by_key(key)
    if found is not None:
        return found.name
    return str(dict(CategoryKind.choices).get(key, key))


class PlaceOut(Schema):
    id: int
    area: str
    grid: str
    road: DutyRef | None
    site: DutyRef | None
    shop: DutyRef | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    note: str
    active: bool

    @staticmethod
    def resolve_road(row: Any) -> DutyRef | None:
        return _ref(row.road)

    @staticmethod
    def resolve_site(row: Any) -> DutyRef | None:
        return _ref(row.site)

    @staticmethod
    def resolve_shop(row: Any) -> DutyRef | None:
        return _ref(row.shop)


class DutyRuleOut(PlaceOut):
    number: int
    category: str
    category_name: str
    owner_first: bool
    component: DutyRef | None
    lead_unit: DutyRef | None
    assisting: list[DutyRef]
    post: DutyRef | None
    #: the nearest kind of place the rule names, and how such a unit is called
    slot: str
    slot_label: str
    place_name: str

    @staticmethod
    def resolve_component(row: DutyRule) -> DutyRef | None:
        return _ref(row.component)

    @staticmethod
    def resolve_category_name(row: DutyRule) -> str:
        return category_name(row.category)

    @staticmethod
    def resolve_lead_unit(row: DutyRule) -> DutyRef | None:
        return _ref(row.lead_unit)

    @staticmethod
    def resolve_assisting(row: DutyRule) -> list[DutyRef]:
        return [DutyRef(id=u.pk, name=u.name) for u in row.assisting.all()]

    @staticmethod
    def resolve_post(row: DutyRule) -> DutyRef | None:
        return _ref(row.post)

    @staticmethod
    def resolve_slot(row: DutyRule) -> str:
        return slot_of(row)[0]

    @staticmethod
    def resolve_slot_label(row: DutyRule) -> str:
        return str(SLOT_LABELS[slot_of(row)[0]])

    @staticmethod
    def resolve_place_name(row: DutyRule) -> str:
        return slot_of(row)[1]


def slot_of(row: DutyRule | Pairing) -> tuple[str, str]:
    """The nearest kind of place that a row names, with the place's name."""
    from lifang.duties.queries import region_names

    for slot in ("component", "shop", "site", "road"):
        place = getattr(row, slot)
        if place is not None:
            return slot, place.name
    if row.grid:
        return "grid", row.grid
    if row.area:
        return "area", region_names().get(row.area, row.area)
    return "", ""


class PairingIn(PlaceIn):
    kind: PairingKind
    region_id: Id | None = None
    unit_id: Id | None = None
    user_id: Id | None = None
    person_name: str = Field("", max_length=60)
    phone: str = Field("", max_length=32)
    title: str = Field("", max_length=80)


class PairingChange(PairingIn):
    active: bool = True


class PairingOut(PlaceOut):
    kind: PairingKind
    kind_label: str
    region: DutyRef | None
    unit: DutyRef | None
    user: DutyRef | None
    person_name: str
    phone: str
    title: str
    place_name: str

    @staticmethod
    def resolve_kind_label(row: Pairing) -> str:
        return str(PairingKind(row.kind).label)

    @staticmethod
    def resolve_region(row: Pairing) -> DutyRef | None:
        return _ref(row.region)

    @staticmethod
    def resolve_unit(row: Pairing) -> DutyRef | None:
        return _ref(row.unit)

    @staticmethod
    def resolve_user(row: Pairing) -> DutyRef | None:
        return _ref(row.user)

    @staticmethod
    def resolve_place_name(row: Pairing) -> str:
        return slot_of(row)[1]


class OtherOut(Schema):
    unit_id: int | None
    unit: str
    rule: int
    reason: str


class AnsweredOut(Schema):
    """``by``: owner, rule or nobody. Nobody: ``unit_id`` is null, the matter goes to arbitration."""

    by: str
    unit_id: int | None
    unit: str
    assisting: list[int]
    assisting_names: list[str]
    post_id: int | None
    post: str
    rule_id: int | None
    rule: int | None
    reason: str
    others: list[OtherOut]


class TryOut(Schema):
    answer: AnsweredOut
    area: str
    area_name: str
    road: str
    place: str
    pairings: list[PairingOut]


class AreaRef(Schema):
    code: str
    name: str


class GapOut(Schema):
    """A category that nobody answers for in ``areas``; ``everywhere``: in none at all."""

    key: str
    name: str
    path: str
    kind: CategoryKind
    areas: list[AreaRef]
    everywhere: bool
    owner_answers: bool
    #: of a major class that stands for all its minors: how many
    minors: int


class OverlapOut(Schema):
    """Two rules of equal rank that answer differently. ``first`` wins."""

    first: DutyRuleOut
    second: DutyRuleOut
