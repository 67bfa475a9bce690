"""The ``cases`` folder of a pack: ``loop.yaml`` says how the city runs its loop."""

from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from pydantic import ValidationError

from lifang.cases.actions import change_setting
from lifang.cases.choices import State, Verb
from lifang.cases.queries import setting_row
from lifang.cases.schemas import SettingIO
from lifang.core.acts import Actor
from lifang.core.packs import Report, pack_part
from lifang.core.wording import invalid_fields
from lifang.orgs.acting import SYSTEM

FILE = "loop.yaml"


def read(folder: Path, report: Report) -> dict[str, Any] | None:
    """The checked values of ``loop.yaml``; errors go into ``report``, None where there is no file."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        report.error(path, _("不是合法的 YAML：%(why)s") % {"why": str(problem).splitlines()[0]})
        return None
    if not isinstance(given, dict):
        report.error(path, _("应为“键: 值”的列表"))
        return None
    for key in sorted(set(given) - set(SettingIO.model_fields)):
        report.error(path, _("不认识的参数"), where=str(key))
    try:
        checked = SettingIO(**setting_row() | given)
    except ValidationError as problem:
        for wrong in invalid_fields([dict(e) for e in problem.errors()]):
            report.error(path, wrong.message, where=wrong.path)
        return None
    known = {*Verb.values, *State.values}
    for key in sorted(set(checked.words) - known):
        report.error(path, _("没有这个动作或状态，不能改称"), where=f"words.{key}")
    return {name: getattr(checked, name) for name in given if name in SettingIO.model_fields}


@pack_part("cases", order=60)
class LoopPart:
    """How the loop runs, as part of a pack."""

    def check(self, folder: Path, report: Report) -> None:
        read(folder, report)

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        values = read(folder, report)
        if values is None or report.errors:
            return
        now = setting_row()
        changed = {k: v for k, v in values.items() if v != _plain(now[k])}
        if changed:
            change_setting(by=SYSTEM, **changed)
        report.count(FILE, len(changed))

    def export(self, folder: Path) -> None:
        values = SettingIO(**setting_row()).model_dump()
        text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
        (folder / FILE).write_text(text, encoding="utf-8")


def _plain(value: Any) -> Any:
    """Decimals of the table as the pack's numbers."""
    return value if isinstance(value, (int, str, dict, bool)) else float(value)
