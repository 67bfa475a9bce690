"""Routes of pictures and recordings: what they say, and what people decide about them."""

from typing import Any

from lifang.cases.actions import media as actions
from lifang.cases.queries import media as queries
from lifang.cases.schemas import CaseMediaOut, PublicityIn, TranscriptIn
from lifang.core.api import Router
from lifang.orgs.acting import ApiRequest

router = Router(tags=["cases"])


@router.get("/cases/{int:case_id}/media", response=CaseMediaOut)
def case_media(request: ApiRequest, case_id: int) -> Any:
    return queries.media(request.auth, case_id)


@router.put("/cases/{int:case_id}/pictures/{int:file_id}", response=CaseMediaOut)
def decide_publicity(request: ApiRequest, case_id: int, file_id: int, body: PublicityIn) -> Any:
    actions.show_picture(by=request.auth, case_id=case_id, file_id=file_id, **body.dict())
    return queries.media(request.auth, case_id)


@router.put("/cases/{int:case_id}/recordings/{int:file_id}", response=CaseMediaOut)
def correct_recording(request: ApiRequest, case_id: int, file_id: int, body: TranscriptIn) -> Any:
    actions.correct_voice(by=request.auth, case_id=case_id, file_id=file_id, **body.dict())
    return queries.media(request.auth, case_id)
