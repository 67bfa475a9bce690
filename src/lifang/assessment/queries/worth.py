"""What open cases cost in the expected score of the next draw; closing one takes it back.

The points of one case are the slope where things stand (``planner.coming.Worth``); sums over many cases are
held to what the indicator has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import gathering
from lifang.assessment.queries.runs import last_of
from lifang.cases import queries as cases
from lifang.cases.choices import FINAL
from lifang.cases.models import Case
from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.standards.editions import Edition

Points = Mapping[str, Mapping[str, float]]


def _items(edition: Edition, category: str) -> Iterator[str]:
    """Lines of the checklist of which a case of this class is a fault."""
    for item in edition.items.values():
        if any(category == c or category.startswith(c) for c in item.categories if c):
            yield item.code


def of_class(
    edition: Edition, worth: Points, category: str, site_type: str, district: str
) -> dict[str, float]:
    """Points by indicator that one open case of a class costs at one such place."""
    found: dict[str, float] = defaultdict(float)
    for code in _items(edition, category):
        for leaf, points in worth.get(f"{code}|{site_type}|{district}", {}).items():
            found[leaf] += points
    return dict(found)


def _last_worth(round_ids: Iterable[int]) -> dict[int, Points]:
    """Of each round the prices of its last run."""
    return dict(last_of(round_ids).values_list("round_id", "worth"))


def of_case(by: Acting, case_id: int) -> dict[str, Any]:
    """ "This case is worth 0.12 points": in which open rounds, on which indicators. 0 where none asks."""
    case = cases.visible_to(by).select_related("category").filter(pk=case_id).first()
    if case is None:
        raise Missing("case.missing", _("没有这个案件，或您无权查看"))
    found: list[dict[str, Any]] = []
    if case.category and case.state not in FINAL and (case.site_id or case.road_id):
        rounds = list(
            Round.objects.filter(status=RoundStatus.OPEN)
            .select_related("edition")
            .defer("document", "edition__document")
        )
        prices = _last_worth(r.pk for r in rounds)
        for round_ in rounds:
            place = standing(round_).of(case.site_id, case.road_id)
            if place is None:
                continue
            edition = gathering.plan_of(round_).edition
            by_leaf = of_class(
                edition, prices.get(round_.pk, {}), case.category.key, place[0], place[1]
            )
            if by_leaf:
                found.append(
                    {
                        "round_id": round_.pk,
                        "round": round_.title,
                        "points": round(sum(by_leaf.values()), 4),
                        "leaves": [
                            {"leaf": c, "title": edition.nodes[c].title, "points": round(p, 4)}
                            for c, p in sorted(by_leaf.items(), key=lambda x: -x[1])
                        ],
                    }
                )
    return {"points": round(sum(r["points"] for r in found), 4), "rounds": found}


@dataclass(frozen=True)
class Standing:
    """Where the places of a frame stand: by site, and roads by road."""

    sites: Mapping[int, tuple[str, str, str]]
    roads: Mapping[int, tuple[str, str, str]]

    def of(self, site_id: int | None, road_id: int | None) -> tuple[str, str, str] | None:
        """Type, district and title of the place that a case is at; a road is one as a whole."""
        found = self.sites.get(site_id) if site_id else None
        return found or (self.roads.get(road_id) if road_id else None)


def standing(round_: Round) -> Standing:
    """Kept in the process: the frame of an open round does not change but with its hash."""
    return _standing(round_.pk, round_.sha256)


@lru_cache(maxsize=8)
def _standing(round_id: int, _sha256: str) -> Standing:
    rows = RoundPlace.objects.filter(round=round_id).values_list(
        "site_id", "site__road_id", "site__type__is_road", "type", "district", "title"
    )
    sites: dict[int, tuple[str, str, str]] = {}
    roads: dict[int, tuple[str, str, str]] = {}
    for site, road, is_road, kind, district, title in rows:
        sites[site] = (kind, district, title)
        if road and is_road:
            roads.setdefault(road, (kind, district, title))
    return Standing(sites, roads)


def open_cases(round_: Round, worth: Points) -> dict[str, dict[str, float]]:
    """By indicator: open cases at places of the round's frame, overdue ones, points expected to go with
    them (never more than the indicator has). One statement."""
    plan, places = gathering.plan_of(round_), standing(round_)
    rows = (
        Case.objects.exclude(state__in=FINAL)
        .exclude(category=None)
        .order_by()
        .values_list("site_id", "road_id", "category__key")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=timezone.now())))
    )
    found: dict[str, dict[str, float]] = {}
    for site, road, category, n, late in rows:
        place = places.of(site, road)
        if place is None:
            continue
        for leaf, points in of_class(plan.edition, worth, category, place[0], place[1]).items():
            line = found.setdefault(leaf, {"cases": 0, "late": 0, "points": 0.0})
            line["cases"] += n
            line["late"] += late
            line["points"] += n * points
    for leaf, line in found.items():
        line["points"] = round(min(line["points"], float(plan.edition.nodes[leaf].points)), 4)
    return found


def cases_of_leaf(by: Acting, round_: Round, leaf: str) -> list[dict[str, Any]]:
    """The open cases that cost an indicator, the dearest first, at most 200."""
    plan, places = gathering.plan_of(round_), standing(round_)
    worth = _last_worth([round_.pk]).get(round_.pk, {})
    rows = (
        cases.visible_to(by)
        .exclude(state__in=FINAL)
        .filter(Q(site__isnull=False) | Q(road__isnull=False), category__isnull=False)
        .values_list(
            "id", "number", "category__key", "category__name", "site_id", "road_id", "lead_unit_id",
            "due_at",
        )
    )  # fmt: skip
    found = []
    for id_, number, key, name, site, road, unit, due in rows:
        place = places.of(site, road)
        price = of_class(plan.edition, worth, key, place[0], place[1]) if place else {}
        if place and leaf in price:
            found.append(
                {
                    "id": id_, "number": number, "category": name, "place": place[2],
                    "unit": tree().name(unit), "due_at": due, "points": round(price[leaf], 4),
                }
            )  # fmt: skip
    return sorted(found, key=_dearest)[:200]


def _dearest(row: Mapping[str, Any]) -> tuple[float, int]:
    return -row["points"], row["id"]
