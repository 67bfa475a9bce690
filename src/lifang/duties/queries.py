"""Reads of duties: the answer with its reason, lists, gaps and overlaps."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import stamps
from lifang.core.errors import Field, Invalid, Missing
from lifang.core.paging import sequence
from lifang.duties import rules
from lifang.duties.models import DutyRule, Pairing
from lifang.duties.rules import AreaNode, By, Gap, Matter, Overlap, PlaceAt, Rule
from lifang.duties.ruleset import Known, known
from lifang.orgs.queries import successors
from lifang.orgs.tree import tree
from lifang.places.atlas import Located, locate
from lifang.places.models import Cell, Component, Region, RegionLevel, Shop, Site
from lifang.standards import queries as standards
from lifang.standards.choices import CategoryKind
from lifang.standards.queries import CategoryView


@dataclass(frozen=True)
class Other:
    """Another unit that a rule names here."""

    unit_id: int | None
    unit: str
    rule: int
    reason: str


@dataclass(frozen=True)
class Answered:
    """Who answers, in words and numbers. ``unit_id`` None: the arbitration queue."""

    by: str
    unit_id: int | None
    unit: str
    assisting: tuple[int, ...]
    assisting_names: tuple[str, ...]
    post_id: int | None
    post: str
    rule_id: int | None
    #: number of the rule, as people call it
    rule: int | None
    reason: str
    others: tuple[Other, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What a case keeps of it."""
        return asdict(self) | {
            "assisting": list(self.assisting),
            "assisting_names": list(self.assisting_names),
            "others": [asdict(o) for o in self.others],
        }


def answer_for(
    *,
    category_key: str,
    area: str = "",
    road_id: int | None = None,
    site_id: int | None = None,
    shop_id: int | None = None,
    component_id: int | None = None,
    grid_cell_id: int | None = None,
    day: dt.date | None = None,
) -> Answered:
    """Who answers for a category in a place. In a request at most two statements: stamps, place."""
    now = known()
    owner, grid = "", ""
    if component_id is not None:
        row = (
            Component.objects.filter(pk=component_id)
            .values_list("owner_code", "cell__grid")
            .first()
        )
        owner, grid = (row[0] or "", row[1] or "") if row else ("", "")
    elif grid_cell_id is not None and now.rules.uses_grid:
        grid = Cell.objects.filter(pk=grid_cell_id).values_list("grid", flat=True).first() or ""
    place = PlaceAt(
        area=area,
        road_id=road_id,
        site_id=site_id,
        shop_id=shop_id,
        component_id=component_id,
        grid=grid,
        owner_id=_unit_by_code().get(owner) if owner else None,
    )
    found = rules.answer(Matter(category_key), place, now.rules, day=day or timezone.localdate())
    return _in_words(found, category_key, now)


def _unit_by_code() -> dict[str, int]:
    """Active units by code, for owners that the component register knows by code only."""
    return stamps.cached(
        "units", lambda: {n.code: n.id for n in tree().nodes.values() if n.active}, key="by_code"
    )


def _in_words(found: rules.Answer, key: str, now: Known) -> Answered:
    unit_id, gone = _working(found.unit_id)
    name = tree().name(unit_id)
    category = _category_name(key)
    text = rules.reason(found, unit=name, place=_place_name(found.rule, now), category=category)
    if gone:
        text = _("规则 %(n)s 指明的“%(unit)s”已撤销且没有唯一的承接单位，转区级仲裁") % {
            "n": found.rule.number if found.rule else "",
            "unit": tree().name(found.unit_id),
        }
    helpers = tuple(u for u in (_working(u)[0] for u in found.assisting) if u is not None)
    return Answered(
        by=By.NOBODY if gone else found.by,
        unit_id=unit_id,
        unit=name,
        assisting=helpers,
        assisting_names=tuple(tree().name(u) for u in helpers),
        post_id=found.post_id,
        post=now.posts.get(found.post_id or 0, ""),
        rule_id=found.rule.id if found.rule else None,
        rule=found.rule.number if found.rule else None,
        reason=text,
        others=tuple(_other(r, category, now) for r in found.others),
    )


