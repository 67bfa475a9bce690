"""Orders as a table: a row read as an order, and the table of results that the hotline wants back."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import exports
from lifang.core.errors import Field, Invalid
from lifang.intake.hotline import rules
from lifang.intake.hotline.actions import Order
from lifang.intake.hotline.queries import Result


def order_of(row: Mapping[str, Any]) -> Order:
    """An order from a row whose keys are our fields. Raises :class:`Invalid` with every wrong cell."""
    wrong: list[Field] = []
    zone = timezone.get_current_timezone()

    def read(name: str, parse: Any, message: str) -> Any:
        try:
            return parse(row.get(name))
        except (ValueError, TypeError):
            wrong.append(Field(name, message % {"value": str(row.get(name))[:40]}))
            return None

    def when(value: object) -> datetime | None:
        return rules.parse_time(value, zone)

    def figure(value: object) -> float | None:
        return None if value is None or str(value).strip() == "" else float(str(value))

    bad_time = _("时间“%(value)s”看不懂，例：2026-03-01 09:30")
    made = Order(
        number=_text(row, "number"),
        text=_text(row, "text"),
        title=_text(row, "title"),
        at=read("at", when, bad_time),
        due=read("due", when, bad_time),
        address=_text(row, "address"),
        lng=read("lng", figure, _("经度“%(value)s”不是数字")),
        lat=read("lat", figure, _("纬度“%(value)s”不是数字")),
        system=_text(row, "system").lower(),
        kind=_text(row, "kind"),
        subject=_text(row, "subject"),
        urgency=_text(row, "urgency"),
        name=_text(row, "name"),
        phone=_text(row, "phone"),
        contacted=read("contacted", rules.parse_yes, _("“%(value)s”应为是或否")),
        solved=read("solved", rules.parse_yes, _("“%(value)s”应为是或否")),
        stars=read("satisfied", rules.parse_stars, _("满意度“%(value)s”看不懂，例：满意")),
    )
    if wrong:
        raise Invalid("hotline.row", str(wrong[0].message), fields=wrong)
    return made


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "").strip()


def columns() -> Sequence[tuple[exports.Column, Callable[[Result], Any]]]:
    """Columns of the results' table and how to get the cell."""
    moment = "datetime"
    return (
        (exports.Column(_("工单编号"), 20), lambda r: r.number),
        (exports.Column(_("案件编号"), 18), lambda r: r.case_number),
        (exports.Column(_("状态"), 16), lambda r: r.state_words),
        (exports.Column(_("承办单位"), 24), lambda r: r.unit),
        (exports.Column(_("类别"), 16), lambda r: r.category),
        (exports.Column(_("答复"), 50), lambda r: r.reply),
        (exports.Column(_("退回原因"), 30), lambda r: r.back_reason),
        (exports.Column(_("来电时间"), 17, moment), lambda r: r.received_at),
        (exports.Column(_("处置期限"), 17, moment), lambda r: r.due_at),
        (exports.Column(_("立案时间"), 17, moment), lambda r: r.filed_at),
        (exports.Column(_("派遣时间"), 17, moment), lambda r: r.dispatched_at),
        (exports.Column(_("反馈时间"), 17, moment), lambda r: r.handed_back_at),
        (exports.Column(_("结案时间"), 17, moment), lambda r: r.closed_at),
        (exports.Column(_("是否联系"), 10), lambda r: r.contacted),
        (exports.Column(_("是否解决"), 10), lambda r: r.solved),
        (exports.Column(_("满意度"), 10, "int"), lambda r: r.stars),
        (exports.Column(_("处置后照片"), 40), lambda r: "\n".join(r.evidence)),
        (exports.Column(_("更新时间"), 17, moment), lambda r: r.updated_at),
    )


def write(found: Iterable[Result], *, base: str, filters: Sequence[tuple[str, str]]) -> bytes:
    """The results' table. ``base``: address of this site, for the evidence links."""
    out = io.BytesIO()
    shown = columns()

    def cells(result: Result) -> list[Any]:
        result.evidence = [base + path for path in result.evidence]
        return [read(result) for _column, read in shown]

    exports.table(
        out,
        title=_("热线工单结果"),
        columns=[column for column, _read in shown],
        rows=map(cells, found),
        filters=filters,
    )
    return out.getvalue()
