"""Things of a round for the permission matrix. The round itself is that of ``score_things``."""

import datetime as dt
from typing import Any

from django.core.files.base import ContentFile

from factories_rounds import make_place, make_step, make_task
from lifang.core import files
from lifang.orgs.models import Unit
from lifang.rounds.models import Letter, Milestone


def _round(city: Any) -> Any:
    city.thing("round_id")
    return city.things["score_round"]


def _unit(city: Any) -> Unit:
    return Unit.objects.get(pk=city.ids["unit_id"])


def milestone(city: Any) -> Any:
    return Milestone.objects.create(round=_round(city), title="节点", due=dt.date(2026, 5, 1))


def letter(city: Any) -> Any:
    pdf = ContentFile(b"%PDF-1.4\n%%EOF\n")
    file = files.accept(pdf, name="责任状.pdf", owner="user:0", kinds=("document",))
    return Letter.objects.create(
        round=_round(city), unit=_unit(city), file=file, signer="张", signed_on=dt.date(2026, 1, 5)
    )


MAKERS = {
    "place_id": lambda city: make_place(_round(city), type="road"),
    "milestone_id": milestone,
    "letter_id": letter,
    "task_id": lambda city: make_task(_round(city), unit=_unit(city), leaf="S-1"),
    "step_id": lambda city: make_step(_round(city), unit=_unit(city)),
}
