"""Editions in a pack: ``standards/editions/*.yaml``, one file a version, and crosswalks between them.

A file is the document itself (``lifang.edition/1``) with ``in_force`` and ``note`` beside it; a crosswalk names
``key``, ``old`` and ``new`` version. What another one leans on is loaded first.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from lifang.core.errors import Missing, Problem
from lifang.core.packs import Report
from lifang.orgs.acting import Acting
from lifang.standards import edition_queries as queries
from lifang.standards.choices import EditionStatus
from lifang.standards.edition_files import Sheetful, yamls
from lifang.standards.editions import crosswalk
from lifang.standards.models import AssessmentEdition, EditionCrosswalk

FOLDER = "editions"
_BESIDE = ("in_force", "note")


@dataclass
class EditionFile:
    """One file: an edition with what stands beside it, or a crosswalk."""

    path: Path
    found: Sheetful
    beside: Mapping[str, Any] = field(default_factory=dict)
    walk: Mapping[str, Any] | None = None

    @property
    def document(self) -> dict[str, Any]:
        return self.found.document

    @property
    def order(self) -> tuple[str, str]:
        return str(self.document.get("key", "")), str(self.document.get("version", ""))


def read(folder: Path) -> list[EditionFile]:
    """Every file of ``folder``, editions before those that lean on them, crosswalks last."""
    found = [_read(path) for path in sorted((folder / FOLDER).glob("*.yaml"))]
    walks = [f for f in found if f.walk is not None]
    return _ordered([f for f in found if f.walk is None]) + walks


def _read(path: Path) -> EditionFile:
    out = Sheetful()
    value, broken = yamls.parse(path.read_bytes(), out)
    if broken or not isinstance(value, dict):
        return EditionFile(path, out if broken else out.finish(value))
    if value.get("format") == crosswalk.FORMAT:
        return EditionFile(path, out, walk=value)
    beside = {k: value.pop(k) for k in _BESIDE if k in value}
    return EditionFile(path, out.finish(value), beside)


def _ordered(files: list[EditionFile]) -> list[EditionFile]:
    left = sorted(files, key=lambda f: f.order)
    done: list[EditionFile] = []
    while left:
        waiting = {f.order[0] for f in left}
        free = [
            f
            for f in left
            if not {k for _path, k in queries.linked(f.document)} & (waiting - {f.order[0]})
        ] or left  # a ring: loading it tells
        done += free
        left = [f for f in left if f not in free]
    return done


def check(folder: Path, report: Report) -> None:
    for f in read(folder):
        for fault in f.found.faults:
            where = _("第 %(n)s 行") % {"n": fault.place.row} if fault.place.row else ""
            report.error(f.path, fault.message, where=f"{where} {fault.path}".strip())


def load(folder: Path, by: Acting, report: Report) -> None:
    """Editions that are not here yet are published as they come; those that are stay as they are."""
    from lifang.standards import edition_actions as actions  # it reads through this room's queries

    for f in read(folder):
        try:
            if f.walk is not None:
                made = _load_walk(by, f.walk)
            else:
                _row, made = actions.load(
                    by=by,
                    document=f.document,
                    note=str(f.beside.get("note") or ""),
                    in_force=str(f.beside.get("in_force")).lower() == "true",
                )
        except Problem as problem:
            report.error(f.path, problem.message)
            for wrong in problem.fields:
                report.error(f.path, wrong.message, where=wrong.path)
            continue
        if made:
            report.count(_("测评体系") if f.walk is None else _("版本对照表"))


def _load_walk(by: Acting, walk: Mapping[str, Any]) -> bool:
    from lifang.standards import edition_actions as actions

    ends = [
        AssessmentEdition.objects.filter(key=walk.get("key", ""), version=walk.get(side, ""))
        .values_list("pk", flat=True)
        .first()
        for side in ("old", "new")
    ]
    old, new = ends
    if old is None or new is None:
        raise Missing("crosswalk.ends", _("对照表所说的版本不在库里"))
    if EditionCrosswalk.objects.filter(old_id=old, new_id=new).exists():
        return False
    rows = walk.get("rows") or []
    made = actions.create_crosswalk(by=by, old=old, new=new, rows=rows)
    if str(walk.get("confirmed")).lower() == "true":
        actions.confirm_crosswalk(by=by, crosswalk_id=made.pk, edits=made.edits)
    return True


def export(folder: Path) -> None:
    """Every published version and the crosswalks between them; :func:`read` gives them back."""
    published = AssessmentEdition.objects.filter(status=EditionStatus.PUBLISHED)
    for row in published.order_by("key", "id"):
        beside: dict[str, Any] = {"in_force": True} if row.in_force else {}
        beside |= {"note": row.note} if row.note else {}
        text = yamls.write(row.document)
        if beside:
            text = yaml.safe_dump(beside, allow_unicode=True, sort_keys=False) + text
        _write(folder, (row.key, row.version), text)
    walks = EditionCrosswalk.objects.filter(old__in=published, new__in=published)
    for walk in walks.select_related("old", "new").order_by("id"):
        value = {
            "format": crosswalk.FORMAT,
            "key": walk.old.key,
            "old": walk.old.version,
            "new": walk.new.version,
            "confirmed": walk.confirmed_at is not None,
            "rows": walk.rows,
        }
        text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110)
        _write(folder, (walk.old.key, walk.old.version, walk.new.version), text)


def _write(folder: Path, parts: Iterable[str], text: str) -> None:
    where = folder / FOLDER
    where.mkdir(exist_ok=True)
    base = re.sub(r"[^\w.-]+", "_", "-".join(parts)).lstrip(".") or "edition"
    path, n = where / f"{base}.yaml", 1
    while path.exists():  # two versions that differ only in what a file name cannot hold
        n += 1
        path = where / f"{base}_{n}.yaml"
    path.write_text(text, encoding="utf-8")
