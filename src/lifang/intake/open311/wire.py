"""The two forms on the wire: plain values as XML or JSON, and back, bounded and without entities.

XML ↔ JSON by the Spark convention: an element per key, a list as an element of items named in the
singular, an empty element where JSON has ``null``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec writing only

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

XML, JSON = "xml", "json"
CONTENT_TYPE = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}

#: item of a list, by the list's name
_ITEM = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
#: what XML 1.0 cannot carry
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: most nested elements that an answer of another server may have
_DEEP = 12


class Unreadable(ValueError):
    """Not well-formed, not what was expected, or meant to do harm."""


def write(root: str, value: Any, form: str) -> bytes:
    """``value`` as JSON without its root's name, or as XML under ``root``."""
    if form == JSON:
        return orjson.dumps(value)
    return bytes(tostring(_element(root, value), encoding="utf-8", xml_declaration=True))


def _element(name: str, value: Any) -> Element:
    made = Element(name)
    _fill(made, name, value)
    return made


def _fill(into: Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _fill(SubElement(into, key), key, inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            _fill(SubElement(into, _ITEM[name]), _ITEM[name], inner)
    elif isinstance(value, bool):
        into.text = "true" if value else "false"
    elif value is not None:
        into.text = _UNFIT.sub("", str(value))


def read(body: bytes, form: str) -> list[dict[str, Any]]:
    """A list of plain objects out of another server's answer. Raises :class:`Unreadable`.

    Strings stay strings; ``None`` stands for what is empty.
    """
    return _read_json(body) if form == JSON else _read_xml(body)


def _read_json(body: bytes) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise Unreadable(str(problem)) from problem
    # some servers wrap the list in an object with one name
    if (
        isinstance(found, dict)
        and len(found) == 1
        and isinstance(only := next(iter(found.values())), list)
    ):
        found = only
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise Unreadable("not a list of objects")
    return rows


def _read_xml(body: bytes) -> list[dict[str, Any]]:
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise Unreadable(f"{type(problem).__name__}: {problem}") from problem
    return [_plain(item, 0) for item in root]


def _plain(item: Element, depth: int) -> dict[str, Any]:
    if depth > _DEEP:
        raise Unreadable("nested too deep")
    return {
        _bare(child.tag): _plain(child, depth + 1)
        if len(child)
        else (child.text or "").strip() or None
        for child in item
    }


def _bare(tag: object) -> str:
    """``{http://…}request`` → ``request``."""
    return str(tag).rpartition("}")[2]
