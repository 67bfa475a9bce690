"""Writing told cases: ids in the order of time, one prepared INSERT a table, the chain sealed."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from lifang.cases.choices import Verb
from lifang.cases.models import (
    Case,
    CaseUnit,
    Evidence,
    Pause,
    Petition,
    Rating,
    Report,
    Step,
)
from lifang.core import journal, search
from lifang.core.jsontext import moment
from lifang.core.models import Counter, JournalCursor, JournalEntry, JournalLink
from lifang.demo import fast
from lifang.demo.telling import Told

_MODELS: tuple[Any, ...] = (
    Case, Report, Step, CaseUnit, Evidence, Rating, Pause, Petition, JournalEntry,
)  # fmt: skip


@transaction.atomic
def load(told: list[Told], *, numbers: dict[str, int]) -> None:
    """Write all cases with their reports, steps, units, evidence, ratings and journal."""
    journal.seal_all()
    ids = {model: fast.last_id(model) + 1 for model in _MODELS}
    for n, one in enumerate(told):
        one.case["id"], one.report["id"] = ids[Case] + n, ids[Report] + n
    for one in told:
        before = one.case.pop("_relapse_of", None)
        if before is not None:
            one.case["relapse_of_id"] = ids[Case] + before
    steps = sorted(
        ((step["at"], n, step) for n, one in enumerate(told) for step in one.steps),
        key=lambda row: row[:2],
    )
    for n, (_at, _n, step) in enumerate(steps):
        step["id"] = ids[Step] + n
    _finish_ratings(told)
    fast.insert(Case, (one.case for one in told))
    fast.insert(
        Report,
        ({"case_id": one.case["id"], "origin_id": one.case["id"], **one.report} for one in told),
    )
    fast.insert(Step, ({"case_id": told[n].case["id"], **step} for _at, n, step in steps))
    fast.insert(CaseUnit, _numbered(ids[CaseUnit], told, "units"))
    fast.insert(Rating, _numbered(ids[Rating], told, "ratings"))
    fast.insert(Pause, _numbered(ids[Pause], told, "pauses"))
    petitions = (
        {"id": ids[Petition] + n, "case_id": one.case["id"], **(one.petition or {})}
        for n, one in enumerate(o for o in told if o.petition)
    )
    fast.insert(Petition, petitions)
    fast.insert(Evidence, _evidence(ids[Evidence], told))
    _journal(ids[JournalEntry], [(told[n], step) for _at, n, step in steps])
    fast.mend_sequences(*_MODELS)
    Counter.objects.bulk_create(
        (Counter(key=f"case:{key}#"[:120], value=n) for key, n in numbers.items()),
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["value"],
    )
    search.put_many(
        "case",
        (
            (o.case["id"], f"{o.case['number']}\n{o.case['text']}\n{o.case['address']}")
            for o in told
        ),
    )


def _digest(previous: str, entry: dict[str, Any]) -> str:
    """As :func:`journal.digest`, of an entry that holds nothing but plain values and one time."""
    fields = entry | {"at": moment(entry["at"])}
    text = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous.encode() + text).hexdigest()


def _numbered(first: int, told: list[Told], name: str) -> Iterable[dict[str, Any]]:
    number = first
    for one in told:
        for row in getattr(one, name):
            yield {"id": number, "case_id": one.case["id"], **row}
            number += 1


def _finish_ratings(told: list[Told]) -> None:
    for one in told:
        for rating in one.ratings:
            rating["report_id"] = one.report["id"]
        if one.ratings:
            for step in one.steps:
                if step["verb"] == Verb.RATE:
                    step["detail"]["report"] = one.report["id"]


def _evidence(first: int, told: list[Told]) -> Iterable[dict[str, Any]]:
    number = first
    for one in told:
        for file, kind, public, step, of_report in one.evidence:
            yield {
                "id": number,
                "case_id": one.case["id"],
                "step_id": step["id"],
                "report_id": one.report["id"] if of_report else None,
                "file_id": file,
                "kind": kind,
                "public": public,
                "at": step["at"],
            }
            number += 1


def _journal(first: int, steps: list[tuple[Told, dict[str, Any]]]) -> None:
    """Entries as ``cases.actions`` writes them, and their links in the chain."""
    entries = []
    for n, (one, step) in enumerate(steps):
        case = one.case
        entries.append(
            {
                "id": first + n,
                "at": step["at"],
                "device_at": None,
                "user_id": step["user_id"],
                "token_id": None,
                "actor": step["actor"],
                "address": "",
                "unit_id": step["_lead"] or step["unit_id"],
                "room": "cases",
                "verb": str(step["verb"]),
                "subject_kind": "cases.case",
                "subject_id": case["id"],
                "subject_name": case["number"],
                "automatic": step["automatic"],
                "reason": step["reason"],
                "before": {"state": str(step["before"])},
                "after": {
                    "state": str(step["after"]),
                    "step": step["id"],
                    "category": case["category_id"],
                    "area": case["area"],
                    **step["detail"],
                },
            }
        )
    fast.insert(JournalEntry, entries)
    last = JournalLink.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, journal.GENESIS)
    links = []
    for entry in entries:
        position += 1
        previous = _digest(previous, entry)
        links.append({"position": position, "entry_id": entry["id"], "hash": previous})
    fast.insert(JournalLink, links)
    JournalCursor.objects.update_or_create(
        name=journal.SEALER,
        defaults={"position": entries[-1]["id"] if entries else 0, "updated_at": timezone.now()},
    )
