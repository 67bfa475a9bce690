"""Who answers: rules from place × category to units and post; pairings of people with places."""

from django.db import models

from lifang.duties.choices import PairingKind
from lifang.orgs.models import Post, Unit, User
from lifang.places.models import Component, Region, Road, Shop, Site


class Place(models.Model):
    """Where a rule or pairing holds. All empty: everywhere."""

    #: division-code prefix
    area = models.CharField(max_length=12, blank=True, db_index=True)
    road = models.ForeignKey(Road, models.CASCADE, null=True, blank=True, related_name="+")
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, blank=True, related_name="+")
    component = models.ForeignKey(
        Component, models.CASCADE, null=True, blank=True, related_name="+"
    )
    #: responsibility grid code
    grid = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        abstract = True


class DutyRule(Place):
    """``category`` (key or key prefix of the catalogue; empty: any) here → lead and assisting units."""

    number = models.PositiveIntegerField(unique=True)
    category = models.CharField(max_length=40, blank=True, db_index=True)
    #: the component's registered owner leads; ``lead_unit`` only if it has none
    owner_first = models.BooleanField(default=False)
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="duty_rules"
    )
    assisting = models.ManyToManyField(Unit, blank=True, related_name="duty_rules_assisting")
    post = models.ForeignKey(
        Post, models.SET_NULL, null=True, blank=True, related_name="duty_rules"
    )

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"#{self.number}"


class Pairing(Place):
    """A leader, unit, road chief, grid worker or shop answers for a place beside the line duty."""

    kind = models.CharField(max_length=12, choices=PairingKind)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="pairings")
    person_name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="pairings")
    region = models.ForeignKey(
        Region, models.CASCADE, null=True, blank=True, related_name="pairings"
    )
    title = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("kind", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
