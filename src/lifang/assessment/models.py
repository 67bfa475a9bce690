"""Facts entered at a desk, stored score runs with every lost point, plans."""

from django.db import models

from lifang.assessment.choices import EntryKind, MarkState
from lifang.core.models import StoredFile
from lifang.orgs.models import User
from lifang.rounds.models import Round


class Entry(models.Model):
    """A statistic, award, event of the negative list, override or mark. Append-only; superseded, never edited."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=EntryKind)
    leaf = models.CharField(max_length=40, blank=True)
    measure = models.CharField(max_length=40, blank=True)
    #: of a statistic; points of an award or override; score of a linked edition
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    state = models.CharField(max_length=16, choices=MarkState, blank=True)
    #: of a statistic: "2026", "2026-Q3"
    period = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=200, blank=True)
    #: the day of an event, whether it is confirmed
    on = models.DateField(null=True)
    confirmed = models.BooleanField(default=True)
    #: key of a linked edition
    edition = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    #: of an override: somebody else than who entered it
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("round", "leaf"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.leaf}"


class Run(models.Model):
    """A stored score: hashes of its three inputs and of the engine, five numbers a node, its digest.

    It can be worked out again at any time (``as_of``); a pinned one stands in a bulletin and keeps its losses.
    """

    key = models.CharField(max_length=60, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="runs")
    as_of = models.DateTimeField()
    edition_sha = models.CharField(max_length=64)
    round_sha = models.CharField(max_length=64)
    facts_sha = models.CharField(max_length=64)
    engine = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    #: how far the facts went: ``gathering.marker``
    marker = models.CharField(max_length=200)
    facts = models.PositiveIntegerField()
    #: which facts were there, as ranges of numbers by table; a fact that commits late is in none
    seen = models.JSONField(default=dict)
    score = models.DecimalField(max_digits=14, decimal_places=4)
    low = models.DecimalField(max_digits=14, decimal_places=4)
    high = models.DecimalField(max_digits=14, decimal_places=4)
    possible = models.DecimalField(max_digits=20, decimal_places=10)
    earned = models.DecimalField(max_digits=20, decimal_places=10)
    coverage = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    status = models.CharField(max_length=16)
    #: ``Result.as_dict(trace=False)`` and of each leaf what its measures found
    result = models.JSONField()
    #: simulated next official draw: mean and quantiles; empty where nothing is drawn
    forecast = models.JSONField(default=dict)
    #: points that one more fault costs in the expected score: "item|type|district" → leaf → points
    worth = models.JSONField(default=dict)
    #: in a bulletin: kept for ever with its losses
    pinned = models.BooleanField(default=False)
    #: its losses are all there; until then nobody sees the run
    complete = models.BooleanField(default=False)
    #: the losses of a run that is neither the last nor pinned are dropped; it can be worked out again
    has_losses = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("round", "complete", "-id"))]

    def __str__(self) -> str:
        return self.key


class RunLoss(models.Model):
    """A row of lost (or, ``pending``, open) points of a run: who, where, what, why. Σ = possible − earned."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="losses")
    leaf = models.CharField(max_length=40)
    measure = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20)
    points = models.DecimalField(max_digits=20, decimal_places=10)
    gain = models.DecimalField(max_digits=20, decimal_places=10)
    #: code of the unit that leads, as the run knew it
    lead = models.CharField(max_length=40, blank=True)
    assist = models.JSONField(default=dict)
    site = models.CharField(max_length=32, blank=True)
    item = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=60, blank=True)
    how = models.CharField(max_length=20, blank=True)
    #: ids of facts: ``observation:7``
    facts = models.JSONField(default=list)

    class Meta:
        ordering = ("run", "-points", "id")
        indexes = [
            models.Index(fields=("run", "-points")),
            models.Index(fields=("run", "leaf")),
            models.Index(fields=("run", "lead")),
            models.Index(fields=("run", "site")),
        ]

    def __str__(self) -> str:
        return f"{self.leaf} {self.points}"


class UnitLoss(models.Model):
    """Points of a run by the unit that answers, shared with those that assist; adds up to the losses."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="unit_losses")
    unit = models.CharField(max_length=40, blank=True)
    leaf = models.CharField(max_length=40)
    lost = models.DecimalField(max_digits=20, decimal_places=10)
    open = models.DecimalField(max_digits=20, decimal_places=10)
    rows = models.PositiveIntegerField()

    class Meta:
        ordering = ("run", "-lost")
        constraints = [
            models.UniqueConstraint(fields=("run", "unit", "leaf"), name="unit_leaf_once_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.leaf}"


class Plan(models.Model):
    """Which fixes win most back: the question, the answer with its gap, what was ordered of it."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="plans")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    aim = models.CharField(max_length=8)
    budget = models.DecimalField(max_digits=12, decimal_places=2)
    by = models.DateField(null=True)
    polish = models.PositiveIntegerField(default=0)
    options = models.JSONField(default=dict)
    #: ``planner.report.Report.as_dict``; empty until it is worked out
    report = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    ordered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.aim} {self.budget}"
