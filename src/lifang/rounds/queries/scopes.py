"""The round's document: frozen when it was opened, and as it would be frozen now."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.orgs.tree import tree
from lifang.places.models import SiteType
from lifang.rounds import rules, scope
from lifang.rounds.models import Round, RoundPlace
from lifang.rounds.rules import FramePlace
from lifang.standards import edition_rows
from lifang.standards.editions import Edition


def edition_of(round: Round) -> Edition:
    """The edition that the round is scored by, kept in the process."""
    return edition_rows.edition(round.edition)


def scope_of(round: Round) -> scope.Round:
    """What the engine scores: the frozen document, or in preparation what would be frozen now.

    Kept in the process by its hash; one statement the first time. Raises :class:`Invalid`.
    """
    if round.sha256:
        return _frozen(round.pk, round.sha256)
    return scope.read(document_now(round))


@lru_cache(maxsize=16)
def _frozen(round_id: int, sha256: str) -> scope.Round:
    found = Round.objects.filter(pk=round_id).values_list("document", flat=True).first()
    if found is None:
        raise Missing("round.missing", _("没有这个测评轮次"))
    return scope.read(found)


def document_now(round: Round) -> dict[str, Any]:
    """The ``lifang.round/1`` document from the rows as they stand. Two statements."""
    units = tree().nodes
    drawn, frame = [], []
    rows = RoundPlace.objects.filter(round=round).order_by("code")
    for code, title, kind, district, unit_id, is_drawn in rows.values_list(
        "code", "title", "type", "district", "unit_id", "drawn"
    ):
        frame.append(FramePlace(code, kind, district))
        if is_drawn:
            unit = units[unit_id].code if unit_id in units else ""
            drawn.append(
                {"code": code, "type": kind, "title": title, "district": district, "unit": unit}
            )
    return {
        "format": scope.FORMAT,
        "key": round.key,
        "title": round.title,
        "context": round.context,
        "start": str(round.starts),
        "end": str(round.ends),
        "sites": drawn,
        "frame": rules.strata(frame, rules.read_design(round.design)),
        "roster": round.roster,
        "population": round.population,
        "quota": round.quota,
    }


def known_types() -> tuple[str, ...]:
    """Codes of all site types. One statement."""
    return tuple(SiteType.objects.order_by("order", "code").values_list("code", flat=True))


def frame_places(round: Round) -> list[FramePlace]:
    rows = RoundPlace.objects.filter(round=round).order_by("code")
    return [FramePlace(*row) for row in rows.values_list("code", "type", "district")]
