"""What the doors themselves remember. Reports are the cases room's."""

from django.db import models

from lifang.intake.open311.models import (
    LinkState,
    Open311Link,
    Open311Post,
    Open311Server,
    Way,
)

__all__ = ["LinkState", "Open311Link", "Open311Post", "Open311Server", "Tally", "Way"]


class Tally(models.Model):
    """How often something was done in the running window: by a device, from an address.

    In the database, not in a cache: several web processes share one count.
    """

    key = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key} {self.count}"
