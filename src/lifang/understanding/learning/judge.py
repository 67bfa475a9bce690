"""The class of a message by the model in force, blended with the catalogue's own words.

Classes with history: a calibrated softmax of learnt distances and the catalogue's opinion. Classes
without: they share the probability that a matter is new, in the catalogue's proportions.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from lifang.core import stamps
from lifang.understanding import classes
from lifang.understanding.classes import Proposal
from lifang.understanding.learning.models import LearntModel
from lifang.understanding.text import features

log = structlog.get_logger(__name__)
STAMP = "understanding"
#: what the catalogue's opinion of a class is at least
FLOOR = 1e-3


@dataclass(frozen=True)
class Judge:
    """A model in force. ``unseen``: estimated share of matters of classes without history."""

    digest: str
    model: Any
    unseen: float


def folder() -> Path:
    """Where the learnt models lie."""
    return Path(settings.DATA_DIR) / "models" / "text"


def in_force() -> Judge | None:
    """The newest model whose files can be read; ``None``: the catalogue's words must do."""
    return stamps.cached(STAMP, _load, key="judge")


def _load() -> Judge | None:
    row = LearntModel.objects.only("digest", "unseen").first()
    if row is None:
        return None
    try:
        from lifang.understanding.text import store

        model = store.load(folder() / row.digest[:16])
        if model.kind != "learnt":
            return None
        return Judge(row.digest, model, row.unseen)
    except DatabaseError:
        raise
    except Exception:
        # a broken folder, a missing extra: reports still come in, the catalogue's words judge
        log.exception("understanding.model_unreadable", digest=row.digest[:12])
        return None


def opinions(known: classes.Index, text: str) -> dict[str, float]:
    """What the catalogue's words alone say: key → confidence, of classes that anything speaks for."""
    return {p.key: p.confidence for p in classes.rank(known, text, most=len(known.leaves))}


def logarithms(said: Mapping[str, float], labels: Sequence[str]) -> list[float]:
    """Opinions as the model takes them."""
    return [math.log(max(said.get(label, 0.0), FLOOR)) for label in labels]


def blended(
    learnt: Mapping[str, float], said: Mapping[str, float], keys: Sequence[str], unseen: float
) -> dict[str, float]:
    """Probabilities over the catalogue's ``keys``.

    ``learnt``: over the classes with history (some may have left the catalogue: their share is
    lost, which lowers confidence). ``unseen``: how likely a class without history is beforehand.
    What the catalogue's words leave open counts for the classes with history.
    """
    new = {k: said.get(k, 0.0) for k in keys if k not in learnt}
    strange = sum(new.values())
    familiar = max(1.0 - strange, FLOOR)
    odds = unseen * strange / (unseen * strange + (1 - unseen) * familiar) if strange else 0.0
    found = {k: (1 - odds) * learnt[k] for k in keys if k in learnt}
    if strange:
        found |= {k: odds * share / strange for k, share in new.items() if share > 0}
    return found


def rank(text: str, *, most: int = 5) -> list[Proposal]:
    """The likeliest classes of a message, best first, with the words that spoke for them."""
    known = classes.index()
    by_words = classes.rank(known, text, most=len(known.leaves))
    judge = in_force()
    if judge is None or not known.leaves:
        return by_words[:most]
    try:
        return _ranked(judge, known, by_words, text, most)
    except DatabaseError:
        raise
    except Exception:
        log.exception("understanding.model_failed", digest=judge.digest[:12])
        return by_words[:most]


def _ranked(
    judge: Judge, known: classes.Index, by_words: list[Proposal], text: str, most: int
) -> list[Proposal]:
    import numpy as np

    cleaned = features.clean(text)
    if not features.joined(cleaned):
        return by_words[:most]
    said = {p.key: p.confidence for p in by_words}
    spoke = {p.key: p.words for p in by_words}
    model = judge.model
    prior = np.array([logarithms(said, model.labels)])
    row = model.probabilities([cleaned], prior)[0]
    learnt = dict(zip(model.labels, row.tolist(), strict=True))
    shares = blended(learnt, said, [leaf.key for leaf in known.leaves], judge.unseen)
    best = sorted(shares, key=lambda k: (-shares[k], k))[:most]
    names = {leaf.key: leaf.name for leaf in known.leaves}
    position = {label: i for i, label in enumerate(model.labels)}
    found = []
    for key in best:
        words = model.words(cleaned, position[key]) if key in position else ()
        both = dict.fromkeys((*spoke.get(key, ())[:3], *words))
        found.append(Proposal(key, names[key], round(shares[key], 4), tuple(both)[:6]))
    return found


def strangeness(judge: Judge | None, text: str) -> float | None:
    """Share of the grams of a message that the model never saw; ``None`` without a model."""
    if judge is None:
        return None
    import numpy as np

    grams = features.channels(features.clean(text))["characters"]
    if not len(grams.ids):
        return None
    return round(float(1 - np.isin(grams.ids, judge.model.channels["characters"].ids).mean()), 4)
