"""The live run's own record: what was sent through the public door, and what the board answered."""

from django.db import models


class Fed(models.Model):
    """A message sent in by the live run. Cases know nothing of it."""

    client_id = models.CharField(max_length=80, unique=True)
    #: number of the report's receipt
    number = models.CharField(max_length=32, db_index=True)
    title = models.CharField(max_length=200)
    #: from the message board, not the demo's own words
    real = models.BooleanField()
    #: when it was written and answered there
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    fed_at = models.DateTimeField()
    #: seconds from sending it to the receipt, on the sender's clock
    took = models.FloatField(default=0)
    #: seconds of the board's time that pass in one second of ours
    speed = models.FloatField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.number
