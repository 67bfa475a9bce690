"""Packs: a folder of YAML and tables that holds what differs between cities.

A room registers the part it reads and writes::

    @pack_part("standards", order=30)
    class Part:
        def check(self, folder: Path, report: Report) -> None: ...
        def load(self, folder: Path, by: Actor, report: Report) -> None: ...
        def export(self, folder: Path) -> None: ...

``folder`` is ``<pack>/<room>``; ``check`` writes nothing, ``load`` is idempotent (by code).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import calendar, codes, imports, journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Invalid, Missing, Problem
from lifang.core.models import CodeTemplate, WorkCalendar

BUILT_IN = Path(__file__).resolve().parent.parent / "packs"


@dataclass
class Report:
    """What a pack came to: counts by part, and every error with its file and place."""

    errors: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def error(self, file: Path | str, message: object, *, where: str = "") -> None:
        name = file if isinstance(file, str) else "/".join(file.parts[-2:])
        self.errors.append(f"{name}{' ' + where if where else ''}：{message}")

    def count(self, what: str, n: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + n

    def table(self, file: Path, outcome: imports.Outcome) -> None:
        """Take over what an import came to."""
        for e in outcome.errors:
            self.error(file, e["message"], where=e["cell"] or f"{e['row']} {e['column']}".strip())
        self.count(file.name, outcome.created + outcome.changed)


class Part(Protocol):
    def check(self, folder: Path, report: Report) -> None: ...
    def load(self, folder: Path, by: Actor, report: Report) -> None: ...
    def export(self, folder: Path) -> None: ...


P = TypeVar("P", bound=type[Part])
_PARTS: dict[str, tuple[int, Part]] = {}


def pack_part(room: str, *, order: int) -> Callable[[P], P]:
    """Register the part of a room; lower orders are loaded first."""

    def register(part: P) -> P:
        _PARTS[room] = order, part()
        return part

    return register


def parts() -> list[tuple[str, Part]]:
    """Rooms and their parts in the order of loading."""
    return [
        (room, part)
        for room, (_order, part) in sorted(_PARTS.items(), key=lambda p: (p[1][0], p[0]))
    ]


def find(name: str) -> Path:
    """The folder of a pack: a path, or the name of a built-in one."""
    for folder in (Path(name), BUILT_IN / name):
        if (folder / "pack.yaml").is_file():
            return folder
    known = "、".join(sorted(p.name for p in BUILT_IN.iterdir() if (p / "pack.yaml").is_file()))
    raise Missing(
        "pack.not_found",
        _("找不到数据包“%(name)s”（文件夹中应有 pack.yaml）。内置的有：%(list)s")
        % {"name": name, "list": known},
    )


def head(folder: Path) -> dict[str, Any]:
    """``pack.yaml``: name, title, version, …"""
    found = read_yaml(folder / "pack.yaml")
    if not isinstance(found, dict) or not isinstance(found.get("name"), str):
        raise Invalid("pack.head", _("pack.yaml 中缺少 name"))
    return found


def check(folder: Path) -> Report:
    """Look at every part without writing."""
    report = Report()
    head(folder)
    for room, part in parts():
        if (folder / room).is_dir():
            _guarded(folder / room, part, report)
    return report


def load(folder: Path, *, by: Actor) -> Report:
    """Load all parts, all or nothing; a report with errors has loaded nothing."""
    report = check(folder)
    if report.errors:
        return report
    known = head(folder)
    report = Report()
    try:
        with transaction.atomic():
            for room, part in parts():
                if (folder / room).is_dir():
                    part.load(folder / room, by, report)
                if report.errors:
                    raise _Undone
            journal.write(
                by=by,
                room="core",
                verb="load_pack",
                after={
                    "name": known["name"],
                    "version": str(known.get("version", "")),
                    "counts": report.counts,
                },
            )
    except _Undone:
        return report
    except Problem as problem:
        report.error(folder.name, problem.message)
    return report


class _Undone(Exception):
    """Ends the transaction of a pack with errors."""


def _guarded(folder: Path, part: Part, report: Report) -> None:
    try:
        part.check(folder, report)
    except Problem as problem:
        report.error(folder.name, problem.message)
        for wrong in problem.fields:
            report.error(folder.name, wrong.message, where=wrong.path)


def export(folder: Path, *, name: str, title: str) -> None:
    """Write what is in the database as a pack."""
    folder.mkdir(parents=True, exist_ok=True)
    write_yaml(folder / "pack.yaml", {"name": name, "title": title, "version": "1"})
    for room, part in parts():
        (folder / room).mkdir(exist_ok=True)
        part.export(folder / room)
        if not any((folder / room).iterdir()):
            (folder / room).rmdir()


def read_yaml(path: Path) -> Any:
    """A YAML file; raises :class:`Invalid` with file and line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = _("第 %(n)s 行") % {"n": mark.line + 1} if mark else ""
        raise Invalid(
            "pack.yaml",
            _("%(file)s %(where)s 不是有效的 YAML") % {"file": path.name, "where": where},
        ) from problem


def write_yaml(path: Path, value: Any) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- the part of core


@pack_part("core", order=0)
class CorePart:
    """``codes.yaml``: number templates; ``calendar.yaml``: office hours (and a year's days)."""

    def check(self, folder: Path, report: Report) -> None:
        for row in self._codes(folder):
            try:
                codes.check(str(row["template"]))
            except (Problem, KeyError, TypeError) as problem:
                report.error(folder / "codes.yaml", problem)
        if (found := self._calendar(folder)) and "hours" in found:
            try:
                calendar.check_hours(found["hours"])
            except Problem as problem:
                report.error(folder / "calendar.yaml", problem)

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        for row in self._codes(folder):
            codes.set_template(row["key"], row["template"], note=row.get("note", ""))
            report.count(_("编号规则"))
        calendar.seed()
        found = self._calendar(folder)
        if "hours" in found:
            hours = [list(span) for span in found["hours"]]
            WorkCalendar.objects.filter(key=calendar.DEFAULT).update(
                hours=hours, name=found.get("name", "")
            )
            stamps.bump(calendar.STAMP)
        for year, days in (found.get("years") or {}).items():
            special = [calendar.Day(d["date"], bool(d["working"]), d.get("name", "")) for d in days]
            calendar.set_year(by=by, year=int(year), days=special, source=folder.parent.name)
            report.count(_("日历年份"))

    def export(self, folder: Path) -> None:
        rows = CodeTemplate.objects.order_by("key").values("key", "template", "note")
        write_yaml(folder / "codes.yaml", {"codes": list(rows)})
        kept = WorkCalendar.objects.filter(key=calendar.DEFAULT).first()
        if kept is not None:
            write_yaml(
                folder / "calendar.yaml", {"key": kept.key, "name": kept.name, "hours": kept.hours}
            )

    def _codes(self, folder: Path) -> list[dict[str, Any]]:
        path = folder / "codes.yaml"
        return list((read_yaml(path) or {}).get("codes") or []) if path.is_file() else []

    def _calendar(self, folder: Path) -> dict[str, Any]:
        path = folder / "calendar.yaml"
        return dict(read_yaml(path) or {}) if path.is_file() else {}
