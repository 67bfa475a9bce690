"""The loop: cases, their reports, steps, evidence, clocks, petitions, ratings."""

from django.db import models
from django.db.models import Q

from lifang.cases.choices import (
    ClosedAs,
    EvidenceKind,
    PetitionKind,
    PetitionState,
    Source,
    State,
    UnitRole,
    Verb,
)
from lifang.core.models import StoredFile
from lifang.orgs.models import Post, Unit, User
from lifang.places.models import Cell, Component, Region, Road, Shop, Site
from lifang.standards.models import Category, Condition


class Case(models.Model):
    """A problem on its way from report to close. Times of steps are copied here for lists and rates."""

    number = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.REPORTED)
    source = models.CharField(max_length=12, choices=Source)
    text = models.TextField()
    summary = models.CharField(max_length=120, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    reports_count = models.PositiveIntegerField(default=1)

    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="cases")
    #: filing condition and, at the end, the closing condition that held
    condition = models.ForeignKey(Condition, models.PROTECT, null=True, related_name="cases")
    closing = models.CharField(max_length=300, blank=True)

    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address = models.CharField(max_length=200, blank=True)
    #: division code of the smallest known region; prefix search gives districts and streets
    area = models.CharField(max_length=12, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="cases")
    cell = models.ForeignKey(Cell, models.SET_NULL, null=True, related_name="cases")
    #: their indexes go with the state, as what is asked for is open cases (see Meta)
    road = models.ForeignKey(Road, models.SET_NULL, null=True, related_name="cases", db_index=False)
    site = models.ForeignKey(Site, models.SET_NULL, null=True, related_name="cases", db_index=False)
    shop = models.ForeignKey(Shop, models.SET_NULL, null=True, related_name="cases")
    component = models.ForeignKey(Component, models.SET_NULL, null=True, related_name="cases")

    #: the one who works the case in the centre (受理/派遣), and the one who fixes it in the unit
    desk_user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="cases_on_desk")
    lead_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="cases_led")
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="cases")
    handler = models.ForeignKey(User, models.SET_NULL, null=True, related_name="cases_handled")
    checker = models.ForeignKey(User, models.SET_NULL, null=True, related_name="cases_checked")
    #: why this unit: the rule that matched, in words and numbers
    duty = models.JSONField(default=dict)
    #: nobody answers for it, or it came back twice: the duty chief decides
    arbitration = models.BooleanField(default=False)
    #: the reporter was asked and has not answered
    question = models.CharField(max_length=300, blank=True)

    reported_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    handed_back_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_as = models.CharField(max_length=12, choices=ClosedAs, blank=True)
    first_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")

    #: the handling clock (处置时限): from dispatch to hand-back, on through rework
    due_at = models.DateTimeField(null=True)
    amber_at = models.DateTimeField(null=True)
    #: the clock of the stage in hand (accept, dispatch, verify, check)
    stage_due_at = models.DateTimeField(null=True)
    #: the ``stage_due_at`` of which the duty chief was told that it passed
    stage_told_for = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    #: state to go back to when a suspension ends
    paused_state = models.CharField(max_length=12, blank=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    suspensions = models.PositiveSmallIntegerField(default=0)
    rework = models.PositiveSmallIntegerField(default=0)
    returns = models.PositiveSmallIntegerField(default=0)
    #: appeal granted: the overdue fact stays, statistics leave it out
    exempt = models.BooleanField(default=False)
    reminded = models.PositiveSmallIntegerField(default=0)

    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    relapse_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="relapses")
    automatic = models.BooleanField(default=False)
    #: what the machine understood: proposals with confidence and reasons
    understanding = models.JSONField(default=dict)
    #: raised by one at every step; a stale writer is told so (docs/adr)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("state", "-id")),
            models.Index(fields=("lead_unit", "state", "-id")),
            models.Index(fields=("category", "-id")),
            models.Index(fields=("area", "-id")),
            models.Index(fields=("source", "-id")),
            models.Index(fields=("reported_at",)),
            models.Index(fields=("closed_at",)),
            models.Index(fields=("due_at", "state")),
            models.Index(fields=("stage_due_at", "state")),
            models.Index(fields=("lat", "lng")),
            # what changed since another system last asked, the longest unchanged first
            models.Index(fields=("updated_at", "id"), name="case_changed"),
            # candidates for duplicates: open cases of a place, without a look at the many closed ones
            models.Index(fields=("state", "lat", "lng"), name="case_open_place"),
            models.Index(fields=("road", "state"), name="case_of_road"),
            models.Index(fields=("site", "state"), name="case_of_site"),
        ]
        constraints = [
            models.CheckConstraint(
                name="closed_has_time",
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="in_handling_has_owner_and_clock",
                condition=~Q(state__in=("dispatched", "handling"))
                | Q(lead_unit__isnull=False, due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseUnit(models.Model):
    """A unit that works on a case, now or before (``until`` set)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="case_units")
    role = models.CharField(max_length=8, choices=UnitRole)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=("unit", "until"))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role} {self.unit_id}"


class Report(models.Model):
    """What one reporter said. A case has one or, after merging, several."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    #: the case it was first filed under; unmerge brings it back there
    origin = models.ForeignKey(Case, models.PROTECT, related_name="own_reports")
    #: made by the sender (phone, hotline, camera); the same one twice is one report
    client_id = models.CharField(max_length=80, unique=True)
    source = models.CharField(max_length=12, choices=Source)
    external_number = models.CharField(max_length=64, blank=True, db_index=True)
    text = models.TextField()
    reporter_name = models.CharField(max_length=60, blank=True)
    reporter_phone = models.CharField(max_length=32, blank=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="reports")
    #: what the reporter needs beside the number to follow the case
    follow_code = models.CharField(max_length=16)
    device = models.CharField(max_length=64, blank=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    payload = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.client_id


class Step(models.Model):
    """One verb done to a case. Never edited."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    verb = models.CharField(max_length=24, choices=Verb)
    before = models.CharField(max_length=12, choices=State, blank=True)
    after = models.CharField(max_length=12, choices=State)
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    #: the name at that time; also of machines and citizens, who have no account
    actor = models.CharField(max_length=80, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("verb", "at"))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"


class Pause(models.Model):
    """A span in which the handling clock stood still."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="pauses")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.case_id} {self.start:%F}"


class Evidence(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, related_name="evidence")
    step = models.ForeignKey(Step, models.CASCADE, null=True, related_name="evidence")
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="evidence")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=8, choices=EvidenceKind)
    #: shown to the reporter and on public pages only where true
    public = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("case", "file", "kind"), name="evidence_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Rating(models.Model):
    """What the reporter says of the result; the three hotline rates are made of these."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="ratings")
    report = models.ForeignKey(Report, models.CASCADE, related_name="ratings")
    contacted = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    #: 1 (very bad) to 5 (very good); 4 and 5 count as satisfied
    stars = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()
    #: an unreasonable demand, left out of the rates after review (剔除)
    excluded = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.case_id} {self.stars}"


class Petition(models.Model):
    """A unit asks for more time, a pause, or that an overdue be exempted; two people decide."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="petitions")
    kind = models.CharField(max_length=12, choices=PetitionKind)
    state = models.CharField(max_length=10, choices=PetitionState, default=PetitionState.FIRST)
    reason = models.TextField()
    until = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_note = models.TextField(blank=True)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_note = models.TextField(blank=True)
    files = models.ManyToManyField(StoredFile, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("case", "kind"),
                condition=Q(state__in=("first", "second")),
                name="one_open_petition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class DuplicateBound(models.Model):
    """From which score on the machine merges a report without a person; the newest row is in force.

    Measured on what people decided of proposals (``cases.duplicates.bound``). ``threshold`` empty:
    measured, and never good enough.
    """

    threshold = models.FloatField(null=True)
    #: decisions at or above the threshold, and how many of these were the same matter
    n = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    #: 95 % Wilson interval of the precision; ``low`` must meet ``target``
    low = models.FloatField()
    high = models.FloatField()
    coverage = models.FloatField()
    target = models.FloatField()
    #: all decisions looked at
    reviewed = models.PositiveIntegerField()
    #: counts and curve of the same look, for the page (``cases.duplicates.bound.Looked``)
    figures = models.JSONField(default=dict)
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.threshold} {self.right}/{self.n}"


class SavedView(models.Model):
    """A list as a clerk likes it: filters, columns, order."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    subject = models.CharField(max_length=24, default="cases")
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    shared = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("order", "id")

    def __str__(self) -> str:
        return self.name


class Setting(models.Model):
    """How this city runs its loop: one row; loaded from a pack, edited in the console."""

    accept_minutes = models.PositiveIntegerField(default=15)
    dispatch_minutes = models.PositiveIntegerField(default=15)
    verify_minutes = models.PositiveIntegerField(default=30)
    check_minutes = models.PositiveIntegerField(default=30)
    #: share of the limit after which the light turns amber
    amber_share = models.DecimalField(max_digits=3, decimal_places=2, default="0.75")
    duplicate_metres = models.PositiveIntegerField(default=50)
    duplicate_hours = models.PositiveIntegerField(default=24)
    relapse_metres = models.PositiveIntegerField(default=50)
    relapse_days = models.PositiveIntegerField(default=30)
    max_extensions = models.PositiveSmallIntegerField(default=2)
    max_suspensions = models.PositiveSmallIntegerField(default=1)
    long_unsolved_days = models.PositiveIntegerField(default=30)
    rating_days = models.PositiveIntegerField(default=15)
    #: how long a question to the reporter may stay unanswered
    answer_days = models.PositiveIntegerField(default=5)
    automatic_filing = models.BooleanField(default=True)
    #: name and telephone of reporters are forgotten so long after the end of their case
    retention_days = models.PositiveIntegerField(default=730)
    #: the city's own words for verbs and states, by key
    words = models.JSONField(default=dict)

    def __str__(self) -> str:
        return "loop"
