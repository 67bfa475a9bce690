"""My desk: what waits for me, by queue and light, the most pressing first."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from lifang.cases.choices import State
from lifang.cases.models import Petition
from lifang.cases.permissions import visible_to
from lifang.cases.queries.filters import QUEUES, light_q
from lifang.cases.queries.lists import COLUMNS, dress
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role

_QUEUES_OF = {
    Role.ACCEPTOR: ("accept", "check", "close"),
    Role.DISPATCHER: ("dispatch",),
    Role.DUTY_CHIEF: ("accept", "dispatch", "arbitration", "check", "close"),
    Role.HANDLER: ("handle",),
    Role.CHECKER: ("verify", "check"),
    Role.COLLECTOR: ("verify", "check"),
    Role.LEADER: ("arbitration",),
}


def queues_of(by: Acting) -> list[str]:
    """The queues in which ``by`` has something to do, in the loop's order."""
    mine = {name for role, names in _QUEUES_OF.items() if by.has(role) for name in names}
    return [name for name in QUEUES if name in mine]


def desk(by: Acting) -> dict[str, Any]:
    """Counts by queue with the red ones, lights of what is with units, and the first cases."""
    now = timezone.now()
    names = queues_of(by)
    cases = visible_to(by).exclude(
        state__in=(State.CLOSED, State.MERGED, State.VOID, State.REJECTED)
    )
    figures = {f"n_{n}": Count("pk", filter=QUEUES[n]) for n in names}
    figures |= {f"red_{n}": Count("pk", filter=QUEUES[n] & _pressing(n, now)) for n in names}
    lights = ("red", "amber", "green", "grey")
    figures |= {f"light_{n}": Count("pk", filter=light_q(n, now)) for n in lights}
    figures["hanging"] = Count("pk", filter=Q(state=State.HANGING))
    figures["suspended"] = Count("pk", filter=Q(state=State.SUSPENDED))
    found = cases.aggregate(**figures)
    waiting = Q(pk__in=[])
    for name in names:
        waiting |= QUEUES[name]
    first = list(_by_pressure(cases.filter(waiting)).values(*COLUMNS)[:50])
    return {
        "queues": [{"name": n, "count": found[f"n_{n}"], "red": found[f"red_{n}"]} for n in names],
        "lights": {n: found[f"light_{n}"] for n in lights},
        "hanging": found["hanging"],
        "suspended": found["suspended"],
        "petitions": petitions_for(by).count(),
        "items": [dress(row, now) for row in first],
    }


def _pressing(queue: str, now: dt.datetime) -> Q:
    return Q(due_at__lt=now) if queue == "handle" else Q(stage_due_at__lt=now)


def _by_pressure(cases: Any) -> Any:
    """The earliest end of a clock first, whichever clock runs."""
    return cases.order_by(Coalesce("stage_due_at", "due_at").asc(nulls_last=True), "id")


def petitions_for(by: Acting) -> Any:
    """Petitions in the state in which ``by`` could decide, of cases that he sees."""
    states = []
    if by.has(Role.DISPATCHER, Role.DUTY_CHIEF):
        states.append("first")
    if by.has(Role.DUTY_CHIEF, Role.LEADER):
        states.append("second")
    rows = Petition.objects.filter(state__in=states, case__in=visible_to(by))
    return rows.exclude(asked_by=by.user_id).exclude(first_by=by.user_id)
