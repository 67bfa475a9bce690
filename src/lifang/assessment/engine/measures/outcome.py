"""The answer of a measure, before points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from lifang.assessment.engine.numbers import ONE, ZERO

State = Literal["scored", "partial", "pending", "missing", "disputed", "not_applicable"]
#: how a loss was split
How = Literal["linear", "pro_rata", "shapley", "deduct", "whole"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of 1 - r: ``weight`` of it was lost here. ``gain`` of r comes back if only this is mended."""

    weight: Fraction
    kind: str
    gain: Fraction = ZERO
    site: str = ""
    item: str = ""
    cause: str = ""
    facts: tuple[str, ...] = ()
    how: How = "whole"


@dataclass(frozen=True, slots=True)
class Deficit:
    """The way to a better grade: r would be ``value`` with ``fixes`` faults mended (or x at ``target``)."""

    value: Fraction
    target: Fraction
    fixes: int | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """r in [0, 1] with low ≤ r ≤ high, the share that is assessed, and 1 - r in parts."""

    state: State
    r: Fraction = ZERO
    low: Fraction = ZERO
    high: Fraction = ZERO
    coverage: Fraction = ZERO
    x: Fraction | None = None
    n: int = 0
    parts: tuple[Part, ...] = ()
    deficits: tuple[Deficit, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def applies(self) -> bool:
        return self.state != "not_applicable"


NOT_APPLICABLE = Outcome("not_applicable")


def pending(policy: str, parts: tuple[Part, ...] = ()) -> Outcome:
    """Nothing is known yet: the whole range, or (``zero``) lost until shown otherwise."""
    parts = parts or (Part(ONE, "pending", ONE),)
    if policy == "zero":
        return Outcome("pending", coverage=ONE, parts=parts)
    return Outcome("pending", high=ONE, parts=parts)


def missing(*ids: str, cause: str = "") -> Outcome:
    """It was looked at, and there is nothing."""
    part = Part(ONE, "missing", ONE, cause=cause, facts=ids)
    return Outcome("missing", coverage=ONE, parts=(part,))
