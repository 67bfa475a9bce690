"""One route a verb. Each answers with the case page as it is afterwards."""

from collections.abc import Callable
from typing import Any

from ninja import Schema

from lifang.cases import actions, queries
from lifang.cases import schemas as s
from lifang.core import files
from lifang.core.api import Router
from lifang.orgs.acting import ApiRequest

router = Router(tags=["cases"])


def given(body: Schema) -> dict[str, Any]:
    """The body as arguments of the action, file tokens turned into numbers."""
    found = body.dict()
    for name, argument in (("files", "file_ids"), ("voices", "voice_ids")):
        if name in found:
            found[argument] = [files.by_token(t).pk for t in found.pop(name)]
    return found


def _put(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The route of a verb."""
    route: Callable[[Callable[..., Any]], Callable[..., Any]] = router.put(
        f"/cases/{{int:case_id}}/{name}", response=s.CaseOut
    )
    return route


@_put("assign")
def assign(request: ApiRequest, case_id: int, body: s.VerbIn) -> Any:
    actions.assign(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("ask-verification")
def ask_verification(request: ApiRequest, case_id: int, body: s.AskCheckIn) -> Any:
    actions.ask_verification(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("verify")
def verify(request: ApiRequest, case_id: int, body: s.VerifyIn) -> Any:
    actions.verify(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("file")
def file(request: ApiRequest, case_id: int, body: s.FileIn) -> Any:
    actions.file(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("reject")
def reject(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.reject(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("reclassify")
def reclassify(request: ApiRequest, case_id: int, body: s.ReclassifyIn) -> Any:
    actions.reclassify(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("ask")
def ask(request: ApiRequest, case_id: int, body: s.AskIn) -> Any:
    actions.ask(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("dispatch")
def dispatch(request: ApiRequest, case_id: int, body: s.DispatchIn) -> Any:
    actions.dispatch(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("return-to-acceptor")
def return_to_acceptor(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.return_to_acceptor(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("return-to-dispatcher")
def return_to_dispatcher(request: ApiRequest, case_id: int, body: s.ReturnIn) -> Any:
    actions.return_to_dispatcher(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("start")
def start(request: ApiRequest, case_id: int, body: s.StartIn) -> Any:
    actions.start(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("hand-back")
def hand_back(request: ApiRequest, case_id: int, body: s.HandBackIn) -> Any:
    actions.hand_back(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("send-back")
def send_back(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.send_back(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("ask-check")
def ask_check(request: ApiRequest, case_id: int, body: s.AskCheckIn) -> Any:
    actions.ask_check(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("check")
def check(request: ApiRequest, case_id: int, body: s.CheckIn) -> Any:
    actions.check(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("close")
def close(request: ApiRequest, case_id: int, body: s.CloseIn) -> Any:
    actions.close(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("reopen")
def reopen(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.reopen(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("merge")
def merge(request: ApiRequest, case_id: int, body: s.CaseMergeIn) -> Any:
    actions.merge(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("unmerge")
def unmerge(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.unmerge(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("split")
def split(request: ApiRequest, case_id: int, body: s.CaseSplitIn) -> Any:
    parts = [actions.Part(**p.dict()) for p in body.parts]
    actions.split(
        by=request.auth, case_id=case_id, parts=parts, note=body.note, version=body.version
    )
    return queries.one(request.auth, case_id)


@_put("extend")
def extend(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.extend(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("suspend")
def suspend(request: ApiRequest, case_id: int, body: s.SuspendIn) -> Any:
    actions.suspend(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("resume")
def resume(request: ApiRequest, case_id: int, body: s.NoteIn) -> Any:
    actions.resume(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("hang")
def hang(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.hang(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("unhang")
def unhang(request: ApiRequest, case_id: int, body: s.NoteIn) -> Any:
    actions.unhang(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("appeal")
def appeal(request: ApiRequest, case_id: int, body: s.AppealIn) -> Any:
    actions.appeal(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("void")
def void(request: ApiRequest, case_id: int, body: s.ReasonIn) -> Any:
    actions.void(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@_put("self-handle")
def self_handle(request: ApiRequest, case_id: int, body: s.SelfHandleIn) -> Any:
    actions.self_handle(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("add-evidence")
def add_evidence(request: ApiRequest, case_id: int, body: s.EvidenceIn) -> Any:
    actions.add_evidence(by=request.auth, case_id=case_id, **given(body))
    return queries.one(request.auth, case_id)


@_put("note")
def note(request: ApiRequest, case_id: int, body: s.CaseTextIn) -> Any:
    actions.note(by=request.auth, case_id=case_id, **body.dict())
    return queries.one(request.auth, case_id)


@router.put("/cases/ratings/{int:rating_id}/exclude", response=s.CaseOut)
def exclude_rating(request: ApiRequest, rating_id: int, body: s.ReasonIn) -> Any:
    rating = actions.exclude_rating(by=request.auth, rating_id=rating_id, reason=body.reason)
    return queries.one(request.auth, rating.case_id)


@router.get("/cases/bulk", response=dict[str, list[str]])
def bulk_verbs(request: ApiRequest) -> Any:
    """Verbs that can be done to many cases at once, each with the states from which I may."""
    return actions.offered(request.auth)


@router.put("/cases/bulk/{verb}", response=list[s.OutcomeOut])
def bulk(request: ApiRequest, verb: str, body: s.BulkIn) -> Any:
    given = body.dict(exclude={"case_ids"})
    done = actions.bulk(by=request.auth, verb=verb, case_ids=body.case_ids, **given)
    return [vars(o) for o in done]
