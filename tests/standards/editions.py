"""Made-up editions as hypothesis draws them, in every shape the format allows."""

import unicodedata
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lifang.standards.edition_tidy import SEPARATORS
from lifang.standards.editions.kinds import KINDS_OF
from lifang.standards.rules import clean_name, clean_text

FORMAT = "lifang.edition/1"


def _plain(text: str) -> str:
    for s in (*SEPARATORS, "＝", "-"):
        text = text.replace(s, "")
    return _nfc(clean_name(text))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


names = st.text(min_size=1, max_size=12).map(clean_name).map(_nfc).filter(bool)
labels = st.text(min_size=1, max_size=8).map(_plain).filter(bool)
texts = st.text(max_size=40).map(clean_text).map(_nfc)
parts = st.decimals("0", "1", places=2).map(str)
points = st.decimals("0", "99", places=2).map(str)


def _maybe(draw: st.DrawFn, row: dict[str, Any], **more: st.SearchStrategy[Any]) -> dict[str, Any]:
    return row | {k: draw(v) for k, v in more.items() if draw(st.booleans())}


@st.composite
def steps(draw: st.DrawFn, *, by: bool, low: bool) -> dict[str, Any]:
    better = draw(st.sampled_from(["high", "low"])) if low else "high"
    limits = sorted(draw(st.sets(st.integers(0, 99), min_size=1, max_size=3)))
    if better == "high":
        limits.reverse()
    values = sorted((draw(parts) for _x in range(len(limits) + 1)), key=Decimal, reverse=True)
    rule: dict[str, Any] = {
        "kind": "step",
        "cuts": [[str(a), b] for a, b in zip(limits, values, strict=False)],
        "else": values[-1],
        "better": better,
    }
    return _maybe(draw, rule, by=st.sampled_from(["pass_rate", "site_rate"])) if by else rule


@st.composite
def linears(draw: st.DrawFn, *, by: bool) -> dict[str, Any]:
    lo, hi = sorted(draw(st.sets(st.integers(-50, 50), min_size=2, max_size=2)))
    rule = {"kind": "linear_clamp", "lo": str(lo), "hi": str(hi)}
    return _maybe(draw, rule, by=st.sampled_from(["pass_rate", "site_pass"])) if by else rule


@st.composite
def rules(draw: st.DrawFn, method: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS_OF[method]))
    by = method == "field"
    match kind:
        case "step":
            return draw(steps(by=by, low=method == "statistic"))
        case "linear_clamp":
            return draw(linears(by=by))
        case "grade_map":
            grades = draw(st.dictionaries(labels, parts, min_size=1, max_size=3))
            return _maybe(draw, {"kind": kind, "grades": grades}, combine=st.just("min"))
        case "deduct":
            rule = {"kind": kind, "full": "10", "each": draw(points)}
            return _maybe(draw, rule, floor=st.just("2"), per=st.just("site"), site_cap=points)
        case "ratio_of_target":
            return _maybe(draw, {"kind": kind, "target": "4"}, cap=parts)
        case "all_or_nothing":
            return _maybe(draw, {"kind": kind}, accept=st.lists(labels, min_size=1, max_size=3))
        case "survey_mean":
            options = draw(st.dictionaries(labels, st.none() | parts, max_size=3))
            rule = {"kind": kind, "options": options | {"满意": "1"}}
            then = st.one_of(steps(by=False, low=False), linears(by=False))
            return _maybe(draw, rule, then=then)
        case "bonus":
            return {"kind": kind, "cap": draw(points)}
    return {
        "kind": "veto",
        "effect": draw(st.sampled_from(["deduct", "cap", "suspend", "disqualify"])),
        "value": draw(points),
    }


@st.composite
def slots(draw: st.DrawFn) -> dict[str, Any]:
    return _maybe(
        draw,
        {"key": draw(names)},
        title=names,
        kind=st.sampled_from(["", "document", "report", "photo", "table"]),
        least=st.integers(0, 3),
        most=st.integers(4, 9),
        size=st.integers(0, 50),
        words=st.integers(0, 5000),
        months=st.integers(0, 36),
        help=texts,
    )


@st.composite
def measures(draw: st.DrawFn, method: str, key: str, share: str) -> dict[str, Any]:
    out = _maybe(
        draw,
        {"method": method, "key": key, "share": share, "rule": draw(rules(method))},
        take=st.just("mean"),
        unit=names,
    )
    if method == "survey":
        out["questions"] = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    if method == "document":
        out["slots"] = draw(st.lists(slots(), min_size=1, max_size=3, unique_by=lambda s: s["key"]))
    return out


@st.composite
def leaves(draw: st.DrawFn, code: str, parent: str) -> dict[str, Any]:
    first = draw(st.sampled_from(list(KINDS_OF)))
    some = [draw(measures(first, "", "1"))]
    if first not in ("special", "veto") and draw(st.booleans()):
        some = [draw(measures(first, "", "0.7")), draw(measures("field", "again", "0.30"))]
    node = {"code": code, "title": draw(names), "points": draw(points), "measures": some}
    return _maybe(
        draw,
        node | ({"parent": parent} if parent else {}),
        lead=names,
        assist=st.lists(st.fixed_dictionaries({"role": labels, "share": st.just("0.3")}), max_size=3, unique_by=lambda a: a["role"]),
        na=st.fixed_dictionaries({"policy": st.sampled_from(["full", "drop", "redistribute", "zero"]), "within": st.just(parent)}),
        missing=st.fixed_dictionaries({"policy": st.sampled_from(["pending", "zero"])}),
        applies=st.dictionaries(labels, st.lists(labels, min_size=1, max_size=3), max_size=2),
        help=texts,
    )  # fmt: skip


@st.composite
def editions(draw: st.DrawFn) -> dict[str, Any]:
    """A faultless document, not yet in its one form."""
    nodes: list[dict[str, Any]] = []
    for g in range(draw(st.integers(1, 3))):
        nodes.append({"code": f"G{g}", "title": draw(names)})
        nodes += [draw(leaves(f"G{g}.{k}", f"G{g}")) for k in range(draw(st.integers(1, 3)))]
    fields = [
        (n["code"], m["key"] or m["method"])
        for n in nodes
        for m in n.get("measures", ())
        if m["method"] == "field"
    ]
    items = []
    for k in range(draw(st.integers(0, 3))):
        item: dict[str, Any] = {"code": f"i{k}", "title": draw(names)}
        if fields:
            targets = st.lists(st.sampled_from(fields), min_size=1, max_size=2, unique=True)
            item["feeds"] = {
                t: [{"leaf": c, "measure": m, "share": draw(st.sampled_from(["1", "0.5"]))} for c, m in draw(targets)]
                for t in draw(st.sets(st.sampled_from(["*", "market", "main-road"]), max_size=3))
            }  # fmt: skip
        items.append(_maybe(draw, item, help=texts, categories=st.lists(labels, max_size=3)))
    return _maybe(
        draw,
        {"format": FORMAT, "key": "made", "version": "1", "nodes": nodes, "items": items},
        title=names,
        rounding=st.fixed_dictionaries({"total": st.integers(0, 4), "leaf": st.just(2)}),
        bonus_cap=points,
        prerequisites=st.just([{"edition": "minors", "at_least": "85"}]),
        blends=st.just([{"edition": "minors", "share": "0.20", "full": "120"}]),
    )
