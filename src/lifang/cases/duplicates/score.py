"""How likely two reports are of one matter, 0 to 1. Pure.

A logistic sum of what speaks for it. The weights are round figures, looked at with made-up pairs
(tests/cases/test_duplicate_score.py); the score proposes, and what it is worth is measured on what people
decided (``bound``). Each part is kept, so that a person sees why.
"""

import math
from dataclasses import dataclass

#: the same words (shared pairs of characters, ``rules.likeness``) of one class at one place: one matter
#: without asking, as the windows of place and time bound the error
VERBATIM = 0.85
_BASE = -4.5
_TEXT = 6.0
_PLACE = 2.0
_TIME = 1.0
_SAME_CLASS, _OTHER_CLASS = 1.0, -1.5
#: pictures that differ in so many of 64 places, and what that says (docs/understanding.md)
_PICTURES = ((4, 4.0), (10, 2.5))
#: nearness of what has no position but was said to be at one site, or on one road
SAME_SITE, SAME_ROAD = 0.8, 0.35


@dataclass(frozen=True)
class Evidence:
    """What is known of a pair. ``text`` 0 to 1; ``near`` as :func:`nearness`; ``hours`` between them;
    ``same_class`` None where one has no class; ``picture`` places of 64, None where nothing is known."""

    text: float
    near: float
    hours: float
    same_class: bool | None = None
    picture: int | None = None


@dataclass(frozen=True)
class Scored:
    value: float
    #: what spoke for and against it, by name, in units of the logistic sum
    parts: dict[str, float]


def nearness(metres: float, reach: float) -> float:
    """1 at the same point, 0.37 at ``reach`` metres (at least 1), towards 0 beyond."""
    return math.exp(-((metres / max(reach, 1.0)) ** 2))


def score(e: Evidence, *, window_hours: float) -> Scored:
    """``window_hours``: within it two reports are of one time; a week later time says little."""
    parts = {
        "text": _TEXT * e.text,
        "place": _PLACE * e.near,
        "time": _TIME * math.exp(-max(e.hours, 0.0) / (2 * max(window_hours, 1.0))),
    }
    if e.same_class is not None:
        parts["class"] = _SAME_CLASS if e.same_class else _OTHER_CLASS
    if e.picture is not None:
        parts["picture"] = next((w for most, w in _PICTURES if e.picture <= most), 0.0)
    total = _BASE + sum(parts.values())
    return Scored(1 / (1 + math.exp(-total)), {k: round(v, 2) for k, v in parts.items()})
