"""What was learnt, and what it says of a message. Only NumPy is needed to ask it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lifang.understanding.text import features

CHANNELS = tuple(features.WEIGHTS)


@dataclass(frozen=True)
class Guess:
    """What a model says of a message: ``top`` has (label, confidence), likeliest first."""

    label: str
    confidence: float
    top: tuple[tuple[str, float], ...]
    #: words of the message, or of the label, that spoke for it
    words: tuple[str, ...]
    #: whether it may be taken without a person
    alone: bool


@dataclass(frozen=True)
class Channel:
    """Grams of a channel (ascending ids), their inverse document frequency, weights by label."""

    ids: Any
    idf: Any
    weights: Any

    def find(self, grams: features.Grams, rare: float = 0.0) -> tuple[Any, Any]:
        """Rows of this channel that a message has, and their TF-IDF.

        Of unit length together with the grams that are unknown here, which weigh ``rare`` each.
        """
        import numpy as np

        if not len(self.ids) or not len(grams.ids):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        rows = np.minimum(np.searchsorted(self.ids, grams.ids), len(self.ids) - 1)
        hit = self.ids[rows] == grams.ids
        rows = rows[hit]
        spoken = 1 + np.log(grams.counts.astype(np.float32))
        values = spoken[hit] * self.idf[rows]
        strange = rare * spoken[~hit]
        length = float(np.sqrt((values * values).sum() + (strange * strange).sum())) or 1.0
        return rows, values / length


@dataclass
class Model:
    """Linear weights of grams, calibrated: softmax(slope × distance + prior + offset)."""

    labels: tuple[str, ...]
    channels: dict[str, Channel]
    bias: Any
    offsets: Any
    slope: float = 3.0
    #: slope and offset of the second calibration, see :func:`levelled`
    level: tuple[float, float] = (1.0, 0.0)
    #: weight of an opinion that needed no history, where the caller has one
    prior_slope: float = 0.0
    #: confidence from which it may act alone; ``None``: never
    threshold: float | None = None
    target: float = 0.95
    #: inverse document frequency of a gram that was never seen
    rare: float = 0.0
    #: digests of the messages it was learnt from, ascending
    known: Any = field(default_factory=list)

    kind = "learnt"

    def distances(self, cleaned: str) -> Any:
        """How far a message lies on each label's side, before calibration."""
        import numpy as np

        found = np.array(self.bias, dtype=np.float64)
        for name, grams in features.channels(cleaned).items():
            rows, values = self.channels[name].find(grams, self.rare)
            found += features.WEIGHTS[name] * (values @ self.channels[name].weights[rows])
        return found

    def probabilities(self, cleaned: Sequence[str], prior: Any = None) -> Any:
        """A calibrated probability for each message and label; rows sum to 1.

        ``prior``: logarithms of the same shape, for a model that was learnt with one.
        """
        import numpy as np

        if not cleaned:
            return np.zeros((0, len(self.labels)))
        distances = np.stack([self.distances(t) for t in cleaned])
        if prior is not None:
            distances = distances + (self.prior_slope / self.slope) * prior
        return levelled(softmax(self.slope * distances + self.offsets), *self.level)

    def words(self, cleaned: str, label: int) -> tuple[str, ...]:
        """The words of a message that spoke most for a label, against the mean of the others."""
        channel = self.channels["characters"]
        rows, values = channel.find(features.channels(cleaned)["characters"])
        if not len(rows):
            return ()
        own = channel.weights[rows]
        spoke = values * (own[:, label] - own.mean(axis=1))
        strength = dict(zip(channel.ids[rows].tolist(), spoke.tolist(), strict=True))
        return features.told(cleaned, strength)


def levelled(shares: Any, slope: float, offset: float) -> Any:
    """Rows with the confidence ``c`` of the first put at logistic(slope × logit(c) + offset).

    A softmax of distances tends to be too sure in the middle and too unsure at the top; this mends
    both. The others share the rest as before; the first stays first.
    """
    import numpy as np

    if (slope, offset) == (1.0, 0.0) or not len(shares):
        return shares
    rows = np.arange(len(shares))
    first = shares.argmax(axis=1)
    top = np.clip(shares[rows, first], 1e-9, 1 - 1e-9)
    mended = 1 / (1 + np.exp(-(slope * np.log(top / (1 - top)) + offset)))
    others = np.array(shares)
    others[rows, first] = 0.0
    ratio = others.max(axis=1) / (1 - top)
    mended = np.maximum(mended, ratio / (1 + ratio))
    found = others * ((1 - mended) / (1 - top))[:, None]
    found[rows, first] = mended
    return found


def rarest(n: int) -> float:
    """Inverse document frequency of a gram that none of ``n`` messages has."""
    return math.log(1 + n) + 1


def softmax(values: Any) -> Any:
    """Shares of each row that sum to 1."""
    import numpy as np

    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def guesses(model: Any, texts: Sequence[str], *, explain: bool = True) -> list[Guess]:
    """What a model says of messages as they were written."""
    cleaned = [features.clean(t) for t in texts]
    found = []
    for text, row in zip(cleaned, model.probabilities(cleaned), strict=True):
        order = row.argsort()[::-1][:3]
        first = int(order[0])
        confidence = float(row[first])
        found.append(
            Guess(
                label=model.labels[first],
                confidence=round(confidence, 4),
                top=tuple((model.labels[i], round(float(row[i]), 4)) for i in order),
                words=model.words(text, first) if explain else (),
                alone=model.threshold is not None and confidence >= model.threshold,
            )
        )
    return found
