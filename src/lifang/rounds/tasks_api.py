"""Routes of the task breakdown and of steps."""

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Status

from lifang.core.api import Page, Router
from lifang.core.paging import page
from lifang.orgs.acting import ApiRequest
from lifang.rounds import actions, queries, sheets
from lifang.rounds.choices import Share, StepKind, StepOrigin, TaskStatus
from lifang.rounds.queries import steps as step_queries
from lifang.rounds.queries import tasks as task_queries
from lifang.rounds.schemas import (
    ChangedIds,
    DeleteTasksIn,
    FinishIn,
    IssuedOut,
    IssueIn,
    ProposedOut,
    ReassignIn,
    RemindedOut,
    RemindIn,
    RoundReopenIn,
    RoundStepOut,
    RoundTaskOut,
    SendBackIn,
    StepDetail,
    StepIn,
    StepNew,
    TakeUpIn,
    TaskIn,
    TaskNew,
    TaskProposeIn,
    UnitTasksOut,
)
from lifang.standards.rules import clean_text
from lifang.standards.schemas import Id

router = Router(tags=["rounds"])

# ---------------------------------------------------------------- the breakdown


@router.post("/rounds/{round_id}/tasks/propose", response=ProposedOut)
def propose(request: ApiRequest, round_id: Id, body: TaskProposeIn) -> Any:
    return actions.propose(by=request.auth, round_id=round_id, anew=body.anew)


@router.put("/rounds/{round_id}/tasks/issue", response=IssuedOut)
def issue(request: ApiRequest, round_id: Id, body: IssueIn) -> Any:
    return actions.issue(by=request.auth, round_id=round_id, **body.model_dump())


@router.put("/rounds/{round_id}/tasks/remind", response=RemindedOut)
def remind(request: ApiRequest, round_id: Id, body: RemindIn) -> Any:
    return actions.remind(by=request.auth, round_id=round_id, **body.model_dump())


@router.put("/rounds/{round_id}/tasks/delete", response=ChangedIds)
def delete_tasks(request: ApiRequest, round_id: Id, body: DeleteTasksIn) -> Any:
    actions.delete_tasks(by=request.auth, round_id=round_id, **body.model_dump())
    return {"ids": body.ids}


@router.get("/rounds/{round_id}/units", response=list[UnitTasksOut])
def units(request: ApiRequest, round_id: Id) -> Any:
    """Units with their tasks; those who let most lie come first."""
    return task_queries.by_unit(request.auth, queries.round_row(request.auth, round_id))


