"""Code templates: how a city writes its codes, as data. No length is known to the program.

A template is text with places in braces: ``{region}{serial:3}``. Known places:

``{parent}``    the whole code of the region above
``{region}``    the whole code of the region it lies in; ``{region:6}`` its first six
``{type}``      the code of the site type
``{category}``  the class code of the catalogue; ``{category:4}`` its first four
``{digits:n}``  n digits given by hand
``{serial:n}``  n digits, counted up by the program
``{text}``      letters, digits and hyphens
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid

NAMES = ("parent", "region", "type", "category", "digits", "serial", "text")
_PLACE = re.compile(r"\{([a-z]+)(?::(\d{1,2}))?\}")


@dataclass(frozen=True)
class Part:
    """A literal (``name`` empty) or a place of a template, with its length or 0 for any."""

    name: str
    length: int = 0
    literal: str = ""


def parse(template: str, path: str = "template") -> tuple[Part, ...]:
    """The parts of a template; raises :class:`Invalid` naming what is wrong."""
    parts: list[Part] = []
    at = 0
    for found in _PLACE.finditer(template):
        if found.start() > at:
            parts.append(Part("", literal=template[at : found.start()]))
        name, length = found[1], int(found[2] or 0)
        if name not in NAMES:
            raise _fail(
                _("不认识的占位 {%(name)s}，可用：%(list)s")
                % {"name": name, "list": "、".join(NAMES)},
                path,
            )
        if name in ("digits", "serial") and not length:
            raise _fail(_("占位 {%(name)s} 要写位数，例：{%(name)s:3}") % {"name": name}, path)
        parts.append(Part(name, length))
        at = found.end()
    if at < len(template):
        parts.append(Part("", literal=template[at:]))
    if any("{" in p.literal or "}" in p.literal for p in parts):
        raise _fail(_("花括号没有配对或写法有误"), path)
    if not any(p.name for p in parts):
        raise _fail(_("模板至少要有一个占位，例：{region}{serial:3}"), path)
    if sum(p.name == "serial" for p in parts) > 1:
        raise _fail(_("模板只能有一个 {serial} 占位"), path)
    return tuple(parts)


def _fail(message: str, path: str) -> Invalid:
    return Invalid("code_template.invalid", message, fields=[Field(path, message)])


def _value(part: Part, context: Mapping[str, str]) -> str | None:
    value = context.get(part.name)
    if value is None:
        return None
    return value[: part.length] if part.length else value


def regex(parts: Iterable[Part], context: Mapping[str, str]) -> re.Pattern[str]:
    """What a code must match where ``context`` (parent, region, type, category) is known."""
    pattern = ""
    for p in parts:
        value = _value(p, context)
        if not p.name:
            pattern += re.escape(p.literal)
        elif p.name == "serial":
            pattern += rf"(?P<serial>\d{{{p.length}}})"
        elif p.name == "digits":
            pattern += rf"\d{{{p.length}}}"
        elif value is not None:
            pattern += re.escape(value)
        else:
            pattern += r"[0-9A-Za-z-]" + (f"{{{p.length}}}" if p.length else "+")
    return re.compile(pattern)


def matches(template: str, code: str, context: Mapping[str, str]) -> bool:
    return regex(parse(template), context).fullmatch(code) is not None


def describe(template: str, context: Mapping[str, str]) -> str:
    """The template in words, with known values filled in: ``990102001001 + 3 位流水号``."""
    words = {
        "parent": _("上级编码"),
        "region": _("区划编码"),
        "type": _("点位类型编码"),
        "category": _("类别编码"),
        "text": _("字母数字"),
    }
    out: list[str] = []
    for p in parse(template):
        value = _value(p, context)
        if not p.name:
            out.append(p.literal)
        elif p.name == "serial":
            out.append(_("%(n)s 位流水号") % {"n": p.length})
        elif p.name == "digits":
            out.append(_("%(n)s 位数字") % {"n": p.length})
        elif value:
            out.append(value)
        else:
            out.append((_("%(n)s 位") % {"n": p.length} if p.length else "") + words[p.name])
    return " + ".join(out)


def render(template: str, context: Mapping[str, str], serial: int) -> str:
    """The code with ``serial``; raises :class:`Invalid` when it does not fit or a value is missing."""
    out = ""
    for p in parse(template):
        if not p.name:
            out += p.literal
        elif p.name == "serial":
            if len(str(serial)) > p.length:
                raise Invalid(
                    "code.serial_full",
                    _("流水号 %(serial)s 超过模板的 %(n)s 位，请修改编码模板")
                    % {"serial": serial, "n": p.length},
                )
            out += str(serial).zfill(p.length)
        else:
            value = _value(p, context)
            if value is None:
                raise Invalid(
                    "code.needs_hand",
                    _("编码模板 %(t)s 不能自动生成编码，请手工填写") % {"t": template},
                )
            out += value
    return out


def stem(template: str, context: Mapping[str, str]) -> tuple[str, str]:
    """What stands before the serial, and all of the code but the serial: codes count within it."""
    before, whole, counted = "", "", False
    for p in parse(template):
        text = p.literal if not p.name else (_value(p, context) or "")
        if p.name == "serial":
            counted = True
        elif not counted:
            before += text
        whole += "*" if p.name == "serial" else text
    return before, whole


def next_serial(template: str, context: Mapping[str, str], taken: Iterable[str]) -> int:
    """One more than the highest serial among ``taken`` codes of the same context."""
    pattern = regex(parse(template), context)
    found = (pattern.fullmatch(c) for c in taken)
    numbers = [int(m["serial"]) for m in found if m and "serial" in pattern.groupindex]
    return max(numbers, default=0) + 1
