"""Daily facts: what each case adds to which figure, and the sums of it. All derived from cases.

The sums are exact at any moment together with what is still to be folded in (:mod:`.queries`).
"""

from django.db import models

from lifang.cases.counts import COUNTS, Cohort
from lifang.cases.models import Case


class Dims(models.Model):
    """By what figures are broken down. Zero and empty stand for none, so that keys are unique."""

    unit = models.BigIntegerField(default=0)
    #: division code down to the street
    area = models.CharField(max_length=9, blank=True)
    #: key of the major class
    major = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=12)

    class Meta:
        abstract = True


class CaseFact(Dims):
    """What one case adds, as last folded into the sums."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    reported_on = models.DateField()
    dispatched_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    #: bit n: the n-th count of ``cases.counts`` holds
    flags = models.BigIntegerField()
    #: microseconds from report to filing, and from dispatch to hand-back
    accept_time = models.BigIntegerField(default=0)
    handle_time = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.case_id)


class Fact(Dims):
    """Sums over the cases of one cohort whose anchor day lies in a day, month or year."""

    #: d | m | y
    grain = models.CharField(max_length=1)
    cohort = models.CharField(max_length=10, choices=Cohort)
    #: first day of the grain
    day = models.DateField()
    accept_time = models.BigIntegerField(default=0)
    handle_time = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("grain", "cohort", "day", "unit", "area", "major", "source"),
                name="fact_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.grain} {self.cohort} {self.day:%F}"


# one column a count, so that a count is added by adding it in one place
for _key in COUNTS:
    Fact.add_to_class(_key, models.IntegerField(default=0))


class Unfolded(models.Model):
    """A case that changed since it was last folded into the sums."""

    case_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.case_id)


class FormulaBook(models.Model):
    """The city's own formulas as its pack has them; laid over the built-in ones key by key."""

    content = models.JSONField(default=dict)
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "formulas"
