"""The loop's settings in and out of a pack."""

import pytest

from lifang.cases.models import Setting
from lifang.cases.packs import LoopPart
from lifang.core.packs import BUILT_IN, Report
from lifang.orgs.acting import SYSTEM

pytestmark = pytest.mark.django_db


def load(folder):
    report = Report()
    LoopPart().load(folder, SYSTEM, report)
    return report


def test_it_works(tmp_path):
    (tmp_path / "loop.yaml").write_text(
        "duplicate_metres: 80\nwords: {verify: 核查, check: 核实}\n"
    )
    assert load(tmp_path).errors == []
    row = Setting.objects.get()
    assert (row.duplicate_metres, row.words["verify"]) == (80, "核查")
    assert load(tmp_path).counts == {"loop.yaml": 0}


def test_what_is_written_can_be_read(tmp_path):
    LoopPart().export(tmp_path)
    assert load(tmp_path).errors == []


def test_the_base_pack_is_sound():
    report = Report()
    LoopPart().check(BUILT_IN / "base" / "cases", report)
    assert report.errors == []


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", "a: [", "accept_minutes: -1", "accept_minutes: viel", "colour: red",
     "words: {fly: 飞}"],
)  # fmt: skip
def test_mistakes_are_named_and_nothing_is_loaded(tmp_path, text):
    (tmp_path / "loop.yaml").write_text(text)
    report = load(tmp_path)
    assert len(report.errors) >= 1
    assert "loop.yaml" in report.errors[0]
    assert not Setting.objects.exists()
