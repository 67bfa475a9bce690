"""The catalogue in a pack: YAML files ⇄ :class:`CatalogueDoc`. See packs/base/standards."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import yaml
from django.utils.translation import gettext as _

from lifang.core.acts import Actor
from lifang.core.errors import Field, Invalid
from lifang.core.packs import Report, pack_part
from lifang.orgs.acting import Acting
from lifang.standards import edition_packs
from lifang.standards.choices import CategoryKind
from lifang.standards.rules import (
    CatalogueDoc,
    CategoryDoc,
    ConditionDoc,
    clean_name,
    clean_text,
    clean_words,
    faults,
    pad_code,
    parse_limit,
    write_limit,
)

MAIN = "catalogue.yaml"
_KINDS = {k: i for i, k in enumerate(CategoryKind.values)}


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe loader; a code like 01 stays text, so that a forgotten quote does no harm."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in pairs if tag != "tag:yaml.org,2002:int"]
    for first, pairs in _Loader.yaml_implicit_resolvers.items()
}


def _open(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise _fail(path, _("文件不存在"))
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=_Loader)  # the safe one, extended  # noqa: S506  # nosec
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise _fail(path, _("第 %(line)s 行 YAML 语法有误") % {"line": line}) from problem
    if not isinstance(data, dict):
        raise _fail(path, _("内容应为键值"))
    return data


def _fail(path: Path, message: str) -> Invalid:
    text = f"{path.name}：{message}"
    return Invalid("pack.invalid", text, fields=[Field(path.name, message)])


def read(folder: Path) -> list[tuple[CatalogueDoc, bool]]:
    """The catalogues of a pack's ``standards`` folder, each with whether to put it in force."""
    main = _open(folder / MAIN)
    content = [c for name in main.get("files", []) for c in _categories(folder / str(name))]
    orders: list[str] = [str(o) for o in main.get("orders", [])]
    if not orders:
        doc = _catalogue(main, main, content)
        return [(doc, bool(main.get("in_force")))]
    found = []
    for name in orders:
        order = _open(folder / name)
        codes = {str(k): pad_code(v) for k, v in (order.get("events") or {}).items()}
        doc = _catalogue(main, order, [_ordered(c, codes) for c in content])
        found.append((doc, name == main.get("in_force")))
    return found


def _catalogue(
    main: Mapping[str, Any], order: Mapping[str, Any], content: list[CategoryDoc]
) -> CatalogueDoc:
    return CatalogueDoc(
        code=str(order.get("code", "")),
        version=str(main.get("version", "")),
        name=clean_name(str(order.get("name") or main.get("name", ""))),
        note=clean_text(str(main.get("note", ""))),
        categories=tuple(sorted(content, key=lambda c: (_KINDS.get(c.kind, 9), c.order))),
    )


def _ordered(c: CategoryDoc, codes: Mapping[str, str]) -> CategoryDoc:
    """``c`` with the major code that an order file gives its class."""
    major = codes.get(c.parent or c.key)
    if major is None:
        return c
    return replace(c, code=major + c.code[2:], order=int(major) * 100 + c.order % 100)


def _categories(path: Path) -> Iterator[CategoryDoc]:
    data = _open(path)
    kind = str(data.get("kind", ""))
    templates: dict[str, list[dict[str, Any]]] = data.get("templates") or {}
    common = data.get("like")
    for i, major in enumerate(data.get("categories") or [], 1):
        code = pad_code(major.get("code", i))
        yield _category(path, major, kind=kind, code=code, order=i * 100)
        for j, minor in enumerate(major.get("children") or [], 1):
            like = minor.get("like", common)
            if like is not None and not minor.get("conditions"):
                if like not in templates:
                    raise _fail(
                        path,
                        _("%(key)s 引用的模板 %(like)s 不存在")
                        % {"key": minor.get("key"), "like": like},
                    )
                minor = minor | {"conditions": templates[like]}
            yield _category(
                path,
                minor,
                kind=kind,
                code=code + pad_code(minor.get("code", j)),
                parent=str(major["key"]),
                order=i * 100 + j,
            )


