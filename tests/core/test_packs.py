"""Packs: checked, loaded all or nothing, written out again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lifang.core import calendar, codes, packs
from lifang.core.errors import Problem
from lifang.core.models import CodeTemplate, JournalEntry
from lifang.orgs.acting import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def only_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_PARTS", {"core": (0, packs.CorePart())})


@pytest.fixture
def folder(tmp_path: Path, only_core: None) -> Iterator[Path]:
    (tmp_path / "core").mkdir()
    packs.write_yaml(tmp_path / "pack.yaml", {"name": "t", "version": "1"})
    packs.write_yaml(
        tmp_path / "core" / "codes.yaml",
        {"codes": [{"key": "case", "template": "{area}{date:%Y}{seq:06}", "note": "案件"}]},
    )
    packs.write_yaml(
        tmp_path / "core" / "calendar.yaml", {"name": "窗口", "hours": [["09:00", "17:00"]]}
    )
    yield tmp_path


def test_it_works(folder: Path, tmp_path: Path) -> None:
    report = packs.load(folder, by=SYSTEM)
    assert report.errors == []
    assert codes.number("case", area="9901").endswith("000001")
    assert calendar.default().hours == ((540, 1020),)
    assert packs.load(folder, by=SYSTEM).errors == []  # again changes nothing
    assert CodeTemplate.objects.count() == 1
    out = tmp_path / "out"
    packs.export(out, name="t2", title="导出")
    assert (out / "core" / "codes.yaml").read_text("utf-8") == (
        folder / "core" / "codes.yaml"
    ).read_text("utf-8")
    assert packs.check(out).errors == []
    assert JournalEntry.objects.filter(verb="load_pack").count() == 2


@pytest.mark.usefixtures("only_core")
def test_the_built_in_pack_is_whole() -> None:
    assert packs.check(packs.find("base")).errors == []


def test_errors_name_the_file_and_nothing_is_loaded(folder: Path) -> None:
    packs.write_yaml(
        folder / "core" / "codes.yaml",
        {"codes": [{"key": "a", "template": "{seq}"}, {"key": "b", "template": "{area}"}]},
    )
    report = packs.load(folder, by=SYSTEM)
    assert len(report.errors) == 1
    assert report.errors[0].startswith("core/codes.yaml：")
    assert not CodeTemplate.objects.exists()
    (folder / "core" / "codes.yaml").write_text("codes: [\n- x: {", encoding="utf-8")
    assert "YAML" in packs.check(folder).errors[0]


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(Problem) as problem:
        packs.find("/nowhere")
    assert "base" in str(problem.value)
