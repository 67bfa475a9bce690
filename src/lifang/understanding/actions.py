"""Measuring the machine's judgement on labelled history, and storing from where it may act alone."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Forbidden, Invalid
from lifang.standards import queries as standards
from lifang.understanding import classes, rules
from lifang.understanding.models import Threshold
from lifang.understanding.queries import STAMP

#: a major class with so many messages is judged by its own record, good or bad
OWN_RECORD = 30


@transaction.atomic
def measure(
    *,
    by: Actor,
    samples: Iterable[tuple[str, str | tuple[str, ...]]],
    source: str,
    target: float = rules.TARGET,
) -> list[Threshold]:
    """Classify ``samples`` and store the thresholds found.

    A sample is a text and its right key, or the leading part of it that is known (a label of the
    first level), or several that would all be right.

    Each major class with ``OWN_RECORD`` proposals gets a row of its own; all others share one.
    Replaces every earlier measurement.
    """
    if not (by.automatic or "system_admin" in by.roles):
        raise Forbidden("understanding.forbidden", _("只有系统管理员可以设定自动立案的门槛"))
    tree = standards.in_force()
    if not tree.id:
        raise Invalid("understanding.no_catalogue", _("没有现行目录，请先启用一个目录版本"))
    known = classes.build(tree)
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for text, right in samples:
        found = classes.rank(known, text, most=1)
        if found:
            key = found[0].key
            good = rules.fits(key, (right,) if isinstance(right, str) else right)
            groups[key.partition(".")[0]].append((found[0].confidence, good))
    own = {g: s for g, s in groups.items() if len(s) >= OWN_RECORD}
    rest = [x for g, s in groups.items() if g not in own for x in s]
    Threshold.objects.all().delete()
    rows = Threshold.objects.bulk_create(
        _row(group, found, source, target, tree.sha256)
        for group, found in sorted({**own, "": rest}.items())
        if found
    )
    journal.write(
        by=by,
        room="understanding",
        verb="measure",
        after={
            "source": source,
            "thresholds": {r.group: [r.threshold, r.n, r.right, round(r.low, 4)] for r in rows},
        },
    )
    stamps.bump(STAMP)
    return rows


def _row(
    group: str, found: list[tuple[float, bool]], source: str, target: float, catalogue: str
) -> Threshold:
    best = rules.lowest_threshold(found, target=target)
    told = best or rules.measure(found, 0.0)
    return Threshold(
        group=group,
        threshold=best.threshold if best else None,
        n=told.n,
        right=told.right,
        low=told.low,
        high=told.high,
        coverage=told.coverage,
        target=target,
        catalogue=catalogue,
        source=source[:200],
        measured_at=timezone.now(),
    )
