"""What inspections hold that could fill a slot of filed documents (``materials.proposals``)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lifang.inspections import queries as inspections
from lifang.inspections.models import Observation
from lifang.materials.models import Filing
from lifang.materials.proposals import MOST, Offer, source
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.permissions import READERS
from lifang.standards import edition_rows
from lifang.standards.editions import Item

#: pictures of one place
PICTURES = 4


@source(
    "inspections",
    lazy("实地考察记录"),
    (lazy("点位"), lazy("考察日期"), lazy("检查项"), lazy("符合"), lazy("不符合"), lazy("问题")),
    (4, 2, 1, 1, 1, 5),
)
def visits(by: Acting, filing: Filing) -> Sequence[Offer]:
    """Places of the unit that were looked at in the round; where the indicator is also seen in the field, by
    the lines that feed it. Two statements."""
    if filing.unit_id is None or not by.has(*READERS, Role.HANDLER):
        return []
    items = edition_rows.edition(filing.round.edition).items
    asked = [
        code
        for code, item in items.items()
        if any(leaf == filing.leaf for rows in item.feeds.values() for leaf, _m, _s in rows)
    ]
    found = inspections.in_force(
        inspections.visible_to(by).filter(
            round_id=filing.round_id, place__unit=filing.unit_id, place__drawn=True
        )
    )
    if asked:
        found = found.filter(item__in=asked)
    places: dict[str, list[Observation]] = defaultdict(list)
    for row in found.select_related("place").prefetch_related("photos").order_by("place_id", "id"):
        places[row.place.code].append(row)
    return [_offer(code, rows, items) for code, rows in list(places.items())[:MOST]]


def _offer(code: str, rows: list[Observation], items: Mapping[str, Item]) -> Offer:
    failed = [r for r in rows if r.state == "fail"]
    passed = sum(r.state == "pass" for r in rows)
    on = timezone.localdate(max(r.seen_at for r in rows))
    told = "；".join(items[r.item].title for r in failed)[:200] or _("没有问题")
    return Offer(
        key=code,
        title=rows[0].place.title,
        detail=_("%(n)s 项检查，%(failed)s 项不符合") % {"n": len(rows), "failed": len(failed)},
        on=on,
        cells=(
            rows[0].place.title,
            str(on),
            str(len(rows)),
            str(passed),
            str(len(failed)),
            told,
        ),
        pictures=tuple(
            (f"{r.place.title}：{items[r.item].title}", f.pk) for r in rows for f in r.photos.all()
        )[:PICTURES],
    )