@router.get("/round-tasks", response=Page[RoundTaskOut])
def tasks(
    request: ApiRequest,
    round: Id,
    q: str = "",
    leaf: str = "",
    unit: Id | None = None,
    part: Share | None = None,
    status: TaskStatus | None = None,
    mine: bool = False,
    overdue: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    of = queries.round_row(request.auth, round)
    rows = task_queries.tasks(
        request.auth, of, q=clean_text(q), leaf=clean_text(leaf), unit=unit, part=part or "",
        status=status or "", mine=mine, overdue=overdue,
    )  # fmt: skip
    found = page(rows, order=("order", "-part", "id"), cursor=cursor, limit=limit)
    return found | {"items": task_queries.full(found["items"], of)}


@router.get("/round-tasks/export.xlsx", response={200: bytes})
def export_tasks(
    request: ApiRequest,
    round: Id,
    q: str = "",
    leaf: str = "",
    unit: Id | None = None,
    part: Share | None = None,
    status: TaskStatus | None = None,
    mine: bool = False,
    overdue: bool = False,
) -> HttpResponse:
    of = queries.round_row(request.auth, round)
    rows = task_queries.tasks(
        request.auth, of, q=clean_text(q), leaf=clean_text(leaf), unit=unit, part=part or "",
        status=status or "", mine=mine, overdue=overdue,
    )  # fmt: skip
    return sheets.download(sheets.tasks_sheet(request.auth, of, rows), f"{of.title} 任务分解")


@router.post("/round-tasks", response={201: RoundTaskOut})
def create_task(request: ApiRequest, body: TaskNew) -> Any:
    made = actions.create_task(by=request.auth, **body.model_dump())
    return Status(201, task_queries.one_full(request.auth, made.pk))


@router.put("/round-tasks/take-up", response=ChangedIds)
def take_up(request: ApiRequest, body: TakeUpIn) -> Any:
    return {"ids": actions.take_up(by=request.auth, **body.model_dump())}


@router.put("/round-tasks/name", response=ChangedIds)
def name_person(request: ApiRequest, body: TakeUpIn) -> Any:
    return {"ids": actions.name_person(by=request.auth, **body.model_dump())}


@router.put("/round-tasks/send-back", response=ChangedIds)
def send_back(request: ApiRequest, body: SendBackIn) -> Any:
    return {"ids": actions.send_back(by=request.auth, **body.model_dump())}


@router.get("/round-tasks/{task_id}", response=RoundTaskOut)
def one_task(request: ApiRequest, task_id: Id) -> Any:
    return task_queries.one_full(request.auth, task_id)


@router.put("/round-tasks/{task_id}", response=RoundTaskOut)
def change_task(request: ApiRequest, task_id: Id, body: TaskIn) -> Any:
    actions.change_task(by=request.auth, task_id=task_id, **body.model_dump(exclude={"leaf"}))
    return task_queries.one_full(request.auth, task_id)


@router.put("/round-tasks/{task_id}/reassign", response=RoundTaskOut)
def reassign(request: ApiRequest, task_id: Id, body: ReassignIn) -> Any:
    actions.reassign(by=request.auth, task_id=task_id, **body.model_dump())
    return task_queries.one_full(request.auth, task_id)


# ---------------------------------------------------------------- steps


@router.get("/round-steps", response=Page[RoundStepOut])
def steps(
    request: ApiRequest,
    round: Id,
    q: str = "",
    leaf: str = "",
    unit: Id | None = None,
    kind: StepKind | None = None,
    origin: StepOrigin | None = None,
    state: Literal["", "open", "overdue", "done"] = "",
    mine: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    of = queries.round_row(request.auth, round)
    rows = step_queries.steps(
        request.auth, of, q=clean_text(q), leaf=clean_text(leaf), unit=unit, kind=kind or "",
        origin=origin or "", state=state, mine=mine,
    )  # fmt: skip
    found = page(rows, order=step_queries.ORDER, cursor=cursor, limit=limit)
    return found | {"items": step_queries.full(found["items"], of)}


@router.get("/round-steps/export.xlsx", response={200: bytes})
def export_steps(
    request: ApiRequest,
    round: Id,
    q: str = "",
    leaf: str = "",
    unit: Id | None = None,
    kind: StepKind | None = None,
    origin: StepOrigin | None = None,
    state: Literal["", "open", "overdue", "done"] = "",
    mine: bool = False,
) -> HttpResponse:
    of = queries.round_row(request.auth, round)
    rows = step_queries.steps(
        request.auth, of, q=clean_text(q), leaf=clean_text(leaf), unit=unit, kind=kind or "",
        origin=origin or "", state=state, mine=mine,
    )  # fmt: skip
    return sheets.download(sheets.steps_sheet(request.auth, of, rows), f"{of.title} 工作方案")


@router.post("/round-steps", response={201: StepDetail})
def add_step(request: ApiRequest, body: StepNew) -> Any:
    made = actions.add_step(by=request.auth, **body.model_dump())
    return Status(201, step_queries.one_full(request.auth, made.pk))


@router.get("/round-steps/{step_id}", response=StepDetail)
def one_step(request: ApiRequest, step_id: Id) -> Any:
    return step_queries.one_full(request.auth, step_id)


@router.put("/round-steps/{step_id}", response=StepDetail)
def change_step(request: ApiRequest, step_id: Id, body: StepIn) -> Any:
    actions.change_step(by=request.auth, step_id=step_id, **body.model_dump())
    return step_queries.one_full(request.auth, step_id)


@router.delete("/round-steps/{step_id}", response={204: None})
def delete_step(request: ApiRequest, step_id: Id) -> Any:
    actions.delete_step(by=request.auth, step_id=step_id)
    return Status(204, None)


@router.put("/round-steps/{step_id}/finish", response=StepDetail)
def finish_step(request: ApiRequest, step_id: Id, body: FinishIn) -> Any:
    actions.finish_step(by=request.auth, step_id=step_id, **body.model_dump())
    return step_queries.one_full(request.auth, step_id)


@router.put("/round-steps/{step_id}/unfinish", response=StepDetail)
def unfinish_step(request: ApiRequest, step_id: Id, body: RoundReopenIn) -> Any:
    actions.unfinish_step(by=request.auth, step_id=step_id, reason=body.reason)
    return step_queries.one_full(request.auth, step_id)
