"""Routes of the organisation: the one who is signed in, units, people, roles, tokens."""

from lifang.core.api import Router
from lifang.orgs import queries
from lifang.orgs.acting import ApiRequest
from lifang.orgs.schemas import MeOut, UnitNode

router = Router(tags=["orgs"])


@router.get("/me", response=MeOut)
def me(request: ApiRequest) -> MeOut:
    return queries.me(request, request.auth)


@router.get("/units/tree", response=list[UnitNode])
def unit_tree(request: ApiRequest, closed: bool = False) -> list[UnitNode]:
    return queries.unit_tree(with_closed=closed)