def _category(
    path: Path, c: Mapping[str, Any], *, kind: str, code: str, order: int, parent: str = ""
) -> CategoryDoc:
    name = clean_name(str(c.get("name", "")))
    conditions = c.get("conditions") or []
    first = next((i for i, x in enumerate(conditions) if x.get("default")), 0)
    try:
        return CategoryDoc(
            kind=kind,
            code=code,
            key=str(c.get("key", "")),
            name=name,
            parent=parent,
            words=clean_words(str(c.get("words", ""))),
            help=clean_text(str(c.get("help", ""))),
            public=_yes(c.get("public", True)),
            priority=int(c.get("priority", 0)),
            order=int(c.get("order", order)),
            active=_yes(c.get("active", True)),
            conditions=tuple(
                _condition(x, n, name, default=n == first + 1) for n, x in enumerate(conditions, 1)
            ),
        )
    except (Invalid, KeyError, ValueError) as problem:
        raise _fail(path, f"{c.get('key', '?')}：{problem}") from problem


def _yes(value: object) -> bool:
    return value is True or str(value).lower() in ("true", "yes", "1", "是")


def _condition(x: Mapping[str, Any], n: int, name: str, *, default: bool) -> ConditionDoc:
    limit, unit = parse_limit(str(x["limit"]))
    return ConditionDoc(
        number=n,
        text=clean_text(str(x["when"]).replace("{name}", name)),
        limit=limit,
        unit=unit.value,
        closing=clean_text(str(x["close"]).replace("{name}", name)),
        photos_before=int(x.get("photos_before", 0)),
        photos_after=int(x.get("photos", 1)),
        default=default,
        active=_yes(x.get("active", True)),
    )


def write(doc: CatalogueDoc, folder: Path, *, in_force: bool = False) -> None:
    """A catalogue as one file per kind beside ``catalogue.yaml``; :func:`read` gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = list(dict.fromkeys(c.kind for c in doc.categories))
    for kind in kinds:
        _dump(folder / f"{kind}s.yaml", {"kind": kind, "categories": _majors(doc, kind)})
    main: dict[str, Any] = {
        "code": doc.code,
        "version": doc.version,
        "name": doc.name,
        "note": doc.note,
        "files": [f"{kind}s.yaml" for kind in kinds],
    }
    _dump(folder / MAIN, main | ({"in_force": True} if in_force else {}))


def _majors(doc: CatalogueDoc, kind: str) -> list[dict[str, Any]]:
    own = sorted((c for c in doc.categories if c.kind == kind), key=lambda c: (c.order, c.code))
    return [
        _plain(c, c.code, i * 100)
        | {
            "children": [
                _plain(x, x.code[2:], i * 100 + j)
                for j, x in enumerate((x for x in own if x.parent == c.key), 1)
            ]
        }
        for i, c in enumerate((c for c in own if not c.parent), 1)
    ]


def _plain(c: CategoryDoc, code: str, order: int) -> dict[str, Any]:
    out: dict[str, Any] = {"code": code, "key": c.key, "name": c.name}
    if c.order != order:
        out["order"] = c.order
    for name in ("words", "help"):
        if value := getattr(c, name):
            out[name] = value
    if not c.public:
        out["public"] = False
    if not c.active:
        out["active"] = False
    if c.priority:
        out["priority"] = c.priority
    if c.conditions:
        out["conditions"] = [_plain_condition(x) for x in c.conditions]
    return out


def _plain_condition(x: ConditionDoc) -> dict[str, Any]:
    out: dict[str, Any] = {
        "when": x.text,
        "limit": write_limit(x.limit, x.unit),
        "close": x.closing,
        "photos": x.photos_after,
    }
    if x.photos_before:
        out["photos_before"] = x.photos_before
    if x.default:
        out["default"] = True
    if not x.active:
        out["active"] = False
    return out


def _dump(path: Path, data: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8")


@pack_part("standards", order=30)
class StandardsPart:
    """``catalogue.yaml`` and the files it names; ``editions/``. A version that is here already stays as it is."""

    def check(self, folder: Path, report: Report) -> None:
        edition_packs.check(folder, report)
        if not (folder / MAIN).is_file() and (folder / edition_packs.FOLDER).is_dir():
            return  # a pack of editions alone
        for doc, _wanted in read(folder):
            for fault in faults(doc):
                report.error(folder / MAIN, fault.message, where=f"{doc.code} {fault.key}".strip())

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        from lifang.standards import actions  # actions reads packs through this module

        if (folder / MAIN).is_file():
            loaded = actions.load_pack(by=cast(Acting, by), folder=folder)
            report.count(_("标准目录"), len(loaded))
        edition_packs.load(folder, cast(Acting, by), report)

    def export(self, folder: Path) -> None:
        """The catalogue in force by itself, and every published edition."""
        from lifang.standards import queries

        now = queries.in_force()
        if now.id:
            write(queries.document(now.id), folder, in_force=True)
        edition_packs.export(folder)
