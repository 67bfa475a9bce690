"""Editions as workbooks and YAML: loss-free both ways, and what a bad file is told."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from factories_assessment import example
from lifang.standards import edition_files, editions
from lifang.standards.edition_files import Sheetful, workbook, yamls
from lifang.standards.edition_tidy import tidy

from . import editions as made

DIGEST = Callable[[Any], str]


def _digest(document: Any) -> str:
    kept, lost = tidy(document)
    assert lost == []
    return editions.digest(kept)


def test_it_works() -> None:
    document = example("edition")
    for data in (workbook.write(document), yamls.write(document).encode()):
        found = edition_files.read(data)
        assert found.faults == []
        assert editions.digest(found.document) == _digest(document)
        assert editions.read(found.document).total == 100


@settings(max_examples=60, deadline=None)
@given(made.editions())
def test_a_workbook_loses_nothing(document: dict[str, Any]) -> None:
    editions.read(tidy(document)[0])
    found = edition_files.read(workbook.write(document))
    assert found.faults == []
    assert found.document == tidy(document)[0]
    assert editions.digest(found.document) == _digest(document)


@settings(max_examples=60, deadline=None)
@given(made.editions())
def test_yaml_loses_nothing(document: dict[str, Any]) -> None:
    found = edition_files.read(yamls.write(document).encode())
    assert found.faults == []
    assert editions.digest(found.document) == _digest(document)


@settings(max_examples=60, deadline=None)
@given(made.editions())
def test_tidying_twice_changes_nothing_and_keeps_what_is_meant(document: dict[str, Any]) -> None:
    once, lost = tidy(document)
    assert lost == []
    assert tidy(once) == (once, [])
    a, b = editions.read(document), editions.read(once)
    assert (a.nodes, a.items, a.rounding, a.blends) == (b.nodes, b.items, b.rounding, b.blends)


def test_json_with_tabs_is_read_too() -> None:
    data = json.dumps(example("edition"), ensure_ascii=False, indent="\t").encode()
    assert edition_files.read(data).faults == []


# ---------------------------------------------------------------- bad workbooks


def _book(change: Callable[[Any], None], document: Any = None) -> Sheetful:
    """The example as a workbook, opened and spoilt as a person would in Excel."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(document or example("edition"))))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return edition_files.read(out.getvalue())


def _told(found: Sheetful) -> list[tuple[str, str, str]]:
    return [(f.place.sheet, f.place.cell, f.message) for f in found.faults]


def _at(found: Sheetful, sheet: str, cell: str) -> list[str]:
    return [m for s, c, m in _told(found) if (s, c) == (sheet, cell)]


def test_all_errors_of_all_sheets_are_listed_at_once() -> None:
    def spoil(book: Any) -> None:
        nodes, measures, items = book["指标"], book["测评方式"], book["检查项"]
        nodes["A3"] = "1"  # duplicate code
        nodes["B7"] = "nobody"  # orphan
        nodes["B2"], nodes["B4"] = "3", "1"  # cycle 1 → 3 → 1
        nodes["D8"] = "一分"  # no number
        measures["D8"] = "0.9"  # shares do not sum to 1
        measures["E2"] = "随便"  # no such rule
        items["D2"] = "9-9"  # no such indicator
        book["体系"]["B6"] = "101"  # total

    found = _book(spoil)
    told = _told(found)
    assert "重复" in _at(found, "指标", "A3")[0]
    assert "nobody" in _at(found, "指标", "B7")[0]
    assert any("成环" in m for _s, _c, m in told)
    assert "不是数" in _at(found, "指标", "D8")[0]
    assert any("份额之和" in m for _s, _c, m in told)
    assert "可选范围" in _at(found, "测评方式", "E2")[0]
    assert any(s == "检查项" and "9-9" in m for s, _c, m in told)
    assert _at(found, "体系", "B6")
    rows = {(f.place.sheet, f.place.row, f.place.column) for f in found.faults}
    assert ("指标", 8, "分值") in rows


def test_a_cell_is_told_once() -> None:
    found = _book(lambda book: book["测评方式"].__setitem__("E4", "看情况"))
    assert len(_at(found, "测评方式", "E4")) == 1


def test_numbers_as_text_and_as_numbers_are_one() -> None:
    def numbers(book: Any) -> None:
        sheet = book["指标"]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, 4).value:
                sheet.cell(row, 4).value = float(sheet.cell(row, 4).value)
        book["测评方式"]["D8"] = " 0.70 "
        book["测评方式"]["D9"] = 0.1 + 0.2  # binary: 0.30000000000000004

    found = _book(numbers)
    assert found.faults == []
    assert editions.read(found.document).total == 100


