"""What the routes of places take and give."""

import datetime as dt
from typing import Any

from ninja import Field, Schema

GeoJSON = dict[str, Any]


class RegionIn(Schema):
    code: str = Field(max_length=12)
    name: str = Field(max_length=80)
    level: int = Field(description="1 city, 2 district, 3 street, 4 community")
    parent: str | None = Field(None, description="code of the region above")
    population: int | None = Field(None, ge=0)
    geometry: GeoJSON | None = None


class CellIn(Schema):
    code: str = Field("", max_length=20, description="empty: made by the code template")
    region: str = Field(description="code of the community")
    grid: str = Field("", max_length=20)
    geometry: GeoJSON | None = None


class RoadIn(Schema):
    code: str = Field("", max_length=20)
    name: str = Field(max_length=80)
    level: str = Field(description="main secondary branch lane")
    region: str | None = None
    geometry: GeoJSON | None = None


class SiteTypeIn(Schema):
    code: str = Field(max_length=32)
    name: str = Field(max_length=60)
    group: str = Field("", max_length=40)
    is_road: bool = False
    order: int = Field(0, ge=0)


class _PointIn(Schema):
    code: str = Field("", max_length=32, description="empty: made by the code template")
    name: str = Field(max_length=120)
    lng: float
    lat: float
    address: str = Field("", max_length=200)
    region: str | None = Field(None, description="code; empty: the region the point lies in")
    road: str | None = Field(None, description="code; empty: the nearest road within 30 m")


class SiteIn(_PointIn):
    type: str = Field(description="code of the site type")


class ShopIn(_PointIn):
    house_number: str = Field("", max_length=20)
    owner_name: str = Field("", max_length=40)
    owner_phone: str = Field("", max_length=32)
    duties_signed_on: dt.date | None = None


class ComponentIn(_PointIn):
    category_code: str = Field(max_length=8)
    owner_code: str = Field("", max_length=32)
    state: str = Field("", max_length=20)


class PlaceRef(Schema):
    """A place by number, code and name."""

    id: int
    code: str
    name: str

    @staticmethod
    def resolve_name(obj: Any) -> str:
        return str(obj)


class CellRef(Schema):
    id: int
    code: str


class PlaceBox(Schema):
    west: float | None
    south: float | None
    east: float | None
    north: float | None


class RegionOut(PlaceBox):
    id: int
    code: str
    name: str
    level: int
    parent: PlaceRef | None
    population: int | None
    active: bool


class RegionFull(RegionOut):
    geometry: GeoJSON | None


class CellOut(PlaceBox):
    id: int
    code: str
    region: PlaceRef
    grid: str
    area_m2: float
    active: bool


class CellFull(CellOut):
    geometry: GeoJSON | None


class RoadOut(PlaceBox):
    id: int
    code: str
    name: str
    level: str
    region: PlaceRef | None
    active: bool


class RoadFull(RoadOut):
    geometry: GeoJSON | None


class SiteTypeOut(Schema):
    id: int
    code: str
    name: str
    group: str
    is_road: bool
    order: int
    active: bool


class _PointOut(Schema):
    id: int
    code: str
    name: str
    lng: float
    lat: float
    address: str
    region: PlaceRef
    cell: CellRef | None
    road: PlaceRef | None
    active: bool


class SiteOut(_PointOut):
    type: PlaceRef


class ShopOut(_PointOut):
    house_number: str
    owner_name: str
    owner_phone: str
    duties_signed_on: dt.date | None


class ComponentOut(_PointOut):
    category_code: str
    owner_code: str
    state: str


class RegionNode(Schema):
    id: int
    code: str
    name: str
    level: int
    active: bool
    has_border: bool
    cells: int
    children: list["RegionNode"]


class SpotOut(Schema):
    id: int
    code: str
    name: str


class LocatedOut(Schema):
    region: SpotOut | None
    cell: SpotOut | None
    road: SpotOut | None
    area: str


class HitOut(Schema):
    kind: str
    id: int
    code: str
    name: str
    matched: str
    area: str
    score: float
    lng: float | None
    lat: float | None
    address: str


class PlaceNameIn(Schema):
    name: str = Field(min_length=1, max_length=80)
    kind: str = Field(description="region road site")
    code: str = Field(description="code of the place that is named")
    note: str = Field("", max_length=120)


class PlaceNameOut(Schema):
    id: int
    name: str
    kind: str
    target: PlaceRef
    note: str

    @staticmethod
    def resolve_kind(obj: Any) -> str:
        return "region" if obj.region_id else "road" if obj.road_id else "site"

    @staticmethod
    def resolve_target(obj: Any) -> Any:
        return obj.region or obj.road or obj.site


class PlaceCodeIn(Schema):
    template: str = Field(max_length=120)
    note: str = Field("", max_length=200)


class PlaceCodeOut(Schema):
    key: str
    label: str
    template: str
    note: str
    form: str = Field(description="the template in words")


class GridIn(Schema):
    region: int
    side: float = Field(100.0, ge=10, le=5000, description="metres")
    replace: bool = False


class GridCell(Schema):
    code: str
    area_m2: float
    geometry: GeoJSON


class GridOut(Schema):
    cells: int


class PlaceDone(Schema):
    ok: bool = True
