"""The ``places`` folder of a pack: site types, code templates, and tables of a city's places.

``tables.yaml`` lists files (Excel, CSV, GeoJSON) with their kind and *declared* coordinate system::

    tables:
    - {file: streets.geojson, kind: region, system: cgcs2000}
"""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import imports
from lifang.core.acts import Actor
from lifang.core.errors import Field, Invalid
from lifang.core.packs import Report, pack_part
from lifang.places import actions, codes
from lifang.places.kinds import SITE_TYPE, TEMPLATES
from lifang.places.models import CodeTemplate, SiteType

TYPES, CODES, TABLES = "site_types.yaml", "codes.yaml", "tables.yaml"


def _open(path: Path, key: str) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise _fail(path, _("第 %(line)s 行 YAML 语法有误") % {"line": line}) from problem
    rows = data.get(key) if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise _fail(path, _("缺少列表 %(key)s") % {"key": key})
    return rows


def _fail(path: Path, message: str) -> Invalid:
    return Invalid("pack.invalid", f"{path.name}：{message}", fields=[Field(path.name, message)])


def read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(site types, code templates) of a pack's ``places`` folder; checks the templates."""
    types = _open(folder / TYPES, "types")
    templates = _open(folder / CODES, "codes")
    for row in templates:
        if row.get("key") not in TEMPLATES:
            raise _fail(folder / CODES, _("不认识的编码 %(key)s") % {"key": row.get("key")})
        codes.parse(str(row.get("template", "")))
    return types, templates


@transaction.atomic
def load(*, by: Actor, folder: Path) -> dict[str, int]:
    """Load site types and templates; what is there is brought to the pack's state, nothing goes."""
    types, templates = read(folder)
    rows = [
        {
            "code": t.get("code"),
            "name": t.get("name"),
            "group": t.get("group", ""),
            "is_road": bool(t.get("is_road")),
            "order": n,
        }
        for n, t in enumerate(types, 1)
    ]
    if rows:
        actions.put(by=by, kind=SITE_TYPE.name, rows=rows, update=True)
    for t in templates:
        actions.put_template(
            by=by, key=t["key"], template=str(t["template"]), note=str(t.get("note", ""))
        )
    return {"site_types": len(rows), "code_templates": len(templates)}


def _tables(folder: Path, by: Actor, report: Report) -> None:
    for row in _open(folder / TABLES, "tables"):
        path = folder / str(row.get("file", ""))
        if not path.is_file() or path.resolve().parent != folder.resolve():
            report.error(folder / TABLES, _("没有文件 %(name)s") % {"name": row.get("file")})
            continue
        outcome = imports.run(
            by=by,
            kind=f"places.{row.get('kind', '')}",
            path=path,
            options={"system": str(row.get("system", ""))},
        )
        report.table(path, outcome)


@pack_part("places", order=20)
class Places:
    """Site types, code templates, then tables in the order they are listed."""

    def check(self, folder: Path, report: Report) -> None:
        try:
            types, templates = read(folder)
            _open(folder / TABLES, "tables")
        except Invalid as problem:
            report.error(folder, problem.message)
            return
        report.count(TYPES, len(types))
        report.count(CODES, len(templates))

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        made = load(by=by, folder=folder)
        report.count(TYPES, made["site_types"])
        report.count(CODES, made["code_templates"])
        _tables(folder, by, report)

    def export(self, folder: Path) -> None:
        export(folder)


def export(folder: Path) -> None:
    """Write what is in force as a pack that :func:`load` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    types = [
        {
            "code": t.code,
            "name": t.name,
            "group": t.group,
            **({"is_road": True} if t.is_road else {}),
        }
        for t in SiteType.objects.filter(active=True)
    ]
    templates = [
        {"key": t.key, "template": t.template, "note": t.note} for t in CodeTemplate.objects.all()
    ]
    for name, key, rows in ((TYPES, "types", types), (CODES, "codes", templates)):
        text = yaml.safe_dump({key: rows}, allow_unicode=True, sort_keys=False, width=100)
        (folder / name).write_text(text, encoding="utf-8")
