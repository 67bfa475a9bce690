"""``lifang duplicates eval``: files in, figures out, without a database."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from xlsxwriter import Workbook

from lifang.cli import app
from understanding.test_alike import corpus

pytest.importorskip("sklearn")
Tables = tuple[Path, Path]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    labels, rows = corpus()
    labelled, whole = tmp_path / "标注.csv", tmp_path / "语料.csv"
    with labelled.open("w", encoding="gbk", newline="") as stream:
        csv.writer(stream).writerows(
            [["cluster", "id"], *([r["cluster"], r["id"]] for r in labels)]
        )
    with whole.open("w", encoding="utf-8-sig", newline="") as stream:
        head = ["id", "title", "text"]
        csv.writer(stream).writerows([head, *([r[c] for c in head] for r in rows)])
    return labelled, whole


def run(*args: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["duplicates", "eval", *map(str, args)])
    return done.exit_code, done.output


def test_it_works(tables: Tables) -> None:
    labelled, whole = tables
    code, out = run(labelled, "--corpus", whole, "--json")
    assert code == 0, out
    found = json.loads(out)
    assert found["n"] == 14
    for measure in (found["map"], found["pairwise"]["f1"], found["bcubed"]["recall"]):
        assert set(measure) == {"value", "low", "high"}
    code, out = run(labelled, "--corpus", whole)
    assert code == 0 and "mAP" in out


def test_excel_is_read_as_csv_is(tables: Tables, tmp_path: Path) -> None:
    labelled, whole = tables
    book = Workbook(tmp_path / "c.xlsx")
    sheet = book.add_worksheet()
    for n, line in enumerate(csv.reader(whole.read_text("utf-8-sig").splitlines())):
        sheet.write_row(n, 0, [int(line[0]) if line[0].isdigit() else line[0], *line[1:]])
    book.close()
    assert run(labelled, "--corpus", tmp_path / "c.xlsx", "--json") == run(
        labelled, "--corpus", whole, "--json"
    )


def test_a_missing_column_is_named(tables: Tables, tmp_path: Path) -> None:
    labelled, _whole = tables
    wrong = tmp_path / "w.csv"
    wrong.write_text("id,标题\n1,路灯\n", "utf-8")
    code, out = run(labelled, "--corpus", wrong)
    assert code == 1 and "title" in out and "标题" in out


def test_a_file_of_another_kind_is_refused(tables: Tables, tmp_path: Path) -> None:
    _labelled, whole = tables
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    for name in ("x.pdf", "x.xlsx"):
        code, out = run(tmp_path / name, "--corpus", whole)
        assert code == 1 and "x." in out
