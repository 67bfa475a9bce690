"""What a case list can be filtered by. Every figure opens its cases through these."""

import datetime as dt
from typing import Literal

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from lifang.cases import counts, rules
from lifang.cases.actions._step import setting
from lifang.cases.choices import FINAL, Light, Source, State
from lifang.cases.models import Case
from lifang.cases.permissions import under, visible_to
from lifang.core import search
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree

QueueName = Literal[
    "accept", "verify", "dispatch", "arbitration", "handle", "check", "close", "petition"
]
#: a queue is its states; who may act there the transition table says
QUEUES: dict[str, Q] = {
    "accept": Q(state__in=(State.REPORTED, State.VERIFIED)),
    "verify": Q(state=State.VERIFYING),
    "dispatch": Q(state__in=(State.FILED, State.RETURNED), arbitration=False),
    "arbitration": Q(state__in=(State.FILED, State.RETURNED), arbitration=True),
    "handle": Q(state__in=(State.DISPATCHED, State.HANDLING)),
    "check": Q(state__in=(State.HANDED_BACK, State.CHECKING)),
    "close": Q(state=State.CHECKED),
    "petition": Q(petitions__state__in=("first", "second")),
}


class CaseFilter(Schema):
    """Filters of the case list; all of them hold together."""

    q: str = Field("", max_length=200, description="words, or the beginning of a number")
    state: list[State] = []
    queue: QueueName | None = None
    light: list[Light] = []
    source: list[Source] = []
    category: str = Field("", max_length=40, description="category key or its beginning")
    category_id: int | None = None
    area: str = Field("", max_length=12, description="division code or its beginning")
    unit: int | None = Field(None, description="leading unit, with those below it")
    lead: int | None = Field(None, description="leading unit, without those below it")
    assisting: int | None = None
    handler: int | None = None
    road: int | None = None
    cell: int | None = None
    site: int | None = None
    shop: int | None = None
    reported_from: dt.date | None = None
    reported_to: dt.date | None = None
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    mine: bool = Field(False, description="on my desk, in my hands, or mine to check")
    open: bool | None = None
    rework: bool | None = None
    relapse: bool | None = None
    reopened: bool | None = None
    automatic: bool | None = None
    long_unsolved: bool | None = None
    late: bool | None = Field(None, description="handed back after the limit, or still due")
    placed: bool | None = None
    priority: int | None = Field(None, ge=0, le=9, description="at least")
    near_case: int | None = None
    count: str = Field("", max_length=40, description="cases behind this count of the statistics")
    count_from: dt.date | None = Field(None, description="first day of its period")
    count_to: dt.date | None = Field(None, description="last day of its period, included")


def day(date: dt.date) -> dt.datetime:
    """The beginning of a local day."""
    return dt.datetime.combine(date, dt.time(), tzinfo=timezone.get_default_timezone())


def filtered(by: Acting, f: CaseFilter, *, now: dt.datetime | None = None) -> QuerySet[Case]:
    """Cases that ``by`` may see and that ``f`` asks for. Not yet ordered."""
    at = now or timezone.now()
    cases = visible_to(by).filter(_plain(f))
    for name in ("reported", "closed", "due"):
        start, end = getattr(f, f"{name}_from"), getattr(f, f"{name}_to")
        if start:
            cases = cases.filter(**{f"{name}_at__gte": day(start)})
        if end:
            cases = cases.filter(**{f"{name}_at__lt": day(end + dt.timedelta(days=1))})
    if f.light:
        where = Q(pk__in=[])
        for name in f.light:
            where |= light_q(name, at)
        cases = cases.filter(where)
    if f.late is not None:
        late = Q(handed_back_at__gt=F("due_at")) | Q(state__in=rules.CLOCKED, due_at__lt=at)
        cases = cases.filter(late) if f.late else cases.exclude(late)
    if f.long_unsolved:
        limit = at - dt.timedelta(days=setting().long_unsolved_days)
        cases = cases.filter(reported_at__lt=limit, state__in=rules.OPEN)
    if f.count:
        start = day(f.count_from or dt.date(2000, 1, 1))
        end = day(f.count_to + dt.timedelta(days=1)) if f.count_to else at
        cases = counts.counted(cases, f.count, start, end, now=at).filter(counts.scope_of(by).q())
    if f.mine:
        cases = cases.filter(_mine(by))
    if text := f.q.strip():
        cases = _words(cases, text)
    return cases.distinct() if f.queue == "petition" else cases


def _plain(f: CaseFilter) -> Q:
    """Filters that are one condition each."""
    where = Q()
    if f.queue:
        where &= QUEUES[f.queue]
    for values, name in ((f.state, "state"), (f.source, "source")):
        if values:
            where &= Q(**{f"{name}__in": values})
    if f.category:
        where &= counts.of_category(f.category)
    if f.area:
        where &= under(f.area)
    if f.unit is not None:
        where &= Q(lead_unit__in=tree().below(f.unit))
    if f.lead is not None:
        where &= Q(lead_unit=f.lead)
    if f.assisting is not None:
        where &= Q(units__unit=f.assisting, units__role="assist", units__until=None)
    for name in ("category_id", "handler", "road", "cell", "site", "shop"):
        value = getattr(f, name)
        if value is not None:
            where &= Q(**{name: value})
    if f.open is not None:
        where &= Q(state__in=rules.OPEN if f.open else FINAL)
    if f.rework is not None:
        where &= Q(rework__gt=0) if f.rework else Q(rework=0)
    if f.relapse is not None:
        where &= Q(relapse_of__isnull=not f.relapse)
    if f.reopened is not None:
        where &= Q(steps__verb="reopen") if f.reopened else ~Q(steps__verb="reopen")
    if f.automatic is not None:
        where &= Q(automatic=f.automatic)
    if f.placed is not None:
        where &= ~Q(area="") if f.placed else Q(area="")
    if f.priority is not None:
        where &= Q(priority__gte=f.priority)
    return where


def _words(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    """A number (all digits and letters, six or more) by its beginning, else words in the text."""
    if len(text) >= 6 and text.isascii() and text.isalnum():
        return cases.filter(number__startswith=text)
    return search.filter(cases, "case", text)


def _mine(by: Acting) -> Q:
    me = by.user_id
    if me is None:
        return Q(pk__in=[])
    return (
        Q(desk_user=me) | Q(handler=me) | Q(checker=me, state__in=(State.VERIFYING, State.CHECKING))
    )


def light_q(light: str, now: dt.datetime) -> Q:
    """The condition that gives a case this light; the same as :func:`rules.light`."""
    grey = Q(due_at=None) | Q(
        state__in=(
            State.SUSPENDED, State.HANGING, State.MERGED, State.VOID, State.REJECTED, State.SPLIT,
        )
    )  # fmt: skip
    clocked = Q(state__in=rules.CLOCKED)
    ended = Q(handed_back_at__isnull=False) & ~clocked
    red = (ended & Q(handed_back_at__gt=F("due_at"))) | (~ended & Q(due_at__lt=now))
    amber = clocked & Q(amber_at__lte=now)
    if light == Light.GREY:
        return grey
    if light == Light.RED:
        return ~grey & red
    if light == Light.AMBER:
        return ~grey & ~red & amber
    return ~grey & ~red & ~amber
