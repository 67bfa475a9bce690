"""Routes of the machine's judgement. Duty chiefs, leaders, administrators read; the last change."""

from typing import Annotated, Any

from ninja import Status
from pydantic import Field

from lifang.core.api import Router
from lifang.orgs.acting import ApiRequest
from lifang.understanding.learning import actions, queries
from lifang.understanding.learning.schemas import JudgementOut, JudgeSettingIn, JudgeSettingOut

router = Router(tags=["understanding"])


@router.get("/judgement", response=JudgementOut)
def judgement(request: ApiRequest, days: Annotated[int, Field(ge=1, le=3660)] = 180) -> Any:
    """Coverage, precision, corrections, drift and thresholds of automatic classes."""
    return queries.board(request.auth, days=days)


@router.put("/judgement/setting", response=JudgeSettingOut)
def put_judge_setting(request: ApiRequest, body: JudgeSettingIn) -> Any:
    return actions.change_setting(by=request.auth, **body.model_dump())


@router.post("/judgement/retrain", response={202: None})
def retrain(request: ApiRequest) -> Any:
    """Have the model learnt anew in the background."""
    actions.ask_retrain(by=request.auth)
    return Status(202, None)
