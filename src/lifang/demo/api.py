"""The route of the live run's page. Empty outside a demo."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from ninja import Schema

from lifang.cases.counts import scope_of
from lifang.core.api import Router
from lifang.core.errors import Forbidden
from lifang.demo import yardstick
from lifang.orgs.acting import ApiRequest

router = Router(tags=["demo"])


class FedOut(Schema):
    case_id: int
    number: str
    title: str
    fed_at: dt.datetime
    state: str
    automatic: bool
    category: str
    area: str
    unit: str
    to_unit_seconds: float | None
    board_days: float | None
    board_answer: str


class RunOut(Schema):
    fed: int
    real: bool
    speed: float | None
    board_days: float | None
    to_unit_seconds: float | None
    dispatched: int
    automatic: int
    waiting: int
    merged: int
    closed: int
    closed_days: float | None
    rows: list[FedOut]


@router.get("/demo/run", response=RunOut)
def get_run(request: ApiRequest) -> Any:
    """The live run beside the message board's own replies."""
    scope = scope_of(request.auth)
    if not scope.areas and not scope.units:
        raise Forbidden("stats.forbidden", _("您的岗位没有可查看的统计范围"))
    return {**yardstick.figures(request.auth), "rows": yardstick.listing(request.auth)}
