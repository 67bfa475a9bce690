"""Where: regions by division code, grid cells, roads, sites, shops, components, other names."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Shape(models.Model):
    """A GeoJSON geometry in WGS-84/CGCS2000 degrees with its bounding box for index look-ups."""

    geometry = models.JSONField(null=True, blank=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)

    class Meta:
        abstract = True


class RegionLevel(models.IntegerChoices):
    CITY = 1, _("市")
    DISTRICT = 2, _("区县")
    STREET = 3, _("街道（镇）")
    COMMUNITY = 4, _("社区（村）")


class Region(Shape):
    """An administrative region. ``code`` is the division code (GB/T 2260 and its extension)."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    level = models.IntegerField(choices=RegionLevel)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    population = models.PositiveIntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=("level", "west", "east"))]

    def __str__(self) -> str:
        return self.name


class Cell(Shape):
    """A unit grid cell (单元网格), about 10,000 m², inside one community."""

    code = models.CharField(max_length=20, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="cells")
    #: responsibility grid (责任网格): the set of cells one collector walks
    grid = models.CharField(max_length=20, blank=True, db_index=True)
    area_m2 = models.FloatField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=("west", "east", "south", "north"))]

    def __str__(self) -> str:
        return self.code


class RoadLevel(models.TextChoices):
    MAIN = "main", _("主干道")
    SECONDARY = "secondary", _("次干道")
    BRANCH = "branch", _("支路")
    LANE = "lane", _("背街小巷")


class Road(Shape):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80, db_index=True)
    level = models.CharField(max_length=10, choices=RoadLevel)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="roads")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class SiteType(models.Model):
    """A kind of assessed place (点位类型): estate, market, crossing …"""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    group = models.CharField(max_length=40, blank=True)
    #: a place of this type is a road as a whole: what is on the road is at the place
    is_road = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class Point(models.Model):
    """Something at one place: degrees, and the region and cell it lies in."""

    lng = models.FloatField()
    lat = models.FloatField()
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class Site(Point):
    """An assessed place (点位)."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    type = models.ForeignKey(SiteType, models.PROTECT, related_name="sites")
    region = models.ForeignKey(Region, models.PROTECT, related_name="sites")
    cell = models.ForeignKey(Cell, models.SET_NULL, null=True, related_name="sites")
    road = models.ForeignKey(Road, models.SET_NULL, null=True, blank=True, related_name="sites")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=("lat", "lng"))]

    def __str__(self) -> str:
        return self.name


class Shop(Point):
    """A shop with front duties (门前三包)."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    road = models.ForeignKey(Road, models.SET_NULL, null=True, blank=True, related_name="shops")
    house_number = models.CharField(max_length=20, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="shops")
    cell = models.ForeignKey(Cell, models.SET_NULL, null=True, related_name="shops")
    owner_name = models.CharField(max_length=40, blank=True)
    owner_phone = models.CharField(max_length=32, blank=True)
    duties_signed_on = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=("lat", "lng"))]

    def __str__(self) -> str:
        return self.name


class Component(Point):
    """A city component (部件). ``category_code`` is the four-digit class of the catalogue."""

    code = models.CharField(max_length=32, unique=True)
    category_code = models.CharField(max_length=8, db_index=True)
    name = models.CharField(max_length=80)
    region = models.ForeignKey(Region, models.PROTECT, related_name="components")
    cell = models.ForeignKey(Cell, models.SET_NULL, null=True, related_name="components")
    road = models.ForeignKey(
        Road, models.SET_NULL, null=True, blank=True, related_name="components"
    )
    #: code of the owning unit; the register comes from surveys that know units by code only
    owner_code = models.CharField(max_length=32, blank=True, db_index=True)
    state = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=("lat", "lng"))]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"


class PlaceName(models.Model):
    """Another name of a place: nickname, old name, anonymised name (A3区)."""

    name = models.CharField(max_length=80, db_index=True)
    region = models.ForeignKey(Region, models.CASCADE, null=True, related_name="aliases")
    road = models.ForeignKey(Road, models.CASCADE, null=True, related_name="aliases")
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="aliases")
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="one_target",
                condition=(
                    models.Q(region__isnull=False, road=None, site=None)
                    | models.Q(region=None, road__isnull=False, site=None)
                    | models.Q(region=None, road=None, site__isnull=False)
                ),
            ),
            models.UniqueConstraint(fields=("name", "region", "road", "site"), name="alias_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CodeTemplate(models.Model):
    """How codes of one kind are written in this city (``places.codes``), as data."""

    #: a key of ``places.kinds.TEMPLATES``
    key = models.CharField(max_length=24, unique=True)
    template = models.CharField(max_length=120)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.key