def test_a_percentage_as_text_is_refused_rather_than_guessed() -> None:
    found = _book(lambda book: book["测评方式"].__setitem__("D8", "70%"))
    assert "70%" in _at(found, "测评方式", "D8")[0]


def test_merged_cells_are_told_with_their_range() -> None:
    found = _book(lambda book: book["指标"].merge_cells("B7:B9"))
    assert any(c == "B7:B9" and "合并" in m for _s, c, m in _told(found))


def test_a_merged_title_above_the_headings_does_no_harm() -> None:
    def title(book: Any) -> None:
        book["指标"].insert_rows(1)
        book["指标"]["A1"] = "某市测评体系指标表"
        book["指标"].merge_cells("A1:K1")

    assert _book(title).faults == []


def test_formulas_are_told_and_their_results_not_trusted() -> None:
    def formulas(book: Any) -> None:
        book["指标"]["D7"] = "=6*2"
        book["指标"]["C8"] = "=HYPERLINK(A1)"

    found = _book(formulas)
    assert "公式" in _at(found, "指标", "D7")[0]
    assert "公式" in _at(found, "指标", "C8")[0]


def test_a_workbook_with_macros_is_refused() -> None:
    data = workbook.write(example("edition"))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as box:
        box.writestr("xl/vbaProject.bin", b"x")
    (fault,) = edition_files.read(out.getvalue()).faults
    assert "宏" in fault.message


def test_a_hundred_thousand_rows_are_answered_in_a_moment() -> None:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    for name in ("体系", "指标", "测评方式"):
        sheet = book.add_worksheet(name)
        for n in range(100_000 if name == "指标" else 2):
            sheet.write_row(n, 0, ["编码", "名称"] if n == 0 else [f"c{n}", "指标"])
    book.close()
    began = time.perf_counter()
    found = edition_files.read(out.getvalue())
    assert time.perf_counter() - began < 5
    assert any(s == "指标" and "20000 行" in m for s, _c, m in _told(found))
    assert found.document == {}


def test_a_cell_at_the_other_end_of_the_sheet_costs_no_memory() -> None:
    found = _book(lambda book: book["指标"].__setitem__("XFD1000000", "x"))
    assert any("XFD1000000" in m for _s, _c, m in _told(found))


def test_a_code_that_excel_made_a_date_is_told() -> None:
    import datetime as dt

    found = _book(lambda book: book["指标"].__setitem__("A7", dt.date(2026, 1, 1)))
    assert "日期" in _at(found, "指标", "A7")[0]


def test_missing_sheets_and_columns_are_told() -> None:
    def drop(book: Any) -> None:
        del book["测评方式"]
        book["指标"]["C1"] = "叫什么"

    told = _told(_book(drop))
    assert any(s == "测评方式" and "缺少工作表" in m for s, _c, m in told)
    assert any(s == "指标" and "名称" in m for s, _c, m in told)


def test_a_column_that_the_rule_does_not_use_is_told() -> None:
    found = _book(lambda book: book["测评方式"].__setitem__("S4", "9"))
    assert "规则不用这一列" in _at(found, "测评方式", "S4")[0]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0 old", b"", b"\xff\xfe", b"a: [1"]
)
def test_what_is_no_edition_is_refused_in_words(data: bytes) -> None:
    found = edition_files.read(data)
    assert found.faults
    assert all(f.message for f in found.faults)


# ---------------------------------------------------------------- bad YAML


def test_yaml_faults_name_their_line() -> None:
    text = yamls.write(example("edition")).replace("points: '12'", "points: 十二")
    line = next(n for n, t in enumerate(text.splitlines(), 1) if "十二" in t)
    found = edition_files.read(text.encode())
    assert any(f.place.row == line for f in found.faults)


def test_unknown_fields_anchors_and_double_keys_are_told() -> None:
    text = "format: lifang.edition/1\nkey: k\nkey: k\nversion: '1'\nnodez: []\nnodes: []\n"
    told = {(f.place.row, f.message) for f in edition_files.read(text.encode()).faults}
    assert any(row == 3 and "重复" in m for row, m in told)
    assert any(row == 5 and "没有这个字段" in m for row, m in told)
    bomb = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert any("引用" in f.message for f in edition_files.read(bomb.encode()).faults)


def test_yaml_numbers_and_codes_stay_as_they_are_written() -> None:
    text = (
        "format: lifang.edition/1\nkey: k\nversion: 2026.10\nnodes:\n- code: 01\n  points: 1.50\n"
        "  measures:\n  - {method: statistic, rule: {kind: ratio_of_target, target: 4}}\n"
    )
    found = edition_files.read(text.encode())
    assert found.faults == []
    assert found.document["version"] == "2026.10"
    assert found.document["nodes"][0]["code"] == "01"
    assert found.document["nodes"][0]["points"] == "1.50"
