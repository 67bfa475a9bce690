"""Reads of answers: sums only; nobody reads one respondent."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden
from lifang.orgs.acting import Acting
from lifang.rounds.models import Round
from lifang.rounds.permissions import READERS
from lifang.standards import edition_rows
from lifang.surveys.models import Answer
from lifang.surveys.rules import options


def visible_to(by: Acting) -> QuerySet[Answer]:
    if not by.has(*READERS):
        raise Forbidden("surveys.forbidden", _("您没有查看问卷结果的权限"))
    return Answer.objects.all()


def in_force(rows: QuerySet[Answer]) -> QuerySet[Answer]:
    return rows.filter(superseded_by=None).exclude(option="")


def summary(by: Acting, round_: Round) -> list[dict[str, Any]]:
    """Each question of the edition with its options: how many chose it; ``n`` 0 where nobody was asked."""
    rows = in_force(visible_to(by).filter(round=round_))
    counts: dict[tuple[str, str], int] = {}
    for question, option, n in rows.values_list("question", "option").annotate(n=Count("id")):
        counts[question, option] = n
    found = []
    for question, names in options(edition_rows.edition(round_.edition)).items():
        chosen = {o: counts.get((question, o), 0) for o in names}
        found.append(
            {
                "question": question,
                "n": sum(chosen.values()),
                "options": [{"option": o, "n": n} for o, n in chosen.items()],
            }
        )
    return found


def facts(round_id: int) -> Iterator[dict[str, Any]]:
    """Every answer of the round as a fact of the engine, superseded ones too."""
    rows = Answer.objects.filter(round_id=round_id).values_list(
        "id", "at", "supersedes_id", "question", "option", "stratum", "weight", "respondent"
    )
    for id_, at, old, question, option, stratum, weight, respondent in rows.iterator(5_000):
        base = {
            "id": f"answer:{id_}",
            "at": at.isoformat(),
            "supersedes": f"answer:{old}" if old else "",
        }
        if not option:
            yield {"kind": "withdrawal", **base}
        else:
            yield {
                "kind": "answer", **base, "question": question, "option": option,
                "stratum": stratum, "weight": weight, "respondent": respondent,
            }  # fmt: skip
