"""What open cases cost in the expected score of the next draw; closing one takes it back.

The points of one case are the slope where things stand (``planner.coming.Worth``); sums over many cases are
held to what the indicator has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.assessment import gathering
from lifang.assessment.models import Run
from lifang.cases import queries as cases
from lifang.cases.choices import FINAL
from lifang.cases.models import Case
from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
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
    rows = Run.objects.filter(round_id__in=list(round_ids), complete=True).order_by(
        "round_id", "id"
    )
    return dict(rows.values_list("round_id", "worth"))


def of_case(by: Acting, case_id: int) -> dict[str, Any]:
    """ "This case is worth 0.12 points": in which open rounds, on which indicators. 0 where none asks."""
    case = cases.visible_to(by).select_related("category").filter(pk=case_id).first()
    if case is None:
        raise Missing("case.missing", _("没有这个案件，或您无权查看"))
    found: list[dict[str, Any]] = []
    if case.site_id and case.category and case.state not in FINAL:
        places = (
            RoundPlace.objects.filter(site=case.site_id, round__status=RoundStatus.OPEN)
            .select_related("round__edition")
            .defer("round__document", "round__edition__document")
        )
        prices = _last_worth(p.round_id for p in places)
        for place in places:
            edition = gathering.plan_of(place.round).edition
            by_leaf = of_class(
                edition,
                prices.get(place.round_id, {}),
                case.category.key,
                place.type,
                place.district,
            )
            if by_leaf:
                found.append(
                    {
                        "round_id": place.round_id,
                        "round": place.round.title,
                        "points": round(sum(by_leaf.values()), 4),
                        "leaves": [
                            {"leaf": c, "title": edition.nodes[c].title, "points": round(p, 4)}
                            for c, p in sorted(by_leaf.items(), key=lambda x: -x[1])
                        ],
                    }
                )
    return {"points": round(sum(r["points"] for r in found), 4), "rounds": found}


def open_cases(round_: Round, worth: Points) -> dict[str, dict[str, float]]:
    """By indicator: open cases at places of the round's frame, overdue ones, points expected to go with
    them (never more than the indicator has). One statement."""
    plan = gathering.plan_of(round_)
    rows = (
        RoundPlace.objects.filter(round=round_, site__cases__isnull=False)
        .exclude(site__cases__state__in=FINAL)
        .exclude(site__cases__category=None)
        .order_by()
        .values_list("type", "district", "site__cases__category__key")
        .annotate(
            n=Count("site__cases"),
            late=Count("site__cases", filter=Q(site__cases__due_at__lt=timezone.now())),
        )
    )
    found: dict[str, dict[str, float]] = {}
    for site_type, district, category, n, late in rows:
        for leaf, points in of_class(plan.edition, worth, category, site_type, district).items():
            line = found.setdefault(leaf, {"cases": 0, "late": 0, "points": 0.0})
            line["cases"] += n
            line["late"] += late
            line["points"] += n * points
    for leaf, line in found.items():
        line["points"] = round(min(line["points"], float(plan.edition.nodes[leaf].points)), 4)
    return found


def cases_of_leaf(by: Acting, round_: Round, leaf: str) -> list[dict[str, Any]]:
    """The open cases that cost an indicator, the dearest first, at most 200."""
    plan = gathering.plan_of(round_)
    worth = _last_worth([round_.pk]).get(round_.pk, {})
    places = {
        p.site_id: p
        for p in RoundPlace.objects.filter(round=round_, site__cases__isnull=False)
        .exclude(site__cases__state__in=FINAL)
        .distinct()
    }
    rows = (
        cases.visible_to(by)
        .filter(site_id__in=places)
        .exclude(state__in=FINAL)
        .select_related("category", "lead_unit")
    )
    found = []
    for case in rows:
        if not case.category or not case.site_id:
            continue
        place = places[case.site_id]
        price = of_class(plan.edition, worth, case.category.key, place.type, place.district)
        if leaf in price:
            found.append(_line(case, place, price[leaf]))
    return sorted(found, key=lambda r: (-r["points"], r["id"]))[:200]


def _line(case: Case, place: RoundPlace, points: float) -> dict[str, Any]:
    return {
        "id": case.pk,
        "number": case.number,
        "category": case.category.name if case.category else "",
        "place": place.title,
        "unit": case.lead_unit.name if case.lead_unit else "",
        "due_at": case.due_at,
        "points": round(points, 4),
    }
