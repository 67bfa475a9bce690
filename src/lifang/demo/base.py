"""What every installation starts from, loaded from ``packs/base`` where it is not there yet."""

from pathlib import Path
from typing import Any

import yaml

from lifang.core import codes
from lifang.core.models import CodeTemplate
from lifang.core.packs import Report
from lifang.orgs.acting import SYSTEM
from lifang.places import actions as places
from lifang.places.models import SiteType
from lifang.standards import actions as standards
from lifang.standards import edition_packs
from lifang.standards.models import AssessmentEdition, Catalogue

BASE = Path(__file__).parent.parent / "packs" / "base"


def load() -> None:
    """Code templates, site types, catalogue, assessment editions."""
    for row in _rows("core/codes.yaml", "codes"):
        if not CodeTemplate.objects.filter(key=row["key"]).exists():
            codes.set_template(row["key"], row["template"], note=row.get("note", ""))
    if not SiteType.objects.exists():
        types = _rows("places/site_types.yaml", "types")
        places.put(
            by=SYSTEM,
            kind="site-type",
            rows=[{"order": n * 10, **row} for n, row in enumerate(types)],
        )
    if not Catalogue.objects.exists():
        standards.load_pack(by=SYSTEM, folder=BASE / "standards")
    if not AssessmentEdition.objects.exists():
        edition_packs.load(BASE / "standards", SYSTEM, Report())


def _rows(path: str, key: str) -> list[dict[str, Any]]:
    read: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (BASE / path).read_text(encoding="utf-8")
    )
    return read[key]
