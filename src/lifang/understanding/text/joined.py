"""History and names together: what was learnt, with the labels' own words as an opinion beforehand.

The opinion of the words (:class:`Named`) enters the softmax of the learnt model, which measured out
of fold how much it is worth. Labels without history are judged by their words alone, and by how
little what was learnt from all other labels speaks against them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifang.understanding.text import features, naming
from lifang.understanding.text.learn import Learnt, Sample, learn
from lifang.understanding.text.model import Model
from lifang.understanding.text.naming import Named

#: what the words' opinion of a label is at least
FLOOR = 1e-3


@dataclass
class Joined:
    """A learnt model that is asked together with one of names; both have the same labels."""

    learnt: Model
    named: Named

    kind = "joined"

    @property
    def labels(self) -> tuple[str, ...]:
        return self.learnt.labels

    @property
    def threshold(self) -> float | None:
        return self.learnt.threshold

    @property
    def target(self) -> float:
        return self.learnt.target

    @property
    def known(self) -> Any:
        return self.learnt.known

    def probabilities(self, cleaned: Sequence[str]) -> Any:
        """A calibrated probability for each message and label; rows sum to 1."""
        return self.learnt.probabilities(cleaned, opinion(self.named, cleaned) if cleaned else None)

    def words(self, cleaned: str, label: int) -> tuple[str, ...]:
        """What spoke for a label: by history, else by its own words."""
        return self.learnt.words(cleaned, label) or self.named.words(cleaned, label)


def opinion(named: Named, cleaned: Sequence[str]) -> Any:
    """Logarithms of what the words alone say (n × labels)."""
    import numpy as np

    return np.log(np.maximum(named.probabilities(cleaned), FLOOR))


def join(
    samples: Sequence[Sample], words: Mapping[str, Sequence[str]], *, target: float
) -> tuple[Joined, Learnt]:
    """Learn from cleaned messages and from the words of labels, which may be more or fewer.

    A label that has messages and no words is known by its own name. Raises ``ValueError`` where
    there are fewer than two labels in all, or no message.
    """
    whole = {**{s.label: () for s in samples}, **words}
    named = naming.name(whole)

    def prior(texts: Sequence[str], labels: Sequence[str]) -> Any:
        return opinion(named, texts)

    hints = [
        Sample(features.clean(said), label)
        for label, own in whole.items()
        for said in {label, *own, " ".join((label, *own))}
    ]
    # a label of signs alone has no grams: it keeps its place, and history alone may speak for it
    made = learn(samples, target=target, prior=prior, hints=hints)
    return Joined(made.model, named), made
