"""Measuring the machine's judgement on labelled history, and storing from where it may act alone."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Forbidden, Invalid
from lifang.standards import queries as standards
from lifang.understanding import classes, rules
from lifang.understanding.learning.actions import set_thresholds
from lifang.understanding.models import Threshold
from lifang.understanding.queries import STAMP


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

    Each major class with enough proposals gets a row of its own; all others share one.
    Replaces every earlier measurement.
    """
    if not (by.automatic or "system_admin" in by.roles):
        raise Forbidden("understanding.forbidden", _("只有系统管理员可以设定自动立案的门槛"))
    tree = standards.in_force()
    if not tree.id:
        raise Invalid("understanding.no_catalogue", _("没有现行目录，请先启用一个目录版本"))
    known = classes.build(tree)
    judged = []
    for text, right in samples:
        found = classes.rank(known, text, most=1)
        if found:
            good = rules.fits(found[0].key, (right,) if isinstance(right, str) else right)
            judged.append((found[0].key, found[0].confidence, good))
    rows = set_thresholds(judged, tree=tree, source=source, target=target, at=timezone.now())
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
