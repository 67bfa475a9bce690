"""What was said in a recording. Imported by ``understanding.models``."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lifang.core.models import StoredFile
from lifang.orgs.models import User


class Heard(models.TextChoices):
    """What came of listening. No row: nobody listened yet (or there is no engine)."""

    WORDS = "words", _("机器转写")
    SILENT = "silent", _("没有听到说话")
    FAILED = "failed", _("转写失败，请听取录音")
    CORRECTED = "corrected", _("人工更正")


class Transcript(models.Model):
    """What was said in a recording. A correction is a new row; none is ever changed."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="transcripts")
    heard = models.CharField(max_length=10, choices=Heard)
    #: what people read and the classifier gets
    text = models.TextField(blank=True)
    #: what the engine gave, before any repair
    raw = models.TextField(blank=True)
    #: what the repair changed: [[heard, taken for], …]
    repairs = models.JSONField(default=list)
    engine = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=100, blank=True)
    #: seconds of sound listened to, and of work it took
    seconds = models.FloatField(null=True)
    took = models.FloatField(null=True)
    #: 0 to 1 where the engine says so
    confidence = models.FloatField(null=True)
    error = models.CharField(max_length=200, blank=True)
    #: the row that a correction takes the place of; empty: the machine's own
    supersedes = models.OneToOneField(
        "self", models.CASCADE, null=True, related_name="superseded_by"
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    #: his name at that time; also of a reporter without an account
    actor = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("file",), condition=Q(supersedes=None), name="transcribed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.heard}"
