"""The three inputs of a score out of the tables: edition, round, facts of all rooms."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, QuerySet, Value

from lifang.assessment.choices import EntryKind
from lifang.assessment.engine.facts import KINDS, Fact, Linked
from lifang.assessment.engine.plan import Plan, compile_plan
from lifang.assessment.models import Entry, Run
from lifang.inspections import queries as inspections
from lifang.inspections.models import Observation
from lifang.materials import queries as materials
from lifang.materials.models import Review
from lifang.rounds import queries as rounds
from lifang.rounds.models import Round
from lifang.standards import edition_rows
from lifang.surveys import queries as surveys
from lifang.surveys.models import Answer


def plan_of(round_: Round) -> Plan:
    """What feeds what; kept in the process, as both inputs are frozen."""
    return _plan(round_.pk, round_.sha256, round_.edition.sha256)


@lru_cache(maxsize=8)
def _plan(round_id: int, _round_sha: str, _edition_sha: str) -> Plan:
    found = Round.objects.select_related("edition").get(pk=round_id)
    return compile_plan(edition_rows.edition(found.edition), rounds.scope_of(found))


def facts_of(round_: Round) -> list[Fact]:
    """Every fact of the round, superseded ones too: ``score(…, as_of=)`` looks back.

    Raises nothing for what the engine cannot place: :meth:`Plan.sort` does, naming the facts.
    """
    facts = [KINDS[row.pop("kind")](**row) for row in _rows(round_)]
    facts += linked_facts(round_)
    return facts + entry_facts(
        Entry.objects.filter(round_id=round_.pk).select_related("approver").order_by("id")
    )


def _rows(round_: Round) -> Iterator[dict[str, Any]]:
    yield from inspections.facts(round_.pk)
    yield from materials.facts(round_.pk)
    yield from surveys.facts(round_.pk)


def entry_facts(rows: Iterable[Entry]) -> list[Fact]:
    """What was entered at a desk, as facts of the engine."""
    return [KINDS[found.pop("kind")](**found) for e in rows for found in [_of_entry(e)]]


def _of_entry(e: Entry) -> dict[str, Any]:
    kind = EntryKind(e.kind)
    found: dict[str, Any] = {
        "kind": kind.value,
        "id": f"entry:{e.pk}",
        "at": e.at.isoformat(),
        "supersedes": f"entry:{e.supersedes_id}" if e.supersedes_id else "",
    }
    match kind:
        case EntryKind.WITHDRAWN:
            return found | {"kind": "withdrawal", "reason": e.reason}
        case EntryKind.LINKED:
            return found | {"edition": e.edition, "score": e.value}
        case EntryKind.STATISTIC:
            found |= {"value": e.value, "period": e.period, "source": e.source}
            found |= {"measure": e.measure} if e.measure else {}
        case EntryKind.AWARD:
            found |= {"points": e.value, "reason": e.reason}
        case EntryKind.VETO:
            found |= {"on": str(e.on or ""), "confirmed": e.confirmed, "reason": e.reason}
        case EntryKind.OVERRIDE:
            approver = e.approver.name if e.approver else ""
            found |= {"points": e.value, "reason": e.reason, "approver": approver}
        case EntryKind.MARK:
            found |= {"state": e.state, "measure": e.measure, "reason": e.reason}
    return found | {"leaf": e.leaf}


def _linked_runs(round_: Round) -> QuerySet[Run]:
    """Runs of the editions that this one asks for, of rounds of the same time."""
    edition = edition_rows.edition(round_.edition)
    wanted = {p.edition for p in edition.prerequisites} | {b.edition for b in edition.blends}
    found = Run.objects.filter(
        complete=True,
        round__edition__key__in=wanted,
        round__starts__lte=round_.ends,
        round__ends__gte=round_.starts,
    )
    return found.exclude(round=round_) if wanted else found.none()


def linked_facts(round_: Round) -> list[Fact]:
    """Scores of linked editions, each run in place of the one before; a score entered by hand holds until
    the next run."""
    runs = _linked_runs(round_)
    found: list[Fact] = []
    before: dict[str, str] = {}
    rows = runs.order_by("created_at", "id").values_list(
        "id", "created_at", "score", "round__edition__key"
    )
    for id_, at, points, key in rows:
        fact = Linked(
            id=f"run:{id_}",
            at=at.isoformat(),
            edition=key,
            score=points,
            supersedes=before.get(key, ""),
        )
        found.append(fact)
        before[key] = fact.id
    return found


def seen(facts: Iterable[Fact]) -> dict[str, list[list[int]]]:
    """Numbers of facts as ranges by table: ``{"observation": [[1, 500], [502, 502]]}``."""
    found: dict[str, list[list[int]]] = {}
    for table, number in sorted(_number(f) for f in facts):
        ranges = found.setdefault(table, [])
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return found


def among(facts: Iterable[Fact], ranges: dict[str, list[list[int]]]) -> list[Fact]:
    """Those that :func:`seen` told of."""
    starts = {table: [lo for lo, _hi in pairs] for table, pairs in ranges.items()}

    def there(fact: Fact) -> bool:
        table, number = _number(fact)
        at = bisect_right(starts.get(table, []), number) - 1
        return at >= 0 and number <= ranges[table][at][1]

    return [f for f in facts if there(f)]


def _number(fact: Fact) -> tuple[str, int]:
    """Table and number of ``observation:7``; a return of several grades has ``review:7:1`` too."""
    table, number, *_more = fact.id.split(":")
    return table, int(number)


def marker(round_: Round) -> str:
    """How far the facts of a round go: changes with every fact, also with one that commits late.

    One statement; nothing is read but counts.
    """
    tables: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("o", Observation.objects.filter(round_id=round_.pk)),
        ("r", Review.objects.filter(filing__round_id=round_.pk)),
        ("a", Answer.objects.filter(round_id=round_.pk)),
        ("e", Entry.objects.filter(round_id=round_.pk)),
        ("l", _linked_runs(round_)),
    )
    first, *rest = (
        rows.order_by()
        .annotate(table=Value(name))
        .values_list("table")
        .annotate(n=Count("id"), top=Max("id"))
        for name, rows in tables
    )
    found = sorted(first.union(*rest, all=True))
    parts = [f"{name}{n}.{top}" for name, n, top in found]
    return "/".join([round_.sha256[:12], str(round_.edition_id), *parts])
