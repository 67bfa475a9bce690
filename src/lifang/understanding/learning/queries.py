"""What the page about the machine's judgement shows."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, FloatField, IntegerField, Max, Q
from django.db.models.functions import Cast, Floor, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import stamps
from lifang.core.acts import Actor
from lifang.core.errors import Forbidden
from lifang.standards import queries as standards
from lifang.understanding import rules
from lifang.understanding.learning.judge import STAMP
from lifang.understanding.learning.models import How, JudgeSetting, LearntModel, Sample
from lifang.understanding.models import Threshold

READERS = frozenset({"duty_chief", "leader", "system_admin"})
WEEKS = 26
#: below this confidence a proposal is a guess
LOW = 0.5
#: so many of the latest reviewed decisions tell whether the thresholds still hold
RECENT = 300
MOST_CORRECTIONS = 20


def setting() -> JudgeSetting:
    """How far the machine may judge, from this process's cache."""
    return stamps.cached(
        STAMP, lambda: JudgeSetting.objects.first() or JudgeSetting(), key="judge-setting"
    )


def told_until() -> dt.datetime | None:
    """The moment up to which decisions are known here."""
    last: dt.datetime | None = Sample.objects.aggregate(last=Max("changed_at"))["last"]
    return last


@dataclass(frozen=True)
class Record:
    """Of ``n`` reviewed decisions that the machine might have made alone, ``right`` were right."""

    n: int
    right: int

    def failing(self, target: float) -> bool:
        """Whether precision lies surely below the target: even its upper end misses it."""
        return self.n >= 30 and rules.wilson(self.right, self.n)[1] < target


def recent_record() -> Record:
    """The latest matters that were held back for review: the machine would have acted alone."""
    rows = list(
        Sample.objects.filter(how=How.DECIDED, held_back=True)
        .order_by("-reported_at")
        .values_list("right", flat=True)[:RECENT]
    )
    return Record(len(rows), sum(rows))


def board(by: Actor, *, days: int = 180, now: dt.datetime | None = None) -> dict[str, Any]:
    """Everything of the page. ``days``: how far back decisions are counted."""
    if not (by.automatic or READERS & by.roles):
        raise Forbidden("understanding.forbidden", _("智能判断由值班长、领导和系统管理员查看"))
    at = now or timezone.now()
    since = at - dt.timedelta(days=days)
    samples = Sample.objects.filter(reported_at__gte=since)
    names = {c.key: c.name for c in standards.in_force().nodes.values()}
    s = setting()
    return {
        "days": days,
        "setting": {"target": s.target, "review_share": s.review_share, "learning": s.learning},
        "may_change": by.automatic or "system_admin" in by.roles,
        "training": _training(),
        "totals": _totals(samples),
        "curve": _curve(samples),
        "thresholds": _thresholds(names),
        "corrections": _corrections(samples, names),
        "weeks": _weeks(samples.filter(reported_at__gte=at - dt.timedelta(weeks=WEEKS))),
        "model": _model(),
    }


def _interval(right: int, n: int) -> dict[str, Any]:
    low, high = rules.wilson(right, n)
    return {"right": right, "n": n, "value": right / n if n else None, "low": low, "high": high}


def _totals(samples: Any) -> dict[str, Any]:
    c = samples.aggregate(
        n=Count("id"),
        alone=Count("id", filter=Q(how=How.ALONE)),
        corrected=Count("id", filter=Q(how=How.CORRECTED)),
        reviewed=Count("id", filter=Q(how=How.DECIDED) & ~Q(proposed="")),
        good=Count("id", filter=Q(how=How.DECIDED, right=True)),
        held=Count("id", filter=Q(how=How.DECIDED, held_back=True)),
        held_right=Count("id", filter=Q(how=How.DECIDED, held_back=True, right=True)),
    )
    acted = c["alone"] + c["corrected"]
    return {
        "n": c["n"],
        "corrected": c["corrected"],
        # of all matters, those filed without a person
        "coverage": _interval(acted, c["n"]),
        # of what it might have filed alone and a person decided, what it had right
        "precision": _interval(c["held_right"], c["held"]),
        # of all proposals that a person decided on, those that were right
        "proposals": _interval(c["good"], c["reviewed"]),
    }


