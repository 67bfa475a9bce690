"""An edition as YAML or JSON text, loss-free both ways; faults name their line."""

import json
from typing import Any

import yaml
from django.utils.translation import gettext as _

from lifang.core.encoding import decode
from lifang.standards.edition_files.places import Place, Sheetful
from lifang.standards.edition_tidy import tidy

MOST_BYTES = 10 * 1024 * 1024
#: how deep values lie in one another; the format needs nine
MOST_DEEP = 24
_NULL = "tag:yaml.org,2002:null"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(document: Any) -> str:
    """YAML in the order of the format; numbers are quoted, so that 1.50 stays 1.50."""
    kept, _faults = tidy(document)
    text: str = yaml.dump(
        kept,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=110,
        default_flow_style=None,
    )
    return text


def read(data: bytes) -> Sheetful:
    """Never raises for what the text holds. JSON is YAML too."""
    out = Sheetful()
    document, faults = parse(data, out)
    return out.finish(document) if not faults else out


def parse(data: bytes, out: Sheetful) -> tuple[Any, bool]:
    """The plain value, with places noted in ``out``; ``True`` where it could not be read at all."""
    if len(data) > MOST_BYTES:
        out.fault(_("文件超过 %(n)s MB") % {"n": MOST_BYTES // 2**20})
        return None, True
    text = decode(data).lstrip("\ufeff")
    if text.lstrip()[:1] == "{" and "\t" in text:  # JSON by tabs, which YAML forbids
        try:
            return json.loads(text, parse_float=str, parse_int=str), False
        except (ValueError, RecursionError) as problem:
            out.fault(_("不是有效的 JSON：%(e)s") % {"e": str(problem)[:120]})
            return None, True
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        what = str(getattr(problem, "problem", "") or "")
        out.fault(_("YAML 语法有误 %(what)s") % {"what": what}, Place(row=line))
        return None, True
    if node is None:
        out.fault(_("文件是空的"))
        return None, True
    try:
        return _value(node, "", out, set(), 0), False
    except _TooDeep as refused:
        out.fault(str(refused))
        return None, True


class _TooDeep(ValueError):
    pass


def _value(node: Any, path: str, out: Sheetful, seen: set[int], deep: int) -> Any:
    """Scalars stay text (a code like 01 is no number); anchors are refused: they can grow without end."""
    here = Place(row=node.start_mark.line + 1)
    out.places.setdefault(path, here)
    if deep > MOST_DEEP:
        raise _TooDeep(_("第 %(n)s 行嵌套过深") % {"n": here.row})
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == _NULL else node.value
    if id(node) in seen:
        raise _TooDeep(_("第 %(n)s 行用了引用（&、*），请写出内容") % {"n": here.row})
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(v, f"{path}[{i}]", out, seen, deep + 1) for i, v in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            out.fault(_("键应为文字"), here, path)
            continue
        name = str(key.value)
        below = f"{path}.{name}" if path else name
        if name in found:
            out.fault(_("“%(key)s”重复") % {"key": name}, Place(row=key.start_mark.line + 1), below)
        out.places[below] = Place(row=key.start_mark.line + 1)
        found[name] = _value(value, below, out, seen, deep + 1)
    return found
