"""Pure parts of understanding: Wilson intervals, thresholds, confidence from scores."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: two-sided 95 %
Z = 1.959963984540054
#: acting alone needs this precision at the lower end of its interval
TARGET = 0.95
#: thresholds that are tried
GRID = (*(i / 20 for i in range(6, 20)), 0.97, 0.98, 0.99)


def wilson(right: int, n: int, z: float = Z) -> tuple[float, float]:
    """Wilson score interval of a share (E. B. Wilson, 1927); ``(0, 1)`` where nothing was seen."""
    if n <= 0:
        return 0.0, 1.0
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Measured:
    """What holds above ``threshold`` on labelled history: of ``n``, ``right`` were right."""

    threshold: float
    n: int
    right: int
    low: float
    high: float
    #: share of the history that lies above the threshold
    coverage: float


def measure(samples: Sequence[tuple[float, bool]], threshold: float) -> Measured:
    """Precision above ``threshold`` with its interval. ``samples``: (confidence, was it right)."""
    above = [right for confidence, right in samples if confidence >= threshold]
    low, high = wilson(sum(above), len(above))
    share = len(above) / len(samples) if samples else 0.0
    return Measured(threshold, len(above), sum(above), low, high, share)


def lowest_threshold(
    samples: Sequence[tuple[float, bool]], *, target: float = TARGET, steps: Iterable[float] = ()
) -> Measured | None:
    """The lowest threshold above which the *lower* bound of precision meets ``target``.

    Only thresholds on a fixed grid are looked at: choosing among all confidences seen would fit the
    threshold to the sample and make the bound too good. ``None`` where none meets it: then nothing
    is done without a person.
    """
    for threshold in sorted(steps) or GRID:
        found = measure(samples, threshold)
        if found.n and found.low >= target:
            return found
    return None


def fits(key: str, right: Iterable[str]) -> bool:
    """Whether a class is one of ``right``, or lies below one of them."""
    return any(key == r or key.startswith((f"{r}.", f"{r}-")) for r in right)


def shares(scores: Sequence[float], heat: float, doubt: float) -> list[float]:
    """Scores as shares that sum to less than 1: a softmax with a silent rival of score ``doubt``.

    The rival takes everything when no score is worth much, so that an unknown matter gets low
    confidences instead of a confident guess.
    """
    top = max([*scores, doubt])
    powers = [math.exp((s - top) / heat) for s in scores]
    total = sum(powers) + math.exp((doubt - top) / heat)
    return [p / total for p in powers]


def drawn(text: str, share: float) -> bool:
    """Whether a message falls to a drawn share of all: by its hash, so that it can be replayed."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "ignore")).digest()[:6], "big")
    return number < share * 2**48
