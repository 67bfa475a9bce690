"""What a crosswalk between two editions does to the scores of a round, before anything is moved."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from ninja import Schema

from lifang.assessment import access, gathering
from lifang.assessment.crosswalk import Preview, preview
from lifang.assessment.engine.facts import Fact
from lifang.core.api import Router
from lifang.core.errors import Conflict
from lifang.orgs.acting import Acting, ApiRequest
from lifang.rounds import queries as rounds
from lifang.standards import edition_queries, edition_rows
from lifang.standards.editions.crosswalk import Relation
from lifang.standards.schemas import Id

router = Router(tags=["editions"])
MOST_LEFT = 200


class CrosswalkLineOut(Schema):
    """A row of the crosswalk: points earned, of how many, under the old and the new edition."""

    old: list[str]
    new: list[str]
    relation: Relation
    carry: str
    before: Decimal
    after: Decimal
    worth_before: Decimal
    worth_after: Decimal


class CrosswalkLeftOut(Schema):
    """A fact that does not go along, and why."""

    fact: str
    why: str


class CrosswalkPreviewOut(Schema):
    round_id: int
    round: str
    #: totals, with what is open lost and won
    before: Decimal
    before_low: Decimal
    before_high: Decimal
    after: Decimal
    after_low: Decimal
    after_high: Decimal
    lines: list[CrosswalkLineOut]
    #: Bennet's split over what is comparable; what is new and gone stands apart
    performance: float
    rules: float
    fresh: float
    gone: float
    facts: int
    carried: int
    #: the first of those that stay behind
    left: list[CrosswalkLeftOut]
    left_count: int
    #: indicators whose facts go along and are asked for again
    again: list[str]


def _previewed(by: Acting, crosswalk_id: int, round_id: int) -> dict[str, Any]:
    access.need_reader(by)
    walk = edition_queries.walk(by, crosswalk_id)
    round_ = access.round_of(round_id)
    if round_.edition_id != walk.old_id:
        raise Conflict("crosswalk.round", _("这个轮次不是按对照表的旧版测评的"))
    rows = edition_queries.walk_rows(walk)
    old, new = edition_rows.edition(walk.old), edition_rows.edition(walk.new)
    facts = gathering.facts_of(round_)
    found = preview(old, new, rows, rounds.scope_of(round_), facts)
    return {"round_id": round_.pk, "round": str(round_), **_plain(found, facts)}


def _plain(found: Preview, facts: list[Fact]) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for name, result in (("before", found.before), ("after", found.after)):
        total = result.total
        totals |= {name: total.score, f"{name}_low": total.low, f"{name}_high": total.high}
    split = found.comparison
    return totals | {
        "lines": [
            line.row.plain()
            | {
                "before": line.before,
                "after": line.after,
                "worth_before": line.worth_before,
                "worth_after": line.worth_after,
            }
            for line in found.lines
        ],
        "performance": float(split.performance),
        "rules": float(split.rules),
        "fresh": float(split.new),
        "gone": float(split.gone),
        "facts": len(facts),
        "carried": len(found.carried.facts),
        "left": [{"fact": f, "why": why} for f, why in found.carried.left[:MOST_LEFT]],
        "left_count": len(found.carried.left),
        "again": list(found.carried.again),
    }


@router.get("/edition-crosswalks/{crosswalk_id}/preview", response=CrosswalkPreviewOut)
def preview_crosswalk(request: ApiRequest, crosswalk_id: Id, round: Id) -> Any:
    return _previewed(request.auth, crosswalk_id, round)
