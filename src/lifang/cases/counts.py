"""What is counted: every count of the loop, defined once, as a condition over cases.

A count belongs to a *cohort*: the cases whose anchor time lies in the period asked about. Within a
cohort every count is a subset, so that no rate made of one cohort passes 100 %. The same condition
makes a figure, opens the case list behind it and fills the daily facts of the dashboard.
"""

import datetime as dt
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lifang.cases.choices import ClosedAs, Source, State
from lifang.cases.models import Case, Rating
from lifang.cases.permissions import AREA_ROLES, under
from lifang.core.errors import Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role

S = State


class Cohort(TextChoices):
    """Which time of a case decides whether it falls into a period."""

    REPORTED = "reported", _("按上报时间")
    DISPATCHED = "dispatched", _("按派遣时间")
    DUE = "due", _("按处置截止时间")
    CLOSED = "closed", _("按结案时间")


ANCHOR = {
    Cohort.REPORTED: "reported_at",
    Cohort.DISPATCHED: "dispatched_at",
    Cohort.DUE: "due_at",
    Cohort.CLOSED: "closed_at",
}


@dataclass(frozen=True)
class Count:
    key: str
    label: Promise
    cohort: Cohort
    #: made when asked for, as subqueries need the models to be loaded
    made: Callable[[], Q]

    @property
    def condition(self) -> Q:
        return self.made()


def _rated(**which: object) -> Q:
    """A reporter's last word says so; words left out after review (剔除) were never said."""
    said = Rating.objects.filter(excluded=False)
    later = said.filter(report=OuterRef("report"), id__gt=OuterRef("id"))
    return Q(Exists(said.filter(~Exists(later), case=OuterRef("pk"), **which)))


#: duplicates, mistakes and cases that live on in their parts are nobody's work
_counted = ~Q(state__in=(S.MERGED, S.VOID, S.SPLIT))
#: what is mended on the spot never waits for a dispatcher; bulletins count it apart from filing
_filed = _counted & Q(filed_at__isnull=False) & ~Q(closed_as=ClosedAs.SELF_HANDLED)
#: what an appeal exempted stays out of every figure about deadlines
_due = _counted & Q(due_at__isnull=False, dispatched_at__isnull=False, exempt=False)
_deferred = Q(state__in=(S.SUSPENDED, S.HANGING))
_disposed = _due & Q(
    state__in=(S.HANDED_BACK, S.CHECKING, S.CHECKED, S.CLOSED), handed_back_at__isnull=False
)
_in_time = Q(handed_back_at__lte=F("due_at"))
_closed = _counted & Q(state=S.CLOSED, closed_at__isnull=False)
_heard = Q(source__in=(Source.HOTLINE, Source.CITIZEN), dispatched_at__isnull=False)


def _assessed() -> Q:
    return _closed & _rated(solved__isnull=False)


def _graded() -> Q:
    return _closed & _rated(stars__isnull=False)


