"""The kinds of places as one table: columns with headings, references, shapes.

Forms, checks, imports, exports and templates of Excel sheets all read this table, so a column
added here appears everywhere at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lifang.places.models import (
    Cell,
    Component,
    Region,
    RegionLevel,
    Road,
    RoadLevel,
    Shop,
    Site,
    SiteType,
)

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """One column of a kind. ``type``: text int float date choice ref."""

    name: str
    label: Text
    type: str = "text"
    required: bool = False
    max: int = 0
    #: of a reference: the model whose ``code`` is given
    model: Any = None
    #: of a choice: key → label
    choices: tuple[tuple[Any, Text], ...] = ()
    help: Text = ""


@dataclass(frozen=True)
class Kind:
    """A kind of place. ``shape``: area, line, point or none."""

    name: str
    label: Text
    model: Any
    columns: tuple[Column, ...]
    shape: str = ""
    #: key of its code template from cleaned values; ``None``: codes are free
    template: Callable[[dict[str, Any]], str] | None = None
    #: stamps to bump when one changes
    stamps: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


_CODE = Column("code", _("编码"), max=32, help=_("留空则按编码模板自动生成"))
_REGION = Column("region", _("区划编码"), "ref", model=Region, help=_("留空则按坐标自动判定"))
_ROAD = Column("road", _("道路编码"), "ref", model=Road, help=_("留空则取 30 米内最近的道路"))
_POINT = (
    Column("lng", _("经度"), "float", required=True),
    Column("lat", _("纬度"), "float", required=True),
    Column("address", _("地址"), max=200),
)


def _region_template(values: dict[str, Any]) -> str:
    return f"region.{RegionLevel(values['level']).name.lower()}"


REGION = Kind(
    "region",
    _("区划"),
    Region,
    (
        Column("code", _("区划代码"), required=True, max=12),
        Column("name", _("名称"), required=True, max=80),
        Column("level", _("级别"), "choice", required=True, choices=tuple(RegionLevel.choices)),
        Column("parent", _("上级区划代码"), "ref", model=Region),
        Column("population", _("人口"), "int"),
    ),
    shape="area",
    template=_region_template,
    stamps=("places.regions", "places.names"),
)
CELL = Kind(
    "cell",
    _("单元网格"),
    Cell,
    (
        Column("code", _("网格编码"), max=20, help=_("留空则按编码模板自动生成")),
        Column("region", _("所属社区代码"), "ref", required=True, model=Region),
        Column("grid", _("责任网格"), max=20, help=_("同一采集员负责的网格填同一编号")),
    ),
    shape="area",
    template=lambda _values: "cell",
    stamps=("places.cells",),
)
ROAD = Kind(
    "road",
    _("道路"),
    Road,
    (
        Column("code", _("道路编码"), max=20, help=_("留空则按编码模板自动生成")),
        Column("name", _("名称"), required=True, max=80),
        Column("level", _("等级"), "choice", required=True, choices=tuple(RoadLevel.choices)),
        Column("region", _("区划编码"), "ref", model=Region),
    ),
    shape="line",
    template=lambda _values: "road",
    stamps=("places.roads", "places.names"),
)
SITE_TYPE = Kind(
    "site-type",
    _("点位类型"),
    SiteType,
    (
        Column("code", _("类型编码"), required=True, max=32),
        Column("name", _("名称"), required=True, max=60),
        Column("group", _("分组"), max=40),
        Column("is_road", _("整条道路"), "bool"),
        Column("order", _("排序"), "int"),
    ),
    stamps=("places.types",),
)
SITE = Kind(
    "site",
    _("点位"),
    Site,
    (
        _CODE,
        Column("name", _("名称"), required=True, max=120),
        Column("type", _("类型编码"), "ref", required=True, model=SiteType),
        *_POINT,
        _REGION,
        _ROAD,
    ),
    shape="point",
    template=lambda _values: "site",
    stamps=("places.sites", "places.names"),
)
SHOP = Kind(
    "shop",
    _("商铺"),
    Shop,
    (
        _CODE,
        Column("name", _("名称"), required=True, max=120),
        *_POINT,
        Column("house_number", _("门牌号"), max=20),
        Column("owner_name", _("负责人"), max=40),
        Column("owner_phone", _("负责人电话"), max=32),
        Column("duties_signed_on", _("门前三包签订日期"), "date"),
        _REGION,
        _ROAD,
    ),
    shape="point",
    template=lambda _values: "shop",
    stamps=("places.shops",),
)
COMPONENT = Kind(
    "component",
    _("部件"),
    Component,
    (
        _CODE,
        Column("category_code", _("类别代码"), required=True, max=8),
        Column("name", _("名称"), required=True, max=80),
        *_POINT,
        Column("owner_code", _("权属单位编码"), max=32),
        Column("state", _("状态"), max=20),
        _REGION,
        _ROAD,
    ),
    shape="point",
    template=lambda _values: "component",
    stamps=("places.components",),
)

KINDS: dict[str, Kind] = {k.name: k for k in (REGION, CELL, ROAD, SITE_TYPE, SITE, SHOP, COMPONENT)}

#: Keys of code templates with what each writes.
TEMPLATES: dict[str, Text] = {
    "region.city": _("市级区划"),
    "region.district": _("区县区划"),
    "region.street": _("街道（镇）区划"),
    "region.community": _("社区（村）区划"),
    "cell": _("单元网格"),
    "road": _("道路"),
    "site": _("点位"),
    "shop": _("商铺"),
    "component": _("部件"),
}
