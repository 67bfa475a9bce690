"""Orders in, visits (回访) in. Each order is taken or refused by itself; none blocks another."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases.actions import reporter
from lifang.cases.actions.report import report as file_report
from lifang.cases.choices import Source, State
from lifang.cases.models import Report
from lifang.core import geo
from lifang.core.errors import Field, Forbidden, Invalid, Problem
from lifang.intake.hotline import rules
from lifang.intake.rules import clean_text
from lifang.orgs.acting import CITIZEN, Acting
from lifang.orgs.choices import Role

ROLES = (Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF)


@dataclass(frozen=True)
class Order:
    """An order as the hotline gives it."""

    number: str
    text: str = ""
    title: str = ""
    at: datetime | None = None
    due: datetime | None = None
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    system: str = ""
    kind: str = ""
    subject: str = ""
    urgency: str = ""
    name: str = ""
    phone: str = ""
    category_key: str = ""
    contacted: bool | None = None
    solved: bool | None = None
    stars: int | None = None


@dataclass(frozen=True)
class Taken:
    """What became of one order."""

    number: str
    ok: bool
    created: bool = False
    case_number: str = ""
    state: str = ""
    message: str = ""
    fields: list[Field] = field(default_factory=list)


def check_role(by: Acting) -> None:
    if not by.has(*ROLES):
        raise Forbidden("hotline.forbidden", _("热线工单须由受理员、派遣员或值班长导入"))


def client_id(number: str) -> str:
    """The same order number is the same report, however often and by whatever way it comes."""
    return f"hotline:{number.strip()}"


def take(*, by: Acting, order: Order) -> Taken:
    """Bring one order into the loop; the same number a second time is answered with its case."""
    check_role(by)
    _check(order)
    lng, lat = _place(order)
    with transaction.atomic():
        done = file_report(
            by=by,
            client_id=client_id(order.number),
            source=Source.HOTLINE,
            text=clean_text(rules.order_text(order.title, order.text)),
            lng=lng,
            lat=lat,
            address=order.address,
            category_key=order.category_key or None,
            reporter_name=order.name,
            reporter_phone=order.phone,
            at=order.at,
            external_number=order.number.strip(),
            payload=_payload(order),
        )
        _visit(done.report, order)
    return Taken(order.number, True, done.created, done.case.number, str(State(done.case.state)))


def take_many(*, by: Acting, orders: Iterable[Order]) -> list[Taken]:
    """Take each order by itself; what is wrong with one is said beside its number."""
    check_role(by)
    made = []
    for order in orders:
        try:
            made.append(take(by=by, order=order))
        except Problem as problem:
            made.append(
                Taken(order.number, False, message=str(problem.message), fields=[*problem.fields])
            )
    return made


def visit(
    *,
    by: Acting,
    number: str,
    contacted: bool | None = None,
    solved: bool | None = None,
    stars: int | None = None,
    comment: str = "",
) -> Taken:
    """What the caller said when the hotline rang back (回访): the three rates are made of it."""
    check_role(by)
    report = (
        Report.objects.select_related("case")
        .filter(source=Source.HOTLINE, external_number=number.strip())
        .first()
    )
    if report is None:
        message = _("没有工单“%(number)s”") % {"number": number}
        return Taken(number, False, message=message, fields=[Field("number", message)])
    try:
        reporter.rate(
            by=_caller(by),
            report=report,
            contacted=contacted,
            solved=solved,
            stars=stars,
            comment=clean_text(comment),
        )
    except Problem as problem:
        return Taken(number, False, message=str(problem.message), fields=[*problem.fields])
    return Taken(number, True, False, report.case.number, str(State(report.case.state)))


def _caller(by: Acting) -> Acting:
    """The words are the caller's, whoever types them."""
    return Acting(name=_("热线回访"), citizen=True, address=by.address, token_id=by.token_id)


def _visit(report: Report, order: Order) -> None:
    """A table of finished orders carries the caller's verdict; it counts once the case is closed."""
    said = (order.contacted, order.solved, order.stars)
    if said == (None, None, None) or report.case.state != State.CLOSED:
        return
    if report.ratings.exists():
        return
    reporter.rate(
        by=_caller(CITIZEN),
        report=report,
        contacted=order.contacted,
        solved=order.solved,
        stars=order.stars,
    )


def _check(order: Order) -> None:
    wrong = []
    number = order.number.strip()
    if not number:
        wrong.append(Field("number", _("缺工单编号")))
    elif len(number) > 64:
        wrong.append(Field("number", _("工单编号最多 %(n)s 个字符") % {"n": 64}))
    if not order.text.strip() and not order.title.strip():
        wrong.append(Field("text", _("缺诉求内容")))
    if len(order.address) > 200:
        wrong.append(Field("address", _("地址最多 %(n)s 个字") % {"n": 200}))
    if order.stars is not None and not 1 <= order.stars <= 5:
        wrong.append(Field("satisfied", _("满意度应为 1 至 5")))
    if wrong:
        raise Invalid("hotline.order", str(wrong[0].message), fields=wrong)


def _place(order: Order) -> tuple[float | None, float | None]:
    if order.lng is None or order.lat is None:
        return None, None
    return geo.to_wgs84(order.lng, order.lat, order.system)


def _payload(order: Order) -> dict[str, Any]:
    said = {
        "kind": order.kind,
        "subject": order.subject,
        "urgency": order.urgency,
        "title": order.title,
        "due": order.due.isoformat() if order.due else "",
    }
    return {k: v for k, v in said.items() if v}
