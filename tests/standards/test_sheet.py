"""The catalogue as an Excel sheet: nothing is lost, and cities' own tables can be read."""

import io

from hypothesis import given, settings
from python_calamine import CalamineWorkbook

from factories_standards import BASE
from lifang.standards import packs, sheets
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
