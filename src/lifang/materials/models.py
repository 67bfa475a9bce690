"""Filed documents (网报资料): what each slot of a round asks, what was handed in, how it was graded."""

from django.db import models

from lifang.core.models import StoredFile
from lifang.materials.choices import FilingStatus, Known, PackageStatus, SlotKind, Verdict
from lifang.orgs.models import Unit, User
from lifang.rounds.models import Round


class Material(models.Model):
    """A document of a unit. One may fill several slots; what it says stands in its revisions."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="materials")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=SlotKind, blank=True)
    #: number of the newest revision
    last = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("unit", "-id"))]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """A numbered state of a material. Never edited."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    #: date of the document, and the span in which it holds
    dated = models.DateField(null=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    #: where it comes from: ``{"kind": "upload|cases|steps|…", "keys": [...]}``
    source = models.JSONField(default=dict)
    files_count = models.PositiveIntegerField(default=0)
    #: over names and contents of its files, in order
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("material", "-number")
        constraints = [
            models.UniqueConstraint(fields=("material", "number"), name="revision_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.material_id} v{self.number}"


class RevisionFile(models.Model):
    """A file of a revision, under the name it was given there."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="files")
    order = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="material_files")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("order",)
        constraints = [
            models.UniqueConstraint(fields=("revision", "order"), name="revision_file_order_once")
        ]

    def __str__(self) -> str:
        return self.name


class FileFacts(models.Model):
    """What the checks read in a stored file. Derived; may be made anew (``measuring``)."""

    file = models.OneToOneField(
        StoredFile, models.CASCADE, primary_key=True, related_name="material_facts"
    )
    words = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True)
    #: the beginning of its text, for those who judge it
    excerpt = models.TextField(blank=True)
    #: pictures: variance of the Laplacian; estimated JPEG quality 1–100; a mark laid over it, 0–1
    sharpness = models.FloatField(null=True)
    quality = models.PositiveSmallIntegerField(null=True)
    watermark = models.FloatField(null=True)
    #: why it could not be read
    fault = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class Filing(models.Model):
    """One slot of one round as the task of one unit."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="filings")
    leaf = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    slot = models.CharField(max_length=40, blank=True)
    #: official number (``II-3-12-1``) and title of what is asked, of the frozen edition
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=SlotKind, blank=True)
    #: place in the edition
    order = models.PositiveIntegerField(default=0)
    #: absent: nobody answers for it yet
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="filings")
    due = models.DateField(null=True)
    status = models.CharField(max_length=10, choices=FilingStatus, default=FilingStatus.ASKED)
    #: in force: handed in or, in a draft, about to be
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="filings")
    material = models.ForeignKey(Material, models.PROTECT, null=True, related_name="filings")
    known = models.CharField(max_length=10, choices=Known, blank=True)
    grade = models.CharField(max_length=20, blank=True)
    disputed = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("order", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("round", "leaf", "measure", "slot"), name="filing_once_a_slot"
            )
        ]
        indexes = [
            models.Index(fields=("round", "status", "order")),
            models.Index(fields=("round", "unit", "status")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"[:120]


class Submission(models.Model):
    """A revision handed in for a slot, with what the checks said then. Never edited."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="submissions")
    number = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="submissions")
    known = models.CharField(max_length=10, choices=Known)
    checks = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("filing", "number")
        constraints = [
            models.UniqueConstraint(fields=("filing", "number"), name="submission_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} #{self.number}"


class Review(models.Model):
    """A grade, a return or an appeal. Never edited: a later one of the same level takes its place."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="reviews")
    #: absent: nothing was handed in (``missing``, ``na``)
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="reviews")
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.GRADED)
    level = models.PositiveSmallIntegerField()
    grade = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    disputed = models.BooleanField(default=False)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewer_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("filing", "id")
        constraints = [
            models.CheckConstraint(condition=models.Q(level__in=(1, 2)), name="review_level")
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.verdict} {self.grade}"


class Package(models.Model):
    """A zip of what was handed in, with the official numbering, made by a task."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="packages")
    #: absent: of all units
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    accepted_only = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=PackageStatus, default=PackageStatus.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    #: of the zip; its bytes lie in the store under ``package/``
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.round_id} {self.sha256[:8]}"
