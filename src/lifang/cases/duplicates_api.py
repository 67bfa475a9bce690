"""Routes of the bound from which on duplicates are merged without a person."""

from typing import Any

from ninja import Status

from lifang.cases.actions.duplicates import ask_measure
from lifang.cases.queries.duplicates import duplicates_board
from lifang.cases.schemas.duplicates import DuplicateBoardOut
from lifang.core.api import Router
from lifang.orgs.acting import ApiRequest

router = Router(tags=["cases"])


@router.get("/judgement/duplicates", response=DuplicateBoardOut)
def duplicates(request: ApiRequest) -> Any:
    """Bound in force, what was merged and proposed, and what another bound would do."""
    return duplicates_board(request.auth)


@router.post("/judgement/duplicates/measure", response={202: None})
def measure(request: ApiRequest) -> Any:
    """Have the bound measured anew in the background."""
    ask_measure(by=request.auth)
    return Status(202, None)
