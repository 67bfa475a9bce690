"""From which score on two cases are one without a person: measured on what people decided."""

import datetime as dt
from dataclasses import dataclass

from lifang.cases import rules
from lifang.cases.choices import State, Verb
from lifang.cases.duplicates import score as scoring
from lifang.cases.duplicates.search import Candidate
from lifang.cases.models import Case, DuplicateBound, Setting, Step
from lifang.core import stamps

STAMP = "cases.duplicates"
#: the lower end of the 95 % interval of precision that allows merging
TARGET = 0.95
#: how far back decisions count, and how many of the newest
DAYS, MOST = 180, 20_000
#: a case handed back is reported again because it is not mended: a person looks
MERGE_INTO = rules.BEFORE_DISPATCH | rules.WITH_UNIT


@dataclass(frozen=True)
class Why:
    """What allowed a merger without a person."""

    verbatim: bool
    score: float
    threshold: float | None = None
    low: float | None = None


def in_force() -> DuplicateBound | None:
    """The measurement that allows merging; none: only the same words at the same place are merged."""
    row: DuplicateBound | None = stamps.cached(
        STAMP, lambda: DuplicateBound.objects.order_by("-id").first()
    )
    if row is None or row.threshold is None or row.low < row.target:
        return None
    return row


def allows(found: Candidate, *, category_id: int | None, setting: Setting) -> Why | None:
    """Whether the machine may merge a new report into ``found``, and why. Same class, near and recent only."""
    near = found.metres is not None and found.metres <= setting.duplicate_metres
    recent = found.hours <= setting.duplicate_hours
    same = category_id is not None and category_id == found.category_id
    if not (near and recent and same) or found.state not in MERGE_INTO:
        return None
    if found.likeness >= scoring.VERBATIM:
        return Why(True, round(found.score, 3))
    row = in_force()
    if row is not None and row.threshold is not None and found.score >= row.threshold:
        return Why(False, round(found.score, 3), row.threshold, row.low)
    return None


def reviewed(now: dt.datetime) -> list[tuple[float, bool]]:
    """What people decided of proposals: (score, was it the same matter).

    Same: a person merged it into the one proposed, or the machine did and the first case was closed without
    anybody taking that back. Another matter: a person filed it by itself beside the proposal, or took a merger back.
    """
    rows = list(
        Case.objects.filter(
            reported_at__gte=now - dt.timedelta(days=DAYS), understanding__has_key="duplicates"
        )
        .order_by("-id")
        .values_list("id", "state", "automatic", "merged_into_id", "merged_into__state", "understanding")[:MOST]
    )  # fmt: skip
    steps: dict[int, list[tuple[str, bool]]] = {}
    chosen = [row[0] for row in rows]
    for start in range(0, len(chosen), 500):
        done = Step.objects.filter(
            case_id__in=chosen[start : start + 500],
            verb__in=(Verb.MERGE, Verb.UNMERGE, Verb.FILE, Verb.REJECT),
        ).order_by("id")
        for case_id, verb, automatic in done.values_list("case_id", "verb", "automatic"):
            steps.setdefault(case_id, []).append((verb, automatic))
    samples = []
    for case_id, state, _automatic, into, into_state, understood in rows:
        proposals = [p for p in understood["duplicates"] if "score" in p]
        if not proposals:
            continue
        verdict = _verdict(steps.get(case_id, []), state, into, into_state, proposals)
        if verdict is not None:
            samples.append(verdict)
    return samples


def _verdict(
    steps: list[tuple[str, bool]],
    state: str,
    into: int | None,
    into_state: str | None,
    proposals: list[dict[str, float]],
) -> tuple[float, bool] | None:
    first = proposals[0]["score"]
    if any(verb == Verb.UNMERGE for verb, _auto in steps):
        return first, False
    if state == State.MERGED:
        score = next((p["score"] for p in proposals if p["id"] == into), None)
        by_person = any(verb == Verb.MERGE and not auto for verb, auto in steps)
        if score is not None and (by_person or into_state == State.CLOSED):
            return score, True
        return None
    if any(verb == Verb.FILE and not auto for verb, auto in steps):
        return first, False
    return None
