"""What was seen at the places of a round: one line of a checklist each. Append-only."""

from django.db import models

from lifang.cases.models import Case
from lifang.core.models import StoredFile
from lifang.inspections.choices import Found
from lifang.orgs.models import User
from lifang.rounds.models import Round, RoundPlace


class Observation(models.Model):
    """One line of the checklist at one place. A correction is a new row that ``supersedes`` the old."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="observations")
    place = models.ForeignKey(RoundPlace, models.PROTECT, related_name="observations")
    item = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=Found)
    #: faults, where the rule counts them
    count = models.PositiveIntegerField(default=1)
    cause = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    disputed = models.BooleanField(default=False)
    #: when it was seen, by the device; when we learned of it
    seen_at = models.DateTimeField()
    at = models.DateTimeField(auto_now_add=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    #: name of an inspector without an account
    seen_by_name = models.CharField(max_length=60, blank=True)
    #: the visit or form it came with; the same line of the same form comes once
    form = models.CharField(max_length=80, blank=True)
    photos = models.ManyToManyField(StoredFile, blank=True, related_name="+")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    #: the case that mends it
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("round", "form", "place", "item"),
                condition=~models.Q(form=""),
                name="line_once_a_form",
            )
        ]
        indexes = [
            models.Index(fields=("round", "state")),
            models.Index(fields=("place", "item")),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.state}"
