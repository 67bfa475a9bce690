"""Duties in a pack: out and in again."""

from pathlib import Path

import pytest

from factories_duties import make_pairing, make_rule
from factories_places import make_region
from lifang.core import packs
from lifang.duties.models import DutyRule, Pairing
from lifang.orgs.acting import SYSTEM

pytestmark = pytest.mark.django_db


def _facts() -> list[object]:
    rules = DutyRule.objects.order_by("number").values_list(
        "number", "category", "area", "lead_unit"
    )
    return [*rules, *Pairing.objects.values_list("kind", "area", "person_name")]


def test_it_works(tmp_path: Path) -> None:
    region = make_region(code="990102001")
    make_rule(area=region.code)
    make_pairing(area=region.code, region=region)
    before = _facts()
    packs.export(tmp_path / "ours", name="ours", title="本市")
    DutyRule.objects.all().delete()
    Pairing.objects.all().delete()
    for _again in range(2):
        report = packs.load(tmp_path / "ours", by=SYSTEM)
        assert report.errors == []
        assert _facts() == before


def test_a_table_with_errors_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "duties").mkdir()
    (tmp_path / "pack.yaml").write_text("name: x\n")
    (tmp_path / "duties" / "rules.csv").write_text("编号,主办单位\n1,没有局\n", encoding="utf-8")
    report = packs.load(tmp_path, by=SYSTEM)
    assert "没有局" in report.errors[0]
    assert not DutyRule.objects.exists()
