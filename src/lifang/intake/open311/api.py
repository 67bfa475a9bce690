"""Servers that are exchanged with, and what went which way: for administrators and the desk."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema, Status
from pydantic import StringConstraints

from lifang.core.api import Page, Router
from lifang.core.paging import page
from lifang.intake.open311 import exchange, sending, servers
from lifang.intake.open311.models import LinkState, Open311Link, Open311Server, Way
from lifang.orgs.acting import ApiRequest

router = Router(tags=["open311"])
Code = Annotated[str, StringConstraints(max_length=100)]


class Open311ServerIn(Schema):
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    url: Annotated[str, StringConstraints(max_length=300)]
    api_key: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="empty: the one that is kept"
    )
    jurisdiction: Code = ""
    form: Literal["xml", "json"] = "xml"
    services: dict[Code, Annotated[str, StringConstraints(max_length=40)]] = Field(
        {}, description="service code there → key of our class", max_length=500
    )
    receive: bool = False
    send: bool = False
    by_change: bool = False
    active: bool = True


class Open311ServerOut(Schema):
    id: int
    name: str
    url: str
    has_key: bool
    jurisdiction: str
    form: str
    services: dict[str, str]
    receive: bool
    send: bool
    by_change: bool
    active: bool
    cursor: datetime | None
    polled_at: datetime | None
    error: str
    failures: int
    #: links by state
    waiting: int = 0
    linked: int = 0
    ended: int = 0
    failed: int = 0

    @staticmethod
    def resolve_has_key(row: Open311Server) -> bool:
        return bool(row.api_key)


class Open311ServiceOut(Schema):
    code: str
    name: str
    group: str
    own: str


class Open311OfferOut(Schema):
    """A service there, known by the class here that it stands for."""

    code: str
    name: str
    fits: bool = Field(description="it stands for the class of the case")


class Open311TargetOut(Schema):
    """A server that a case may be sent to."""

    id: int
    name: str
    services: list[Open311OfferOut]


class Open311LinkIn(Schema):
    server_id: int
    case_id: int
    service_code: Code = ""


class Open311LinkOut(Schema):
    id: int
    server_id: int
    server: str
    case_id: int
    case_number: str
    way: Way
    state: LinkState
    service_code: str
    remote_id: str | None
    status: str
    notes: str
    remote_updated: datetime | None
    tries: int
    error: str
    created_at: datetime

    @staticmethod
    def resolve_server(row: Open311Link) -> str:
        return row.server.name

    @staticmethod
    def resolve_case_number(row: Open311Link) -> str:
        return row.case.number


@router.get("/open311-servers", response=list[Open311ServerOut])
def server_list(request: ApiRequest) -> Any:
    return exchange.server_rows(request.auth)


@router.post("/open311-servers", response={201: Open311ServerOut})
def add_server(request: ApiRequest, data: Open311ServerIn) -> Any:
    return Status(201, servers.save(by=request.auth, **data.dict()))


@router.put("/open311-servers/{server_id}", response=Open311ServerOut)
def change_server(request: ApiRequest, server_id: int, data: Open311ServerIn) -> Any:
    row = servers.save(by=request.auth, server_id=server_id, **data.dict())
    return exchange.server_rows(request.auth).get(pk=row.pk)


@router.put("/open311-servers/{server_id}/poll", response={202: None})
def poll_now(request: ApiRequest, server_id: int) -> Any:
    servers.ask(by=request.auth, server_id=server_id)
    return Status(202, None)


@router.get("/open311-servers/{server_id}/services", response=list[Open311ServiceOut])
def their_services(request: ApiRequest, server_id: int) -> Any:
    return servers.services(by=request.auth, server_id=server_id)


@router.get("/open311-links", response=Page[Open311LinkOut])
def links(
    request: ApiRequest,
    server_id: int | None = None,
    case_id: int | None = None,
    way: Way | None = None,
    state: LinkState | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> Any:
    found = exchange.links(request.auth, server=server_id, case=case_id, way=way, state=state)
    return page(found, cursor=cursor, limit=limit)


@router.get("/open311-links/targets", response=list[Open311TargetOut])
def targets(request: ApiRequest, case_id: int) -> Any:
    """Where a case may be sent, with the services there that are known."""
    return exchange.targets(request.auth, case_id=case_id)


@router.post("/open311-links", response={201: Open311LinkOut})
def send(request: ApiRequest, data: Open311LinkIn) -> Any:
    return Status(201, sending.send(by=request.auth, **data.dict()))


@router.put("/open311-links/{link_id}/retry", response=Open311LinkOut)
def retry(request: ApiRequest, link_id: int) -> Any:
    return sending.retry(by=request.auth, link_id=link_id)
