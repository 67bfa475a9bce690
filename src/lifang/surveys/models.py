"""Answers of questionnaires in a round. Append-only; respondents are numbers, never people."""

from django.db import models

from lifang.rounds.models import Round


class Answer(models.Model):
    """What one respondent chose. ``weight`` from quotas or raking."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="answers")
    question = models.CharField(max_length=120)
    #: empty: withdrawn
    option = models.CharField(max_length=60, blank=True)
    #: area × age × sex or whatever the quota is over
    stratum = models.CharField(max_length=60, blank=True)
    weight = models.DecimalField(max_digits=12, decimal_places=6, default=1)
    #: of the questionnaire's number, so that nobody can be found by it
    respondent = models.CharField(max_length=64)
    answered_on = models.DateField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("round", "respondent", "question"),
                condition=models.Q(supersedes=None),
                name="answer_once",
            )
        ]
        indexes = [models.Index(fields=("round", "question"))]

    def __str__(self) -> str:
        return f"{self.question} {self.option}"
