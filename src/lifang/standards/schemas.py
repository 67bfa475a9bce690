"""Shapes of the standards API."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field

from lifang.standards.choices import CatalogueStatus, CategoryKind, LimitUnit

#: row numbers: what both engines can hold
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Small = Annotated[int, Field(ge=0, le=9)]


class CatalogueIn(Schema):
    code: str = Field(min_length=1, max_length=32)
    version: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=2000)


class CatalogueNew(CatalogueIn):
    #: version to copy the content from
    copy_of: Id | None = None


class CatalogueOut(Schema):
    id: int
    code: str
    version: str
    name: str
    status: CatalogueStatus
    in_force: bool
    published_at: datetime | None
    sha256: str
    note: str
    categories_count: int = 0


class ConditionBase(Schema):
    text: str = Field(min_length=1, max_length=300)
    limit: Decimal = Field(gt=0, le=99999, max_digits=7, decimal_places=2)
    unit: LimitUnit
    closing: str = Field(min_length=1, max_length=300)
    photos_before: Small = 0
    photos_after: Small = 1
    default: bool = False
    active: bool = True


class ConditionNew(ConditionBase):
    category_id: Id


class ConditionOut(Schema):
    id: int
    category_id: int
    number: int
    text: str
    limit: Decimal
    unit: LimitUnit
    closing: str
    photos_before: int
    photos_after: int
    default: bool
    active: bool


class CategoryBase(Schema):
    #: two digits of its own level
    code: str = Field(min_length=1, max_length=2)
    key: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=60)
    words: str = Field("", max_length=2000)
    help: str = Field("", max_length=500)
    public: bool = True
    priority: Small = 0
    order: int = Field(0, ge=0, le=2**31 - 1)
    active: bool = True
    kind: CategoryKind


class CategoryNew(CategoryBase):
    catalogue_id: Id
    parent_id: Id | None = None


class CategoryOut(Schema):
    id: int
    catalogue_id: int
    parent_id: int | None
    kind: CategoryKind
    code: str
    key: str
    name: str
    words: str
    help: str
    public: bool
    priority: int
    order: int
    active: bool


class TreeCondition(Schema):
    id: int
    number: int
    text: str
    limit: str
    unit: LimitUnit
    limit_text: str
    closing: str
    photos_before: int
    photos_after: int
    default: bool
    active: bool


class TreeCategory(Schema):
    id: int
    kind: CategoryKind
    code: str
    key: str
    name: str
    parent_id: int | None
    words: str
    help: str
    public: bool
    priority: int
    order: int
    active: bool
    conditions: list[TreeCondition]
    children: list["TreeCategory"]


class TreeOut(Schema):
    id: int
    code: str
    version: str
    name: str
    status: str
    in_force: bool
    categories: list[TreeCategory]


class FaultOut(Schema):
    key: str
    message: str


class CrosswalkStepOut(Schema):
    """One row of the crosswalk. ``change``: same, changed, gone, new."""

    key: str
    name: str
    change: str
    to: str
    to_name: str
    differences: list[str]
    cases: int
