"""What was found in a picture. Imported by ``understanding.models``."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lifang.core.models import StoredFile
from lifang.orgs.models import User


class Publicity(models.TextChoices):
    """Whether everybody may see a picture. No row: nobody looked yet, so no."""

    CHECKED = "checked", _("已自动遮挡，可公开")
    FAILED = "failed", _("未能检查，待人工审核")
    RELEASED = "released", _("经人工审核，可公开")
    HELD = "held", _("经人工审核，不公开")


class PictureFinding(models.Model):
    """What the machine saw in a picture, and whether a copy of it is for everybody.

    Derived: made anew it replaces itself; a person's decision stands above the machine's.
    """

    file = models.OneToOneField(
        StoredFile, models.CASCADE, primary_key=True, related_name="finding"
    )
    publicity = models.CharField(max_length=10, choices=Publicity)
    faces = models.PositiveSmallIntegerField(default=0)
    plates = models.PositiveSmallIntegerField(default=0)
    #: text read in it: [{"text", "score"}]
    lines = models.JSONField(default=list)
    #: what may be names of shops
    shops = models.JSONField(default=list)
    #: telephone numbers: [{"text", "sure"}]
    phones = models.JSONField(default=list)
    #: which models looked
    engines = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField()
    #: who decided, where a person did
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.publicity}"
