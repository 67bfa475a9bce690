"""What the verbs of one filing share: the locked row, its slot, the journal."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Missing
from lifang.materials import rules
from lifang.materials.models import Filing
from lifang.materials.permissions import missing, need_open, visible_to
from lifang.orgs.acting import Acting
from lifang.rounds.models import Round
from lifang.standards.edition_rows import edition
from lifang.standards.editions.shape import Slot


def locked(by: Acting, filing_id: int) -> Filing:
    """The filing as it stands now; nobody else changes it before this transaction ends."""
    found = visible_to(by).select_for_update(of=("self",)).filter(pk=filing_id).first()
    if found is None:
        raise missing()
    need_open(found.round)
    return found


def slot_of(filing: Filing) -> Slot:
    return rules.slot_of(edition(filing.round.edition), filing.leaf, filing.measure, filing.slot)


def grades_of(filing: Filing) -> tuple[str, ...]:
    measure = rules.measure_of(edition(filing.round.edition), filing.leaf, filing.measure)
    return rules.grades(measure.rule if measure else None)


def saved(filing: Filing, by: Acting, verb: str, *, reason: str = "", **detail: Any) -> Filing:
    """Write the row and its journal entry; ``before`` is what :func:`locked` read."""
    before = Filing.objects.values("status", "grade", "revision_id").get(pk=filing.pk)
    filing.updated_at = timezone.now()
    filing.save()
    after = {
        "round": filing.round_id, "leaf": filing.leaf, "slot": filing.slot,
        "status": str(filing.status), "grade": filing.grade, "revision_id": filing.revision_id,
    }  # fmt: skip
    journal.write(
        by=by, room="materials", verb=verb, subject=filing, unit_id=filing.unit_id, reason=reason,
        before={k: str(v) if k == "status" else v for k, v in before.items()},
        after=after | detail,
    )  # fmt: skip
    return filing


def round_row(round_id: int) -> Round:
    found = Round.objects.select_related("edition").filter(pk=round_id).first()
    if found is None:
        raise Missing("round.missing", _("没有这一轮测评"))
    return found
