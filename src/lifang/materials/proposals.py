"""What lifang already holds that could fill a slot, so that nobody types it twice.

Sources register here. This room has those of the rooms below it (closed cases, work plans); a room above may
add its own with :func:`source` (inspection rounds, activities), as ``materials`` may not import sideways.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lifang.cases.choices import ClosedAs, EvidenceKind
from lifang.cases.models import Evidence
from lifang.cases.permissions import visible_to as visible_cases
from lifang.core.exports import Text
from lifang.materials.models import Filing
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.models import Round, Step
from lifang.standards.edition_rows import edition

#: closings that mended something
MENDED = (ClosedAs.NORMAL, ClosedAs.SELF_HANDLED)
#: offers of one source at a time
MOST = 60


@dataclass(frozen=True)
class Offer:
    """One fact that may go into a document; ``pictures``: (caption, number of a stored file)."""

    key: str
    title: str
    detail: str
    on: dt.date | None
    cells: tuple[str, ...]
    pictures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Source:
    """Where offers come from; ``heads`` and ``widths`` of the list that is made of them."""

    key: str
    label: Text
    heads: tuple[Text, ...]
    widths: tuple[int, ...]
    find: Callable[[Acting, Filing], Sequence[Offer]]


SOURCES: dict[str, Source] = {}


def source(
    key: str, label: Text, heads: tuple[Text, ...], widths: tuple[int, ...]
) -> Callable[[Callable[[Acting, Filing], Sequence[Offer]]], object]:
    """Register where offers come from."""

    def register(find: Callable[[Acting, Filing], Sequence[Offer]]) -> object:
        SOURCES[key] = Source(key, label, heads, widths, find)
        return find

    return register


def offers(by: Acting, filing: Filing) -> list[tuple[Source, list[Offer]]]:
    """Every source with something to offer for a filing."""
    found = [(s, list(s.find(by, filing))) for s in SOURCES.values()]
    return [(s, rows) for s, rows in found if rows]


def categories_of(filing: Filing) -> tuple[str, ...]:
    """Leading parts of the classes of cases that are a fault of the filing's indicator."""
    items = edition(filing.round.edition).items.values()
    return tuple(
        dict.fromkeys(
            c
            for item in items
            if any(leaf == filing.leaf for feeds in item.feeds.values() for leaf, _m, _s in feeds)
            for c in item.categories
        )
    )


@source(
    "cases",
    lazy("已办结案件（处置前后对比）"),
    (
        lazy("案件编号"),
        lazy("问题"),
        lazy("地点"),
        lazy("上报时间"),
        lazy("结案时间"),
        lazy("处置单位"),
    ),
    (3, 4, 4, 3, 3, 3),
)
def closed_cases(by: Acting, filing: Filing) -> list[Offer]:
    """Cases of the unit closed as mended within the round, of classes that the indicator is about,
    with pictures before and after."""
    parts = categories_of(filing)
    if not parts or filing.unit_id is None:
        return []
    classes = Q(pk__in=[])
    for part in parts:
        classes |= Q(category__key=part) | Q(category__key__startswith=f"{part}.")
        classes |= Q(category__key__startswith=f"{part}-")
    start, end = _span(filing.round)
    rows = list(
        visible_cases(by)
        .filter(
            classes,
            state="closed",
            closed_as__in=MENDED,
            closed_at__gte=start,
            closed_at__lt=end,
            lead_unit__in=tree().below(filing.unit_id),
        )
        .order_by("-closed_at")
        .values(
            "id",
            "number",
            "summary",
            "text",
            "address",
            "reported_at",
            "closed_at",
            "lead_unit_id",
            "category__name",
        )[: MOST * 2]
    )
    shown = _pictures([r["id"] for r in rows])
    found = []
    for r in rows:
        pair = shown.get(r["id"], {})
        if not {EvidenceKind.BEFORE, EvidenceKind.AFTER} <= pair.keys():
            continue
        unit = tree().name(r["lead_unit_id"])
        what = r["summary"] or r["text"][:60]
        found.append(
            Offer(
                key=str(r["id"]),
                title=f"{r['number']} {r['category__name'] or ''}",
                detail="，".join(x for x in (r["address"], what) if x),
                on=timezone.localtime(r["closed_at"]).date(),
                cells=(
                    r["number"],
                    what,
                    r["address"],
                    _moment(r["reported_at"]),
                    _moment(r["closed_at"]),
                    unit,
                ),
                pictures=(
                    (_("%(n)s 处置前") % {"n": r["number"]}, pair[EvidenceKind.BEFORE]),
                    (_("%(n)s 处置后") % {"n": r["number"]}, pair[EvidenceKind.AFTER]),
                ),
            )
        )
    return found[:MOST]


def _pictures(case_ids: list[int]) -> dict[int, dict[str, int]]:
    """Case → kind → its last picture of before or after; a check's picture is one of after."""
    found: dict[int, dict[str, int]] = {}
    kinds = (EvidenceKind.BEFORE, EvidenceKind.CHECK, EvidenceKind.AFTER)
    rows = Evidence.objects.filter(case__in=case_ids, file__kind="image", kind__in=kinds)
    for case, kind, file in rows.order_by("id").values_list("case_id", "kind", "file_id"):
        pair = found.setdefault(case, {})
        if kind == EvidenceKind.CHECK:
            pair.setdefault(EvidenceKind.AFTER, file)
        else:
            pair[kind] = file
    return found


@source(
    "steps",
    lazy("已完成的工作措施"),
    (lazy("工作标准"), lazy("措施"), lazy("责任人"), lazy("完成日期"), lazy("完成情况")),
    (4, 5, 2, 2, 4),
)
def done_steps(by: Acting, filing: Filing) -> list[Offer]:
    """Lines of the unit's work plan for this indicator that are done."""
    if filing.unit_id is None:
        return []
    rows = Step.objects.filter(
        round=filing.round_id, leaf=filing.leaf, unit=filing.unit_id, done_on__isnull=False
    ).order_by("-done_on", "-id")[:MOST]
    return [
        Offer(
            key=str(s.pk),
            title=s.standard[:80],
            detail="，".join(x for x in (s.measure[:80], s.done_note) if x),
            on=s.done_on,
            cells=(s.standard, s.measure, s.person_name, str(s.done_on or ""), s.done_note),
        )
        for s in rows
    ]


def _span(round: Round) -> tuple[dt.datetime, dt.datetime]:
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(round.starts, dt.time(), zone)
    return start, dt.datetime.combine(round.ends + dt.timedelta(days=1), dt.time(), zone)


def _moment(at: dt.datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


#: what a slot of a kind gets made of offers
MADE = {"photo": "photos", "table": "excel", "document": "word", "report": "word", "": "word"}
