"""What the machine does alone when a report comes in, and only where its error is bounded."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lifang.cases.actions import _clock, _step
from lifang.cases.choices import State, Verb
from lifang.cases.duplicates import bound
from lifang.cases.duplicates.search import Asked, find
from lifang.cases.models import Case
from lifang.duties import queries as duties
from lifang.standards import queries as standards


@dataclass
class Plan:
    """Steps that follow the report by themselves: (verb, before, after, detail)."""

    steps: list[tuple[Verb, str, str, dict[str, Any]]] = field(default_factory=list)
    lead_id: int | None = None
    assisting: tuple[int, ...] = ()
    merge_into: Case | None = None
    #: what allowed the merger: the score with its parts, and the bound
    merge_why: dict[str, Any] = field(default_factory=dict)


def plan(case: Case, meaning: Any, *, now: dt.datetime, file_ids: Sequence[int] = ()) -> Plan:
    """Decide and set on ``case`` (not yet saved) what can be decided without a person."""
    made = Plan()
    sure = bool(meaning is not None and meaning.sure)
    if case.category_id is None and sure:
        category = standards.in_force().by_key(meaning.key)
        if category is not None:
            case.category_id, case.priority = category.id, category.priority
    _likely_same(case, made, now, file_ids)
    if made.merge_into is not None:
        _merge(case, made)
        return made
    case.stage_due_at = _clock.stage_due(State.REPORTED, now)
    if not (_step.setting().automatic_filing and sure and case.category_id and case.area):
        return made
    category = standards.in_force().by_id(case.category_id)
    if category is None or meaning.key != category.key or category.default_condition is None:
        return made
    condition = category.default_condition
    answer = duties.answer_for(
        category_key=category.key, area=case.area, road_id=case.road_id, site_id=case.site_id,
        grid_cell_id=case.cell_id,
    )  # fmt: skip
    case.condition_id = condition.id
    case.filed_at = now
    case.automatic = True
    case.duty = answer.as_json()
    why = {"machine": case.understanding.get("category"), "condition": condition.id}
    made.steps.append((Verb.FILE, State.REPORTED, State.FILED, why))
    case.state = State.FILED
    case.stage_due_at = _clock.stage_due(State.FILED, now)
    if answer.unit_id is None:
        case.arbitration = True
        return made
    case.lead_unit_id = case.first_unit_id = made.lead_id = answer.unit_id
    case.post_id = answer.post_id
    made.assisting = tuple(answer.assisting)
    case.dispatched_at = now
    _clock.start(case, condition.limit, condition.unit, now)
    made.steps.append((Verb.DISPATCH, State.FILED, State.DISPATCHED, {"duty": case.duty}))
    case.state = State.DISPATCHED
    return made


def _likely_same(case: Case, made: Plan, now: dt.datetime, file_ids: Sequence[int]) -> None:
    """Look for the same matter reported before: merge where that is allowed, else propose."""
    setting = _step.setting()
    asked = Asked(
        text=case.text, at=now, lng=case.lng, lat=case.lat, site_id=case.site_id,
        road_id=case.road_id, category_id=case.category_id, file_ids=file_ids,
        case_id=case.pk,
    )  # fmt: skip
    found = find(asked, setting)
    if found:
        case.understanding["duplicates"] = [c.as_json() for c in found]
    for candidate in found:
        why = bound.allows(candidate, category_id=case.category_id, setting=setting)
        if why is not None:
            made.merge_into = Case(pk=candidate.id, number=candidate.number, state=candidate.state)
            made.merge_why = {"proposal": candidate.as_json(), "bound": asdict(why)}
            return


def _merge(case: Case, made: Plan) -> None:
    assert made.merge_into is not None  # noqa: S101  # narrows the type; plan() checked
    case.merged_into_id = made.merge_into.pk
    case.state = State.MERGED
    case.paused_state = State.REPORTED
    detail = {"into": made.merge_into.number, "why": made.merge_why}
    made.steps.append((Verb.MERGE, State.REPORTED, State.MERGED, detail))


def finish(case: Case, made: Plan, *, now: dt.datetime) -> None:
    """Rows that need the saved case: units, and the count of the case it was merged into."""
    if made.lead_id is not None:
        _step.open_units(case, lead_id=made.lead_id, assisting=made.assisting, now=now)
    if made.merge_into is not None:
        from lifang.cases.actions.merge import follow

        follow(case, made.merge_into.pk, now=now)
