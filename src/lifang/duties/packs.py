"""The ``duties`` folder of a pack: ``rules.xlsx`` and ``pairings.xlsx`` (or .csv), as exported."""

from collections.abc import Iterator
from pathlib import Path

from lifang.core import imports
from lifang.core.acts import Actor
from lifang.core.packs import Report, pack_part
from lifang.duties import queries, sheets

#: file (without ending) → kind of import, in the order of loading
TABLES = {"rules": "duty-rules", "pairings": "pairings"}


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for name, kind in TABLES.items():
        for ending in (".xlsx", ".csv"):
            if (folder / f"{name}{ending}").is_file():
                yield folder / f"{name}{ending}", kind


@pack_part("duties", order=40)
class DutiesPart:
    """Rules by number, pairings by who and where: loading twice changes nothing."""

    def check(self, folder: Path, report: Report) -> None:
        """Units, places and classes may come from the same pack: rows are checked as they load."""

    def load(self, folder: Path, by: Actor, report: Report) -> None:
        for path, kind in _files(folder):
            report.table(path, imports.run(by=by, kind=kind, path=path))

    def export(self, folder: Path) -> None:
        rules, pairings = queries.duty_rules(), queries.pairings()
        if rules.exists():
            (folder / "rules.xlsx").write_bytes(sheets.rules_sheet(rules))
        if pairings.exists():
            (folder / "pairings.xlsx").write_bytes(sheets.pairings_sheet(pairings))
