"""Pydantic's validation errors in our words."""

from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field

_SKIP = {"body", "query", "path", "form", "file", "payload", "data", "filters"}


def invalid_fields(errors: list[dict[str, Any]]) -> list[Field]:
    """One :class:`Field` per pydantic error, with the path as the caller wrote it."""
    return [Field(_path(e["loc"]), _message(e)) for e in errors]


def _path(loc: tuple[Any, ...]) -> str:
    parts = [str(p) for p in loc]
    while len(parts) > 1 and parts[0] in _SKIP:
        parts = parts[1:]
    return ".".join(parts)


def _message(e: dict[str, Any]) -> str:
    kind, ctx = e["type"], e.get("ctx") or {}
    fixed = {
        "missing": _("必填"),
        "int_parsing": _("应为整数"),
        "int_type": _("应为整数"),
        "float_parsing": _("应为数字"),
        "float_type": _("应为数字"),
        "finite_number": _("应为有限的数字"),
        "bool_parsing": _("应为是或否"),
        "string_type": _("应为文字"),
        "datetime_parsing": _("时间格式有误，例：2026-03-01T09:30:00+08:00"),
        "date_parsing": _("日期格式有误，例：2026-03-01"),
        "uuid_parsing": _("应为 UUID"),
        "json_invalid": _("不是合法的 JSON"),
        "extra_forbidden": _("不认识的字段"),
    }
    if kind in fixed:
        return fixed[kind]
    if kind == "string_too_long":
        return _("最多 %(n)s 个字") % {"n": ctx.get("max_length")}
    if kind == "string_too_short":
        return _("至少 %(n)s 个字") % {"n": ctx.get("min_length")}
    if kind in ("enum", "literal_error"):
        return _("只能是：%(list)s") % {"list": ctx.get("expected")}
    if kind in ("greater_than_equal", "greater_than"):
        return _("太小，下限 %(n)s") % {"n": ctx.get("ge", ctx.get("gt"))}
    if kind in ("less_than_equal", "less_than"):
        return _("太大，上限 %(n)s") % {"n": ctx.get("le", ctx.get("lt"))}
    if kind == "value_error" and "error" in ctx:
        return str(ctx["error"])
    return _("格式有误")
