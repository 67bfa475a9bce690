"""From one version of the catalogue to the next: open cases that no unit has yet change over.

A case that was dispatched keeps the class, condition and limit under which it was filed: its clock
was started by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions import _step
from lifang.cases.actions.accept import propose_unit
from lifang.cases.choices import FINAL, Verb
from lifang.cases.models import Case
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.standards import queries as standards
from lifang.standards.queries import CategoryView


@dataclass(frozen=True)
class Moved:
    #: cases that now have the class of the version in force
    moved: int
    #: dispatched ones, which stay under the version they were filed by
    kept: int
    #: cases whose class has no successor: a person classes them
    left: int


def change_over(*, by: Acting, old: int, new: int, keys: Mapping[str, str]) -> Moved:
    """Give open cases of version ``old`` not yet dispatched their class in ``new``, the version in force.

    ``keys`` adds to the crosswalk's own answer (same key, else proposal): old key → new key.
    Each case in its own transaction: a second run goes on where the first was broken off.
    """
    if not by.has(Role.SYSTEM_ADMIN, Role.DUTY_CHIEF):
        raise Forbidden("case.forbidden", _("只有系统管理员和值班长可以迁移在办案件"))
    now = standards.in_force()
    if now.id != new:
        raise Invalid(
            "case.crosswalk",
            _("只能迁移到现行目录，请先启用目标版本"),
            fields=[Field("new", _("不是现行目录"))],
        )
    if unknown := sorted(k for k in set(keys.values()) if k and now.by_key(k) is None):
        raise Invalid(
            "case.crosswalk",
            _("现行目录中没有类别：%(keys)s") % {"keys": "、".join(unknown)},
            fields=[Field("keys", "、".join(unknown))],
        )
    known = {s.key: s.to for s in standards.steps(old, new) if s.key and s.to} | dict(keys)
    rows = Case.objects.exclude(state__in=FINAL).filter(category__catalogue=old)
    moved = kept = left = 0
    for case_id, key, state in list(rows.values_list("pk", "category__key", "state")):
        target = now.by_key(known.get(key, ""))
        if state not in rules.BEFORE_DISPATCH:
            kept += 1
        elif target is None:
            left += 1
        else:
            moved += _move(by, case_id, old, target)
    return Moved(moved, kept, left)


@transaction.atomic
def _move(by: Acting, case_id: int, old: int, target: CategoryView) -> int:
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("category", "condition")
        .filter(pk=case_id, category__catalogue=old, state__in=rules.BEFORE_DISPATCH)
        .first()
    )
    if case is None:
        return 0
    was, condition = case.category_id, case.condition
    case.category_id = target.id
    if condition is not None:
        same = [c for c in target.conditions if c.text == condition.text]
        chosen = same[0] if same else target.default_condition
        case.condition_id = chosen.id if chosen else None
    if case.filed_at is not None:
        propose_unit(case)
    _step.record(
        case, by=by, verb=Verb.RECLASSIFY, reason=_("目录换版，按新目录归类"),
        detail={"was": {"category": was}, "now": {"category": target.id}, "crosswalk": True},
    )  # fmt: skip
    return 1
