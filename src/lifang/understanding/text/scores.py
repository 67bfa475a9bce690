"""How good a model is, with intervals. Pure; probabilities and positions in, figures out.

Shares have Wilson's interval; macro-F1 and the calibration error have the 95 % percentile interval
of a bootstrap that draws groups of like messages, with a fixed seed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lifang.understanding.rules import Measured, wilson

#: precision that acting alone must have, at the lower end of its interval
TARGET = 0.95
#: thresholds that are tried: below one half something else is likelier than what was proposed
STEPS = tuple(round(0.50 + i / 100, 2) for i in range(50))
BINS = 15
DRAWS = 1_000


@dataclass(frozen=True)
class Figure:
    """A measure with its 95 % interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        return {k: round(v, 4) for k, v in asdict(self).items()}


def share(right: int, n: int) -> Figure:
    """A share with Wilson's interval."""
    return Figure(right / n if n else 0.0, *wilson(right, n))


def macro_f1(truth: Any, guess: Any, labels: int) -> float:
    """Mean F1 over the labels that occur in truth or guess. ``-1``: a label the model lacks."""
    return float(_macro(_counts(truth, guess, labels, None)))


def _counts(truth: Any, guess: Any, labels: int, weights: Any) -> Any:
    """(right, true, guessed) for each label."""
    import numpy as np

    hit = truth == guess
    own = None if weights is None else weights
    return np.stack(
        [
            np.bincount(truth[hit], None if own is None else own[hit], minlength=labels),
            np.bincount(truth, own, minlength=labels),
            np.bincount(guess, own, minlength=labels),
        ]
    )


def _macro(counts: Any) -> Any:
    import numpy as np

    right, true, guessed = counts
    total = true + guessed
    seen = total > 0
    return (2 * right[seen] / total[seen]).mean() if np.any(seen) else 0.0


def calibration_error(confidence: Any, right: Any, weights: Any = None) -> float:
    """Expected calibration error of the first proposal: 15 bins of equal width (Guo et al. 2017)."""
    import numpy as np

    own = np.ones(len(confidence)) if weights is None else weights
    if own.sum() == 0:
        return 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gap = np.bincount(bins, own * (confidence - right), minlength=BINS)
    return float(np.abs(gap).sum() / own.sum())


def threshold(confidence: Any, right: Any, *, target: float = TARGET) -> Measured | None:
    """The lowest threshold from which on every step's precision meets the target at its lower end.

    Looked for from above: one lucky step below a bad one does not count.
    """
    best: Measured | None = None
    for step in reversed(STEPS):
        found = at(confidence, right, step)
        if found.low >= target:
            best = found
        elif best is not None:
            break
    return best


def at(confidence: Any, right: Any, step: float) -> Measured:
    """What holds from a threshold on."""
    above = confidence >= step
    n, good = int(above.sum()), int(right[above].sum())
    low, high = wilson(good, n)
    return Measured(step, n, good, low, high, n / len(confidence) if len(confidence) else 0.0)


@dataclass(frozen=True)
class Scores:
    """Everything measured of a model on labelled messages."""

    n: int
    accuracy: Figure
    macro_f1: Figure
    ece: Figure
    #: share decided alone, with what was right of it
    coverage: Figure
    threshold: float | None
    target: float
    decided: int
    decided_right: int

    def as_json(self) -> dict[str, Any]:
        """The shape that ``lifang classify eval --json`` prints."""
        alone = share(self.decided_right, self.decided)
        return {
            "n": self.n,
            "accuracy": self.accuracy.as_json(),
            "macro_f1": self.macro_f1.as_json(),
            "ece": self.ece.as_json(),
            "coverage_at_precision": self.coverage.as_json()
            | {
                "target": self.target,
                "threshold": self.threshold,
                "decided": self.decided,
                "right": self.decided_right,
                "precision": alone.as_json() if self.decided else None,
            },
        }


def score(
    truth: Sequence[int],
    probabilities: Any,
    group: Sequence[int],
    *,
    threshold: float | None,
    target: float = TARGET,
    seed: int = 7,
) -> Scores:
    """Measure ``probabilities`` (n × labels) against ``truth`` (positions; -1: an unknown label).

    ``group``: a number for each message, the same for like ones. ``threshold`` was chosen elsewhere.
    """
    import numpy as np

    labels = probabilities.shape[1] + 1  # the last one stands for labels the model lacks
    true = np.array(truth, dtype=np.int64)
    true[true < 0] = labels - 1
    guess = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    right = (true == guess).astype(float)
    draw = np.random.default_rng(seed)
    _names, positions = np.unique(np.array(group), return_inverse=True)
    number = int(positions.max()) + 1
    f1s, errors = [], []
    for _draw in range(DRAWS):
        own = np.bincount(draw.integers(0, number, number), minlength=number)[positions]
        weights = own.astype(float)
        f1s.append(_macro(_counts(true, guess, labels, weights)))
        errors.append(calibration_error(confidence, right, weights))
    alone = confidence >= threshold if threshold is not None else np.zeros(len(true), dtype=bool)
    n = len(true)
    return Scores(
        n=n,
        accuracy=share(int(right.sum()), n),
        macro_f1=_figure(macro_f1(true, guess, labels), f1s),
        ece=_figure(calibration_error(confidence, right), errors),
        coverage=share(int(alone.sum()), n),
        threshold=threshold,
        target=target,
        decided=int(alone.sum()),
        decided_right=int(right[alone].sum()),
    )


def _figure(value: float, draws: Sequence[float]) -> Figure:
    import numpy as np

    low, high = np.percentile(draws, [2.5, 97.5])
    return Figure(value, min(float(low), value), max(float(high), value))
