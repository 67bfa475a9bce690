"""Who may open the photos of lost points. Registered with ``core.files``."""

from collections.abc import Set

from django.db.models import Q

from lifang.assessment import gathering
from lifang.core import files
from lifang.core.acts import Actor
from lifang.core.models import StoredFile
from lifang.inspections.models import Observation
from lifang.orgs import tree
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus


@files.opens
def of_a_loss_i_answer_for(by: Actor, file: StoredFile, variant: str) -> bool:
    """A unit sees what costs the indicators that it leads or assists with, also at other units' places: the
    copy, not the original."""
    if not isinstance(by, Acting) or variant == "original":
        return False
    units = by.units(Role.HANDLER)
    if not units:
        return False
    nodes = tree.tree().nodes
    codes = {nodes[u].code for u in units if u in nodes}
    seen = (
        Observation.objects.filter(~Q(round__status=RoundStatus.PREPARING), photos=file)
        .select_related("place", "round__edition")
        .defer("round__document", "round__edition__document")[:20]
    )
    return any(_answers(o, codes) for o in seen)


def _answers(o: Observation, units: Set[str]) -> bool:
    plan = gathering.plan_of(o.round)
    for leaf, _measure in plan.feeds.get((o.item, o.place.type), ()):
        node = plan.edition.nodes[leaf]
        roles = (node.lead, *(role for role, _share in node.assist))
        if any(plan.round.unit_of(role) in units for role in roles if role != "site"):
            return True
    return False
