"""A model from labelled messages: TF-IDF of grams, linear support vectors, calibrated out of fold.

Deterministic: the same rows in any order make the same model.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lifang.understanding.text import alike, features, scores
from lifang.understanding.text.model import CHANNELS, Channel, Model, levelled, rarest, softmax

#: regularisation of the support vectors: between 0.15 and 3 it hardly matters
STRENGTH = 0.6
#: from so many messages on, a gram that only one of them has is left out
ENOUGH = 300
ENGINE = "字与拼音片段 TF-IDF ＋ 线性支持向量机，交叉验证校准"
FOLDS = 8
#: many labels take long to learn: fewer folds for them
MANY_LABELS = 40
#: numbers in the table of weights: bounds memory and size on disk (four bytes each)
MOST_WEIGHTS = 24_000_000
#: the newest so many messages are learnt from; what is older says little about today
MOST_MESSAGES = 60_000
#: a label with fewer messages also learns from its own words, where these are known
LITTLE = 20
#: fewer messages are calibrated by the softmax alone
LEVELLED = 200
#: distance of a label that a fold has never seen
UNSEEN = -2.0


@dataclass(frozen=True)
class Sample:
    """A labelled message, cleaned."""

    text: str
    label: str


@dataclass
class Learnt:
    """A model with what was measured of it out of fold."""

    model: Model
    scores: scores.Scores | None
    #: label → number of messages
    counts: dict[str, int] = field(default_factory=dict)
    #: groups of like messages, none of which was split
    groups: int = 0
    #: the messages in the order of what follows
    rows: tuple[Sample, ...] = ()
    #: probabilities of each message by models that had not seen it (messages × labels), or ``None``
    honest: Any = None


#: (cleaned messages, labels) → logarithm of what was thought before anything was learnt
Prior = Callable[[Sequence[str], Sequence[str]], Any]


def learn(
    samples: Sequence[Sample],
    *,
    target: float = scores.TARGET,
    prior: Prior | None = None,
    hints: Sequence[Sample] = (),
) -> Learnt:
    """Learn from two labels or more, measure out of fold, calibrate, and choose the threshold.

    ``prior``: an opinion that needs no history; how much it counts is calibrated with the rest.
    ``hints``: words of labels, also of such without a message. Every fit learns from those of
    labels with fewer than ``LITTLE`` messages; nothing is measured or calibrated on them.
    Raises ``ValueError`` where there are fewer than two labels.
    """
    import numpy as np

    rows = sorted({(s.text, s.label): s for s in samples if s.text}.values(), key=_order)
    counts = Counter(s.label for s in rows)
    labels = tuple(sorted({*counts, *(h.label for h in hints if h.text)}))
    if len(labels) < 2 or not rows:
        raise ValueError("fewer than two labels")
    said = {(h.text, h.label): h for h in hints if h.text and counts[h.label] < LITTLE}
    more = sorted(said.values(), key=_order)
    position = {label: i for i, label in enumerate(labels)}
    truth = np.array([position[s.label] for s in rows])
    #: rows of the table behind the messages: what every fit learns from besides
    extra = len(rows) + np.arange(len(more))
    owners = np.concatenate([truth, [position[h.label] for h in more]]).astype(np.int64)
    table = _Table([s.text for s in (*rows, *more)])
    group = alike.groups([s.text for s in rows])
    whole = Counter(group)
    few = min(len({g for g, s in zip(group, rows, strict=True) if s.label == x}) for x in counts)
    model = _fit(table, owners, labels, np.arange(len(owners)))
    made = Learnt(model, None, dict(counts), len(whole), tuple(rows))
    if len(whole) >= 20:
        k = 3 if len(labels) > MANY_LABELS or few < FOLDS else FOLDS
        fold = np.array(alike.folds([s.label for s in rows], group, k))
        distances = _out_of_fold(table, owners, labels, fold, extra)
        #: labels that no message has: calibration knows nothing of them and leaves them where they are
        silent = np.array([counts[x] == 0 for x in labels])
        before = prior([s.text for s in rows], labels) if prior else np.zeros_like(distances)
        everything = _Calibration.fit(distances, before, truth, silent)
        model.slope, model.prior_slope = everything.slope, everything.prior_slope
        model.offsets, model.level = everything.offsets, everything.level
        honest = np.zeros_like(distances)
        for f in range(k):
            out = fold == f
            own = _Calibration.fit(distances[~out], before[~out], truth[~out], silent)
            honest[out] = own.of(distances[out], before[out])
        right = honest.argmax(axis=1) == truth
        found = scores.threshold(honest.max(axis=1), right, target=target)
        model.threshold = found.threshold if found else None
        made.honest = honest
        made.scores = scores.score(
            truth.tolist(), honest, group, threshold=model.threshold, target=target
        )
    model.target = target
    model.known = np.unique(np.array([features.digest(s.text) for s in rows], dtype=np.int64))
    return made


def _order(sample: Sample) -> tuple[int, str, str]:
    return features.digest(sample.text), sample.text, sample.label


class _Table:
    """Counts of all grams of all messages, a sparse matrix a channel."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np
        from scipy.sparse import csr_matrix

        made = [features.channels(t) for t in texts]
        self.ids: dict[str, Any] = {}
        self.counts: dict[str, Any] = {}
        for name in CHANNELS:
            own = [m[name] for m in made]
            flat = np.concatenate([g.ids for g in own])
            self.ids[name], columns = np.unique(flat, return_inverse=True)
            values = 1 + np.log(np.concatenate([g.counts for g in own]).astype(np.float32))
            ends = np.cumsum([0, *(len(g.ids) for g in own)])
            self.counts[name] = csr_matrix(
                (values, columns, ends), shape=(len(texts), len(self.ids[name]))
            )

    def weighted(self, rows: Any, labels: int) -> tuple[Any, dict[str, tuple[Any, Any]]]:
        """The rows as unit-length TF-IDF, and (ids, idf) a channel, from these rows alone."""
        import numpy as np

        least = 2 if len(rows) >= ENOUGH else 1
        seen = {
            n: np.bincount(c[rows].indices, minlength=c.shape[1]) for n, c in self.counts.items()
        }
        while sum(int((s >= least).sum()) for s in seen.values()) * labels > MOST_WEIGHTS:
            least += 1
        kept = {}
        for name in self.counts:
            keep = np.flatnonzero(seen[name] >= least)
            idf = (np.log((1 + len(rows)) / (1 + seen[name][keep])) + 1).astype(np.float32)
            kept[name] = (self.ids[name][keep], idf)
        return self.like(rows, kept, rarest(len(rows))), kept

    def like(self, rows: Any, kept: dict[str, tuple[Any, Any]], rare: float) -> Any:
        """Rows in the grams and weights that were kept, of unit length with those that were not.

        Grams nobody kept weigh ``rare`` in the length alone: a message of strange words comes to
        lie near the middle, and gets a low confidence.
        """
        import numpy as np
        from scipy.sparse import diags, hstack

        blocks = []
        for name, (ids, idf) in kept.items():
            columns = np.searchsorted(self.ids[name], ids)
            counts = self.counts[name][rows]
            squares = np.full(counts.shape[1], rare * rare, dtype=np.float32)
            squares[columns] = idf * idf
            length = np.sqrt(counts.multiply(counts) @ squares)
            length[length == 0] = 1
            block = counts[:, columns] @ diags(idf, dtype=np.float32)
            unit = diags((1 / length).astype(np.float32)) @ block
            blocks.append(features.WEIGHTS[name] * unit.tocsr())
        return hstack(blocks, format="csr", dtype=np.float32)


