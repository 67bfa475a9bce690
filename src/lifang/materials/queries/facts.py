"""Facts of filed documents for the engine of ``assessment``."""

from collections.abc import Iterator
from typing import Any

from lifang.materials.choices import Verdict
from lifang.materials.models import (
    Review,
)


def facts(round_id: int) -> Iterator[dict[str, Any]]:
    """Facts of kind ``review`` of a round, in the order in which they came (``docs/assessment.md``).

    A grade takes the place of the one before of its level; a return withdraws what stood.
    """
    live: dict[int, dict[int, str]] = {}
    rows = (
        Review.objects.filter(filing__round=round_id)
        .order_by("pk")
        .values_list("pk", "filing_id", "verdict", "level", "grade", "reason", "disputed",
                     "reviewer_name", "at", "filing__leaf", "filing__measure", "filing__slot")
    )  # fmt: skip
    for (
        pk,
        filing,
        verdict,
        level,
        grade,
        reason,
        disputed,
        name,
        at,
        leaf,
        measure,
        slot,
    ) in rows.iterator(chunk_size=2000):
        held = live.setdefault(filing, {})
        moment = at.isoformat()
        if verdict == Verdict.RETURNED:
            for n, old in enumerate(held.values()):
                id_ = f"review:{pk}" + (f":{n}" if n else "")
                yield {"kind": "withdrawal", "id": id_, "at": moment, "supersedes": old,
                       "reason": reason}  # fmt: skip
            held.clear()
            continue
        yield {
            "kind": "review", "id": f"review:{pk}", "at": moment, "supersedes": held.get(level, ""),
            "leaf": leaf, "measure": measure, "slot": slot, "grade": grade, "level": level,
            "reason": reason, "reviewer": name, "disputed": disputed,
        }  # fmt: skip
        held[level] = f"review:{pk}"
