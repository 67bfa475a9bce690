"""Learning measured on labelled messages: cross-validated, with no message on both sides of a split.

Called by ``python -m bench.understanding``. Every fold is trained from nothing, with its own
calibration and threshold; like messages stay in one fold, and that no text of the test is among
those learnt from is checked by its hash. Nothing of the messages is kept.
"""

import csv
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

FOLDS = 5
TREE = "message_category_tree.xlsx"
NOISE = 0.2

Row = tuple[str, str]


def cross_validated(rows: list[Row], words: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Scores of a model that learnt from the other folds; ``rows``: (text, label).

    ``words``: it learns from the labels' words as well.
    """
    import numpy as np

    from lifang.understanding.text import alike, features, joined, learn, scores
    from lifang.understanding.text.store import AnyModel

    cleaned = [features.clean(text) for text, _label in rows]
    labels = [label for _text, label in rows]
    names = sorted(set(labels))
    group = alike.groups(cleaned)
    fold = alike.folds(labels, group, FOLDS)
    found = np.zeros((len(rows), len(names)))
    decided = decided_right = 0
    trained = asked = 0.0
    for f in range(FOLDS):
        inside = [i for i, x in enumerate(fold) if x != f]
        outside = [i for i, x in enumerate(fold) if x == f]
        begun = time.process_time()
        samples = [learn.Sample(cleaned[i], labels[i]) for i in inside]
        model: AnyModel
        if words is None:
            model = learn.learn(samples).model
        else:
            model, _made = joined.join(samples, words, target=scores.TARGET)
        trained += time.process_time() - begun
        known = set(model.known.tolist())
        assert not known & {features.digest(cleaned[i]) for i in outside}, "a test text was learnt"
        begun = time.process_time()
        own = model.probabilities([cleaned[i] for i in outside])
        asked += time.process_time() - begun
        columns = [names.index(label) for label in model.labels]
        found[np.ix_(outside, columns)] = own
        if model.threshold is not None:
            alone = own.max(axis=1) >= model.threshold
            best = own.argmax(axis=1)
            decided += int(alone.sum())
            decided_right += sum(
                model.labels[b] == labels[i]
                for i, b, a in zip(outside, best, alone, strict=True)
                if a
            )
    result = scores.score([names.index(x) for x in labels], found, group, threshold=None).as_json()
    # each fold acts above its own threshold
    result["coverage_at_precision"] = scores.share(decided, len(rows)).as_json() | {
        "target": scores.TARGET,
        "decided": decided,
        "right": decided_right,
        "precision": scores.share(decided_right, decided).as_json() if decided else None,
    }
    return result | {
        "groups": len(set(group)),
        "seconds_a_training": round(trained / FOLDS, 1),
        "ms_a_prediction": round(1000 * asked / len(rows), 2),
    }


def tree_words(rows: list[Row], folder: Path) -> dict[str, list[str]] | None:
    """Names of the tree's lower levels by label; ``None`` where there is no tree."""
    import python_calamine

    if not (folder / TREE).is_file():
        return None
    with python_calamine.CalamineWorkbook.from_path(folder / TREE) as book:
        lines = book.get_sheet_by_index(0).to_python()[1:]
    labels = {label for _text, label in rows}
    words: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line[0] in labels:
            words[str(line[0])] += [str(c) for c in line[1:] if c]
    return dict(words)


def by_names(rows: list[Row], words: dict[str, list[str]]) -> dict[str, Any]:
    """Scores without any label: messages against the labels' words."""
    from lifang.understanding.text import alike, features, naming, scores

    model = naming.name(words)
    cleaned = [features.clean(text) for text, _label in rows]
    begun = time.process_time()
    found = model.probabilities(cleaned)
    each = 1000 * (time.process_time() - begun) / max(1, len(rows))
    truth = [model.labels.index(x) if x in model.labels else -1 for _text, x in rows]
    result = scores.score(truth, found, alike.groups(cleaned), threshold=None).as_json()
    del result["coverage_at_precision"]  # nothing was measured: it never acts alone
    return result | {"ms_a_prediction": round(each, 2), "embeddings": model.by_meaning}


def noisy(texts: list[str], *, share: float = NOISE, seed: int = 1) -> list[str]:
    """Texts in which a share of the characters became another of the same sound."""
    from lifang.understanding.text.features import syllable

    alike: dict[str, list[str]] = defaultdict(list)
    for c in sorted(set("".join(texts))):
        alike[syllable(c)].append(c)
    draw = random.Random(seed)
    return [
        "".join(
            draw.choice(alike[syllable(c)])
            if "\u4e00" <= c <= "\u9fff" and draw.random() < share
            else c
            for c in text
        )
        for text in texts
    ]


def titles(folder: Path, file: str) -> dict[str, Any]:
    """Titles alone, and titles with homophones, by a model that learnt from clean titles."""
    from sklearn.metrics import f1_score

    from lifang.understanding.text import alike, features, learn

    with (folder / file).open(encoding="utf-8-sig", newline="") as stream:
        rows = [(r["title"], r["label"]) for r in csv.DictReader(stream)]
    said = [features.clean(t) for t, _label in rows]
    spoilt = [features.clean(t) for t in noisy([t for t, _label in rows])]
    labels = [label for _t, label in rows]
    fold = alike.folds(labels, alike.groups(said), FOLDS)
    guesses: dict[str, list[str]] = {"clean": [""] * len(rows), "noisy": [""] * len(rows)}
    for f in range(FOLDS):
        inside = [i for i, x in enumerate(fold) if x != f]
        outside = [i for i, x in enumerate(fold) if x == f]
        model = learn.learn([learn.Sample(said[i], labels[i]) for i in inside]).model
        for kind, texts in (("clean", said), ("noisy", spoilt)):
            best = model.probabilities([texts[i] for i in outside]).argmax(axis=1)
            for i, b in zip(outside, best, strict=True):
                guesses[kind][i] = model.labels[b]
    return {
        kind: round(float(f1_score(labels, guess, average="macro")), 4)
        for kind, guess in guesses.items()
    }


def shown(
    learnt: dict[str, Any],
    named: dict[str, Any] | None,
    joined: dict[str, Any] | None,
    heads: dict[str, Any],
) -> str:
    """The figures as lines."""

    def figure(m: dict[str, float]) -> str:
        return f"{m['value']:.3f} ({m['low']:.3f}–{m['high']:.3f})"

    alone = learnt["coverage_at_precision"]
    lines = [
        f"learnt, {FOLDS} folds, {learnt['n']} messages in {learnt['groups']} groups: "
        f"macro-F1 {figure(learnt['macro_f1'])}, accuracy {figure(learnt['accuracy'])}, "
        f"ECE {figure(learnt['ece'])}",
        f"  decided alone {figure(alone)}, of these right {alone['right']}/{alone['decided']}; "
        f"{learnt['seconds_a_training']} s a training, {learnt['ms_a_prediction']} ms a prediction",
        f"titles alone: macro-F1 {heads['clean']:.3f}, with {NOISE:.0%} homophones {heads['noisy']:.3f}",
    ]
    if named:
        how = "with" if named["embeddings"] else "without"
        lines.append(
            f"no labels, {how} embeddings: macro-F1 {figure(named['macro_f1'])}, "
            f"ECE {figure(named['ece'])}; {named['ms_a_prediction']} ms a prediction"
        )
    if joined:
        lines.append(
            f"learnt with the labels' words: macro-F1 {figure(joined['macro_f1'])}, "
            f"ECE {figure(joined['ece'])}; {joined['ms_a_prediction']} ms a prediction"
        )
        alone = joined["coverage_at_precision"]
        lines.append(
            f"  decided alone {figure(alone)}, of these right {alone['right']}/{alone['decided']}"
        )
    return "\n".join(lines)
