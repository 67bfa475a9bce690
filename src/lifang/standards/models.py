"""What is a problem, what is asked: catalogue versions and classes; assessment editions."""

from django.db import models

from lifang.orgs.models import User
from lifang.standards.choices import (
    CatalogueStatus,
    CategoryKind,
    ChangeClass,
    EditionStatus,
    LimitUnit,
)


class Catalogue(models.Model):
    """A version of the case catalogue. Published: frozen, with the SHA-256 of its content."""

    code = models.CharField(max_length=32)
    version = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=CatalogueStatus, default=CatalogueStatus.DRAFT)
    in_force = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("code", "-version")
        constraints = [
            models.UniqueConstraint(fields=("code", "version"), name="catalogue_once"),
            models.UniqueConstraint(
                fields=("in_force",), condition=models.Q(in_force=True), name="one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Category(models.Model):
    """A class of problem. ``code`` as printed in the catalogue: major 2 digits, minor 2 more."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="categories")
    kind = models.CharField(max_length=10, choices=CategoryKind)
    code = models.CharField(max_length=8)
    #: stable across versions and class orders; duty rules and statistics hang on it
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    #: words that citizens use for it, by space
    words = models.TextField(blank=True)
    help = models.TextField(blank=True)
    public = models.BooleanField(default=True)
    priority = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("kind", "order", "code")
        constraints = [
            models.UniqueConstraint(
                fields=("catalogue", "kind", "code"), name="category_code_once"
            ),
            models.UniqueConstraint(fields=("catalogue", "key"), name="category_key_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Condition(models.Model):
    """A filing condition (立案条件) with its own limit, closing condition and evidence."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    limit = models.DecimalField(max_digits=7, decimal_places=2)
    unit = models.CharField(max_length=12, choices=LimitUnit)
    closing = models.CharField(max_length=300)
    #: photos that closing needs, no more than that (减负)
    photos_before = models.PositiveSmallIntegerField(default=0)
    photos_after = models.PositiveSmallIntegerField(default=1)
    default = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=("category", "number"), name="condition_number_once")
        ]

    def __str__(self) -> str:
        return self.text


class AssessmentEdition(models.Model):
    """A version of an assessment system (测评体系) as a document (``editions.read``).

    Published: frozen for ever with the SHA-256 of its canonical form. Several may be in force at once
    (city, county, minors), of each ``key`` one version.
    """

    key = models.CharField(max_length=40)
    version = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=EditionStatus, default=EditionStatus.DRAFT)
    in_force = models.BooleanField(default=False)
    document = models.JSONField(default=dict)
    #: of a draft: how often it was changed, so that two editors do not overwrite each other
    edits = models.PositiveIntegerField(default=0)
    #: of the document, for lists: indicators, their points, what still stands in the way of publishing
    indicators = models.PositiveIntegerField(default=0)
    points = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    faults = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="following")
    change = models.CharField(max_length=10, choices=ChangeClass, blank=True)
    note = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("key", "-id")
        constraints = [
            models.UniqueConstraint(fields=("key", "version"), name="edition_once"),
            models.UniqueConstraint(
                fields=("key",), condition=models.Q(in_force=True), name="one_edition_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class EditionCrosswalk(models.Model):
    """What becomes of each indicator from one edition to the next (``assessment.crosswalk``)."""

    old = models.ForeignKey(AssessmentEdition, models.PROTECT, related_name="crosswalks_out")
    new = models.ForeignKey(AssessmentEdition, models.PROTECT, related_name="crosswalks_in")
    #: rows ``{"old": [], "new": [], "relation", "carry"}``
    rows = models.JSONField(default=list)
    #: how often it was changed, so that two editors do not overwrite each other
    edits = models.PositiveIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("old", "new"), name="crosswalk_once")]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"
