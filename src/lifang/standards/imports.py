"""The catalogue's table for the importer: into a draft, or as a new draft; all or nothing."""

from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Invalid
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row, register
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.standards import actions, queries, sheets
from lifang.standards.rules import CatalogueDoc, crosswalk, faults

_NOTES = {
    "时限": gettext_lazy("例：2紧急工作时（2U）、4小时（工作时）、5个工作日、7自然日"),
    "小类代码": gettext_lazy("留空表示大类自己的一行；同一小类有多个立案条件时各占一行"),
    "标识": gettext_lazy("不填则按代码生成；跨版本保持不变，责任规则和统计都靠它"),
    "常用叫法": gettext_lazy("市民的说法，用空格隔开，供自动识别"),
}
_EXAMPLES = {
    "类型": "事件", "大类代码": "01", "大类名称": "市容环境", "小类代码": "10", "小类名称": "暴露生活垃圾",
    "立案条件": "公共区域有散落或成堆的生活垃圾", "时限": "4工作时", "结案条件": "垃圾清净，地面无残留",
    "处置后照片": "1", "默认条件": "是",
}  # fmt: skip
_HEADINGS = {name: heading for heading, name, _width in sheets.COLUMNS}


def _columns() -> tuple[Column, ...]:
    aliases: dict[str, list[str]] = {}
    for other, heading in sheets.ALIASES.items():
        aliases.setdefault(heading, []).append(other)
    return tuple(
        Column(
            key=name,
            title=heading,
            aliases=tuple(aliases.get(heading, ())),
            example=_EXAMPLES.get(heading, ""),
            note=_NOTES.get(heading, ""),
        )
        for heading, name, _width in sheets.COLUMNS
    )


def _load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    by = cast(Acting, context.by)
    missing = [h for h in sheets.REQUIRED if rows and not rows[0].has(sheets.field_of(h))]
    if missing:
        raise Invalid(
            "import.columns", _("表中缺少这些列：%(list)s") % {"list": "、".join(missing)}
        )
    target = _target(context)
    found = sheets.read_records(
        ((r.number, {h: r[k] for k, h in _HEADINGS.items() if r.has(k)}) for r in rows),
        code=target.code,
        version=target.version,
        name=target.name,
        note=target.note,
    )
    for e in found.errors:
        outcome.error(e.row, sheets.field_of(e.column), e.message)
    if not found.errors:
        _tell(target, found, outcome)
        if context.options.get("catalogue"):
            number = int(context.options["catalogue"])
            actions.replace_content(by=by, catalogue_id=number, doc=found.doc)
        else:
            actions.create_from(by=by, doc=found.doc)


def _target(context: Context) -> CatalogueDoc:
    """The draft as it is, or the names of a new one."""
    given = context.options.get("catalogue", "")
    if given:
        if not (given.isascii() and given.isdigit()):
            raise Invalid("import.catalogue", _("请选择要导入的草稿版本"))
        return queries.document(int(given))
    names = {k: context.options.get(k, "").strip() for k in ("code", "version", "name")}
    if not all(names.values()):
        raise Invalid("import.catalogue", _("请选择要导入的草稿，或填写新目录的代码、版本和名称"))
    return CatalogueDoc(names["code"], names["version"], names["name"])


def _tell(old: CatalogueDoc, found: sheets.Reading, outcome: Outcome) -> None:
    steps = {s.to if s.change == "new" else s.key: s for s in crosswalk(old, found.doc)}
    for c in found.doc.categories:
        row, step = Row(found.rows[c.key], {}), steps.get(c.key)
        if step is None or step.change == "new":
            outcome.create(row, c.name)
        elif step.differences:
            outcome.change(row, c.name, {str(i): (d, "") for i, d in enumerate(step.differences)})
        else:
            outcome.keep(row)
    kept = {c.key for c in found.doc.categories}
    gone = [c.name for c in old.categories if c.key not in kept]
    if gone:
        outcome.notes.append(
            _("表中没有、将从草稿中去掉的类别 %(n)s 个：%(list)s")
            % {"n": len(gone), "list": "、".join(gone[:20])}
        )
    wrong = faults(found.doc)
    outcome.notes += [
        _("发布前还需改正：%(m)s") % {"m": f"{f.key} {f.message}"} for f in wrong[:20]
    ]


SPEC = register(
    ImportSpec(
        kind="catalogue",
        title=gettext_lazy("标准目录"),
        columns=_columns(),
        load=_load,
        roles=(Role.SYSTEM_ADMIN,),
        options={
            "catalogue": gettext_lazy("导入到草稿（编号）"),
            "code": gettext_lazy("新目录代码"),
            "version": gettext_lazy("新目录版本"),
            "name": gettext_lazy("新目录名称"),
        },
    )
)
