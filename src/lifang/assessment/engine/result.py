"""What a score run came to: five numbers a node, every lost point with its place, the way to the total."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lifang.assessment.engine.measures.outcome import Outcome, State
from lifang.assessment.engine.numbers import half_up, text
from lifang.standards.editions import canonical, digest


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of lost (or open) points. ``assist``: units with their shares of the responsibility."""

    leaf: str
    measure: str
    kind: str
    points: Decimal
    #: points that come back if this alone is mended
    gain: Decimal
    lead: str = ""
    assist: tuple[tuple[str, Fraction], ...] = ()
    site: str = ""
    item: str = ""
    cause: str = ""
    facts: tuple[str, ...] = ()
    how: str = "whole"


@dataclass(frozen=True, slots=True)
class Figures:
    """Points of a node. ``assessed``: possible points of which something is known."""

    possible: Decimal = Decimal(0)
    earned: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    #: possible points × share assessed
    covered: Decimal = Decimal(0)
    assessed: Decimal = Decimal(0)
    bonus: Decimal = Decimal(0)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.possible + other.possible,
            self.earned + other.earned,
            self.low + other.low,
            self.high + other.high,
            self.covered + other.covered,
            self.assessed + other.assessed,
            self.bonus + other.bonus,
        )

    @property
    def coverage(self) -> Decimal | None:
        """Share of the possible points that is assessed; ``None`` where nothing is possible."""
        return (
            half_up(Fraction(self.covered) / Fraction(self.possible), 4) if self.possible else None
        )

    @property
    def estimate(self) -> Decimal | None:
        """Earned, as if what is open did as well as what is assessed; ``None`` where nothing is."""
        if not self.assessed:
            return None
        return half_up(Fraction(self.earned) * Fraction(self.possible) / Fraction(self.assessed), 4)

    def as_dict(self) -> dict[str, str | None]:
        return {
            "earned": text(self.earned),
            "possible": text(self.possible),
            "low": text(self.low),
            "high": text(self.high),
            "coverage": None if self.coverage is None else text(self.coverage),
            "estimate": None if self.estimate is None else text(self.estimate),
            "bonus": text(self.bonus),
        }


@dataclass(frozen=True, slots=True)
class NextGrade:
    """``points`` more with ``fixes`` faults mended, or with the measured value at ``target``."""

    measure: str
    points: Decimal
    target: Decimal
    fixes: int | None
    what: str


@dataclass(frozen=True, slots=True)
class LeafResult:
    """One indicator: figures, what its measures found, its losses (Σ = possible − earned), next grades."""

    code: str
    state: State
    figures: Figures
    outcomes: tuple[tuple[str, Outcome], ...] = ()
    losses: tuple[Loss, ...] = ()
    next_grades: tuple[NextGrade, ...] = ()
    exact: tuple[Fraction, Fraction, Fraction] = (Fraction(0),) * 3
    note: str = ""
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step from the base to the total: ``delta`` of the earned, low and high total."""

    key: str
    delta: Decimal
    low: Decimal
    high: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """The published figure, rounded half up once from the exact one. ``status`` other than ``ok`` is a word.

    ``barred``: a prerequisite is not met. ``suspended``, ``disqualified``: an event of the negative list.
    """

    score: Decimal
    low: Decimal
    high: Decimal
    status: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Result:
    """A score run. The hashes of its three inputs and of the engine say what it was made of."""

    inputs: Mapping[str, str]
    total: Total
    nodes: Mapping[str, Figures]
    leaves: Mapping[str, LeafResult]
    _cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def losses(self) -> list[Loss]:
        return [row for leaf in self.leaves.values() for row in leaf.losses]

    def as_dict(self, *, trace: bool = True) -> dict[str, Any]:
        """JSON: exact decimals as strings. Without ``trace`` the outcomes and losses are left out."""
        total = self.total
        return {
            "inputs": dict(self.inputs),
            "total": {
                "score": str(total.score),
                "low": str(total.low),
                "high": str(total.high),
                "status": total.status,
                "steps": [
                    {
                        **{k: text(getattr(s, k)) for k in ("delta", "low", "high")},
                        "key": s.key,
                        "note": s.note,
                    }
                    for s in total.steps
                ],
            },
            "nodes": {code: f.as_dict() for code, f in self.nodes.items()},
            "leaves": {c: leaf_dict(leaf, trace=trace) for c, leaf in self.leaves.items()},
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the whole answer."""
        if "digest" not in self._cache:
            self._cache["digest"] = digest(self.as_dict())
        found: str = self._cache["digest"]
        return found

    def canonical(self) -> bytes:
        return canonical(self.as_dict())


def leaf_dict(leaf: LeafResult, *, trace: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {"state": leaf.state, **leaf.figures.as_dict()}
    if leaf.note:
        found["note"] = leaf.note
    if trace:
        found["measures"] = {key: outcome_dict(o) for key, o in leaf.outcomes}
        found["losses"] = [loss_dict(row) for row in leaf.losses]
        found["next"] = [
            {**dataclasses.asdict(n), "points": text(n.points), "target": text(n.target)}
            for n in leaf.next_grades
        ]
    return found


def outcome_dict(o: Outcome) -> dict[str, Any]:
    exact = {"r": o.r, "low": o.low, "high": o.high, "coverage": o.coverage}
    found: dict[str, Any] = {k: text(half_up(v)) for k, v in exact.items()}
    return {
        **found,
        "state": o.state,
        "x": None if o.x is None else text(half_up(o.x)),
        "n": o.n,
        **({"grades": dict(o.detail)} if o.detail else {}),
    }


def loss_dict(row: Loss) -> dict[str, Any]:
    found: dict[str, Any] = {
        "leaf": row.leaf,
        "measure": row.measure,
        "kind": row.kind,
        "points": text(row.points),
        "gain": text(row.gain),
        "lead": row.lead,
        "how": row.how,
    }
    for name in ("site", "item", "cause"):
        if getattr(row, name):
            found[name] = getattr(row, name)
    if row.assist:
        found["assist"] = {unit: text(half_up(share)) for unit, share in row.assist}
    if row.facts:
        found["facts"] = list(row.facts)
    return found
