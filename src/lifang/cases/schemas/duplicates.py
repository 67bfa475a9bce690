"""Shapes of the page about merging duplicates."""

import datetime as dt

from ninja import Schema


class DuplicateShareOut(Schema):
    """A share with its 95 % Wilson interval; ``value`` is null where nothing was seen."""

    right: int
    n: int
    value: float | None
    low: float
    high: float


class DuplicateBoundOut(DuplicateShareOut):
    """One measurement: what people decided from the threshold on (all decisions, where there is none)."""

    threshold: float | None
    #: whether the machine merges by it
    acts: bool
    coverage: float
    reviewed: int
    target: float
    measured_at: dt.datetime


class DuplicateCurveOut(DuplicateShareOut):
    threshold: float
    coverage: float


class DuplicateCountsOut(Schema):
    #: cases with a proposal; the others are parts of it
    proposed: int
    alone: int
    #: of ``alone``, those taken back
    undone: int
    by_person: int
    apart: int
    waiting: int


class DuplicateBoardOut(Schema):
    target: float
    days: int
    may_measure: bool
    measuring: bool
    #: the newest; null: never measured
    bound: DuplicateBoundOut | None
    counts: DuplicateCountsOut
    kept: DuplicateShareOut
    curve: list[DuplicateCurveOut]
    history: list[DuplicateBoundOut]
