"""What somebody who reports needs to say where and what: places, map, likely class. No secrets in it."""

from dataclasses import dataclass

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from lifang.core import geo
from lifang.core.errors import Missing
from lifang.places import atlas
from lifang.places import queries as places
from lifang.places.models import Region
from lifang.standards import queries as standards
from lifang.understanding import classes

#: layers of the public map; components and shops are no business of strangers
LAYERS = ("regions", "roads")
MOST = 12


@dataclass(frozen=True)
class PublicPlace:
    kind: str
    code: str
    name: str
    address: str
    area_name: str
    lng: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Suggestion:
    key: str
    name: str
    confidence: float


@dataclass(frozen=True)
class Extent:
    """Where the city lies: the box around its regions."""

    west: float
    south: float
    east: float
    north: float


def _area_name(area: str) -> str:
    """Names of the regions around, largest first, without the city: ``某区某街道某社区``."""
    names = {spot.code: spot.name for spot in atlas.region_list().values()}
    parts = [area[:n] for n in (6, 9, 12) if len(area) >= n]
    return "".join(names.get(code, "") for code in parts)


def search(q: str) -> list[PublicPlace]:
    """Places by name, nickname or part of it; only such as have a point."""
    return [
        PublicPlace(
            h.kind, h.code, h.name, h.address, _area_name(h.area), h.lng, h.lat
        )
        for h in places.search(q, limit=MOST)
        if h.lng is not None and h.lat is not None
    ]  # fmt: skip


def at(lng: float, lat: float, system: str = "wgs84") -> PublicPlace:
    """The name of a point in words: regions and, where there is one, the road."""
    lng, lat = geo.to_wgs84(lng, lat, system)
    found = places.locate(lng, lat)
    area = _area_name(found.area)
    road = found.road.name if found.road else ""
    return PublicPlace("point", found.area, f"{area}{road}", "", area, lng, lat)


def layer(name: str, bbox: str = "") -> bytes:
    """A map layer as GeoJSON."""
    if name not in LAYERS:
        raise Missing("map.layer", _("没有这个图层"))
    return places.geojson(name, bbox)


def extent() -> Extent:
    box = Region.objects.filter(active=True, west__isnull=False).aggregate(
        west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north")
    )
    if box["west"] is None:
        raise Missing("map.empty", _("还没有区域地图"))
    return Extent(**box)


def suggest(text: str, *, most: int = 4) -> list[Suggestion]:
    """Likely classes of a text, those that citizens may choose."""
    tree = standards.in_force()
    found = []
    for p in classes.classify(text, most=most + 4):
        category = tree.by_key(p.key)
        if category is not None and category.public:
            found.append(Suggestion(p.key, p.name, round(p.confidence, 3)))
    return found[:most]
