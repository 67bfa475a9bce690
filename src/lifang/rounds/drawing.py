"""Drawing places so that anybody can draw them again: a pure function of frame, design and seed.

Every place gets the number SHA-256(seed | stratum | code); simple random sampling takes the smallest. No
generator of any language is involved, so the draw can be repeated in a spreadsheet.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Method = Literal["random", "systematic", "pps", "all"]


@dataclass(frozen=True)
class Candidate:
    """A place of the frame. ``size`` matters to ``pps`` only."""

    code: str
    stratum: str
    size: float = 1.0


@dataclass(frozen=True)
class Drawn:
    """A drawn place, or one in reserve (``order`` beyond the number wanted)."""

    code: str
    stratum: str
    order: int
    reserve: bool


def number(seed: str, stratum: str, code: str) -> int:
    """The place's number in [0, 2²⁵⁶)."""
    return int.from_bytes(hashlib.sha256(f"{seed}|{stratum}|{code}".encode()).digest())


def draw(
    frame: Iterable[Candidate],
    wanted: Mapping[str, int],
    seed: str,
    *,
    method: Method = "random",
    reserves: int = 0,
) -> list[Drawn]:
    """``wanted`` places of each stratum and ``reserves`` more in the order in which they step in.

    Raises :class:`ValueError` where a stratum has fewer places than wanted.
    """
    strata: dict[str, list[Candidate]] = {}
    for place in frame:
        strata.setdefault(place.stratum, []).append(place)
    found: list[Drawn] = []
    for stratum in sorted(wanted):
        places = sorted(strata.get(stratum, ()), key=lambda c: c.code)
        n = len(places) if method == "all" else wanted[stratum]
        if n > len(places):
            raise ValueError(f"{stratum}: {n} wanted, {len(places)} there")
        by_number = sorted(places, key=lambda c: (number(seed, c.stratum, c.code), c.code))
        if method in ("random", "all"):
            first = by_number[:n]
        else:
            sizes = [c.size if method == "pps" else 1.0 for c in places]
            first = _systematic(places, sizes, n, number(seed, stratum, "") / 2**256)
        taken = {c.code for c in first}
        spare = [c for c in by_number if c.code not in taken][:reserves]
        found += [Drawn(c.code, stratum, i + 1, i >= n) for i, c in enumerate([*first, *spare])]
    return found


def _systematic(
    places: Sequence[Candidate], sizes: Sequence[float], n: int, start: float
) -> list[Candidate]:
    """Every step-th unit of size from a random start; a place larger than a step is taken once for sure."""
    if not n:
        return []
    sure: list[Candidate] = []
    rest = list(zip(places, sizes, strict=True))
    while rest and n > len(sure):
        step = sum(s for _c, s in rest) / (n - len(sure))
        large = [c for c, s in rest if s >= step]
        if not large or len(large) == len(rest):
            break
        sure += large
        rest = [(c, s) for c, s in rest if s < step]
    left = n - len(sure)
    if left <= 0:
        return sure[:n]
    step = sum(s for _c, s in rest) / left
    marks = [(start + k) * step for k in range(left)]
    found, so_far, at = [], 0.0, 0
    for place, size in rest:
        so_far += size
        if at < left and marks[at] < so_far:
            found.append(place)
            at += 1
    if at < left:  # rounding at the very end
        found += [c for c, _s in rest if c not in found][: left - at]
    return sure + found
