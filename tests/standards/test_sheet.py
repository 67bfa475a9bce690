"""The catalogue as an Excel sheet: nothing is lost, and cities' own tables can be read."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from python_calamine import CalamineWorkbook

from factories_orgs import acting_for, make_user
from factories_standards import BASE, make_catalogue, make_category, make_condition
from lifang.core import imports
from lifang.core.errors import Conflict
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.standards import packs, queries, sheets
from lifang.standards.models import Catalogue
from lifang.standards.rules import CatalogueDoc, CategoryDoc, canonical

from .catalogues import catalogues

HEAD = ["类型", "大类代码", "大类名称", "小类代码", "小类名称", "立案条件", "时限", "结案条件"]


def _table(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def _read(table: list[list[object]]) -> sheets.Reading:
    return sheets.read(table, code="made", version="1", name="目录")


def test_it_works() -> None:
    doc = next(d for d, wanted in packs.read(BASE) if wanted)
    found = sheets.read(
        _table(sheets.write(doc)), code=doc.code, version=doc.version, name=doc.name, note=doc.note
    )
    assert found.errors == []
    assert canonical(found.doc) == canonical(doc)


@settings(max_examples=40, deadline=None)
@given(catalogues())
def test_writing_and_reading_lose_nothing(doc: CatalogueDoc) -> None:
    found = _read(_table(sheets.write(doc)))
    assert found.errors == []
    assert canonical(found.doc) == canonical(doc)


def _minor(reading: sheets.Reading, code: str) -> CategoryDoc:
    return next(c for c in reading.doc.categories if c.code == code and c.parent)


def test_merged_cells_carry_down() -> None:
    found = _read(
        [
            HEAD,
            ["事件", 1.0, "市容\n环境", 1.0, "暴露\n垃圾", "有垃圾", "4小时", "清净"],
            ["", "", "", "", "", "垃圾很多", "1天", "清净"],
            ["", "", "", "02", "道路不洁", "路脏", "2h", "扫净"],
        ]
    )
    assert found.errors == []
    first, second = _minor(found, "0101"), _minor(found, "0102")
    assert (first.name, second.name) == ("暴露垃圾", "道路不洁")
    assert [(c.number, c.unit, c.default) for c in first.conditions] == [
        (1, "work_hour", True),
        (2, "work_day", False),
    ]
    assert first.parent == second.parent
    assert found.doc.categories[0].name == "市容环境"


def test_errors_name_row_and_column() -> None:
    found = _read(
        [
            HEAD,
            ["事件", "1", "市容环境", "1", "暴露垃圾", "有垃圾", "4周", "清净"],
            ["事件", "x", "市容环境", "2", "道路不洁", "路脏", "2h", "扫净"],
            ["天气", "1", "市容环境", "3", "乱堆", "有物", "2h", ""],
        ]
    )
    assert [(e.row, e.column) for e in found.errors] == [
        (2, "时限"),
        (3, "大类代码"),
        (4, "类型"),
    ]


def test_a_missing_column_is_told_before_any_row() -> None:
    found = _read([["类型", "大类代码"], ["事件", "1"]])
    assert {e.row for e in found.errors} == {1}
    assert "时限" in {e.column for e in found.errors}


def test_an_empty_sheet_is_told() -> None:
    assert _read([]).errors


@pytest.fixture
def admin() -> Acting:
    return acting_for(make_user(role=Role.SYSTEM_ADMIN))


def _import(by: Acting, content: bytes, folder: Path, **options: str) -> imports.Outcome:
    path = folder / "table.xlsx"
    path.write_bytes(content)
    return imports.run(by=by, kind="catalogue", path=path, options=options)


@pytest.mark.django_db
def test_the_importer_gives_back_the_base_catalogue(admin: Acting, tmp_path: Path) -> None:
    doc = next(d for d, wanted in packs.read(BASE) if wanted)
    outcome = _import(admin, sheets.write(doc), tmp_path, code="本市", version="1", name="本市目录")
    assert outcome.errors == []
    assert outcome.created == len(doc.categories)
    made = Catalogue.objects.get(code="本市")
    assert queries.document(made.pk).categories == doc.categories


@pytest.mark.django_db
def test_importing_into_a_draft_replaces_it_and_tells_what_goes(
    admin: Acting, tmp_path: Path
) -> None:
    draft = make_catalogue(in_force=False)
    for key in ("event-a", "event-b"):
        make_condition(category=make_category(catalogue=draft, key=key, name=key))
    doc = queries.document(draft.pk)
    less = replace(doc, categories=doc.categories[:1])
    outcome = _import(admin, sheets.write(less), tmp_path, catalogue=str(draft.pk))
    assert (outcome.errors, outcome.same) == ([], 1)
    assert "event-b" in outcome.notes[0]
    assert [c.key for c in queries.document(draft.pk).categories] == ["event-a"]


@pytest.mark.django_db
def test_a_published_catalogue_takes_no_import(admin: Acting, tmp_path: Path) -> None:
    made = make_catalogue()
    make_condition(category=make_category(catalogue=made))
    content = sheets.write(queries.document(made.pk))
    with pytest.raises(Conflict):
        _import(admin, content, tmp_path, catalogue=str(made.pk))


@pytest.mark.django_db
def test_the_importer_names_row_and_column(admin: Acting, tmp_path: Path) -> None:
    doc = next(d for d, wanted in packs.read(BASE) if wanted)
    content = sheets.write(doc)
    table = _table(content)
    table[5][6] = "4周"
    path = tmp_path / "table.csv"
    path.write_text("\n".join(",".join(f'"{c}"' for c in line) for line in table), encoding="utf-8")
    options = {"code": "x", "version": "1", "name": "x"}
    outcome = imports.run(by=admin, kind="catalogue", path=path, options=options)
    assert [(e["row"], e["column"]) for e in outcome.errors] == [(6, "时限")]
    assert not Catalogue.objects.filter(code="x").exists()
