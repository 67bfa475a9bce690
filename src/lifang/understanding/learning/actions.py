"""Remembering what people decided, learning from it, and setting how far the machine may act."""

import datetime as dt
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.standards import queries as standards
from lifang.standards.queries import Tree
from lifang.understanding import classes, rules
from lifang.understanding.learning import judge
from lifang.understanding.learning.models import How, JudgeSetting, LearntModel, Sample
from lifang.understanding.learning.queries import recent_record, setting
from lifang.understanding.models import Threshold

log = structlog.get_logger(__name__)
#: fewer decisions teach less than the catalogue's own words
LEAST = 100
#: a class without history is never thought less likely than this beforehand
LEAST_UNSEEN = 0.01
#: models kept, with the one in force
KEPT = 3
#: a major class with so many messages is judged by its own record, good or bad
OWN_RECORD = 30
#: thresholds that are tried: below one half something else is likelier than what was proposed
STEPS = tuple(step for step in rules.GRID if step >= 0.5)
EXTRA = ("numpy", "scipy", "sklearn", "pypinyin")

#: (class found, confidence, whether it was right)
Judged = tuple[str, float, bool]
#: rooms above that tell what was decided
_TELLERS: list[Callable[[], int]] = []


def teller(tell: Callable[[], int]) -> Callable[[], int]:
    """Register who tells what was decided: asked before each training, so that a correction made a
    minute ago is learnt from."""
    _TELLERS.append(tell)
    return tell


@dataclass(frozen=True)
class Taught:
    """A matter with its class, from a room above. ``confidence`` of ``proposed`` when it came in."""

    origin: str
    text: str
    key: str
    how: str
    proposed: str
    confidence: float
    held_back: bool
    reported_at: dt.datetime
    changed_at: dt.datetime


def remember(*, samples: Iterable[Taught]) -> int:
    """Take over what was decided; a matter that was known is brought up to date. Idempotent."""
    now = None
    try:
        now = judge.in_force()
    except Exception:
        log.exception("understanding.model_unreadable")
    rows = [
        Sample(
            origin=s.origin, text=s.text, key=s.key, how=s.how, proposed=s.proposed,
            confidence=s.confidence, right=bool(s.proposed) and s.proposed == s.key,
            held_back=s.held_back, reported_at=s.reported_at, changed_at=s.changed_at,
            strange=judge.strangeness(now, s.text),
        )
        for s in samples
    ]  # fmt: skip
    if rows:
        Sample.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["origin"],
            update_fields=["text", "key", "how", "proposed", "confidence", "right", "held_back",
                           "changed_at"],
        )  # fmt: skip
    return len(rows)


def change_setting(*, by: Actor, **values: Any) -> JudgeSetting:
    """Set target, share of reviews, whether to learn. Thresholds follow at the next training."""
    if not (by.automatic or "system_admin" in by.roles):
        raise Forbidden("understanding.forbidden", _("智能判断的参数须由系统管理员修改"))
    wrong = []
    if not 0.5 <= values.get("target", 0.95) <= 0.999:
        wrong.append(Field("target", _("应在 0.5 至 0.999 之间")))
    if not 0 <= values.get("review_share", 0.05) <= 1:
        wrong.append(Field("review_share", _("应在 0 至 1 之间")))
    if wrong:
        raise Invalid("understanding.setting", str(wrong[0].message), fields=wrong)
    with transaction.atomic():
        row = JudgeSetting.objects.select_for_update().first() or JudgeSetting()
        before = {k: getattr(row, k) for k in values}
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        stamps.bump(judge.STAMP)
        journal.write(
            by=by, room="understanding", verb="change_setting", subject=row, before=before,
            after=values,
        )  # fmt: skip
    return row


def ask_retrain(*, by: Actor) -> None:
    """Have the model learnt anew in the background."""
    from lifang.core.tasks import later
    from lifang.understanding.learning.tasks import retrain as task

    if not (by.automatic or "system_admin" in by.roles):
        raise Forbidden("understanding.forbidden", _("重新训练须由系统管理员发起"))
    with transaction.atomic():
        journal.write(by=by, room="understanding", verb="ask_retrain")
        later(task)


def retrain(*, by: Actor, now: dt.datetime | None = None) -> LearntModel | None:
    """Learn from what people decided, measure out of fold, and set from where it may act alone.

    Too few decisions, no extra installed or learning switched off: the catalogue's words go on
    judging, and their thresholds are measured on the same decisions. Never raises for bad data.
    """
    at = now or timezone.now()
    tree = standards.in_force()
    if not tree.id:
        return None
    for tell in _TELLERS:
        try:
            tell()
        except DatabaseError:
            raise
        except Exception:  # what was told before still teaches
            log.exception("understanding.not_told")
    rows = _decided(tree)
    counts = Counter(key for _text, key in rows)
    able = all(find_spec(name) is not None for name in EXTRA)
    s = setting()
    if not (s.learning and able and len(rows) >= LEAST and len(counts) >= 2):
        found = _by_words(tree, rows)
        with transaction.atomic():
            if not s.learning:
                LearntModel.objects.all().delete()
            set_thresholds(found, tree=tree, source=_("已判定的案件"), target=s.target, at=at)
            stamps.bump(judge.STAMP)
        return None
    return _learn(by, tree, rows, at)


