"""What is hot now (今日热点): like reports by matter and place, against the span before. Four statements."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field as Param

from lifang.cases import rules as loop
from lifang.cases.choices import State, Verb
from lifang.cases.counts import Scope, scope_of
from lifang.cases.models import Case
from lifang.cases.permissions import visible_to
from lifang.cases.queries.one import first_pictures
from lifang.core.errors import Forbidden
from lifang.dashboard.growth import Growth, growth, hot
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.places import atlas
from lifang.places.models import Road, Site
from lifang.standards import queries as standards

#: length of the span, and how many times as long the span before is
PERIODS = {"day": (dt.timedelta(days=1), 6), "week": (dt.timedelta(days=7), 1)}
#: from the narrowest place to the widest; a wide one is told only if it is more than its narrow ones
LEVELS = ("site", "road", "community", "street", "district", "city")
_AREA = {"community": 12, "street": 9, "district": 6}
#: of a wider finding: so much in one narrower place is that place's matter, less than so much is not told apart
MOST_OF_IT, GOOD_PART = 0.6, 0.3
MOST = 30
PREVIEW = 100
#: not what people report: taken back as a mistake, refused, a part of what was counted
_LEFT_OUT = (State.VOID, State.REJECTED)

Period = Literal["day", "week"]
Level = Literal["site", "road", "community", "street", "district", "city"]


class HotAsked(Schema):
    period: Period = "day"
    area: str = Param("", max_length=12, description="division code or its beginning")


class ClusterAsked(Schema):
    """One cluster, as the list of clusters names it."""

    period: Period = "day"
    category: str = Param(max_length=40)
    level: Level
    place: str = Param("", max_length=12, description="number of site or road, else division code")


@dataclass
class _Heap:
    """Counts of one matter at one place. ``inner``: groups it is made of, to tell it from narrower ones."""

    now: int = 0
    before: int = 0
    open: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    units: Counter[int] = field(default_factory=Counter)
    inner: set[int] = field(default_factory=set)

    def add(self, row: dict[str, Any], group: int) -> None:
        self.now += row["now"]
        self.before += row["before"]
        self.open += row["open"]
        if row["now"]:
            self.first = min(filter(None, (self.first, row["first"])))
            self.last = max(filter(None, (self.last, row["last"])))
            self.inner.add(group)
            if row["lead_unit_id"]:
                self.units[row["lead_unit_id"]] += row["now"]


Key = tuple[int, str, str]


def clusters(by: Acting, asked: HotAsked, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """What rises, the strongest first, with count, what was usual, the interval of the growth, and units.

    ``day``: the last 24 hours against the six days before; ``week``: seven days against the seven before.
    """
    scope = _scope(by)
    at = now or timezone.now()
    span, times = PERIODS[asked.period]
    rows = list(_grouped(scope, asked.area, at, span, times))
    heaps: dict[Key, _Heap] = defaultdict(_Heap)
    sizes = [row["now"] for row in rows]
    for n, row in enumerate(rows):
        for level, place in _places(row):
            heaps[row["category_id"], level, place].add(row, n)
    found = [
        (key, heap, grown)
        for key, heap in heaps.items()
        if hot(heap.now, grown := growth(heap.now, heap.before, times=times))
    ]
    found.sort(key=lambda f: (-f[2].low, -f[1].now, f[0]))
    kept = _distinct(found, sizes)[:MOST]
    names = _Names(key for key, _heap, _grown in kept)
    return {
        "period": asked.period,
        "as_of": at,
        "since": at - span,
        "compared_since": at - span * (1 + times),
        "clusters": [_row(key, heap, grown, names, at, span, times) for key, heap, grown in kept],
    }


def cluster(by: Acting, asked: ClusterAsked, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """The cases of one cluster that the reader may see, and which one the others could be merged under.

    ``head``: the open case that most people reported, the oldest of these; ``mergeable`` says of each other
    one whether its state admits that.
    """
    _scope(by)
    at = now or timezone.now()
    span, _times = PERIODS[asked.period]
    cases = (
        visible_to(by)
        .filter(
            _of_class(asked.category), _of_place(asked.level, asked.place),
            reported_at__gte=at - span, reported_at__lt=at, parent=None,
        )
        .exclude(state__in=_LEFT_OUT)
        .order_by("-reported_at")
    )  # fmt: skip
    columns = (
        "id", "number", "state", "summary", "address", "reported_at", "reports_count",
        "lead_unit_id",
    )  # fmt: skip
    rows = list(cases.values(*columns)[:PREVIEW])
    able = [r for r in rows if r["state"] in loop.OPEN]
    head = max(able, key=lambda r: (r["reports_count"], -r["id"]))["id"] if len(able) > 1 else None
    mergeable = loop.TABLE[Verb.MERGE].source if by.has(*loop.TABLE[Verb.MERGE].roles) else ()
    thumbs = first_pictures(r["id"] for r in rows)
    for row in rows:
        row["unit"] = tree().name(row.pop("lead_unit_id"))
        row["mergeable"] = bool(head) and row["id"] != head and row["state"] in mergeable
        row["thumb_url"] = thumbs.get(row["id"], "")
    return {"head": head, "cases": rows, "complete": len(rows) < PREVIEW}


def _scope(by: Acting) -> Scope:
    scope = scope_of(by)
    if not scope.areas and not scope.units:
        raise Forbidden("stats.forbidden", _("您的岗位没有可查看的统计范围"))
    return scope


def _grouped(
    scope: Scope, area: str, at: dt.datetime, span: dt.timedelta, times: int
) -> Iterable[dict[str, Any]]:
    """Counts by matter, place and unit of both spans. One statement over the reports of these days."""
    recent = Q(reported_at__gte=at - span)
    cases: QuerySet[Case] = Case.objects.filter(
        scope.q(), reported_at__gte=at - span * (1 + times), reported_at__lt=at, parent=None,
        category__isnull=False, area__startswith=area,
    ).exclude(state__in=_LEFT_OUT)  # fmt: skip
    rows: Any = (
        cases.order_by()
        .values("category_id", "site_id", "road_id", "area", "lead_unit_id")
        .annotate(
            now=Count("pk", filter=recent),
            before=Count("pk", filter=~recent),
            open=Count("pk", filter=recent & Q(state__in=sorted(loop.OPEN))),
            first=Min("reported_at", filter=recent),
            last=Max("reported_at", filter=recent),
        )
        .iterator(chunk_size=5_000)
    )
    return rows  # type: ignore[no-any-return]


def _places(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if row["site_id"]:
        yield "site", str(row["site_id"])
    if row["road_id"]:
        yield "road", str(row["road_id"])
    for level, length in _AREA.items():
        if len(row["area"]) >= length:
            yield level, row["area"][:length]
    yield "city", ""


def _distinct(
    found: list[tuple[Key, _Heap, Growth]], sizes: list[int]
) -> list[tuple[Key, _Heap, Growth]]:
    """Each finding once: where one narrow place holds most of it, that place; where it is spread, the wide one,
    beside it only those narrow ones that hold a good part."""
    kept: list[tuple[Key, _Heap, Growth]] = []
    for one in sorted(found, key=lambda f: (LEVELS.index(f[0][1]), -f[1].now, f[0])):
        heap = one[1]
        shares = [
            (k, sum(sizes[n] for n in k[1].inner & heap.inner) / heap.now)
            for k in kept
            if k[0][0] == one[0][0]
        ]
        if any(share >= MOST_OF_IT for _k, share in shares):
            continue
        lost = [id(k) for k, share in shares if 0 < share < GOOD_PART]
        kept = [k for k in kept if id(k) not in lost]
        kept.append(one)
    order = {id(f): n for n, f in enumerate(found)}
    return sorted(kept, key=lambda f: order[id(f)])


class _Names:
    """Names of the places that are shown; roads and sites by one statement each, areas from memory."""

    def __init__(self, keys: Iterable[Key]) -> None:
        wanted: dict[str, set[int]] = {"site": set(), "road": set()}
        for _category, level, place in keys:
            if level in wanted:
                wanted[level].add(int(place))
        self._of = {
            "site": dict(Site.objects.filter(pk__in=wanted["site"]).values_list("pk", "name")),
            "road": dict(Road.objects.filter(pk__in=wanted["road"]).values_list("pk", "name")),
        }
        self._areas = {spot.code: spot.name for spot in atlas.region_list().values()}

    def name(self, level: str, place: str) -> str:
        if level in self._of:
            return self._of[level].get(int(place), place)
        return self._areas.get(place, place) if place else str(_("全市"))


def _row(
    key: Key, heap: _Heap, grown: Growth, names: _Names, at: dt.datetime, span: dt.timedelta,
    times: int,
) -> dict[str, Any]:  # fmt: skip
    category_id, level, place = key
    category = standards.any_by_id(category_id)
    since = timezone.localtime(at - span).date()
    opens = {"category": category.key if category else "", "reported_from": since.isoformat()}
    if level in ("site", "road"):
        opens[level] = place
    elif place:
        opens["area"] = place
    return {
        "category": category.name if category else "",
        "category_key": category.key if category else "",
        "level": level,
        "place": place,
        "name": names.name(level, place),
        "n": heap.now,
        "before": heap.before,
        "usual": round(heap.before / times, 1),
        "ratio": None if grown.ratio is None else round(grown.ratio, 2),
        "low": round(grown.low, 2),
        "high": None if grown.high is None else round(grown.high, 2),
        "open": heap.open,
        "first": heap.first,
        "last": heap.last,
        "units": [{"name": tree().name(u), "n": n} for u, n in heap.units.most_common(3)],
        "filter": opens,
    }


def _of_class(key: str) -> Q:
    return Q(category__key=key)


def _of_place(level: str, place: str) -> Q:
    if level == "city":
        return Q()
    if level in ("site", "road"):
        return Q(**{f"{level}_id": int(place)}) if place.isdigit() else Q(pk__in=[])
    return Q(area__startswith=place) if place else Q(pk__in=[])