_DEFINED: tuple[tuple[Cohort, str, Promise, Q | Callable[[], Q]], ...] = (
    (Cohort.REPORTED, "received", _("上报总数"), Q()),
    (Cohort.REPORTED, "reported", _("有效上报"), _counted),
    (Cohort.REPORTED, "accepted", _("受理"), _counted & ~Q(state=S.REPORTED)),
    (Cohort.REPORTED, "rejected", _("不予立案"), Q(state=S.REJECTED)),
    (Cohort.REPORTED, "filed", _("立案"), _filed),
    (Cohort.REPORTED, "self_handled", _("自行处置"), _counted & Q(closed_as=ClosedAs.SELF_HANDLED)),
    (Cohort.REPORTED, "automatic", _("自动立案"), _filed & Q(automatic=True)),
    (Cohort.REPORTED, "collector", _("采集员上报立案"), _filed & Q(source=Source.COLLECTOR)),
    (Cohort.REPORTED, "missed", _("督查发现漏报"), _filed & Q(source=Source.INSPECTOR)),
    (Cohort.REPORTED, "repeated", _("同地同类重复立案"), _filed & Q(relapse_of__isnull=False)),
    (
        Cohort.DISPATCHED,
        "dispatched",
        _("派遣"),
        _counted & Q(dispatched_at__isnull=False),
    ),
    (
        Cohort.DISPATCHED,
        "accurate",
        _("首次派遣准确"),
        _counted & Q(dispatched_at__isnull=False, returns=0, first_unit=F("lead_unit")),
    ),
    (Cohort.DUE, "due", _("应处置（应结案）"), _due),
    (Cohort.DUE, "disposed", _("已处置"), _disposed),
    (Cohort.DUE, "disposed_on_time", _("按期处置"), _disposed & _in_time),
    (Cohort.DUE, "disposed_late", _("超期处置"), _disposed & ~_in_time),
    (Cohort.DUE, "deferred", _("缓办"), _due & _deferred),
    (
        Cohort.DUE,
        "overdue_pending",
        _("超期未处置"),
        _due
        & ~Q(state__in=(S.HANDED_BACK, S.CHECKING, S.CHECKED, S.CLOSED, S.SUSPENDED, S.HANGING)),
    ),
    (Cohort.DUE, "closed", _("已结案"), _due & _closed),
    (Cohort.DUE, "closed_on_time", _("按期结案"), _due & _closed & _in_time),
    (Cohort.DUE, "reworked", _("返工"), _disposed & Q(rework__gt=0)),
    (Cohort.CLOSED, "finished", _("办结"), _closed),
    (Cohort.CLOSED, "heard", _("应联系"), _closed & _heard),
    (
        Cohort.CLOSED,
        "contacted",
        _("已联系"),
        lambda: _closed & _heard & _rated(contacted=True),
    ),
    (Cohort.CLOSED, "assessed", _("已回访"), _assessed),
    (
        Cohort.CLOSED,
        "solved",
        _("诉求解决"),
        lambda: _assessed() & ~_rated(solved=False),
    ),
    (Cohort.CLOSED, "graded", _("已评价"), _graded),
    (Cohort.CLOSED, "satisfied", _("满意"), lambda: _graded() & ~_rated(stars__lt=4)),
)

#: every count by key; the order is the bit of the dashboard's facts, so append only
COUNTS = {
    key: Count(key, label, cohort, made if callable(made) else partial(copy, made))
    for cohort, key, label, made in _DEFINED
}


def count_of(key: str) -> Count:
    """The count called ``key``; a :class:`Invalid` names the ones there are."""
    if key not in COUNTS:
        raise Invalid(
            "count.unknown",
            _("没有名为“%(key)s”的统计量，可用的有：%(all)s")
            % {"key": key, "all": "、".join(COUNTS)},
        )
    return COUNTS[key]


@dataclass(frozen=True)
class Scope:
    """Whose cases somebody's figures are made of: of areas, or led by units. A unit that only
    assists does not count the case as its own."""

    areas: tuple[str, ...]
    units: frozenset[int]

    @property
    def everything(self) -> bool:
        return "" in self.areas

    def q(self, area: str = "area", unit: str = "lead_unit_id") -> Q:
        if self.everything:
            return Q()
        where = Q(**{f"{unit}__in": self.units})
        for prefix in self.areas:
            where |= under(prefix, area)
        return where


def scope_of(by: Acting) -> Scope:
    """The figures that ``by`` may see; empty for administrators."""
    if by.automatic:
        return Scope(("",), frozenset())
    return Scope(by.areas(*AREA_ROLES), by.units(Role.HANDLER))


def of_category(key: str, field: str = "category__key") -> Q:
    """Cases of a class and those below it; also of a kind: ``event``, ``component``."""
    below = Q(**{f"{field}__startswith": f"{key}."}) | Q(**{f"{field}__startswith": f"{key}-"})
    return Q(**{field: key}) | below


def counted(
    cases: QuerySet[Case], key: str, start: dt.datetime, end: dt.datetime, *, now: dt.datetime
) -> QuerySet[Case]:
    """The cases behind the figure ``key`` of the period ``[start, end)``.

    A deadline still ahead is due to nobody yet: of the due cohort only what lies before ``now``.
    """
    count = count_of(key)
    if count.cohort == Cohort.DUE:
        end = min(end, now)
    anchor = ANCHOR[count.cohort]
    return cases.filter(count.condition, **{f"{anchor}__gte": start, f"{anchor}__lt": end})
