"""Scores over time, and two runs side by side on a common basis."""

from fractions import Fraction
from typing import Any

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from lifang.assessment import access, gathering
from lifang.assessment.compare import Pair, bennet, by_strata, changed
from lifang.assessment.engine.numbers import half_up
from lifang.assessment.models import Run
from lifang.assessment.queries.runs import run_of
from lifang.inspections import queries as inspections
from lifang.inspections.models import Observation
from lifang.orgs.acting import Acting
from lifang.standards.models import EditionCrosswalk

#: 90 % of a normal distribution lie within so many standard deviations on either side
NINETY = 1.6449


def trend(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """The last run of each day of a round, oldest first."""
    access.own_units(by)
    runs = Run.objects.filter(round_id=round_id, complete=True).order_by()
    last = runs.annotate(day=TruncDate("as_of")).values("day").annotate(top=Max("id")).values("top")
    rows = Run.objects.filter(pk__in=last).order_by("as_of", "id")
    names = ("id", "key", "as_of", "score", "low", "high", "coverage", "pinned")
    return [dict(row) for row in rows.values(*names)]


def comparison(by: Acting, run_id: int, other_id: int) -> dict[str, Any]:
    """From run ``other_id`` to run ``run_id``: what performance changed, what the rules, without residual.

    Indicators of two editions are the same where the code is, or where a crosswalk says they are equal or only
    reworded. ``sure``: whether the change is more than chance, ``None`` where no spread is known.
    """
    new, old = run_of(by, run_id), run_of(by, other_id)
    found = bennet(_pairs(old), _pairs(new), _same(old, new))
    titles = gathering.plan_of(new.round).edition.nodes
    spreads = [s for s in (_spread(old), _spread(new)) if s is not None]
    difference = float(new.earned - old.earned)
    return {
        "before": {"id": old.pk, "key": old.key, "round": old.round.title, "score": old.score},
        "after": {"id": new.pk, "key": new.key, "round": new.round.title, "score": new.score},
        "performance": str(half_up(found.performance)),
        "rules": str(half_up(found.rules)),
        "gone": str(half_up(found.gone)),
        "new": str(half_up(found.new)),
        "total": str(half_up(found.total)),
        "error": (sum(s * s for s in spreads) ** 0.5) if len(spreads) == 2 else None,
        "sure": changed(difference, spreads) if len(spreads) == 2 else None,
        "places": _places(old, new),
        "leaves": [
            {
                "leaf": c.code,
                "title": titles[c.code].title if c.code in titles else c.code,
                "before": str(half_up(c.before)),
                "after": str(half_up(c.after)),
                "performance": str(half_up(c.performance)),
                "rules": str(half_up(c.rules)),
            }
            for c in sorted(found.common, key=lambda c: (c.performance + c.rules, c.code))
        ],
    }


def _places(old: Run, new: Run) -> dict[str, float] | None:
    """The rate of what was seen in the field, split into how the same types of places do now and how the mix
    of places drawn differs; ``None`` where one round has seen nothing, or both runs are of one round."""
    if old.round_id == new.round_id:
        return None
    rows = (
        inspections.in_force(Observation.objects.filter(round_id__in=(old.round_id, new.round_id)))
        .filter(state__in=("pass", "fail"))
        .order_by()
        .values_list("round_id", "place__type")
        .annotate(met=Count("id", filter=Q(state="pass")), n=Count("id"))
    )
    seen: dict[int, dict[str, tuple[int, int]]] = {old.round_id: {}, new.round_id: {}}
    for round_id, kind, met, n in rows:
        seen[round_id][kind] = (met, n)
    if not all(seen.values()):
        return None
    found = by_strata(seen[old.round_id], seen[new.round_id])
    return {name: float(getattr(found, name)) for name in ("change", "condition", "mix")}


def _pairs(run: Run) -> dict[str, Pair]:
    found = {}
    for code, leaf in run.result["leaves"].items():
        possible, earned = Fraction(leaf["possible"]), Fraction(leaf["earned"])
        found[code] = (possible, earned / possible if possible else Fraction(0))
    return found


def _same(old: Run, new: Run) -> dict[str, str] | None:
    """Old → new code; ``None``: by code."""
    before, after = old.round.edition_id, new.round.edition_id
    if before == after:
        return None
    walk = EditionCrosswalk.objects.filter(old_id=before, new_id=after).values_list(
        "rows", flat=True
    )
    rows = walk.first()
    if rows is None:
        return None
    return {
        r["old"][0]: r["new"][0]
        for r in rows
        if r["relation"] in ("equal", "reworded") and len(r["old"]) == len(r["new"]) == 1
    }


def _spread(run: Run) -> float | None:
    """The standard deviation of the simulated draws, from the band that holds 90 % of them."""
    quantiles = run.forecast.get("quantiles")
    if not quantiles:
        return None
    return float((quantiles["0.95"] - quantiles["0.05"]) / (2 * NINETY))
