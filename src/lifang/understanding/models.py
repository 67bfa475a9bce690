"""What was measured of the machine's judgement, and from where on it may act alone."""

from django.db import models

from lifang.understanding.learning.models import JudgeSetting, LearntModel, Sample
from lifang.understanding.pictures.models import PictureFinding
from lifang.understanding.voice.models import Transcript

__all__ = ["JudgeSetting", "LearntModel", "PictureFinding", "Sample", "Threshold", "Transcript"]


class Threshold(models.Model):
    """From which confidence on the machine may file a class of matters without a person.

    Measured on labelled history (``n`` messages above the threshold, ``right`` of them right) with
    one version of the catalogue; ``low`` is the lower end of the 95 % Wilson interval of precision
    and must meet ``target``. ``threshold`` empty: measured, and never good enough.
    """

    #: leading part of class keys (``event-appearance``); empty: all classes without a row
    group = models.CharField(max_length=40, blank=True)
    threshold = models.FloatField(null=True)
    n = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    low = models.FloatField()
    high = models.FloatField()
    coverage = models.FloatField()
    target = models.FloatField()
    #: SHA-256 of the catalogue it was measured with; another catalogue, another measurement
    catalogue = models.CharField(max_length=64)
    #: digest of the learnt model it was measured with; empty: the catalogue's words alone
    model = models.CharField(max_length=64, blank=True)
    #: where the labelled history came from, in words
    source = models.CharField(max_length=200)
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ("group",)
        constraints = [models.UniqueConstraint(fields=("group",), name="threshold_once")]

    def __str__(self) -> str:
        return f"{self.group or '*'} {self.threshold}"