def _working(unit_id: int | None) -> tuple[int | None, bool]:
    """The unit, or the one in which its work goes on; True if it is gone without one heir."""
    node = tree().nodes.get(unit_id) if unit_id is not None else None
    if node is None or node.active:
        return unit_id, False
    heirs = successors(node.id)
    return (heirs[0], False) if len(heirs) == 1 else (None, True)


def _other(r: Rule, category: str, now: Known) -> Other:
    unit = tree().name(r.lead_unit_id)
    given = rules.Answer(By.RULE, r.lead_unit_id, rule=r)
    text = rules.reason(given, unit=unit, place=_place_name(r, now), category=category)
    return Other(r.lead_unit_id, unit, r.number, text)


def _place_name(r: Rule | None, now: Known) -> str:
    if r is None:
        return ""
    return now.places.get(r.id, "") or (region_names().get(r.area, r.area) if r.area else "")


def region_names() -> dict[str, str]:
    """Names of regions by code, from this process's cache."""
    return stamps.cached(
        "places.regions", lambda: dict(Region.objects.values_list("code", "name")), key="names"
    )


def _category_name(key: str) -> str:
    category = standards.in_force().by_key(key)
    return category.name if category else ""


@dataclass(frozen=True)
class Try:
    """The answer for the 'try it' box, with the place as understood and the people paired to it."""

    answer: Answered
    area: str
    area_name: str
    road: str
    place: str
    pairings: list[Pairing] = field(default_factory=list)


def try_it(
    *,
    category: str,
    lng: float | None = None,
    lat: float | None = None,
    area: str = "",
    road_id: int | None = None,
    site_id: int | None = None,
    shop_id: int | None = None,
    component_id: int | None = None,
    day: dt.date | None = None,
    people: bool = False,
) -> Try:
    """The answer for a place given by coordinates (WGS-84), by area, or by something registered.

    ``people``: with those paired to the place, one statement more.
    """
    spot = _spot(lng, lat)
    name, cell_id = "", None
    for model, given in ((Component, component_id), (Site, site_id), (Shop, shop_id)):
        if given is None:
            continue
        row = model.objects.filter(pk=given).values_list(
            "name", "region__code", "road_id", "cell_id"
        ).first()  # fmt: skip
        if row is None:
            raise Missing("duties.place", _("没有这个地点，可能已被删除"))
        name, area, cell_id = row[0], area or row[1], row[3]
        road_id = road_id or row[2]
    if spot is not None:
        area = area or spot.area
        road_id = road_id or (spot.road.id if spot.road else None)
        cell_id = cell_id or (spot.cell.id if spot.cell else None)
    found = answer_for(
        category_key=category,
        area=area,
        road_id=road_id,
        site_id=site_id,
        shop_id=shop_id,
        component_id=component_id,
        grid_cell_id=cell_id,
        day=day,
    )
    paired: Iterable[Pairing] = ()
    if people:
        paired = pairings_at(area=area, road_id=road_id, site_id=site_id, shop_id=shop_id)
    return Try(
        answer=found,
        area=area,
        area_name=region_names().get(area, ""),
        road=spot.road.name if spot and spot.road else "",
        place=name,
        pairings=list(paired),
    )


def _spot(lng: float | None, lat: float | None) -> Located | None:
    if lng is None and lat is None:
        return None
    if lng is None or lat is None:
        message = _("经度和纬度要同时给出")
        raise Invalid("duties.point", message, fields=[Field("lng", message)])
    return locate(lng, lat)


# ---------------------------------------------------------------- lists


