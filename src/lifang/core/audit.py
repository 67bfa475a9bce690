"""Reading the journal as an auditor: filters, pages, Excel."""

import datetime as dt
import io

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core import exports, journal
from lifang.core.acts import Actor
from lifang.core.errors import Invalid
from lifang.core.jsontext import canonical
from lifang.core.models import JournalEntry

MOST_EXPORTED = 100_000


def entries(
    *,
    room: str = "",
    verb: str = "",
    user_id: int | None = None,
    unit_id: int | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    automatic: bool | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> "QuerySet[JournalEntry, JournalEntry]":
    """Entries with their ``position`` in the chain (``None``: not yet sealed); days are local."""
    rows = JournalEntry.objects.annotate(position=F("link__position"))
    wanted = {
        "room": room or None,
        "verb": verb or None,
        "user_id": user_id,
        "unit_id": unit_id,
        "subject_kind": subject_kind or None,
        "subject_id": subject_id,
        "automatic": automatic,
        "at__gte": _midnight(since) if since else None,
        "at__lt": _midnight(until + dt.timedelta(days=1)) if until else None,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_default_timezone())


_COLUMNS = (
    exports.Column(gettext_lazy("序号"), 10, "int"),
    exports.Column(gettext_lazy("时间"), 18, "datetime"),
    exports.Column(gettext_lazy("操作人"), 14),
    exports.Column(gettext_lazy("地址"), 16),
    exports.Column(gettext_lazy("模块"), 10),
    exports.Column(gettext_lazy("操作"), 16),
    exports.Column(gettext_lazy("对象"), 28),
    exports.Column(gettext_lazy("自动"), 6),
    exports.Column(gettext_lazy("理由"), 30),
    exports.Column(gettext_lazy("变更前"), 40),
    exports.Column(gettext_lazy("变更后"), 40),
)


def export(*, by: Actor, **filters: object) -> bytes:
    """The filtered entries as an .xlsx. Taking them out is an entry of its own."""
    rows = entries(**filters).order_by("id")  # type: ignore[arg-type]  # the names are its own
    if rows.count() > MOST_EXPORTED:
        raise Invalid("journal.too_many", _("超过 %(n)s 条，请缩小时间范围") % {"n": MOST_EXPORTED})
    out = io.BytesIO()
    count = exports.table(
        out,
        title=_("操作日志"),
        columns=_COLUMNS,
        rows=(
            (
                row.position,  # type: ignore[attr-defined]  # annotated
                row.at,
                row.actor,
                row.address,
                row.room,
                row.verb,
                f"{row.subject_kind} {row.subject_id or ''} {row.subject_name}".strip(),
                row.automatic,
                row.reason,
                canonical(row.before) if row.before is not None else "",
                canonical(row.after) if row.after is not None else "",
            )
            for row in rows.iterator(chunk_size=2000)
        ),
        filters=[(name, str(value)) for name, value in filters.items() if value not in (None, "")],
        by=by.name,
    )
    with transaction.atomic():
        journal.write(
            by=by,
            room="core",
            verb="export_journal",
            after={"rows": count, "filters": filters},
        )
    return out.getvalue()
