"""Places of a round: its frame, what was drawn, and the draw done again."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.orgs.acting import Acting
from lifang.places.models import Region, SiteType
from lifang.rounds import rules
from lifang.rounds.models import Round, RoundPlace
from lifang.rounds.permissions import need_reader
from lifang.rounds.queries.overview import round_row
from lifang.rounds.queries.scopes import frame_places

#: columns of a row of the list
_COLUMNS = (
    "id", "code", "title", "type", "district", "unit_id", "drawn", "order", "reason",
    "site_id",
)  # fmt: skip


def place(round_id: int, code: str) -> RoundPlace:
    """The drawn place of that code; raises :class:`Missing`. One statement."""
    found = (
        RoundPlace.objects.filter(round=round_id, code=code, drawn=True)
        .select_related("site", "unit")
        .first()
    )
    if found is None:
        raise Missing("round_place.missing", _("本轮次没有抽取点位“%(code)s”") % {"code": code})
    return found


def place_row(round_id: int, place_id: int) -> RoundPlace:
    found = RoundPlace.objects.filter(round=round_id, pk=place_id).select_related("unit").first()
    if found is None:
        raise Missing("round_place.missing", _("本轮次没有这个点位"))
    return found


def places(
    by: Acting,
    round_id: int,
    *,
    q: str = "",
    type: str = "",
    district: str = "",
    unit: int | None = None,
    drawn: bool | None = None,
    nobody: bool = False,
) -> QuerySet[RoundPlace, dict[str, Any]]:
    """Rows of the frame as dicts, with names of type and unit; by ``code``."""
    need_reader(by)
    rows = RoundPlace.objects.filter(round=round_row(by, round_id))
    if drawn is not None:
        rows = rows.filter(drawn=drawn)
    if type:
        rows = rows.filter(type=type)
    if district:
        rows = rows.filter(district=district)
    if unit:
        rows = rows.filter(unit=unit)
    if nobody:
        rows = rows.filter(unit=None)
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(code__icontains=q))
    found: QuerySet[RoundPlace, dict[str, Any]] = rows.values(
        *_COLUMNS,
        type_name=F("site__type__name"),
        unit_name=F("unit__name"),
        instead_code=F("instead_of__code"),
        instead_title=F("instead_of__title"),
        lng=F("site__lng"),
        lat=F("site__lat"),
    )
    return found


def named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the names of their districts. One statement."""
    names = dict(
        Region.objects.filter(code__in={r["district"] for r in rows}).values_list("code", "name")
    )
    return [
        r | {"district_name": names.get(r["district"], r["district"]), "unit": r["unit_name"] or ""}
        for r in rows
    ]


def districts(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """Districts of the frame with their names, for the filter."""
    need_reader(by)
    codes = (
        RoundPlace.objects.filter(round=round_row(by, round_id))
        .order_by("district")
        .values_list("district", flat=True)
        .distinct()
    )
    rows = Region.objects.filter(code__in=codes).order_by("code").values("code", "name")
    return [dict(row) for row in rows]


def on_map(by: Acting, round_id: int) -> dict[str, Any]:
    """The drawn places as GeoJSON points (WGS-84). Two statements."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [r["lng"], r["lat"]]},
                "properties": {
                    "id": str(r["id"]),
                    "name": r["title"],
                    "type": r["type_name"],
                    "unit": r["unit_name"] or "",
                    "light": "green" if r["unit_id"] else "red",
                },
            }
            for r in places(by, round_id, drawn=True).order_by("code")
        ],
    }


def strata(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """By site type: how many there are, how many are wanted, how many are drawn. Three statements."""
    need_reader(by)
    r = round_row(by, round_id)
    names = dict(SiteType.objects.values_list("code", "name"))
    design = rules.read_design(r.design)
    found: dict[str, dict[str, Any]] = {}
    for kind, drawn, unit_id in RoundPlace.objects.filter(round=r).values_list(
        "type", "drawn", "unit_id"
    ):
        row = found.setdefault(
            kind,
            {
                "type": kind, "name": names.get(kind, kind), "frame": 0, "drawn": 0, "nobody": 0,
                "wanted": design.draws.get(kind, 0),
            },
        )  # fmt: skip
        row["frame"] += 1
        row["drawn"] += drawn
        row["nobody"] += drawn and unit_id is None
    order = list(names)
    return sorted(found.values(), key=lambda row: order.index(row["type"]))


def replay(by: Acting, round_id: int) -> dict[str, Any]:
    """The draw done again from frame, design and seed, held against what stands. Two statements."""
    need_reader(by)
    r = round_row(by, round_id)
    frame, design = frame_places(r), rules.read_design(r.design)
    again = {d.code for d in rules.draw_places(frame, design) if not d.reserve}
    stands = set(_first_drawn(r))
    sha256 = rules.frame_hash(frame)
    return {
        "same": again == stands and sha256 == r.frame_sha256,
        "seed": design.seed,
        "frame_sha256": sha256,
        "frame_same": sha256 == r.frame_sha256,
        "drawn": len(again),
        "missing": sorted(again - stands),
        "extra": sorted(stands - again),
        "replaced": RoundPlace.objects.filter(round=r, instead_of__isnull=False).count(),
    }


def _first_drawn(r: Round) -> list[str]:
    """Codes as they were drawn, before anything was replaced."""
    rows = RoundPlace.objects.filter(round=r, instead_of=None)
    return list(
        rows.filter(Q(drawn=True) | Q(instead__isnull=False)).values_list("code", flat=True)
    )


def reserves(by: Acting, round_id: int, place_id: int) -> list[dict[str, Any]]:
    """Places that may step in for a drawn one: reserves of its stratum in their order, then others of its
    type by their number in the draw; at most thirty."""
    need_reader(by)
    r, old = round_row(by, round_id), place_row(round_id, place_id)
    design = rules.read_design(r.design)
    asked = rules.stratum(rules.FramePlace(old.code, old.type, old.district), design.by)
    rows = RoundPlace.objects.filter(
        round=r, type=old.type, drawn=False, instead=None, instead_of=None
    ).values("id", "code", "title", "district", "order", unit_name=F("unit__name"))

    def at(row: dict[str, Any]) -> tuple[Any, ...]:
        p = rules.FramePlace(row["code"], old.type, row["district"])
        away = rules.stratum(p, design.by) != asked
        return away, row["order"] is None, row["order"] or 0, rules.draw_number(p, design)

    return [
        {**row, "reserve": row["order"] is not None}
        for row in named(sorted((dict(row) for row in rows), key=at)[:30])
    ]
