"""What every verb of rounds begins and ends with."""

from typing import Any

from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round
from lifang.rounds.permissions import may_edit, need_editor, own_units, visible_to


def locked(by: Acting, round_id: int, *statuses: RoundStatus, edit: bool = True) -> Round:
    """The round, locked for this transaction, in one of ``statuses``."""
    if edit:
        need_editor(by)
    found = (
        visible_to(by)
        .select_for_update(of=("self",))
        .select_related("edition")
        .defer("document", "edition__document")
        .filter(pk=round_id)
        .first()
    )
    if found is None:
        raise Missing("round.missing", _("没有这个测评轮次，或您无权查看"))
    if statuses and found.status not in statuses:
        raise frozen(found)
    return found


def frozen(r: Round) -> Conflict:
    """Why the round's state does not allow the step."""
    if r.status == RoundStatus.CLOSED:
        return Conflict("round.closed", _("轮次“%(r)s”已结束，不能再修改") % {"r": r})
    if r.status == RoundStatus.OPEN:
        return Conflict("round.frozen", _("轮次“%(r)s”已启动，测评范围已冻结，不能修改") % {"r": r})
    return Conflict("round.preparing", _("轮次“%(r)s”还在筹备，请先启动") % {"r": r})


#: a round in which work may be written down
WORKING = (RoundStatus.PREPARING, RoundStatus.OPEN)


def need_unit(by: Acting, unit_id: int) -> None:
    """Those who run the round for every unit, a handler for the own ones."""
    if not may_edit(by) and unit_id not in own_units(by):
        raise Forbidden("rounds.unit", _("只能处理本单位的任务和措施"))


def unit_there(unit_id: int, path: str = "unit_id") -> int:
    node = tree().nodes.get(unit_id)
    if node is None or not node.active:
        raise invalid(path, _("没有这个单位，或单位已撤销"))
    return unit_id


def invalid(path: str, message: str, code: str = "rounds.invalid") -> Invalid:
    return Invalid(code, message, fields=[Field(path, message)])


def done(by: Acting, verb: str, subject: Any, **rest: Any) -> None:
    journal.write(by=by, room="rounds", verb=verb, subject=subject, **rest)
