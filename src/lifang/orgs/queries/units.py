"""Units: tree, list, one with its history, names by date, heirs."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core import paging, stamps
from lifang.core.errors import Missing
from lifang.orgs import rules
from lifang.orgs.choices import ChangeKind
from lifang.orgs.models import Unit, UnitChange, UnitName, User
from lifang.orgs.schemas import ChangeOut, UnitDetail, UnitNameOut, UnitNode, UnitOut, UnitRef
from lifang.orgs.tree import STAMP, tree


def unit_tree(*, with_closed: bool = False) -> list[UnitNode]:
    """All units, nested. Everybody who is signed in may see which units there are."""
    whole = tree()

    def nodes(parent: int | None) -> list[UnitNode]:
        found = (whole.nodes[i] for i in whole.children.get(parent, ()))
        return [
            UnitNode(**asdict(n), children=nodes(n.id)) for n in found if n.active or with_closed
        ]

    return nodes(None)


def units(
    *,
    q: str = "",
    kind: str = "",
    under: int | None = None,
    active: bool | None = True,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of units by name, short name or code."""
    rows: QuerySet[Unit] = Unit.objects.all()
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(short_name__icontains=q) | Q(code__istartswith=q)
        )
    if kind:
        rows = rows.filter(kind=kind)
    if under is not None:
        rows = rows.filter(pk__in=tree().below(under))
    if active is not None:
        rows = rows.filter(active=active)
    found = paging.page(rows, order=("order", "code"), cursor=cursor, limit=limit)
    return {"items": [unit_out(u) for u in found["items"]], "next": found["next"]}


def unit_out(unit: Unit) -> UnitOut:
    return UnitOut(
        id=unit.pk,
        code=unit.code,
        name=unit.name,
        short_name=unit.short_name,
        kind=unit.kind,
        parent_id=unit.parent_id,
        parent_name=tree().name(unit.parent_id),
        area=unit.area,
        phone=unit.phone,
        order=unit.order,
        active=unit.active,
    )


def unit(unit_id: int) -> UnitDetail:
    """One unit with its names, its reorganisations and, where closed, its heirs."""
    row = Unit.objects.filter(pk=unit_id).first()
    if row is None:
        raise Missing("orgs.unit_not_found", _("没有此单位"))
    changes = (
        UnitChange.objects.filter(Q(sources=row) | Q(targets=row))
        .distinct()
        .prefetch_related("sources", "targets")
        .order_by("-date", "-id")
    )
    return UnitDetail(
        **unit_out(row).model_dump(),
        path=[UnitRef(id=n.id, name=n.name) for n in tree().path(row.pk)],
        people=User.objects.filter(unit=row, is_active=True).count(),
        names=[
            UnitNameOut(name=n.name, valid_from=n.valid_from, valid_to=n.valid_to)
            for n in UnitName.objects.filter(unit=row).order_by("-valid_from", "-id")
        ],
        changes=[_change(c) for c in changes],
        successors=_refs(successors(row.pk)) if not row.active else [],
    )


def name_on(unit_id: int, day: date) -> str:
    """The name the unit bore on ``day``: what was done then is shown under it."""
    periods = UnitName.objects.filter(unit_id=unit_id)
    return rules.name_on((rules.Period(p.name, p.valid_from, p.valid_to) for p in periods), day)


def names_on(unit_ids: Iterable[int], day: date) -> dict[int, str]:
    """:func:`name_on` of many units in one statement."""
    periods: dict[int, list[rules.Period]] = {}
    for p in UnitName.objects.filter(unit_id__in=set(unit_ids)):
        periods.setdefault(p.unit_id, []).append(rules.Period(p.name, p.valid_from, p.valid_to))
    return {unit: rules.name_on(found, day) for unit, found in periods.items()}


def successors(unit_id: int) -> list[int]:
    """Active units in which the work of ``unit_id`` goes on; itself where it is active."""
    active = [n.id for n in tree().nodes.values() if n.active]
    return sorted(rules.successors(unit_id, active, stamps.cached(STAMP, _heirs, key="heirs")))


def _heirs() -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    changes = (
        UnitChange.objects.filter(kind__in=(ChangeKind.MERGE, ChangeKind.SPLIT))
        .prefetch_related("sources", "targets")
        .order_by("date", "id")
    )
    for change in changes:
        targets = tuple(t.pk for t in change.targets.all())
        for source in change.sources.all():
            found[source.pk] = tuple(t for t in targets if t != source.pk)
    return found


def _refs(ids: Iterable[int]) -> list[UnitRef]:
    return [UnitRef(id=i, name=tree().name(i)) for i in ids]


def _change(change: UnitChange) -> ChangeOut:
    return ChangeOut(
        kind=change.kind,
        date=change.date,
        sources=[
            UnitRef(id=u.pk, name=u.name) for u in sorted(change.sources.all(), key=lambda u: u.pk)
        ],
        targets=[
            UnitRef(id=u.pk, name=u.name) for u in sorted(change.targets.all(), key=lambda u: u.pk)
        ],
        document=change.document,
        note=change.note,
    )
