"""The formulas in a pack: ``dashboard/formulas.yaml``. The built-in pack's are always there."""

from pathlib import Path
from typing import Any

from lifang.core import stamps
from lifang.core.acts import Actor
from lifang.core.errors import Problem
from lifang.core.packs import BUILT_IN, Report, pack_part, read_yaml, write_yaml
from lifang.dashboard import formulas
from lifang.dashboard.models import FormulaBook

FILE = "formulas.yaml"


@pack_part("dashboard", order=90)
class DashboardPart:
    def check(self, folder: Path, report: Report) -> None:
        """Every expression must be one over known counts."""
        if not (folder / FILE).is_file():
            return
        try:
            formulas.read(self._content(folder))
        except (Problem, TypeError, AttributeError) as problem:
            report.error(folder / FILE, problem)

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        """Keep a city's own formulas; the built-in pack's need no keeping."""
        if not (folder / FILE).is_file():
            return
        content = self._content(folder)
        if folder.resolve().parent.parent != BUILT_IN.resolve():
            FormulaBook.objects.update_or_create(pk=1, defaults={"content": content})
            stamps.bump(formulas.STAMP)
        report.count(FILE, len(content.get("rates") or ()) + len(content.get("figures") or ()))

    def export(self, folder: Path) -> None:
        book = FormulaBook.objects.first()
        write_yaml(folder / FILE, formulas.merged(book.content if book else {}))

    @staticmethod
    def _content(folder: Path) -> dict[str, Any]:
        found: dict[str, Any] = read_yaml(folder / FILE) or {}
        return found
