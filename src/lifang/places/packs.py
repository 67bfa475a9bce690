"""Site types and code templates in a pack: ``places/site_types.yaml`` and ``places/codes.yaml``."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core.acts import Actor
from lifang.core.errors import Field, Invalid
from lifang.places import actions, codes
from lifang.places.kinds import SITE_TYPE, TEMPLATES
from lifang.places.models import CodeTemplate, SiteType

TYPES, CODES = "site_types.yaml", "codes.yaml"


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
    """Load what a pack says; what is there already is brought to its state, nothing is removed."""
    types, templates = read(folder)
    rows = [
        {"code": t.get("code"), "name": t.get("name"), "group": t.get("group", ""), "order": n}
        for n, t in enumerate(types, 1)
    ]
    if rows:
        actions.put(by=by, kind=SITE_TYPE.name, rows=rows, update=True)
    for t in templates:
        actions.put_template(
            by=by, key=t["key"], template=str(t["template"]), note=str(t.get("note", ""))
        )
    return {"site_types": len(rows), "code_templates": len(templates)}


def export(folder: Path) -> None:
    """Write what is in force as a pack that :func:`load` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    types = [
        {"code": t.code, "name": t.name, "group": t.group}
        for t in SiteType.objects.filter(active=True)
    ]
    templates = [
        {"key": t.key, "template": t.template, "note": t.note} for t in CodeTemplate.objects.all()
    ]
    for name, key, rows in ((TYPES, "types", types), (CODES, "codes", templates)):
        text = yaml.safe_dump({key: rows}, allow_unicode=True, sort_keys=False, width=100)
        (folder / name).write_text(text, encoding="utf-8")