def _vectors(matrix: Any, truth: Any, labels: int) -> tuple[Any, Any]:
    """Weights (grams × labels) and offsets of the support vectors; unseen labels stand far off."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    learner = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0, tol=1e-3)
    present = np.unique(truth)
    weights = np.zeros((matrix.shape[1], labels), dtype=np.float32)
    offsets = np.full(labels, UNSEEN, dtype=np.float32)
    if len(present) < 2:
        offsets[present] = 1.0
        return weights, offsets
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner.fit(matrix, truth)
    coefficients, intercepts = learner.coef_, learner.intercept_
    if len(present) == 2:
        coefficients = np.vstack([-coefficients, coefficients])
        intercepts = np.concatenate([-intercepts, intercepts])
    weights[:, present] = coefficients.T
    offsets[present] = intercepts
    return weights, offsets


def _fit(table: _Table, truth: Any, labels: Sequence[str], rows: Any) -> Model:
    import numpy as np

    matrix, kept = table.weighted(rows, len(labels))
    weights, offsets = _vectors(matrix, truth[rows], len(labels))
    channels, begin = {}, 0
    for name, (ids, idf) in kept.items():
        channels[name] = Channel(ids, idf, weights[begin : begin + len(ids)])
        begin += len(ids)
    return Model(
        labels=tuple(labels),
        channels=channels,
        bias=offsets,
        offsets=np.zeros(len(labels)),
        rare=rarest(len(rows)),
    )


def _out_of_fold(table: _Table, truth: Any, labels: Sequence[str], fold: Any, extra: Any) -> Any:
    """Distances of each message by models that had not seen it; all of them saw the rows ``extra``."""
    import numpy as np

    distances = np.zeros((len(fold), len(labels)))
    for f in np.unique(fold):
        inside = np.concatenate([np.flatnonzero(fold != f), extra])
        outside = np.flatnonzero(fold == f)
        matrix, kept = table.weighted(inside, len(labels))
        weights, offsets = _vectors(matrix, truth[inside], len(labels))
        distances[outside] = table.like(outside, kept, rarest(len(inside))) @ weights + offsets
    return distances


@dataclass(frozen=True)
class _Calibration:
    """From distances and prior to probabilities."""

    slope: float
    prior_slope: float
    offsets: Any
    level: tuple[float, float] = (1.0, 0.0)

    @classmethod
    def fit(cls, distances: Any, before: Any, truth: Any, silent: Any) -> "_Calibration":
        slope, prior_slope, offsets = _calibrate(distances, before, truth, silent)
        first = cls(slope, prior_slope, offsets)
        return replace(first, level=_level(first.of(distances, before), truth))

    def of(self, distances: Any, before: Any) -> Any:
        found = softmax(self.slope * distances + self.prior_slope * before + self.offsets)
        return levelled(found, *self.level)


def _level(shares: Any, truth: Any) -> tuple[float, float]:
    """Slope and offset that put the confidence of the first right (J. Platt, 1999)."""
    import numpy as np
    from scipy.optimize import minimize

    if len(truth) < LEVELLED:
        return 1.0, 0.0
    top = np.clip(shares.max(axis=1), 1e-9, 1 - 1e-9)
    logit = np.log(top / (1 - top))
    right = (shares.argmax(axis=1) == truth).astype(float)

    def loss(x: Any) -> tuple[float, Any]:
        z = x[0] * logit + x[1]
        value = np.logaddexp(0, z).sum() - (right * z).sum() + 2 * ((x[0] - 1) ** 2 + x[1] ** 2)
        gap = 1 / (1 + np.exp(-z)) - right
        return value, np.array([(gap * logit).sum() + 4 * (x[0] - 1), gap.sum() + 4 * x[1]])

    found = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0.3, 3), (-3, 3)])
    return round(float(found.x[0]), 9), round(float(found.x[1]), 9)


def _calibrate(distances: Any, before: Any, truth: Any, silent: Any) -> tuple[float, float, Any]:
    """Slopes of distance and prior, and offsets, of a softmax, by greatest likelihood.

    Temperature scaling (Guo et al. 2017) with an offset a label, held near 0 where a label is rare
    and at 0 where it is ``silent``.
    """
    import numpy as np
    from scipy.optimize import minimize

    n, labels = distances.shape
    own = np.arange(n)

    def loss(x: Any) -> tuple[float, Any]:
        p = softmax(x[0] * distances + x[1] * before + x[2:])
        value = -np.log(np.maximum(p[own, truth], 1e-12)).sum() + 2.0 * float((x[2:] ** 2).sum())
        p[own, truth] -= 1
        slopes = [(p * distances).sum(), (p * before).sum()]
        return value, np.concatenate([slopes, p.sum(axis=0) + 4.0 * x[2:]])

    start = np.zeros(labels + 2)
    start[:2] = 3.0, 0.3 if before.any() else 0.0
    bounds = [(0.3, 30.0), (0.0, 5.0 if before.any() else 0.0)]
    bounds += [(0.0, 0.0) if still else (-4.0, 4.0) for still in silent]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), float(found.x[1]), found.x[2:]
