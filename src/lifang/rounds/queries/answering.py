"""Which unit answers for a place, whatever the matter."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from lifang.duties import rules as duties
from lifang.duties.choices import PairingKind
from lifang.duties.models import Pairing
from lifang.duties.ruleset import known
from lifang.orgs.choices import UnitKind
from lifang.orgs.queries import successors
from lifang.orgs.tree import tree

#: kinds of units that answer for an area as such
LOCAL = frozenset({UnitKind.COMMUNITY, UnitKind.STREET, UnitKind.DISTRICT})


def units_of_sites(sites: Iterable[Mapping[str, Any]]) -> dict[int, int | None]:
    """Site → unit. ``sites`` are dicts of ``id area road_id grid``. At most three statements.

    First a unit paired with the site (包联), then a duty rule for every matter that holds there, then
    the unit of the smallest area around it (社区, 街道, 区县). ``None``: nobody.
    """
    today = timezone.localdate()
    paired = dict(
        Pairing.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=today),
            Q(valid_to=None) | Q(valid_to__gte=today),
            kind=PairingKind.UNIT_PLACE,
            active=True,
            site__isnull=False,
            unit__isnull=False,
        )
        .order_by("-id")
        .values_list("site_id", "unit_id")
    )
    ruleset = known().rules
    local = sorted(
        (n for n in tree().nodes.values() if n.active and n.area and n.kind in LOCAL),
        key=lambda n: (-len(n.area), n.id),
    )
    found: dict[int, int | None] = {}
    for s in sites:
        place = duties.PlaceAt(
            area=s["area"], road_id=s["road_id"], site_id=s["id"], grid=s["grid"] or ""
        )
        unit = paired.get(s["id"])
        if unit is None:
            unit = duties.answer(duties.Matter(""), place, ruleset, day=today).unit_id
        unit = _working(unit)
        if unit is None:
            unit = next((n.id for n in local if s["area"].startswith(n.area)), None)
        found[s["id"]] = unit
    return found


def _working(unit_id: int | None) -> int | None:
    """The unit, or the one in which its work goes on."""
    node = tree().nodes.get(unit_id) if unit_id is not None else None
    if node is None or node.active:
        return unit_id if node else None
    heirs = successors(node.id)
    return heirs[0] if len(heirs) == 1 else None