def _curve(samples: Any) -> list[dict[str, Any]]:
    """For each hundredth of confidence, what holds from there on: the what-if of the slider."""
    per: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    rows = (
        samples.filter(how=How.DECIDED)
        .exclude(proposed="")
        .annotate(
            step=Cast(
                Floor(F("confidence") * 100 + 1e-9, output_field=FloatField()), IntegerField()
            )
        )
        .values("step")
        .annotate(n=Count("id"), good=Count("id", filter=Q(right=True)))
        .order_by("step")
    )
    for row in rows:
        per[min(max(row["step"], 0), 100)] = [row["n"], row["good"]]
    total = sum(n for n, _good in per.values())
    n = good = 0
    found = []
    for step in range(100, -1, -1):
        n += per[step][0]
        good += per[step][1]
        if step >= 30 and step < 100:
            found.append(
                {
                    "threshold": step / 100,
                    "coverage": n / total if total else 0.0,
                    **_interval(good, n),
                }
            )
    return found[::-1]


def _thresholds(names: dict[str, str]) -> list[dict[str, Any]]:
    now = standards.in_force().sha256
    newest = LearntModel.objects.values_list("digest", flat=True).first() or ""
    return [
        {
            "group": t.group,
            "name": names.get(t.group, t.group) if t.group else _("其余类别"),
            "threshold": t.threshold,
            "coverage": t.coverage,
            **_interval(t.right, t.n),
            "target": t.target,
            "in_force": t.catalogue == now and t.model in ("", newest),
            "source": t.source,
            "measured_at": t.measured_at,
        }
        for t in Threshold.objects.order_by("group")
    ]


def _corrections(samples: Any, names: dict[str, str]) -> list[dict[str, Any]]:
    """Proposed and decided class, where they differ, the commonest first."""
    rows = (
        samples.exclude(proposed="")
        .filter(right=False)
        .values("proposed", "key")
        .annotate(n=Count("id"), alone=Count("id", filter=Q(how=How.CORRECTED)))
        .order_by("-n", "proposed", "key")[:MOST_CORRECTIONS]
    )
    return [
        {
            "proposed": r["proposed"],
            "proposed_name": names.get(r["proposed"], r["proposed"]),
            "key": r["key"],
            "name": names.get(r["key"], r["key"]),
            "n": r["n"],
            "alone": r["alone"],
        }
        for r in rows
    ]


def _weeks(samples: Any) -> list[dict[str, Any]]:
    """Drift: by week, how many were unsure and how much of their wording was new."""
    rows = (
        samples.annotate(week=TruncWeek("reported_at"))
        .values("week")
        .annotate(
            n=Count("id"),
            unsure=Count("id", filter=Q(confidence__lt=LOW)),
            acted=Count("id", filter=~Q(how=How.DECIDED)),
            reviewed=Count("id", filter=Q(how=How.DECIDED) & ~Q(proposed="")),
            good=Count("id", filter=Q(how=How.DECIDED, right=True)),
            strange=Avg("strange"),
        )
        .order_by("week")
    )
    return [
        {
            "week": r["week"].date(),
            "n": r["n"],
            "unsure": r["unsure"] / r["n"],
            "acted": r["acted"] / r["n"],
            "proposals": _interval(r["good"], r["reviewed"]),
            "strange": r["strange"],
        }
        for r in rows
    ]


def _model() -> dict[str, Any] | None:
    row = LearntModel.objects.first()
    if row is None:
        return None
    from lifang.understanding.learning.judge import in_force

    names = {c.key: c.name for c in standards.in_force().nodes.values()}
    card = dict(row.card)
    counts = card.get("counts") or {}
    return {
        "digest": row.digest,
        "made_at": row.made_at,
        "n": row.n,
        "labels": row.labels,
        "readable": in_force() is not None,
        "data_sha256": card.get("data_sha256", ""),
        "engine": card.get("engine", ""),
        "seconds": card.get("seconds", 0.0),
        "measures": card.get("measures"),
        "counts": [{"key": k, "name": names.get(k, k), "n": n} for k, n in counts.items()],
    }


def _training() -> bool:
    """Whether a training is waiting or going on."""
    from lifang.core.recovery import waiting
    from lifang.understanding.learning.tasks import retrain

    return bool(waiting(retrain))
