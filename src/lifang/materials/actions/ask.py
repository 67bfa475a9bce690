"""What a round asks for becomes filings of units; who answers is looked up, not typed."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Field, Invalid
from lifang.materials import rules
from lifang.materials.actions._step import locked, round_row, saved
from lifang.materials.choices import FilingStatus
from lifang.materials.models import Filing
from lifang.materials.permissions import need_editor, need_open
from lifang.orgs.acting import Acting
from lifang.orgs.models import Unit
from lifang.rounds.choices import Share
from lifang.rounds.models import Round, Task
from lifang.standards.edition_rows import edition


@transaction.atomic
def ask(*, by: Acting, round_id: int) -> dict[str, int]:
    """A filing for every slot of the round that has none; idempotent.

    Of those nobody has begun, the unit and the day follow the task list. Returns
    ``{"made", "moved", "without_unit"}``.
    """
    need_editor(by)
    round = round_row(round_id)
    # of two who ask at once, the second finds what the first has made
    Round.objects.select_for_update().filter(pk=round_id).first()
    need_open(round)
    now = timezone.now()
    have = {
        (f.leaf, f.measure, f.slot): f for f in Filing.objects.filter(round=round).order_by("pk")
    }
    new, moved, alone = [], [], 0
    for filing in rows(round):
        alone += filing.unit_id is None
        old = have.get((filing.leaf, filing.measure, filing.slot))
        if old is None:
            new.append(filing)
        elif (
            old.status == FilingStatus.ASKED
            and filing.unit_id is not None
            and (old.unit_id, old.due) != (filing.unit_id, filing.due)
        ):
            old.unit_id, old.due, old.updated_at = filing.unit_id, filing.due, now
            moved.append(old)
    Filing.objects.bulk_create(new, batch_size=500)
    Filing.objects.bulk_update(moved, ["unit", "due", "updated_at"], batch_size=500)
    told = {"made": len(new), "moved": len(moved), "without_unit": alone}
    if new or moved:
        journal.write(by=by, room="materials", verb="ask", subject=round, after=told)
    return told


def rows(round: Round) -> list[Filing]:
    """What the round asks for, not yet written: unit and day by the task list, else by the roster."""
    leads, now = _leads(round), timezone.now()
    by_role = dict(Unit.objects.filter(code__in=round.roster.values()).values_list("code", "pk"))
    found = []
    for a in rules.asked(edition(round.edition), round.context):
        role_unit = by_role.get(round.roster.get(a.role, ""))
        unit_id, due = leads.get(a.leaf, (role_unit, None))
        found.append(
            Filing(
                round=round,
                leaf=a.leaf,
                measure=a.measure,
                slot=a.slot,
                number=a.number,
                title=a.title,
                kind=a.kind,
                order=a.order,
                unit_id=unit_id,
                due=due or round.ends,
                updated_at=now,
            )
        )
    return found


def _leads(round: Round) -> dict[str, tuple[int, dt.date | None]]:
    """Leaf → leading unit and the day of its task."""
    rows = Task.objects.filter(round=round, part=Share.LEAD).order_by("-pk")
    return {leaf: (unit, due) for leaf, unit, due in rows.values_list("leaf", "unit_id", "due")}


@transaction.atomic
def assign(*, by: Acting, filing_id: int, unit_id: int, due: dt.date | None = None) -> Filing:
    """Another unit, another day; for what the task list does not know."""
    need_editor(by)
    filing = locked(by, filing_id)
    rules.check_move("assign", filing.status)
    if not Unit.objects.filter(pk=unit_id, active=True).exists():
        told = _("没有这个单位，或单位已撤销")
        raise Invalid("filing.unit", told, fields=[Field("unit_id", told)])
    if filing.unit_id != unit_id and filing.status == FilingStatus.DRAFT:
        # what one unit began is not another's
        filing.status, filing.known = FilingStatus.ASKED, ""
        filing.revision = filing.material = None
    filing.unit_id, filing.due = unit_id, due or filing.due
    return saved(filing, by, "assign", unit=unit_id, due=str(filing.due))
