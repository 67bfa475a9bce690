"""An edition's document into :class:`Edition`; every fault is told with its path."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from lifang.standards.editions import kinds
from lifang.standards.editions.canon import digest
from lifang.standards.editions.reader import Reader
from lifang.standards.editions.rulebook import rule
from lifang.standards.editions.shape import Edition, Item, Measure, NaPolicy, Node, Rounding, Slot

FORMAT = "lifang.edition/1"


def read(document: Any) -> Edition:
    """The edition; raises :class:`Invalid` whose ``fields`` name every fault."""
    r = Reader()
    doc = r.mapping(document, "")
    if doc.get("format") != FORMAT:
        r.fault("format", _("应为 %(format)s") % {"format": FORMAT})
    nodes = _nodes(r, r.rows(doc.get("nodes"), "nodes"))
    items = _items(r, r.rows(doc.get("items"), "items"), nodes)
    rounding = r.mapping(doc.get("rounding"), "rounding")
    places = rounding.get("leaf")
    cap = doc.get("bonus_cap")
    edition = Edition(
        key=r.text(doc.get("key"), "key", required=True),
        version=r.text(doc.get("version"), "version", required=True),
        title=r.text(doc.get("title"), "title"),
        nodes=nodes,
        items=items,
        bonus_cap=None if cap is None else r.number(cap, "bonus_cap", least=0),
        prerequisites=tuple(
            _prerequisite(r, r.mapping(row, f"prerequisites[{i}]"), f"prerequisites[{i}]")
            for i, row in enumerate(r.rows(doc.get("prerequisites"), "prerequisites"))
        ),
        blends=tuple(
            _blend(r, r.mapping(row, f"blends[{i}]"), f"blends[{i}]")
            for i, row in enumerate(r.rows(doc.get("blends"), "blends"))
        ),
        rounding=Rounding(
            total=int(
                r.number(rounding.get("total"), "rounding.total", default=2, least=0, most=8)
            ),
            leaf=None
            if places is None
            else int(r.number(places, "rounding.leaf", least=0, most=8)),
        ),
        digest=digest(document) if not r.faults else "",
    )
    if sum(b.share for b in edition.blends) >= 1:
        r.fault("blends", _("其他体系所占份额之和应小于 1"))
    declared = doc.get("total")
    if declared is not None and r.number(declared, "total") != edition.total:
        told = _("各指标分值之和为 %(sum)s，与声明的总分 %(total)s 不符")
        r.fault("total", told % {"sum": edition.total, "total": declared})
    r.done("edition.faulty", _("测评体系有 %(n)s 处错误"))
    return edition


def _prerequisite(r: Reader, row: Mapping[str, Any], path: str) -> kinds.Prerequisite:
    return kinds.Prerequisite(
        r.text(row.get("edition"), f"{path}.edition", required=True),
        r.part(row.get("at_least"), f"{path}.at_least"),
    )


def _blend(r: Reader, row: Mapping[str, Any], path: str) -> kinds.Blend:
    return kinds.Blend(
        r.text(row.get("edition"), f"{path}.edition", required=True),
        r.part(row.get("share"), f"{path}.share", least=0, most=1),
        r.part(row.get("full"), f"{path}.full", default=100, positive=True),
    )


def _nodes(r: Reader, rows: list[Any]) -> dict[str, Node]:
    found: dict[str, tuple[int, Node]] = {}
    for i, row in enumerate(rows):
        node = _node(r, r.mapping(row, f"nodes[{i}]"), f"nodes[{i}]")
        if node.code in found:
            r.fault(f"nodes[{i}].code", _("编码“%(code)s”重复") % {"code": node.code})
        elif node.code:
            found[node.code] = (i, node)
    for code, (i, node) in found.items():
        if node.parent and node.parent not in found:
            told = _("没有编码为“%(code)s”的上级")
            r.fault(f"nodes[{i}].parent", told % {"code": node.parent})
        elif node.parent and found[node.parent][1].measures:
            told = _("上级“%(code)s”是指标，不能有下级")
            r.fault(f"nodes[{i}].parent", told % {"code": node.parent})
        seen, at = {code}, node.parent
        while at in found and at not in seen:
            seen.add(at)
            at = found[at][1].parent
        if at == code:
            r.fault(f"nodes[{i}].parent", _("上级关系成环"))
        within = node.na.within
        if within and within not in seen:
            r.fault(f"nodes[{i}].na.within", _("“%(code)s”不是它的上级") % {"code": within})
    if not any(node.measures for _i, node in found.values()):
        r.fault("nodes", _("没有任何指标"))
    if r.faults:
        return {code: node for code, (_i, node) in found.items()}
    return {code: found[code][1] for code in sorted(found, key=lambda c: _depth(found, c))}


def _depth(found: Mapping[str, tuple[int, Node]], code: str) -> int:
    steps = 0
    while found[code][1].parent:
        code, steps = found[code][1].parent, steps + 1
    return steps


def _node(r: Reader, row: Mapping[str, Any], path: str) -> Node:
    measures = tuple(
        _measure(r, r.mapping(m, f"{path}.measures[{k}]"), f"{path}.measures[{k}]")
        for k, m in enumerate(r.rows(row.get("measures"), f"{path}.measures"))
    )
    na = r.mapping(row.get("na"), f"{path}.na")
    missing = r.mapping(row.get("missing"), f"{path}.missing")
    applies = r.mapping(row.get("applies"), f"{path}.applies")
    assist = tuple(
        (
            r.text(a.get("role"), f"{path}.assist[{k}].role", required=True),
            r.part(a.get("share"), f"{path}.assist[{k}].share", least=0, most=1),
        )
        for k, a in enumerate(
            r.mapping(a, f"{path}.assist") for a in r.rows(row.get("assist"), f"{path}.assist")
        )
    )
    node = Node(
        code=r.text(row.get("code"), f"{path}.code", required=True),
        title=r.text(row.get("title"), f"{path}.title"),
        parent=r.text(row.get("parent"), f"{path}.parent"),
        points=r.number(row.get("points"), f"{path}.points", default=0, least=0),
        measures=measures,
        na=NaPolicy(
            r.one_of(
                na.get("policy"),
                ("full", "drop", "redistribute", "zero"),
                f"{path}.na.policy",
                "drop",
            ),
            ""
            if na.get("within") in (None, "parent")
            else r.text(na["within"], f"{path}.na.within"),
        ),
        missing=r.one_of(
            missing.get("policy"), ("pending", "zero"), f"{path}.missing.policy", "pending"
        ),
        applies={
            k: frozenset(map(str, r.rows(v, f"{path}.applies.{k}"))) for k, v in applies.items()
        },
        lead=r.text(row.get("lead"), f"{path}.lead"),
        assist=assist,
        help=r.text(row.get("help"), f"{path}.help"),
    )
    if sum(share for _role, share in assist) > 1:
        r.fault(f"{path}.assist", _("协办份额之和不能超过 1"))
    if len({role for role, _share in assist}) < len(assist):
        r.fault(f"{path}.assist", _("同一协办角色写了两次"))
    if not measures and node.points:
        r.fault(f"{path}.points", _("只有带测评方式的指标才有分值，上级的分值由下级相加"))
    special = [m for m in measures if m.method in ("special", "veto")]
    if special and len(measures) > 1:
        r.fault(f"{path}.measures", _("加分项与负面清单只能有一种测评方式"))
    if len({m.key for m in measures}) < len(measures):
        r.fault(f"{path}.measures", _("测评方式的 key 重复"))
    if measures and sum(m.share for m in measures) != 1:
        r.fault(f"{path}.measures", _("各测评方式的份额之和应为 1"))
    return node


def _measure(r: Reader, row: Mapping[str, Any], path: str) -> Measure:
    method = r.one_of(row.get("method"), tuple(kinds.KINDS_OF), f"{path}.method")
    found = rule(r, r.mapping(row.get("rule"), f"{path}.rule"), f"{path}.rule", method)
    asks = tuple(
        _slot(r, s, f"{path}.slots[{k}]")
        for k, s in enumerate(r.rows(row.get("slots"), f"{path}.slots"))
    )
    slots = tuple(s.key for s in asks)
    if len(set(slots)) < len(slots):
        r.fault(f"{path}.slots", _("材料的 key 重复"))
    questions = tuple(str(s) for s in r.rows(row.get("questions"), f"{path}.questions"))
    if method == "field" and not _rising(found):
        r.fault(f"{path}.rule", _("实地与问卷测评只能是越高越好"))
    if method == "survey" and isinstance(found, kinds.SurveyMean) and not _rising(found.then):
        r.fault(f"{path}.rule.then", _("实地与问卷测评只能是越高越好"))
    if method == "survey" and not questions:
        r.fault(f"{path}.questions", _("问卷测评要写明题目"))
    if method == "document" and isinstance(found, kinds.AllOrNothing | kinds.Deduct) and not slots:
        r.fault(f"{path}.slots", _("此规则要写明应交的材料"))
    return Measure(
        key=r.text(row.get("key"), f"{path}.key") or method,
        method=method,
        rule=found,
        share=r.part(row.get("share"), f"{path}.share", default=1, least=0, most=1),
        slots=slots,
        asks=asks,
        questions=questions,
        take=r.one_of(row.get("take"), ("latest", "mean"), f"{path}.take", "latest"),
        unit=r.text(row.get("unit"), f"{path}.unit"),
    )


def _slot(r: Reader, raw: Any, path: str) -> Slot:
    """A slot: its key alone, or a mapping with what is asked."""
    if isinstance(raw, str):
        return Slot(raw.strip())
    row = r.mapping(raw, path)
    number = {
        name: int(r.number(row.get(name), f"{path}.{name}", default=default, least=0, most=10_000))
        for name, default in (("least", 1), ("most", 0), ("size", 0), ("words", 0), ("months", 0))
    }
    if number["most"] and number["most"] < number["least"]:
        r.fault(f"{path}.most", _("最多件数不能小于最少件数"))
    return Slot(
        key=r.text(row.get("key"), f"{path}.key", required=True),
        title=r.text(row.get("title"), f"{path}.title"),
        kind=r.one_of(
            row.get("kind"), ("", "document", "report", "photo", "table"), f"{path}.kind"
        ),
        help=r.text(row.get("help"), f"{path}.help"),
        **number,
    )


def _rising(found: object) -> bool:
    """More passes, or better answers, must never earn less."""
    match found:
        case kinds.Step():
            return found.better == "high"
        case kinds.LinearClamp():
            return found.hi > found.lo
    return True


def _items(r: Reader, rows: list[Any], nodes: Mapping[str, Node]) -> dict[str, Item]:
    items: dict[str, Item] = {}
    known = {(n.code, m.key): m.method for n in nodes.values() for m in n.measures}
    for i, raw in enumerate(rows):
        path = f"items[{i}]"
        row = r.mapping(raw, path)
        code = r.text(row.get("code"), f"{path}.code", required=True)
        if code in items:
            r.fault(f"{path}.code", _("编码“%(code)s”重复") % {"code": code})
        feeds: dict[str, tuple[tuple[str, str, Fraction], ...]] = {}
        for site_type, targets in r.mapping(row.get("feeds"), f"{path}.feeds").items():
            rows_of: list[tuple[str, str, Fraction]] = []
            for k, target in enumerate(r.rows(targets, f"{path}.feeds.{site_type}")):
                at = f"{path}.feeds.{site_type}[{k}]"
                target = r.mapping(target, at)
                leaf = r.text(target.get("leaf"), f"{at}.leaf", required=True)
                measure = r.text(target.get("measure"), f"{at}.measure") or "field"
                share = r.part(target.get("share"), f"{at}.share", default=1, positive=True)
                if known.get((leaf, measure)) != "field":
                    told = _("指标“%(leaf)s”没有实地测评方式“%(measure)s”")
                    r.fault(at, told % {"leaf": leaf, "measure": measure})
                if any(t[:2] == (leaf, measure) for t in rows_of):
                    r.fault(at, _("同一测评方式重复"))
                rows_of.append((leaf, measure, share))
            feeds[str(site_type)] = tuple(rows_of)
        items[code] = Item(
            code,
            r.text(row.get("title"), f"{path}.title"),
            feeds,
            tuple(str(c) for c in r.rows(row.get("categories"), f"{path}.categories")),
            r.text(row.get("help"), f"{path}.help"),
        )
    return items
