"""What is asked, which step is possible, which grades there are. Pure: no database, no clock."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.materials.choices import MISSING, NOT_ASKED, FilingStatus
from lifang.standards.editions.kinds import AllOrNothing, GradeMap, Rule
from lifang.standards.editions.shape import Edition, Measure, Node, Slot

S = FilingStatus
#: verb → states in which it is possible
MOVES: dict[str, frozenset[str]] = {
    "attach": frozenset({S.ASKED, S.DRAFT, S.RETURNED}),
    "submit": frozenset({S.DRAFT}),
    "withdraw": frozenset({S.SUBMITTED}),
    "first": frozenset({S.ASKED, S.DRAFT, S.RETURNED, S.SUBMITTED}),
    "second": frozenset({S.FIRST_PASSED, S.ACCEPTED}),
    "return": frozenset({S.SUBMITTED, S.FIRST_PASSED, S.ACCEPTED}),
    "appeal": frozenset({S.ACCEPTED}),
    "assign": frozenset({S.ASKED, S.DRAFT, S.RETURNED}),
}
_WORDS = {
    "attach": lazy("选择材料"),
    "submit": lazy("提交"),
    "withdraw": lazy("撤回"),
    "first": lazy("初审"),
    "second": lazy("复审"),
    "return": lazy("退回"),
    "appeal": lazy("申诉"),
    "assign": lazy("改派"),
}


#: still to be done by the unit
OPEN = (FilingStatus.ASKED, FilingStatus.DRAFT, FilingStatus.RETURNED)


def late(due: dt.date | None, status: str, today: dt.date) -> bool:
    """Whether the unit should have handed in by now."""
    return due is not None and due < today and status in OPEN


@dataclass(frozen=True)
class Asked:
    """One slot that a round asks for. ``role``: who leads (of the roster)."""

    leaf: str
    measure: str
    slot: str
    number: str
    title: str
    kind: str
    order: int
    role: str


def applies(leaf: Node, edition: Edition, context: Mapping[str, str]) -> bool:
    """Whether an indicator applies; as the engine has it, a name that the context lacks is no bar."""
    for code in (leaf.code, *edition.ancestors(leaf.code)[:-1]):
        for name, allowed in edition.nodes[code].applies.items():
            if name in context and str(context[name]) not in allowed:
                return False
    return True


def slots_of(measure: Measure) -> tuple[Slot, ...]:
    """What a document measure asks for; without slots, one of any kind."""
    return measure.asks or (Slot(""),)


def asked(edition: Edition, context: Mapping[str, str]) -> list[Asked]:
    """Every slot that a round of this edition asks for, in the edition's order, numbered officially.

    A leaf with one slot has its own code as number, else the slots are counted: ``II-3-12-1``.
    """
    found: list[Asked] = []
    for leaf in edition.leaves:
        if not applies(leaf, edition, context):
            continue
        rows = [
            (measure, slot)
            for measure in leaf.measures
            if measure.method == "document"
            for slot in slots_of(measure)
        ]
        for n, (measure, slot) in enumerate(rows, start=1):
            name = slot.title or slot.key
            found.append(
                Asked(
                    leaf=leaf.code,
                    measure=measure.key,
                    slot=slot.key,
                    number=leaf.code if len(rows) == 1 else f"{leaf.code}-{n}",
                    title=(f"{leaf.title}：{name}" if name not in ("", leaf.title) else leaf.title)[
                        :300
                    ],
                    kind=slot.kind,
                    order=len(found),
                    role=leaf.lead,
                )
            )
    return found


def measure_of(edition: Edition, leaf: str, key: str) -> Measure | None:
    node = edition.nodes.get(leaf)
    return next((m for m in node.measures if m.key == key), None) if node else None


def slot_of(edition: Edition, leaf: str, measure: str, key: str) -> Slot:
    """The slot; one without limits where the edition does not have it."""
    found = measure_of(edition, leaf, measure)
    return next((s for s in slots_of(found) if s.key == key), Slot(key)) if found else Slot(key)


def grades(rule: Rule | None) -> tuple[str, ...]:
    """Grades from the best to the worst; what no rule names counts as A, B, C."""
    if isinstance(rule, GradeMap):
        return tuple(sorted(rule.grades, key=lambda g: (-rule.grades[g], g)))
    if isinstance(rule, AllOrNothing):
        return tuple(dict.fromkeys((*sorted(rule.accept), "C")))
    return ("A", "B", "C")


def check_move(verb: str, status: str) -> None:
    """Refuse a step that the state does not allow; raises :class:`Conflict`."""
    if status not in MOVES[verb]:
        raise Conflict(
            "filing.state",
            _("这项材料现在是“%(state)s”，不能%(verb)s；请刷新后再看")
            % {"state": FilingStatus(status).label, "verb": _WORDS[verb]},
        )


def check_review(
    *,
    level: int,
    grade: str,
    reason: str,
    allowed: Iterable[str],
    submitted: bool,
    reviewer: int | None,
    submitter: int | None,
    first: int | None,
) -> None:
    """Who may grade what: another person than the one who handed in, and for level 2 than level 1."""
    allowed = tuple(allowed)
    known = (*allowed, MISSING, NOT_ASKED)
    if grade not in known:
        raise Invalid(
            "filing.grade",
            _("等级只能是：%(list)s") % {"list": "、".join(allowed)},
            fields=[Field("grade", _("没有这个等级"))],
        )
    if not submitted and grade not in (MISSING, NOT_ASKED):
        raise Conflict("filing.nothing", _("还没有提交材料，只能评为“缺失”或“不适用”"))
    if grade != allowed[0] and not reason.strip():
        raise Invalid(
            "filing.reason",
            _("评为最高等级以外的等级须写明理由"),
            fields=[Field("reason", _("必填"))],
        )
    if reviewer is not None and reviewer == submitter:
        raise Forbidden("filing.own", _("提交人不能审核自己提交的材料，请由另一人审核"))
    if level == 2 and reviewer is not None and reviewer == first:
        raise Forbidden("filing.same_reviewer", _("初审与复审不能是同一人，请由另一人复审"))
