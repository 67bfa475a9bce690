"""The one way to write an edition: what a draft is stored as, what sheets and YAML are turned into.

Known fields only, numbers as text, values that are the default left out, text in one form. So one edition has
one hash, whichever way it came in. What is *meant* is checked by :func:`editions.read`; here only what cannot
be kept at all is a fault.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field
from lifang.standards.rules import clean_name, clean_text

FORMAT = "lifang.edition/1"
#: nodes, items and what feeds them, together; a national system has some three hundred
MOST = 20_000
MOST_TEXT, MOST_NAME = 4000, 300
#: between the entries of a cell of a sheet, so they cannot stand in names
SEPARATORS = ("；", ";", "=")
Faults = list[Field]
Keep = Callable[[Any, str, Faults], Any]


def tidy(document: Any) -> tuple[dict[str, Any], list[Field]]:
    """The document in its one form, and what could not be kept, by path. Never raises."""
    faults: Faults = []
    if not isinstance(document, Mapping):
        return {"format": FORMAT}, [Field("", _("应为对象"))]
    out: dict[str, Any] = {"format": FORMAT}
    if document.get("format", FORMAT) != FORMAT:
        faults.append(Field("format", _("应为 %(format)s") % {"format": FORMAT}))
    rest = {k: v for k, v in document.items() if k != "format"}
    out |= _fields(rest, _HEAD, "", faults)
    size = len(out.get("nodes", ())) + sum(
        1 + sum(map(len, i.get("feeds", {}).values())) for i in out.get("items", ())
    )
    if size > MOST:
        told = _("指标与检查项共 %(n)s 条，最多 %(most)s 条")
        faults.append(Field("nodes", told % {"n": size, "most": MOST}))
    return out, faults


# ---------------------------------------------------------------- values


def _name(value: Any, path: str, faults: Faults) -> str | None:
    return _cleaned(value, path, faults, clean_name, MOST_NAME)


def _text(value: Any, path: str, faults: Faults) -> str | None:
    return _cleaned(value, path, faults, clean_text, MOST_TEXT)


def _cleaned(
    value: Any, path: str, faults: Faults, clean: Callable[[str], str], most: int
) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        faults.append(Field(path, _("应为文字")))
        return None
    text = unicodedata.normalize("NFC", clean(str(value)))
    if len(text) > most:
        faults.append(Field(path, _("最多 %(n)s 个字") % {"n": most}))
        return text[:most]
    return text or None


def _label(value: Any, path: str, faults: Faults) -> str | None:
    """A name that shares a cell with others."""
    text = _name(value, path, faults)
    if text and any(s in text for s in SEPARATORS):
        faults.append(Field(path, _("“%(text)s”中不能有分号和等号") % {"text": text[:40]}))
        for s in SEPARATORS:
            text = text.replace(s, " ")
        return clean_name(text) or None
    return text


def _number(value: Any, path: str, faults: Faults) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        faults.append(Field(path, _('应为数，写作字符串，如 "1.50"')))
        return None
    text = f"{value:f}" if isinstance(value, Decimal) else clean_name(str(value))
    return text[:40] or None


def _unless(keep: Keep, default: str) -> Keep:
    """Left out where it is the default; numbers are compared as numbers."""

    def kept(value: Any, path: str, faults: Faults) -> Any:
        found = keep(value, path, faults)
        return None if found is None or _same(found, default) else found

    return kept


def _same(found: str, default: str) -> bool:
    if found == default:
        return True
    try:
        return default.isdigit() and Decimal(found) == Decimal(default)
    except InvalidOperation:
        return False


def _rows(keep: Keep) -> Keep:
    def kept(value: Any, path: str, faults: Faults) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            faults.append(Field(path, _("应为列表")))
            return None
        # places stay, so that paths of later faults still fit
        found = [keep(v, f"{path}[{i}]", faults) for i, v in enumerate(value)]
        return [v for v in found if v is not None] or None

    return kept


def _map(keep: Keep) -> Keep:
    def kept(value: Any, path: str, faults: Faults) -> Any:
        found = {}
        for key, v in _pairs(value, path, faults):
            name = _label(key, path, faults)
            if name is not None:
                found[name] = keep(v, f"{path}.{name}", faults)
        return {k: v for k, v in found.items() if v is not None or keep is _or_null} or None

    return kept


def _or_null(value: Any, path: str, faults: Faults) -> Any:
    return _number(value, path, faults)


def _pairs(value: Any, path: str, faults: Faults) -> Iterable[tuple[Any, Any]]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        faults.append(Field(path, _("应为对象")))
        return ()
    return value.items()


def _fields(
    value: Any, known: Mapping[str, Keep], path: str, faults: Faults, also: Iterable[str] = ()
) -> dict[str, Any]:
    dot = f"{path}." if path else ""
    given = dict(_pairs(value, path, faults))
    for key in given:
        if key not in known and key not in also:
            faults.append(Field(f"{dot}{str(key)[:40]}", _("没有这个字段")))
    found = {k: keep(given.get(k), f"{dot}{k}", faults) for k, keep in known.items() if k in given}
    return {k: v for k, v in found.items() if v is not None}


def _object(known: Mapping[str, Keep], *, empty: bool = False) -> Keep:
    def kept(value: Any, path: str, faults: Faults) -> Any:
        if value is None and not empty:
            return None
        return _fields(value, known, path, faults) or ({} if empty else None)

    return kept


# ---------------------------------------------------------------- rules and parts


def _cut(value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        faults.append(Field(path, _("应为 [界限, 得分比例]")))
        return None
    return [_number(v, f"{path}[{i}]", faults) or "" for i, v in enumerate(value)]


_BY = _unless(_name, "pass_rate")
_STEP: Mapping[str, Keep] = {
    "by": _BY,
    "better": _unless(_name, "high"),
    "cuts": _rows(_cut),
    "else": _unless(_number, "0"),
}
_LINEAR: Mapping[str, Keep] = {
    "by": _BY,
    "lo": _unless(_number, "0"),
    "hi": _unless(_number, "1"),
}


def _accept(value: Any, path: str, faults: Faults) -> Any:
    found = _rows(_label)(value, path, faults)
    return None if found is not None and set(found) == {"A", "B"} else found


def _then(value: Any, path: str, faults: Faults) -> Any:
    return None if value is None else _rule(value, path, faults)


RULES: Mapping[str, Mapping[str, Keep]] = {
    "grade_map": {"grades": _map(_number), "combine": _unless(_name, "mean")},
    "step": _STEP,
    "linear_clamp": _LINEAR,
    "deduct": {
        "full": _unless(_number, "1"),
        "each": _number,
        "floor": _unless(_number, "0"),
        "per": _unless(_name, "all"),
        "site_cap": _number,
    },
    "ratio_of_target": {"target": _number, "cap": _unless(_number, "1")},
    "all_or_nothing": {"accept": _accept},
    "survey_mean": {"options": _map(_or_null), "then": _then},
    "bonus": {"cap": _number},
    "veto": {"effect": _name, "value": _unless(_number, "0")},
}


def _rule(value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, Mapping):
        if value is not None:
            faults.append(Field(path, _("应为对象")))
        return None
    kind = _name(value.get("kind"), f"{path}.kind", faults) or ""
    if kind not in RULES:
        return {"kind": kind}
    return {"kind": kind} | _fields(value, RULES[kind], path, faults, also=("kind",))


_SLOT: Mapping[str, Keep] = {
    "key": _name,
    "title": _name,
    "kind": _name,
    "least": _unless(_number, "1"),
    "most": _unless(_number, "0"),
    "size": _unless(_number, "0"),
    "words": _unless(_number, "0"),
    "months": _unless(_number, "0"),
    "help": _text,
}


def _slot(value: Any, path: str, faults: Faults) -> Any:
    if isinstance(value, str):
        value = {"key": value}
    return _object(_SLOT, empty=True)(value, path, faults)


def _measure(value: Any, path: str, faults: Faults) -> Any:
    found = _object(_MEASURE, empty=True)(value, path, faults)
    if found.get("key") == found.get("method"):
        found.pop("key", None)
    return found


_MEASURE: Mapping[str, Keep] = {
    "key": _name,
    "method": _name,
    "share": _unless(_number, "1"),
    "rule": _rule,
    "slots": _rows(_slot),
    "questions": _rows(_name),
    "take": _unless(_name, "latest"),
    "unit": _name,
}


def _within(value: Any, path: str, faults: Faults) -> Any:
    return None if value == "parent" else _name(value, path, faults)


_NODE: Mapping[str, Keep] = {
    "code": _name,
    "parent": _name,
    "title": _name,
    "points": _number,
    "lead": _name,
    "assist": _rows(_object({"role": _label, "share": _number}, empty=True)),
    "measures": _rows(_measure),
    "na": _object({"policy": _unless(_name, "drop"), "within": _within}),
    "missing": _object({"policy": _unless(_name, "pending")}),
    "applies": _map(_rows(_label)),
    "help": _text,
}
_FEED: Mapping[str, Keep] = {
    "leaf": _name,
    "measure": _unless(_name, "field"),
    "share": _unless(_number, "1"),
}


def _feeds(value: Any, path: str, faults: Faults) -> Any:
    found = {}
    for key, targets in _pairs(value, path, faults):
        name = _label(key, path, faults)
        kept = _rows(_object(_FEED, empty=True))(targets, f"{path}.{name}", faults)
        if name and kept:
            found[name] = kept
    return found or None


_ITEM: Mapping[str, Keep] = {
    "code": _name,
    "title": _name,
    "feeds": _feeds,
    "categories": _rows(_label),
    "help": _text,
}
_HEAD: Mapping[str, Keep] = {
    "key": _name,
    "version": _name,
    "title": _name,
    "total": _number,
    "rounding": _object({"total": _unless(_number, "2"), "leaf": _number}),
    "bonus_cap": _number,
    "prerequisites": _rows(_object({"edition": _name, "at_least": _number}, empty=True)),
    "blends": _rows(
        _object({"edition": _name, "share": _number, "full": _unless(_number, "100")}, empty=True)
    ),
    "nodes": _rows(_object(_NODE, empty=True)),
    "items": _rows(_object(_ITEM, empty=True)),
}
