"""The loop's rules: which verb, from where, by whom; clocks and lights; likeness. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from math import ceil

from lifang.cases.choices import FINAL, Light, State, Verb
from lifang.orgs.choices import Role

S = State
OPEN = frozenset(S) - FINAL
#: the handling clock runs
CLOCKED = frozenset({S.DISPATCHED, S.HANDLING})
#: a unit has it
WITH_UNIT = frozenset({S.DISPATCHED, S.HANDLING, S.SUSPENDED, S.HANGING})
BEFORE_DISPATCH = frozenset({S.REPORTED, S.VERIFYING, S.VERIFIED, S.FILED, S.RETURNED})

_ACCEPT = (Role.ACCEPTOR, Role.DUTY_CHIEF)
_DISPATCH = (Role.DISPATCHER, Role.DUTY_CHIEF)
_CENTRE = (Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF)
_FIELD = (Role.CHECKER, Role.COLLECTOR)


@dataclass(frozen=True)
class Move:
    """One row of the transition table.

    ``to`` is None where the verb leaves the state alone or computes it. ``unit``: done by the unit
    that has the case; ``reporter``: done by the one who reported; ``reason``: must say why.
    """

    source: frozenset[State]
    to: State | None
    roles: tuple[Role, ...] = ()
    reason: bool = False
    unit: bool = False
    reporter: bool = False


TABLE: dict[Verb, Move] = {
    Verb.ASSIGN: Move(OPEN - WITH_UNIT - {S.SPLIT}, None, _CENTRE),
    Verb.ASK_VERIFICATION: Move(frozenset({S.REPORTED}), S.VERIFYING, _ACCEPT),
    Verb.VERIFY: Move(frozenset({S.VERIFYING}), S.VERIFIED, (*_FIELD, Role.DUTY_CHIEF)),
    Verb.FILE: Move(frozenset({S.REPORTED, S.VERIFIED}), S.FILED, _ACCEPT),
    Verb.REJECT: Move(frozenset({S.REPORTED, S.VERIFIED}), S.REJECTED, _ACCEPT, reason=True),
    Verb.RECLASSIFY: Move(BEFORE_DISPATCH, None, _CENTRE),
    Verb.DISPATCH: Move(frozenset({S.FILED, S.RETURNED}), S.DISPATCHED, _DISPATCH),
    Verb.RETURN_TO_ACCEPTOR: Move(
        frozenset({S.FILED, S.RETURNED}), S.REPORTED, _DISPATCH, reason=True
    ),
    Verb.RETURN_TO_DISPATCHER: Move(
        frozenset({S.DISPATCHED, S.HANDLING}), S.RETURNED, (Role.HANDLER,), reason=True, unit=True
    ),
    Verb.START: Move(frozenset({S.DISPATCHED}), S.HANDLING, (Role.HANDLER,), unit=True),
    Verb.HAND_BACK: Move(
        frozenset({S.DISPATCHED, S.HANDLING}), S.HANDED_BACK, (Role.HANDLER,), unit=True
    ),
    Verb.SEND_BACK: Move(
        frozenset({S.HANDED_BACK, S.CHECKING, S.CHECKED}), S.DISPATCHED, _CENTRE, reason=True
    ),
    Verb.ASK_CHECK: Move(frozenset({S.HANDED_BACK}), S.CHECKING, _CENTRE),
    Verb.CHECK: Move(
        frozenset({S.HANDED_BACK, S.CHECKING}), None, (*_FIELD, Role.ACCEPTOR, Role.DUTY_CHIEF)
    ),
    Verb.CLOSE: Move(frozenset({S.CHECKED}), S.CLOSED, _ACCEPT),
    Verb.RATE: Move(frozenset({S.CLOSED}), None, reporter=True),
    Verb.REOPEN: Move(
        frozenset({S.CLOSED}), S.FILED, (Role.DUTY_CHIEF,), reason=True, reporter=True
    ),
    Verb.MERGE: Move(BEFORE_DISPATCH | {S.DISPATCHED}, S.MERGED, _CENTRE),
    Verb.UNMERGE: Move(frozenset({S.MERGED}), None, _CENTRE, reason=True),
    Verb.SPLIT: Move(frozenset({S.REPORTED, S.VERIFIED, S.FILED, S.RETURNED}), S.SPLIT, _CENTRE),
    Verb.EXTEND: Move(CLOCKED, None, (Role.HANDLER,), reason=True, unit=True),
    Verb.SUSPEND: Move(CLOCKED, None, (Role.HANDLER,), reason=True, unit=True),
    Verb.RESUME: Move(frozenset({S.SUSPENDED}), None, (Role.HANDLER, Role.DUTY_CHIEF), unit=True),
    Verb.HANG: Move(CLOCKED, S.HANGING, (Role.DUTY_CHIEF, Role.LEADER), reason=True),
    Verb.UNHANG: Move(frozenset({S.HANGING}), S.DISPATCHED, (Role.DUTY_CHIEF, Role.LEADER)),
    Verb.APPEAL: Move(frozenset({S.CLOSED}), None, (Role.HANDLER,), reason=True, unit=True),
    Verb.VOID: Move(BEFORE_DISPATCH | CLOCKED, S.VOID, (Role.DUTY_CHIEF,), reason=True),
    Verb.SELF_HANDLE: Move(frozenset({S.REPORTED}), S.HANDED_BACK, (Role.COLLECTOR, Role.CHECKER)),
    Verb.ADD_EVIDENCE: Move(
        OPEN - {S.SPLIT}, None, (*_CENTRE, *_FIELD, Role.HANDLER), reporter=True
    ),
    Verb.ASK: Move(frozenset({S.REPORTED, S.VERIFYING, S.VERIFIED}), None, _CENTRE, reason=True),
    Verb.ANSWER: Move(OPEN, None, reason=True, reporter=True),
    Verb.NOTE: Move(
        frozenset(S),
        None,
        (*_CENTRE, *_FIELD, Role.HANDLER, Role.EVALUATOR, Role.LEADER),
        reason=True,
    ),
}

#: verbs that only a unit of the case may do, whatever its role elsewhere
CENTRE_ROLES = (*_CENTRE, *_FIELD, Role.EVALUATOR, Role.LEADER)


def possible(state: str) -> list[Verb]:
    """Verbs that the table allows from ``state``."""
    return [verb for verb, move in TABLE.items() if state in move.source]


def light(
    now: datetime,
    *,
    state: str,
    due: datetime | None,
    amber: datetime | None,
    ended: datetime | None,
) -> Light:
    """The light of the handling clock. ``ended``: when the unit handed back."""
    if due is None or state in (S.SUSPENDED, S.HANGING, S.MERGED, S.VOID, S.REJECTED, S.SPLIT):
        return Light.GREY
    at = ended if ended is not None and state not in CLOCKED else now
    if at > due:
        return Light.RED
    if state in CLOCKED and amber is not None and at >= amber:
        return Light.AMBER
    return Light.GREEN


def escalation(now: datetime, *, start: datetime, amber: datetime, due: datetime) -> int:
    """How far a running clock has to be made known.

    0 nobody · 1 unit, before the end (amber) · 2 unit, overdue · 3 duty chief, half the span again
    · 4 leader, the whole span again.
    """
    span = due - start
    steps = (amber, due, due + span / 2, due + span)
    return sum(now >= at for at in steps)


def grams(text: str) -> set[str]:
    """Overlapping character pairs, spaces and punctuation left out."""
    letters = [c for c in text if c.isalnum()]
    return {a + b for a, b in pairwise(letters)} or set(letters)


def likeness(a: str, b: str) -> float:
    """How alike two texts are, 0 to 1: the share of common character pairs (Jaccard)."""
    x, y = grams(a), grams(b)
    if not x or not y:
        return 0.0
    return len(x & y) / len(x | y)


def summary(text: str, length: int = 60) -> str:
    """The first line of a report, cut at a sentence where there is one."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    for mark in "。！？!?；;":
        if 8 <= (end := line.find(mark)) < length:
            return line[: end + 1]
    return line[: length - 1] + "…"


def photos_missing(required: int, given: int) -> int:
    """How many pictures the closing condition still needs."""
    return max(0, required - given)


def share_of_limit(limit: Decimal, share: Decimal) -> Decimal:
    """The part of a limit after which the light turns amber."""
    return (limit * share).quantize(Decimal("0.01"))


def priority(*, urgent: bool, reports: int, base: int) -> int:
    """0 to 9: what the catalogue says, more where danger is near or many people ask."""
    crowd = ceil(reports.bit_length() / 2) if reports > 1 else 0
    return min(9, base + (3 if urgent else 0) + crowd)


def masked_phone(phone: str) -> str:
    """The middle of a telephone number hidden."""
    return phone if len(phone) < 7 else f"{phone[:3]}****{phone[-4:]}"
