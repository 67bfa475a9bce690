"""What was posted to us over Open311, the servers we exchange with, and what went which way.

Imported by ``intake.models``.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lifang.cases.models import Case, Report
from lifang.orgs.models import ApiToken


class Open311Post(models.Model):
    """A report that another system posted. It may be read there again, also before it is classed."""

    report = models.OneToOneField(Report, models.CASCADE, related_name="open311")
    #: what a client may keep instead of the number
    token = models.CharField(max_length=40, unique=True)
    key = models.ForeignKey(ApiToken, models.SET_NULL, null=True, related_name="+")
    fingerprint = models.CharField(max_length=32)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("key", "fingerprint", "created_at"))]

    def __str__(self) -> str:
        return self.token


class Open311Server(models.Model):
    """Another city's or department's GeoReport v2 server."""

    name = models.CharField(max_length=80, unique=True)
    #: up to and without ``/services.xml``
    url = models.CharField(max_length=300)
    api_key = models.CharField(max_length=200, blank=True)
    jurisdiction = models.CharField(max_length=100, blank=True)
    #: xml or json; the former is what every server must speak
    form = models.CharField(max_length=4, default="xml")
    #: service code there → key of our class
    services = models.JSONField(default=dict)
    #: take their requests in
    receive = models.BooleanField(default=False)
    #: may be sent ours
    send = models.BooleanField(default=False)
    #: it understands ``updated_after``: asked for what changed, not for what is new
    by_change = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    #: the latest ``updated_datetime`` (or ``requested_datetime``) seen
    cursor = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    #: the last failure in words; empty when the last poll went through
    error = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Way(models.TextChoices):
    """Which way a request went."""

    IN = "in", _("接收")
    OUT = "out", _("发送")


class LinkState(models.TextChoices):
    """How far a link is."""

    WAITING = "waiting", _("待发送")
    LINKED = "linked", _("已对接")
    ENDED = "ended", _("对方已办结")
    FAILED = "failed", _("发送失败")


class Open311Link(models.Model):
    """A request there and its case here."""

    server = models.ForeignKey(Open311Server, models.PROTECT, related_name="links")
    case = models.ForeignKey(Case, models.PROTECT, related_name="open311_links")
    way = models.CharField(max_length=3, choices=Way)
    state = models.CharField(max_length=8, choices=LinkState)
    service_code = models.CharField(max_length=100, blank=True)
    #: null: not known yet
    remote_id = models.CharField(max_length=100, null=True)
    remote_token = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, blank=True)
    notes = models.TextField(blank=True)
    remote_updated = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    first_tried_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("server", "remote_id"), name="open311_remote_once"),
            models.UniqueConstraint(
                fields=("server", "case"), condition=models.Q(way="out"), name="open311_sent_once"
            ),
        ]
        indexes = [models.Index(fields=("state", "due_at"))]

    def __str__(self) -> str:
        return f"{self.server_id} {self.way} {self.remote_id}"
