"""From which score on two cases are one without a person: measured on what people decided."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

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
#: steps that decide nothing on a proposal: refused for another reason, filed by the machine
_BESIDE = {(Verb.REJECT, False), (Verb.REJECT, True), (Verb.FILE, True)}
#: the curve begins where proposals do
CURVE_FROM = 30
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


@dataclass
class Looked:
    """What became of proposals and mergers since ``since``.

    ``samples``: what people decided of proposals: (score, was it the same matter).
    """

    since: dt.datetime
    #: cases beside which another one was shown, or with which they were merged at once
    proposed: int = 0
    #: merged by the machine, and of these taken back
    alone: int = 0
    undone: int = 0
    #: merged by a person, filed by themselves beside the proposal, not decided yet
    by_person: int = 0
    apart: int = 0
    waiting: int = 0
    samples: list[tuple[float, bool]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Counts, and for each hundredth what holds from there on: [threshold, n, right]."""
        counts = asdict(self)
        del counts["samples"]
        curve = []
        for step in range(CURVE_FROM, 100):
            above = [same for score, same in self.samples if score >= step / 100 - 1e-9]
            curve.append([step / 100, len(above), sum(above)])
        return {**counts, "since": self.since.isoformat(), "curve": curve}


def look(now: dt.datetime) -> Looked:
    """Go through the newest cases with proposals.

    Same: a person merged it into the one proposed, or the machine did and the first case was closed without
    anybody taking that back. Another matter: a person filed it by itself beside the proposal, or took a merger back.
    """
    done = Looked(since=now - dt.timedelta(days=DAYS))
    rows = list(
        Case.objects.filter(reported_at__gte=done.since, understanding__has_key="duplicates")
        .order_by("-id")
        .values_list("id", "state", "merged_into_id", "merged_into__state", "understanding")[:MOST]
    )
    steps: dict[int, list[tuple[str, bool]]] = {}
    chosen = [row[0] for row in rows]
    for start in range(0, len(chosen), 500):
        found = Step.objects.filter(
            case_id__in=chosen[start : start + 500],
            verb__in=(Verb.MERGE, Verb.UNMERGE, Verb.FILE, Verb.REJECT),
        ).order_by("id")
        for case_id, verb, automatic in found.values_list("case_id", "verb", "automatic"):
            steps.setdefault(case_id, []).append((verb, automatic))
    for case_id, state, into, into_state, understood in rows:
        proposals = [p for p in understood["duplicates"] if "score" in p]
        if not proposals:
            continue
        taken = steps.get(case_id, [])
        _count(done, taken)
        verdict = _verdict(taken, state, into, into_state, proposals)
        if verdict is not None:
            done.samples.append(verdict)
    return done


def _count(done: Looked, steps: list[tuple[str, bool]]) -> None:
    """Add one case with a proposal; what was done first decides where it is counted."""
    done.proposed += 1
    first = next(((v, auto) for v, auto in steps if (v, auto) not in _BESIDE), None)
    if first == (Verb.MERGE, True):
        done.alone += 1
        done.undone += any(verb == Verb.UNMERGE for verb, _auto in steps)
    elif first is not None and first[0] == Verb.MERGE:
        done.by_person += 1
    elif first is not None:
        done.apart += 1
    else:
        done.waiting += not steps


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