def duty_rules(
    *,
    q: str = "",
    category: str = "",
    area: str = "",
    unit: int | None = None,
    slot: str = "",
    active: bool | None = True,
) -> QuerySet[DutyRule]:
    """Rules with all that a list shows; three statements whatever the number of rows."""
    rows = DutyRule.objects.select_related(
        "lead_unit", "post", "road", "site", "shop", "component"
    ).prefetch_related("assisting")
    if active is not None:
        rows = rows.filter(active=active)
    if category:
        rows = rows.filter(
            Q(category=category)
            | Q(category__startswith=f"{category}.")
            | Q(category__startswith=f"{category}-")
        )
    if area:
        rows = rows.filter(area__startswith=area)
    if unit:
        rows = rows.filter(Q(lead_unit_id=unit) | Q(pk__in=_assisted_by(unit)))
    if slot == "everywhere":
        rows = rows.filter(area="", grid="", road=None, site=None, shop=None, component=None)
    elif slot in ("road", "site", "shop", "component"):
        rows = rows.filter(**{f"{slot}__isnull": False})
    elif slot in ("area", "grid"):
        rows = rows.exclude(**{slot: ""})
    if q:
        keys = [c.key for c in standards.in_force().nodes.values() if q in c.name]
        where = (
            Q(lead_unit__name__icontains=q)
            | Q(road__name__icontains=q)
            | Q(site__name__icontains=q)
            | Q(shop__name__icontains=q)
            | Q(note__icontains=q)
            | Q(grid=q)
            | Q(category__in=keys)
        )
        if q.isascii() and q.isdigit() and len(q) <= 9:
            where |= Q(number=int(q))
        rows = rows.filter(where)
    return rows


def _assisted_by(unit: int) -> QuerySet[Any, int]:
    through = DutyRule.assisting.through
    return through._default_manager.filter(unit_id=unit).values_list("dutyrule_id", flat=True)


def duty_rule(rule_id: int) -> DutyRule:
    found = duty_rules(active=None).filter(pk=rule_id).first()
    if found is None:
        raise Missing("duty_rule.not_found", _("没有这条责任规则，可能已被删除"))
    return found


def pairings(
    *,
    q: str = "",
    kind: str = "",
    area: str = "",
    unit: int | None = None,
    active: bool | None = True,
) -> QuerySet[Pairing]:
    rows = Pairing.objects.select_related(
        "user", "unit", "region", "road", "site", "shop", "component"
    )
    if active is not None:
        rows = rows.filter(active=active)
    if kind:
        rows = rows.filter(kind=kind)
    if area:
        rows = rows.filter(area__startswith=area)
    if unit:
        rows = rows.filter(unit_id=unit)
    for word in q.split():
        rows = rows.filter(
            Q(person_name__icontains=word)
            | Q(user__name__icontains=word)
            | Q(unit__name__icontains=word)
            | Q(title__icontains=word)
            | Q(region__name__icontains=word)
            | Q(road__name__icontains=word)
            | Q(site__name__icontains=word)
            | Q(shop__name__icontains=word)
        )
    return rows


def pairing(pairing_id: int) -> Pairing:
    found = pairings(active=None).filter(pk=pairing_id).first()
    if found is None:
        raise Missing("pairing.not_found", _("没有这条包联关系，可能已被删除"))
    return found


def pairings_at(
    *,
    area: str = "",
    road_id: int | None = None,
    site_id: int | None = None,
    shop_id: int | None = None,
    grid: str = "",
    day: dt.date | None = None,
) -> QuerySet[Pairing]:
    """Who is paired with the place: its area's leader, its road's chief, its site's unit …"""
    day = day or timezone.localdate()
    where = Q(pk__in=())
    if area:
        prefixes = [area[:n] for n in range(2, len(area) + 1)]
        where |= Q(area__in=prefixes, road=None, site=None, shop=None, grid="")
    for name, value in (("road_id", road_id), ("site_id", site_id), ("shop_id", shop_id)):
        if value is not None:
            where |= Q(**{name: value})
    if grid:
        where |= Q(grid=grid)
    return pairings().filter(
        where,
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gte=day),
    )


