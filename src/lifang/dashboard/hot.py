"""What is hot now (今日热点): like reports by matter and place, against the span before."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import CharField, Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field as Param

from lifang.cases import rules as loop
from lifang.cases.choices import State, Verb
from lifang.cases.counts import Scope, scope_of
from lifang.cases.models import Case
from lifang.cases.permissions import under, visible_to
from lifang.cases.queries.one import first_pictures
from lifang.core.errors import Forbidden
from lifang.dashboard.growth import LEAST, Growth, growth, hot
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


#: matter, level, place
Key = tuple[int, str, str]
#: matter, site, road, area
Group = tuple[int, int | None, int | None, str]


@dataclass(frozen=True)
class _Found:
    """One matter at one place. ``inner``: the groups it is made of, to tell it from narrower ones."""

    key: Key
    now: int
    before: int
    growth: Growth
    inner: frozenset[Group]


@dataclass(frozen=True, slots=True)
class _Told:
    """What was reported of one matter at one place and given to one unit."""

    group: Group
    unit: int | None
    n: int
    open: int
    first: Any
    last: Any


@dataclass
class _Facts:
    open: int = 0
    #: as the database has them while they are compared, times at the end
    first: Any = None
    last: Any = None
    units: Counter[int] = field(default_factory=Counter)


def clusters(by: Acting, asked: HotAsked, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """What rises, the strongest first, with count, what was usual, the interval of the growth, and units.

    ``day``: the last 24 hours against the six days before; ``week``: seven days against the seven before.
    """
    scope = _scope(by)
    at = now or timezone.now()
    span, times = PERIODS[asked.period]
    recent = _told(_reports(scope, asked.area, at - span, at))
    counts: Counter[Group] = Counter()
    for row in recent:
        counts[row.group] += row.n
    earlier = _grouped(_reports(scope, asked.area, at - span * (1 + times), at - span))
    kept = _distinct(_rising(counts, earlier, times), counts)[:MOST]
    facts = _facts(recent, kept)
    names = _Names(f.key for f in kept)
    return {
        "period": asked.period,
        "as_of": at,
        "since": at - span,
        "compared_since": at - span * (1 + times),
        "clusters": [_row(f, facts[f.key], names, at - span, times) for f in kept],
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


def _reports(scope: Scope, area: str, start: dt.datetime, end: dt.datetime) -> QuerySet[Case]:
    """What people reported in a span; what was merged later was reported all the same."""
    return Case.objects.filter(
        scope.q(), under(area), reported_at__gte=start, reported_at__lt=end, parent=None,
        category__isnull=False,
    ).exclude(state__in=_LEFT_OUT).order_by()  # fmt: skip


def _grouped(cases: QuerySet[Case]) -> dict[Group, int]:
    rows: Any = cases.values_list("category_id", "site_id", "road_id", "area").annotate(
        n=Count("pk")
    )
    return {(category, site, road, area): n for category, site, road, area, n in rows}


def _rising(counts: dict[Group, int], earlier: dict[Group, int], times: int) -> list[_Found]:
    """Matters and places of which more is reported than chance explains, the strongest first."""
    now: Counter[Key] = Counter()
    for group, n in counts.items():
        for key in _keys(group):
            now[key] += n
    able = {key for key, n in now.items() if n >= LEAST}
    before: Counter[Key] = Counter()
    for group, n in earlier.items():
        for key in _keys(group):
            if key in able:
                before[key] += n
    grown = {key: growth(now[key], before[key], times=times) for key in able}
    rising = {key for key in able if hot(now[key], grown[key])}
    inner: dict[Key, list[Group]] = defaultdict(list)
    for group in counts:
        for key in _keys(group):
            if key in rising:
                inner[key].append(group)
    found = [_Found(k, now[k], before[k], grown[k], frozenset(inner[k])) for k in rising]
    return sorted(found, key=lambda f: (-f.growth.low, -f.now, f.key))


def _told(cases: QuerySet[Case]) -> list[_Told]:
    """The reports of the present span, read once for counts and facts alike."""
    # as the database has them: thousands of times are not turned into ours for the few that are shown
    plain = CharField()
    rows: Any = cases.values_list(
        "category_id", "site_id", "road_id", "area", "lead_unit_id"
    ).annotate(
        n=Count("pk"),
        open=Count("pk", filter=Q(state__in=sorted(loop.OPEN))),
        first=Min("reported_at", output_field=plain),
        last=Max("reported_at", output_field=plain),
    )
    return [_Told((a, b, c, d), *rest) for a, b, c, d, *rest in rows]


def _facts(recent: Iterable[_Told], kept: Iterable[_Found]) -> dict[Key, _Facts]:
    """First and latest report, units and open cases of the findings that are shown."""
    facts = {f.key: _Facts() for f in kept}
    matters = {key[0] for key in facts}
    for row in recent:
        if row.group[0] not in matters:
            continue
        for key in _keys(row.group):
            if (fact := facts.get(key)) is None:
                continue
            fact.open += row.open
            fact.first = min(row.first, fact.first or row.first)
            fact.last = max(row.last, fact.last or row.last)
            if row.unit:
                fact.units[row.unit] += row.n
    for fact in facts.values():
        fact.first, fact.last = _moment(fact.first), _moment(fact.last)
    return facts


def _moment(value: Any) -> dt.datetime | None:
    """A time as SQLite keeps it (text in UTC) or as PostgreSQL gives it."""
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    return value  # type: ignore[no-any-return]  # a datetime or nothing


def _keys(group: Group) -> list[Key]:
    """Every place, narrow to wide, that a group of reports belongs to."""
    category, site, road, area = group
    keys: list[Key] = [(category, "city", "")]
    if site is not None:
        keys.append((category, "site", str(site)))
    if road is not None:
        keys.append((category, "road", str(road)))
    for level, length in _AREA.items():
        if len(area) >= length:
            keys.append((category, level, area[:length]))
    return keys


def _distinct(found: list[_Found], counts: dict[Group, int]) -> list[_Found]:
    """Each finding once: where one narrow place holds most of it, that place; where it is spread, the wide one,
    beside it only those narrow ones that hold a good part."""
    kept: dict[int, list[_Found]] = defaultdict(list)
    for one in sorted(found, key=lambda f: (LEVELS.index(f.key[1]), -f.now, f.key)):
        mine = kept[one.key[0]]
        shares = [sum(counts[g] for g in k.inner & one.inner) / one.now for k in mine]
        if any(share >= MOST_OF_IT for share in shares):
            continue
        kept[one.key[0]] = [
            k for k, share in zip(mine, shares, strict=True) if not 0 < share < GOOD_PART
        ] + [one]
    chosen = {f.key for own in kept.values() for f in own}
    return [f for f in found if f.key in chosen]


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
    found: _Found, facts: _Facts, names: _Names, since: dt.datetime, times: int
) -> dict[str, Any]:
    category_id, level, place = found.key
    category = standards.any_by_id(category_id)
    grown = found.growth
    key = category.key if category else ""
    opens = {"category": key, "reported_from": timezone.localtime(since).date().isoformat()}
    if level in ("site", "road"):
        opens[level] = place
    elif place:
        opens["area"] = place
    return {
        "category": category.name if category else "",
        "category_key": key,
        "level": level,
        "place": place,
        "name": names.name(level, place),
        "n": found.now,
        "before": found.before,
        "usual": round(found.before / times, 1),
        "ratio": None if grown.ratio is None else round(grown.ratio, 2),
        "low": round(grown.low, 2),
        "high": None if grown.high is None else round(grown.high, 2),
        "open": facts.open,
        "first": facts.first,
        "last": facts.last,
        "units": [{"name": tree().name(u), "n": n} for u, n in facts.units.most_common(3)],
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
