"""Assessment rounds: frozen scope, dates and milestones; what is asked of whom by when."""

from django.db import models
from django.db.models import F, Q

from lifang.core.models import StoredFile
from lifang.orgs.models import Post, Unit, User
from lifang.places.models import Site
from lifang.rounds.choices import RoundKind, RoundStatus, Share, StepKind, StepOrigin, TaskStatus
from lifang.standards.models import AssessmentEdition


class Round(models.Model):
    """One assessment (测评轮次) by one edition. Opening it freezes ``document`` (``lifang.round/1``)."""

    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=RoundKind, default=RoundKind.MOCK)
    status = models.CharField(max_length=10, choices=RoundStatus, default=RoundStatus.PREPARING)
    edition = models.ForeignKey(AssessmentEdition, models.PROTECT, related_name="rounds")
    #: the one before, for comparison
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="following")
    starts = models.DateField()
    ends = models.DateField()
    #: the day on which the assessors come; the countdown runs to it
    visit = models.DateField(null=True)
    #: answers the predicates of indicators: ``{"level": "county"}``
    context = models.JSONField(default=dict)
    #: role of the edition → code of a unit
    roster = models.JSONField(default=dict)
    #: question or ``*`` → stratum → share; question or ``*`` → answers wanted
    population = models.JSONField(default=dict)
    quota = models.JSONField(default=dict)
    #: how places are drawn: ``{"seed", "method", "by", "draws": {site type: n}, "reserves"}``
    design = models.JSONField(default=dict)
    #: of the frame as it was taken (``rules.frame_hash``)
    frame_sha256 = models.CharField(max_length=64, blank=True)
    frame_at = models.DateTimeField(null=True)
    document = models.JSONField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-starts", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="round_ends_later")
        ]

    def __str__(self) -> str:
        return self.title


class RoundPlace(models.Model):
    """A place of the round's frame as it was when the frame was taken; ``drawn``: it is looked at."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="places")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    type = models.CharField(max_length=32)
    district = models.CharField(max_length=12, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    drawn = models.BooleanField(default=False)
    #: in the draw of its stratum, from 1; those behind the number wanted are in reserve
    order = models.PositiveIntegerField(null=True)
    #: drawn instead of this one, and why
    instead_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="instead")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=("round", "code"), name="place_once_a_round")]
        indexes = [models.Index(fields=("round", "drawn", "type"))]

    def __str__(self) -> str:
        return self.title


class Milestone(models.Model):
    """A day by which something of the round must be so."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=120)
    due = models.DateField()
    done_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("due", "id")

    def __str__(self) -> str:
        return self.title


class Task(models.Model):
    """An indicator of the round as the task of a unit (任务分解), down to post and person."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="tasks")
    leaf = models.CharField(max_length=40)
    #: of the indicator in its edition, for lists in the edition's order
    order = models.PositiveIntegerField(default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessment_tasks")
    part = models.CharField(max_length=8, choices=Share, default=Share.LEAD)
    #: of the loss that this unit answers for; leads take what assisting units leave
    share = models.DecimalField(max_digits=6, decimal_places=4, default=1)
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="assessment_tasks")
    person_name = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True)
    note = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.DRAFT)
    issued_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    taken_up_at = models.DateTimeField(null=True)
    taken_up_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    returned_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("order", "-part", "id")
        constraints = [
            models.UniqueConstraint(fields=("round", "leaf", "unit"), name="task_once_a_unit")
        ]
        indexes = [
            models.Index(fields=("round", "unit", "status")),
            models.Index(fields=("round", "order")),
        ]

    def __str__(self) -> str:
        return f"{self.leaf} {self.unit_id}"


class Step(models.Model):
    """A line of a unit's work plan or of the timetable of an unmet item: what, how, by whom, by when."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="steps")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessment_steps")
    kind = models.CharField(max_length=8, choices=StepKind, default=StepKind.PLAN)
    leaf = models.CharField(max_length=40, blank=True)
    #: code of a place of the round, code of a line of the checklist
    place = models.CharField(max_length=32, blank=True)
    item = models.CharField(max_length=40, blank=True)
    #: what must be reached, how
    standard = models.CharField(max_length=300)
    measure = models.TextField(blank=True)
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)
    done_note = models.CharField(max_length=300, blank=True)
    #: what shows that it is done
    files = models.ManyToManyField(StoredFile, related_name="+")
    origin = models.CharField(max_length=8, choices=StepOrigin, default=StepOrigin.HAND)
    #: points that the planner expects back
    gain = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("due", "id")
        indexes = [models.Index(fields=("round", "unit", "done_on"))]

    def __str__(self) -> str:
        return self.standard


class Letter(models.Model):
    """A signed letter of responsibility (责任状) of a unit."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="letters")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    signer = models.CharField(max_length=60)
    signed_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-signed_on", "-id")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.signer}"
