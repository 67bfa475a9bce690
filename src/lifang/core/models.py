"""The ground's tables. Users and units are named by number here: ``core`` knows no room above it."""

import uuid

from django.db import models


class StoredFile(models.Model):
    """A file by content: one row per SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    #: image | audio | video | document | sheet
    kind = models.CharField(max_length=10)
    content_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    #: length of sound and film
    seconds = models.FloatField(null=True)
    taken_at = models.DateTimeField(null=True)
    exif_lng = models.FloatField(null=True)
    exif_lat = models.FloatField(null=True)
    #: who brought it: "user:7", "token:3", "device:…"
    owner = models.CharField(max_length=80, blank=True)
    #: whether the copies (thumb, view) are made
    copies_made = models.BooleanField(default=False)
    #: why no copy can be made of it; empty: none tried or all well
    copies_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=("id",),
                condition=models.Q(kind="image", copies_made=False, copies_error=""),
                name="file_copies_due",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PictureMark(models.Model):
    """What a picture looks like, in 64 bits (see ``core.files.likeness``). Derived; may be made anew."""

    file = models.OneToOneField(
        StoredFile, models.CASCADE, primary_key=True, related_name="picture_mark"
    )
    #: empty: the picture has no features
    dhash = models.BigIntegerField(null=True)
    band0 = models.PositiveIntegerField(null=True, db_index=True)
    band1 = models.PositiveIntegerField(null=True, db_index=True)
    band2 = models.PositiveIntegerField(null=True, db_index=True)
    band3 = models.PositiveIntegerField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.dhash}"


class Upload(models.Model):
    """A file on its way in, in pieces. What is on disk decides how far it has come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    owner = models.CharField(max_length=80, blank=True)
    #: kinds of file wanted, by comma
    kinds = models.CharField(max_length=60)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class JournalEntry(models.Model):
    """One thing that was done. Rows are only ever inserted; the database refuses all else."""

    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    user_id = models.BigIntegerField(null=True)
    token_id = models.BigIntegerField(null=True)
    #: name at that time; also of machines and citizens, who have no account
    actor = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=45, blank=True)
    #: unit the matter concerns; where none is told, the unit of the one who acted
    unit_id = models.BigIntegerField(null=True)
    room = models.CharField(max_length=16)
    verb = models.CharField(max_length=40)
    #: "cases.case" and its number
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=120, blank=True)
    automatic = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("subject_kind", "subject_id", "id"), name="journal_subject"),
            models.Index(fields=("at",), name="journal_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.verb} {self.subject_kind} {self.subject_id}"


class JournalLink(models.Model):
    """A place in the chain: dense positions, each hash covers the one before and the entry."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(JournalEntry, models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:8]}"


class JournalCursor(models.Model):
    """How far a reader has come; the sealer keeps its own under the name ``seal``."""

    name = models.CharField(max_length=64, primary_key=True)
    #: of readers: position in the chain; of the sealer: highest entry number met
    position = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class WorkCalendar(models.Model):
    """A working calendar; ``default`` is the one that cases use unless told otherwise."""

    key = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    #: office hours of a working day, [["08:00", "12:00"], ["14:00", "18:00"]]
    hours = models.JSONField()

    def __str__(self) -> str:
        return self.name


class CalendarYear(models.Model):
    """A year whose holidays are known. A year without a row is an error, never a guess."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField()
    #: where it comes from: the State Council's notice, "chinesecalendar 1.11", a person
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("calendar", "year"), name="calendar_year_once")
        ]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that differs from the plain week: a holiday, or a Saturday or Sunday made up."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days")
    date = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("date",)
        constraints = [
            models.UniqueConstraint(fields=("calendar", "date"), name="calendar_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.date:%F} {self.name}"


class Stamp(models.Model):
    """Version of a slow-changing table; caches in every process hang on it."""

    name = models.CharField(max_length=40, primary_key=True)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class CodeTemplate(models.Model):
    """How numbers of one kind look, e.g. ``{area}{date:%Y%m%d}{seq:05}``."""

    key = models.SlugField(max_length=32, unique=True)
    template = models.CharField(max_length=120)
    note = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.template}"


class Counter(models.Model):
    """The last number given under a key."""

    key = models.CharField(max_length=120, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.value}"


class IdempotencyKey(models.Model):
    """A POST already answered: the same key and body gets the same answer again."""

    owner = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    #: null while the first request is still at work
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("created_at",), name="idempotency_age")]
        constraints = [
            models.UniqueConstraint(fields=("owner", "key"), name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key


class Notification(models.Model):
    """Something a person should know, in the in-app centre first; channels follow from here."""

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    #: path in the console or on the phone
    link = models.CharField(max_length=200, blank=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("user_id", "-id"), name="notification_user"),
            models.Index(
                fields=("user_id",),
                condition=models.Q(read_at=None),
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message over one channel (mail, wecom, dingtalk, sms), tried until sent or given up."""

    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=300)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    notification = models.ForeignKey(
        Notification, models.CASCADE, null=True, related_name="deliveries"
    )
    #: waiting | sent | failed
    state = models.CharField(max_length=8, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("state", "due_at"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"


class Channel(models.Model):
    """Where messages of some kinds also go: a group robot, a mail list (of a unit or of all)."""

    name = models.CharField(max_length=80)
    #: mail | wecom | dingtalk | sms
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=300)
    #: signing secret of a DingTalk robot
    secret = models.CharField(max_length=120, blank=True)
    #: null: messages of every unit
    unit_id = models.BigIntegerField(null=True, blank=True)
    #: kinds of notification; empty: all
    kinds = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class ScheduledRun(models.Model):
    """When a job of the schedule last ran; rows ``@clock`` and ``@worker:…`` say who is alive."""

    name = models.CharField(max_length=80, primary_key=True)
    last_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """A table file brought in: previewed, then loaded all or nothing."""

    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="imports")
    user_id = models.BigIntegerField(null=True)
    #: previewed | committed | failed
    state = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class SearchText(models.Model):
    """Text of one thing as character pairs; the index over it differs by engine (core.search)."""

    kind = models.CharField(max_length=24)
    object_id = models.BigIntegerField()
    grams = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("kind", "object_id"), name="search_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
