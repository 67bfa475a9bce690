"""Units side by side, and a unit's own page."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, Value, When

from lifang.assessment import access, gathering, naming
from lifang.assessment.models import Run, RunLoss, UnitLoss
from lifang.assessment.sampling.league import league
from lifang.inspections import queries as inspections
from lifang.inspections.models import Observation
from lifang.materials.models import Filing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.tree import tree
from lifang.rounds import queries as rounds
from lifang.rounds.models import Round, Step, Task

#: fewer places than this are flagged, not ranked
LEAST = 5


def peers(by: Acting, round_: Round) -> dict[str, Any]:
    """Units by their rate at the places they answer for, standardised over site types, with rank bands.

    Units whose bands overlap share a group; units with few places are named, not ranked.
    """
    access.need_reader(by)
    rows = (
        inspections.in_force(Observation.objects.filter(round=round_))
        .exclude(place__unit=None)
        .exclude(state="na")
        .order_by()
        .values_list("place__unit__code", "place__type", "place_id")
        .annotate(met=Count("id", filter=Q(state="pass")), n=Count("id"))
    )
    units: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for unit, site_type, _place, met, n in rows:
        units[unit][site_type].append((met, n))
    found, names = league(units, least=LEAST), naming.units()
    places = {u: sum(len(p) for p in of.values()) for u, of in units.items()}
    return {
        "least": LEAST,
        "table": [
            {
                "unit": r.unit,
                "name": names.get(r.unit, r.unit),
                "rate": found.rates[r.unit],
                "rank": r.rank,
                "low": r.low,
                "high": r.high,
                "group": r.group,
                "places": places[r.unit],
            }
            for r in found.table
        ],
        "small": [
            {"unit": u, "name": names.get(u, u), "rate": found.rates[u], "places": places[u]}
            for u in found.small
        ],
    }


def my_units(by: Acting, round_id: int, unit_id: int | None = None) -> dict[str, Any]:
    """A unit's page: its indicators with figures, its losses, materials and steps. Own units, or any one
    (``unit_id``) for those who see all."""
    round_ = rounds.round_row(by, round_id)
    if unit_id is not None and access.own_units(by) is None:
        ids = frozenset(tree().below(unit_id))
    else:
        access.own_units(by)
        ids = by.units(Role.HANDLER)
        ids = frozenset({unit_id}) & ids if unit_id is not None else ids
    nodes = tree().nodes
    codes = [nodes[i].code for i in ids if i in nodes]
    run = (
        Run.objects.filter(round=round_, complete=True).only("id", "key", "as_of", "result").first()
    )
    plan = gathering.plan_of(round_)
    rows = UnitLoss.objects.filter(run=run, unit__in=codes) if run else UnitLoss.objects.none()
    lost: dict[str, tuple[Decimal, Decimal]] = {}
    for leaf, points, open_ in rows.values_list("leaf", "lost", "open"):
        before = lost.get(leaf, (Decimal(0), Decimal(0)))
        lost[leaf] = (before[0] + points, before[1] + open_)
    tasks = Task.objects.filter(round=round_, unit__in=ids).exclude(status="draft")
    materials, steps = _counts(round_, ids)
    leaves = []
    for task in tasks.order_by("order", "id").values(
        "id", "leaf", "part", "share", "status", "due"
    ):
        code = task["leaf"]
        figure = run.result["leaves"].get(code, {}) if run else {}
        points, open_ = lost.get(code, (Decimal(0), Decimal(0)))
        leaves.append(
            {
                **task,
                "title": plan.edition.nodes[code].title if code in plan.edition.nodes else code,
                "earned": figure.get("earned"),
                "possible": figure.get("possible"),
                "state": figure.get("state", ""),
                "lost": str(points),
                "open": str(open_),
            }
        )
    return {
        "units": [
            {"id": i, "code": nodes[i].code, "name": nodes[i].name}
            for i in sorted(ids)
            if i in nodes
        ][:50],
        "run": {"id": run.pk, "key": run.key, "as_of": run.as_of} if run else None,
        "lost": str(sum((p for p, _o in lost.values()), Decimal(0))),
        "open": str(sum((o for _p, o in lost.values()), Decimal(0))),
        "leaves": leaves,
        "materials": materials,
        "steps": steps,
        "places": _worst(run, codes, plan.round.sites) if run else [],
    }


def _counts(round_: Round, ids: frozenset[int]) -> tuple[dict[str, int], dict[str, int]]:
    """Materials by status, steps in all and done; one statement."""
    done = Case(When(done_on=None, then=Value("")), default=Value("done"))
    filings = Filing.objects.filter(round=round_, unit__in=ids).annotate(
        of=Value("f"), s=F("status")
    )
    steps = Step.objects.filter(round=round_, unit__in=ids).annotate(of=Value("s"), s=done)
    first, second = (
        rows.order_by().values_list("of", "s").annotate(n=Count("id")) for rows in (filings, steps)
    )
    found = list(first.union(second, all=True))
    counts = {s: n for of, s, n in found if of == "s"}
    return (
        {s: n for of, s, n in found if of == "f"},
        {"n": sum(counts.values()), "done": counts.get("done", 0)},
    )


def _worst(run: Run, codes: list[str], sites: Any) -> list[dict[str, Any]]:
    """The places that cost these units most."""
    sums: dict[str, list[Any]] = {}
    rows = RunLoss.objects.filter(run=run, lead__in=codes).exclude(site="")
    for site, points in rows.exclude(kind="pending").values_list("site", "points"):
        line = sums.setdefault(site, [Decimal(0), 0])
        line[0] += points
        line[1] += 1
    worst = sorted(sums.items(), key=lambda x: (-x[1][0], x[0]))[:10]
    return [
        {
            "site": code,
            "title": sites[code].title if code in sites else code,
            "lost": str(points),
            "faults": n,
        }
        for code, (points, n) in worst
    ]
