"""What became of the machine's proposals, told to ``understanding``, which learns from it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from lifang.cases.choices import Verb
from lifang.cases.models import Case, Step
from lifang.understanding.learning import actions as learning
from lifang.understanding.learning import queries as learnt
from lifang.understanding.learning.models import How

#: steps after which the class of a case is what somebody, or the machine, took it for
DECIDING = (Verb.FILE, Verb.RECLASSIFY, Verb.SELF_HANDLE)
#: steps that committed later than others looked at: overlap of two runs
OVERLAP = dt.timedelta(minutes=10)
BATCH = 1_000
#: the newest so many steps are looked at when nothing was told before
FIRST = 60_000


def teach(*, most: int = 20_000) -> int:
    """Tell of the cases whose class was decided since the last run; answers how many. Idempotent.

    A case told before is brought up to date, so that a correction counts at the next training.
    """
    steps = Step.objects.filter(verb__in=DECIDING)
    last = learnt.told_until()
    if last is not None:
        steps = steps.filter(at__gte=last - OVERLAP)
    newest = list(steps.order_by("-at").values_list("case_id", "at")[:FIRST])
    at: dict[int, dt.datetime] = {}
    for case_id, when in reversed(newest):  # oldest first: what is cut off comes next time
        at[case_id] = when
    chosen = sorted(at, key=lambda c: at[c])[:most]
    done = 0
    for i in range(0, len(chosen), BATCH):
        rows = (
            Case.objects.filter(
                pk__in=chosen[i : i + BATCH], filed_at__isnull=False, category__isnull=False
            )
            .exclude(text="")
            .values("id", "text", "automatic", "understanding", "reported_at", "category__key")
        )
        taught = [_taught(row, at[row["id"]]) for row in rows]
        taught.sort(key=lambda t: t.changed_at)
        done += learning.remember(samples=taught)
    return done


def _taught(row: Mapping[str, Any], at: dt.datetime) -> learning.Taught:
    meant = row["understanding"] or {}
    first = meant.get("category") or {}
    proposed, key = str(first.get("key") or ""), row["category__key"]
    how = How.DECIDED
    if row["automatic"]:
        how = How.ALONE if proposed == key else How.CORRECTED
    return learning.Taught(
        origin=f"case:{row['id']}",
        text=row["text"],
        key=key,
        how=how,
        proposed=proposed,
        confidence=float(first.get("confidence") or 0.0),
        held_back=how == How.DECIDED and bool(meant.get("sure_class")),
        reported_at=row["reported_at"],
        changed_at=at,
    )