def _decided(tree: Tree) -> list[tuple[str, str]]:
    """(text, key) of what people decided, of classes still in the catalogue; the newest."""
    from lifang.understanding.text.learn import MOST_MESSAGES

    leaves = {leaf.key for leaf in tree.leaves}
    found = (
        Sample.objects.exclude(how=How.ALONE)
        .order_by("-changed_at", "-id")
        .values_list("text", "key")[:MOST_MESSAGES]
    )
    return [(text, key) for text, key in found if key in leaves]


def _by_words(tree: Tree, rows: Sequence[tuple[str, str]]) -> list[Judged]:
    known = classes.build(tree)
    found = []
    for text, key in rows:
        best = classes.rank(known, text, most=1)
        if best:
            found.append((best[0].key, best[0].confidence, best[0].key == key))
    return found


def _learn(
    by: Actor, tree: Tree, rows: Sequence[tuple[str, str]], at: dt.datetime
) -> LearntModel | None:
    from lifang.understanding.text import card, features, learn, store

    begun = time.monotonic()
    known = classes.build(tree)
    samples, said = [], {}
    for text, key in rows:
        cleaned = features.clean(text)
        if features.joined(cleaned):
            samples.append(learn.Sample(cleaned, key))
            if cleaned not in said:
                said[cleaned] = judge.opinions(known, text)
    if len({s.label for s in samples}) < 2:
        return None

    def prior(texts: Sequence[str], labels: Sequence[str]) -> Any:
        import numpy as np

        return np.array([judge.logarithms(said[t], labels) for t in texts])

    target = setting().target
    made = learn.learn(samples, target=target, prior=prior)
    single = sum(n == 1 for n in made.counts.values())
    unseen = max(LEAST_UNSEEN, (single + 1) / (len(samples) + 2))
    about = card.make(
        kind=made.model.kind, counts=made.counts, groups=made.groups, scores=made.scores,
        data=card.data_hash([(s.text, s.label) for s in samples]), source=_("已判定的案件"),
        made_at=at.isoformat(timespec="seconds"), skipped={}, seconds=time.monotonic() - begun,
        engine=learn.ENGINE + "，与目录用语合并",
    )  # fmt: skip
    new = judge.folder() / f"new-{time.time_ns()}"
    digest = store.save(made.model, new, about)
    place = judge.folder() / digest[:16]
    if place.exists():
        shutil.rmtree(new)
    else:
        new.rename(place)
    judged = _out_of_fold(made, said, [leaf.key for leaf in tree.leaves], unseen)
    with transaction.atomic():
        row = LearntModel.objects.create(
            digest=digest, made_at=at, n=len(samples), labels=len(made.counts), unseen=unseen,
            card={"model": digest, **about}, catalogue=tree.sha256,
        )  # fmt: skip
        thresholds = set_thresholds(
            judged,
            tree=tree,
            source=_("已判定的案件，交叉验证"),
            target=target,
            at=at,
            model=digest,
        )
        stamps.bump(judge.STAMP)
        journal.write(
            by=by, room="understanding", verb="retrain", subject=row,
            after={
                "model": digest, "n": row.n, "labels": row.labels, "data": about["data_sha256"],
                "thresholds": {t.group: t.threshold for t in thresholds},
            },
        )  # fmt: skip
    _forget_old()
    return row


def _out_of_fold(made: Any, said: Any, keys: Sequence[str], unseen: float) -> list[Judged]:
    """What the blended judgement would have said of each message without having seen it."""
    if made.honest is None:
        return []
    found = []
    for sample, row in zip(made.rows, made.honest.tolist(), strict=True):
        learnt = dict(zip(made.model.labels, row, strict=True))
        shares = judge.blended(learnt, said[sample.text], keys, unseen)
        best = max(shares, key=lambda k: shares[k])
        found.append((best, shares[best], best == sample.label))
    return found


def set_thresholds(
    judged: Sequence[Judged],
    *,
    tree: Tree,
    source: str,
    target: float,
    at: dt.datetime,
    model: str = "",
) -> list[Threshold]:
    """Replace all thresholds by those found. Each major class with ``OWN_RECORD`` judgements gets
    a row of its own; all others share one. Where the latest reviewed decisions show that a
    threshold of this target does not hold, nothing may be done alone."""
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for key, confidence, right in judged:
        groups[key.partition(".")[0]].append((confidence, right))
    own = {g: s for g, s in groups.items() if len(s) >= OWN_RECORD}
    rest = [x for g, s in groups.items() if g not in own for x in s]
    failing = recent_record().failing(target)
    rows = []
    for group, pairs in sorted({**own, "": rest}.items()):
        if pairs:
            best = None if failing else rules.lowest_threshold(pairs, target=target, steps=STEPS)
            told = best or rules.measure(pairs, 0.0)
            rows.append(
                Threshold(
                    group=group, threshold=best.threshold if best else None, n=told.n,
                    right=told.right, low=told.low, high=told.high, coverage=told.coverage,
                    target=target, catalogue=tree.sha256, source=source[:200], measured_at=at,
                    model=model,
                )
            )  # fmt: skip
    Threshold.objects.all().delete()
    return Threshold.objects.bulk_create(rows)


def _forget_old() -> None:
    """Delete models that were replaced long ago, rows and folders."""
    rows = list(LearntModel.objects.all()[: KEPT + 50])
    kept = {r.digest[:16] for r in rows[:KEPT]}
    for row in rows[KEPT:]:
        row.delete()
    if judge.folder().is_dir():
        for path in judge.folder().iterdir():
            old = path.stat().st_mtime < time.time() - 3600
            if path.name not in kept and (old or not path.name.startswith(("new-", "."))):
                shutil.rmtree(path, ignore_errors=True)
