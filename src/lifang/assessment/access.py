"""Who may see and do what with scores."""

from django.utils.translation import gettext as _

from lifang.core.errors import Forbidden, Missing
from lifang.orgs import tree
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.models import Round
from lifang.rounds.permissions import READERS


def need_reader(by: Acting) -> None:
    if not by.has(*READERS):
        raise Forbidden("assessment.forbidden", _("您没有查看全部成绩的权限"))


def need_evaluator(by: Acting) -> None:
    if not by.has(Role.EVALUATOR):
        raise Forbidden("assessment.forbidden", _("只有评价员可以进行这项操作"))


def own_units(by: Acting) -> set[str] | None:
    """Codes of the units whose figures the person sees; ``None``: of all. Raises :class:`Forbidden`."""
    if by.has(*READERS):
        return None
    units = by.units(Role.HANDLER)
    if not units:
        raise Forbidden("assessment.forbidden", _("您没有查看成绩的权限"))
    nodes = tree.tree().nodes
    return {nodes[u].code for u in units if u in nodes}


def round_of(round_id: int) -> Round:
    found = Round.objects.select_related("edition").defer("edition__document")
    one = found.filter(pk=round_id).first()
    if one is None:
        raise Missing("round.missing", _("没有这个测评轮次"))
    return one
