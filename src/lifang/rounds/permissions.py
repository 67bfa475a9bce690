"""Who sees and does what in rounds."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus, TaskStatus
from lifang.rounds.models import Letter, Round, Step, Task

#: run the assessment work
EDITORS = (Role.EVALUATOR, Role.SYSTEM_ADMIN)
#: see all of it
READERS = (*EDITORS, Role.LEADER)


def may_edit(by: Acting) -> bool:
    return by.has(*EDITORS)


def sees_all(by: Acting) -> bool:
    return by.has(*READERS)


def need_editor(by: Acting) -> None:
    if not may_edit(by):
        raise Forbidden("rounds.forbidden", _("只有评价员和系统管理员可以管理测评轮次"))


def need_reader(by: Acting) -> None:
    """What would tell a unit which places are looked at stays with those who run the round."""
    if not sees_all(by):
        raise Forbidden("rounds.forbidden", _("只有评价员、领导和系统管理员可以查看此内容"))


def own_units(by: Acting) -> frozenset[int]:
    """Units for which a handler acts."""
    return by.units(Role.HANDLER)


def visible_to(by: Acting) -> QuerySet[Round]:
    """Rounds: all for those who run or read them; handlers those that were opened."""
    rows: QuerySet[Round] = Round.objects.all()
    if sees_all(by):
        return rows
    if by.has(Role.HANDLER):
        return rows.exclude(status=RoundStatus.PREPARING)
    return rows.none()


def tasks_visible_to(by: Acting) -> QuerySet[Task]:
    rows: QuerySet[Task] = Task.objects.all()
    if sees_all(by):
        return rows
    told = ~Q(status=TaskStatus.DRAFT)
    return rows.filter(told, unit_id__in=own_units(by)).exclude(round__status="preparing")


def steps_visible_to(by: Acting) -> QuerySet[Step]:
    rows: QuerySet[Step] = Step.objects.all()
    if sees_all(by):
        return rows
    return rows.filter(unit_id__in=own_units(by)).exclude(round__status="preparing")


def letters_visible_to(by: Acting) -> QuerySet[Letter]:
    rows: QuerySet[Letter] = Letter.objects.all()
    return rows if sees_all(by) else rows.filter(unit_id__in=own_units(by))
