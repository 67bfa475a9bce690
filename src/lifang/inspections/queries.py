"""Reads of observations. Who runs assessments sees all, units what was seen where they answer."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden, Missing
from lifang.inspections.choices import Found
from lifang.inspections.models import Observation
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.models import Round
from lifang.rounds.permissions import READERS
from lifang.standards import edition_rows
from lifang.standards.models import AssessmentEdition

INSPECTORS = (Role.COLLECTOR, Role.CHECKER)


def visible_to(by: Acting) -> QuerySet[Observation]:
    """All; or what was seen at places that the person's units answer for, and what an inspector recorded."""
    if by.has(*READERS):
        return Observation.objects.all()
    units = by.units(Role.HANDLER)
    if not units and not by.has(*INSPECTORS):
        raise Forbidden("inspections.forbidden", _("您没有查看考察记录的权限"))
    where = Q(place__unit__in=units)
    if by.has(*INSPECTORS) and by.user_id is not None:
        where |= Q(seen_by=by.user_id)
    return Observation.objects.filter(where)


def in_force(rows: QuerySet[Observation]) -> QuerySet[Observation]:
    """Those that no later one supersedes and that are not withdrawals."""
    return rows.filter(superseded_by=None).exclude(state=Found.WITHDRAWN)


def one(by: Acting, observation_id: int) -> Observation:
    found = (
        visible_to(by)
        .filter(pk=observation_id)
        .select_related("place__unit", "seen_by", "case", "superseded_by")
        .prefetch_related("photos")
        .first()
    )
    if found is None:
        raise Missing("observation.missing", _("没有这条考察记录"))
    named({"items": [found]})
    return found


def named(page: dict[str, Any]) -> dict[str, Any]:
    """The same page, each row with the title of its line of the checklist."""
    rows: list[Any] = page["items"]
    of = {r.pk: r for r in Round.objects.filter(pk__in={o.round_id for o in rows})} if rows else {}
    editions = {
        e.pk: edition_rows.edition(e)
        for e in AssessmentEdition.objects.defer("document").filter(
            pk__in={r.edition_id for r in of.values()}
        )
    }
    for row in rows:
        item = editions[of[row.round_id].edition_id].items.get(row.item)
        row.item_title = item.title if item else row.item
    return page


def listed(
    by: Acting,
    *,
    round_id: int,
    place: str = "",
    item: str = "",
    state: str = "",
    unit: int | None = None,
    ids: Iterable[int] = (),
) -> QuerySet[Observation]:
    """Observations in force, newest first with ``page``; places, units and photos come along.

    ``place``, ``item``: their code, or words of their title.
    """
    rows = in_force(visible_to(by).filter(round_id=round_id))
    if place:
        rows = rows.filter(Q(place__code=place) | Q(place__title__icontains=place))
    if item:
        rows = rows.filter(item__in=_items(round_id, item))
    if state:
        rows = rows.filter(state=state)
    if unit is not None:
        rows = rows.filter(place__unit=unit)
    wanted = list(ids)
    if wanted:
        rows = rows.filter(pk__in=wanted)
    return rows.select_related("place__unit", "seen_by").prefetch_related("photos")


def round_of(round_id: int) -> Round:
    """The round with its edition, both without their documents."""
    of = Round.objects.select_related("edition").defer("document", "edition__document")
    found = of.filter(pk=round_id).first()
    if found is None:
        raise Missing("round.missing", _("没有这个测评轮次"))
    return found


def _items(round_id: int, words: str) -> list[str]:
    """Codes of lines of the round's checklists by code or words of their title."""
    items = edition_rows.edition(round_of(round_id).edition).items
    return [code for code, i in items.items() if code == words or words in i.title]


def counts(round_id: int) -> dict[str, int]:
    """Places drawn and seen, lines by what was found; one statement."""
    rows = in_force(Observation.objects.filter(round_id=round_id))
    return rows.aggregate(
        places=Count("place", distinct=True),
        lines=Count("id"),
        failed=Count("id", filter=Q(state=Found.FAIL)),
        na=Count("id", filter=Q(state=Found.NA)),
    )


def facts(round_id: int) -> Iterator[dict[str, Any]]:
    """Every observation of the round as a fact of the engine, superseded ones too. What was seen at a place
    before another took its turn stays readable and counts no more."""
    rows = Observation.objects.filter(round_id=round_id, place__drawn=True).values_list(
        "id", "at", "supersedes_id", "place__code", "item", "state", "count", "cause", "form",
        "disputed",
    )  # fmt: skip
    for id_, at, old, site, item, state, count, cause, form, disputed in rows.iterator(5_000):
        base = {
            "id": f"observation:{id_}",
            "at": at.isoformat(),
            "supersedes": f"observation:{old}" if old else "",
        }
        if state == Found.WITHDRAWN:
            yield {"kind": "withdrawal", **base}
        else:
            yield {
                "kind": "observation", **base, "site": site, "item": item, "state": state,
                "count": count, "cause": cause, "task": form, "disputed": disputed,
            }  # fmt: skip
