"""What people decided, the models learnt from it, and how this city lets them act."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class How(models.TextChoices):
    """Who chose the class of a matter."""

    DECIDED = "decided", _("人工判定")
    ALONE = "alone", _("机器判定")
    CORRECTED = "corrected", _("机器判定后更正")


class Sample(models.Model):
    """A matter with its class, as it stands now: a projection of what the rooms above decided.

    People's decisions (``decided``, ``corrected``) teach; what the machine did alone does not.
    ``decided`` ones are what its precision is measured on: they are not chosen by its mistakes.
    """

    #: what it is a sample of, in the words of the room that sent it: ``case:17``
    origin = models.CharField(max_length=40, unique=True)
    text = models.TextField()
    key = models.CharField(max_length=80)
    how = models.CharField(max_length=10, choices=How.choices)
    #: what the machine proposed when the report came in; empty: nothing
    proposed = models.CharField(max_length=80, blank=True)
    confidence = models.FloatField(default=0.0)
    right = models.BooleanField()
    #: sure of the class, and a person decided: drawn for review, or the place was unclear
    held_back = models.BooleanField(default=False)
    #: share of character pairs that the model in force did not know
    strange = models.FloatField(null=True)
    reported_at = models.DateTimeField()
    #: when the room above last changed the matter
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("changed_at", "id")
        indexes = [models.Index(fields=("reported_at", "how"), name="sample_reported")]

    def __str__(self) -> str:
        return f"{self.origin} {self.key}"


class LearntModel(models.Model):
    """A model learnt from samples; the newest is in force while its files can be read."""

    #: SHA-256 of what decides its answers; also the name of its folder
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    n = models.PositiveIntegerField()
    labels = models.PositiveIntegerField()
    #: estimated share of matters of a class that history has not seen (Good and Turing)
    unseen = models.FloatField(default=0.0)
    card = models.JSONField(default=dict)
    #: SHA-256 of the catalogue whose words it was blended with
    catalogue = models.CharField(max_length=64)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.digest[:12]


class JudgeSetting(models.Model):
    """How far this city lets the machine judge classes: one row."""

    #: lower end of the interval of precision that acting alone must have
    target = models.FloatField(default=0.95)
    #: of the matters it could file alone, this share goes to a person all the same: without them
    #: nobody would know its precision
    review_share = models.FloatField(default=0.05)
    #: whether models are learnt from this city's decisions
    learning = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.target}"
