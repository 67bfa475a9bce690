"""Observations as an Excel sheet, as the list shows them."""

import io
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from lifang.core.exports import Column, table
from lifang.inspections.choices import Found
from lifang.inspections.models import Observation
from lifang.rounds.models import Round
from lifang.standards import edition_rows

_COLUMNS = [
    Column(_t("轮次"), 18), Column(_t("点位编码"), 20), Column(_t("点位"), 28),
    Column(_t("检查项"), 14), Column(_t("检查项名称"), 36), Column(_t("结果"), 10),
    Column(_t("问题数"), 8, "int"), Column(_t("原因"), 24), Column(_t("备注"), 30),
    Column(_t("有争议"), 8), Column(_t("责任单位"), 26), Column(_t("考察时间"), 18, "datetime"),
    Column(_t("考察人"), 14), Column(_t("照片"), 8, "int"), Column(_t("案件"), 18),
]  # fmt: skip


def sheet(round_: Round, rows: QuerySet[Observation], by: str) -> bytes:
    """Bytes of an ``.xlsx`` with every row of the query, oldest first."""
    target = io.BytesIO()
    table(target, title=_("考察记录"), columns=_COLUMNS, rows=_rows(round_, rows), by=by)
    return target.getvalue()


def _rows(round_: Round, rows: QuerySet[Observation]) -> Iterable[list[Any]]:
    items = edition_rows.edition(round_.edition).items
    for o in rows.select_related("case").order_by("id").iterator(1_000):
        item = items.get(o.item)
        yield [
            round_.key, o.place.code, o.place.title, o.item, item.title if item else "",
            Found(o.state).label, o.count if o.state == Found.FAIL else None, o.cause, o.note,
            _("是") if o.disputed else "", o.place.unit.name if o.place.unit else "", o.seen_at,
            o.seen_by_name or (o.seen_by.name if o.seen_by else ""), len(o.photos.all()),
            o.case.number if o.case else "",
        ]  # fmt: skip
