"""Numbers by template: ``{area}{date:%Y%m%d}{seq:05}`` gives 9901022026112600001 and so on.

The template is data (``CodeTemplate``). ``seq`` counts within everything else of the number: all
that stands before and after it, so a new day or area starts at 1 again.
"""

import datetime as dt
import string
from collections.abc import Mapping

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Invalid, Missing
from lifang.core.models import CodeTemplate

#: what a template may name besides ``date`` and ``seq``; rooms may give more to :func:`allocate`
FIELDS = frozenset({"area", "kind", "source", "unit"})
_STAMP = "codes"


def parts(template: str) -> list[tuple[str, str | None, str]]:
    """The template as (literal, field, format) triples; raises :class:`Invalid` if it is none."""
    try:
        found = [
            (literal, field, spec or "")
            for literal, field, spec, _conversion in string.Formatter().parse(template)
        ]
    except ValueError as problem:
        raise Invalid(
            "code.template", _("编号规则“%(t)s”写法有误，请检查花括号") % {"t": template}
        ) from problem
    return found


def check(template: str, *, fields: frozenset[str] = FIELDS) -> None:
    """Refuse a template that could give one number twice, or that names what nobody fills in."""
    names = [field for _literal, field, _spec in parts(template) if field is not None]
    if names.count("seq") != 1:
        raise Invalid("code.template", _("编号规则须恰好包含一个流水号 {seq}，例：{seq:05}"))
    for name in names:
        if name not in fields | {"seq", "date"}:
            raise Invalid(
                "code.template",
                _("编号规则中的 {%(name)s} 无法识别，可用：%(list)s")
                % {"name": name, "list": "、".join(sorted(fields | {"seq", "date"}))},
            )
    try:
        _fill(template, dt.datetime(2026, 1, 31, tzinfo=dt.UTC), dict.fromkeys(fields, ""), 1)
    except (ValueError, AttributeError, IndexError) as problem:
        raise Invalid(
            "code.template",
            _("编号规则“%(t)s”的格式有误，例：{date:%%Y%%m%%d}{seq:05}") % {"t": template},
        ) from problem


def _fill(template: str, at: dt.datetime, values: Mapping[str, object], seq: int | None) -> str:
    out = []
    for literal, field, spec in parts(template):
        out.append(literal)
        if field == "seq":
            out.append("#" if seq is None else format(seq, spec))
        elif field == "date":
            out.append(format(at, spec or "%Y%m%d"))
        elif field is not None:
            out.append(format(str(values[field]), spec))
    return "".join(out)


def number(key: str, *, at: dt.datetime | None = None, **values: object) -> str:
    """The next number of the kind ``key``; the date is local time. One statement beside the cache.

    Never given twice; a rolled-back transaction gives its number back.
    """
    template = template_of(key)
    local = timezone.localtime(at or timezone.now())
    counter = f"{key}:{_fill(template, local, values, None)}"[:120]
    return _fill(template, local, values, advance(counter))


def template_of(key: str) -> str:
    """The template of ``key``, from this process's cache."""
    known = stamps.cached(_STAMP, lambda: dict(CodeTemplate.objects.values_list("key", "template")))
    if key not in known:
        raise Invalid(
            "code.missing", _("没有编号规则“%(key)s”，请管理员在编号规则中添加") % {"key": key}
        )
    return known[key]


def advance(counter: str, by: int = 1) -> int:
    """Raise a counter by ``by`` and return its new value: one atomic upsert on both engines."""
    with connection.cursor() as sql:
        sql.execute(
            "INSERT INTO core_counter (key, value) VALUES (%s, %s) ON CONFLICT (key) "
            "DO UPDATE SET value = core_counter.value + excluded.value RETURNING value",
            [counter, by],
        )
        return int(sql.fetchone()[0])


@transaction.atomic
def set_template(key: str, template: str, *, note: str = "") -> CodeTemplate:
    """Create or change the template of ``key``; numbers already given stay as they are."""
    check(template)
    row, _made = CodeTemplate.objects.update_or_create(
        key=key, defaults={"template": template, "note": note}
    )
    stamps.bump(_STAMP)
    return row


@transaction.atomic
def change(*, by: Actor, key: str, template: str, note: str = "") -> CodeTemplate:
    """An administrator changes the template of ``key``."""
    before = CodeTemplate.objects.filter(key=key).values_list("template", flat=True).first()
    if before is None:
        raise Missing("code.missing", _("没有编号规则“%(key)s”") % {"key": key})
    row = set_template(key, template, note=note)
    journal.write(
        by=by,
        room="core",
        verb="set_code_template",
        subject=row,
        before={"template": before},
        after={"template": template},
    )
    return row


def example(template: str) -> str:
    """What a number of ``template`` looks like, with made-up values."""
    values = {"area": "990102", "kind": "A", "source": "S", "unit": "U"}
    try:
        return _fill(template, timezone.localtime(), values, 1)
    except (KeyError, ValueError):
        return ""