# ---------------------------------------------------------------- what nobody, what two answer for


@dataclass(frozen=True)
class GapOut:
    """A category nobody answers for: in these areas (each named at the highest level).

    A major class stands for all its minors where they lack the same areas (``minors``: how many).
    """

    key: str
    name: str
    path: str
    kind: str
    areas: list[dict[str, str]]
    #: nobody anywhere
    everywhere: bool
    #: components with a registered owner have one who answers all the same
    owner_answers: bool
    minors: int = 0


def gaps(*, kind: str = "", area: str = "") -> list[GapOut]:
    """Categories with areas that no rule covers. From the cached rules: no statement a category."""
    catalogue, now, day = standards.in_force(), known(), timezone.localdate()
    areas = area_tree(area)
    whole = [a.code for a in areas]
    by_major: dict[int | None, list[tuple[CategoryView, Gap]]] = {}
    for c in catalogue.leaves:
        if not kind or c.kind == kind:
            lacking = rules.gap(c.key, areas, now.rules, day=day)
            by_major.setdefault(c.parent_id, []).append((c, lacking))

    def out(c: CategoryView, gap: Gap, major: CategoryView | None, minors: int = 0) -> GapOut:
        return GapOut(
            key=c.key,
            name=c.name,
            path=major.name if major else "",
            kind=c.kind,
            areas=[{"code": a.code, "name": a.name} for a in gap.areas],
            everywhere=[a.code for a in gap.areas] == whole,
            owner_answers=c.kind == CategoryKind.COMPONENT,
            minors=minors,
        )

    found: list[GapOut] = []
    for major_id, group in by_major.items():
        major = catalogue.by_id(major_id) if major_id is not None else None
        same = all(g.areas == group[0][1].areas for _c, g in group)
        if major is not None and same and len(group) > 1:
            group, minors = [(major, group[0][1])], len(group)
        else:
            minors = 0
        found += [out(c, g, None if minors else major, minors) for c, g in group if g.areas]
    return found


def area_tree(prefix: str = "") -> tuple[AreaNode, ...]:
    """Active regions from the district down, for the search of gaps; cached by their stamp."""
    whole = stamps.cached("places.regions", _areas, key="areas")
    if not prefix:
        return whole
    return tuple(_under(whole, prefix))


def _under(nodes: Iterable[AreaNode], prefix: str) -> Iterable[AreaNode]:
    for n in nodes:
        if n.code.startswith(prefix):
            yield n
        elif prefix.startswith(n.code):
            yield from _under(n.children, prefix)


def _areas() -> tuple[AreaNode, ...]:
    rows = list(
        Region.objects.filter(active=True, level__gte=RegionLevel.DISTRICT)
        .order_by("code")
        .values_list("id", "code", "name", "parent_id")
    )
    ids = {r[0] for r in rows}
    below: dict[int | None, list[tuple[int, str, str]]] = {}
    for i, code, name, parent in rows:
        below.setdefault(parent if parent in ids else None, []).append((i, code, name))

    def nodes(parent: int | None) -> tuple[AreaNode, ...]:
        return tuple(AreaNode(code, name, nodes(i)) for i, code, name in below.get(parent, ()))

    return nodes(None)


def overlaps(*, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """A page of rules that contradict each other; the one with the smaller number wins."""
    found: list[Overlap] = rules.overlaps(known().rules.rules)
    part = sequence(found, cursor=cursor, limit=limit)
    ids = {r.id for o in part["items"] for r in (o.first, o.second)}
    rows = {r.pk: r for r in duty_rules().filter(pk__in=ids)}
    return part | {
        "items": [
            {"first": rows[o.first.id], "second": rows[o.second.id]}
            for o in part["items"]
            if o.first.id in rows and o.second.id in rows
        ]
    }
