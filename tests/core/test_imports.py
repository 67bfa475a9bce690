"""The importer: what it reads, what it says is wrong, what it loads."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories_orgs import acting_for, client_for, make_user
from lifang.core import exports, imports
from lifang.core.errors import Problem
from lifang.core.imports import Column, Context, ImportSpec, Outcome, Row
from lifang.core.models import CodeTemplate, JournalEntry
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
SEEN: list[Row] = []


def load(rows: list[Row], context: Context, outcome: Outcome) -> None:
    SEEN.extend(rows)
    for row in rows:
        if row["code"] == "坏":
            outcome.error(row, "code", "编码不对")
            continue
        kept = CodeTemplate.objects.filter(key=row["code"]).first()
        if kept is None:
            CodeTemplate.objects.create(key=row["code"], template=row["name"])
            outcome.create(row, row["name"])
        elif kept.template != row["name"]:
            changes = {"名称": (kept.template, row["name"])}
            kept.template = row["name"]
            kept.save()
            outcome.change(row, row["name"], changes)
        else:
            outcome.keep(row)


SPEC = ImportSpec(
    kind="things",
    title="物件",
    columns=(
        Column("code", "编码", "code", required=True, pad=6, aliases=("代码",)),
        Column("name", "名称", required=True, max_length=10),
        Column("area", "片区", carry=True),
        Column("size", "面积", "decimal"),
        Column("n", "数量", "int"),
        Column("day", "日期", "date"),
        Column("at", "时间", "datetime"),
        Column("on", "启用", "bool"),
        Column("kind", "类别", "choice", choices={"道路": "road", "广场": "square"}),
        Column("shape", "geometry", "geometry"),
    ),
    load=load,
    key=("code",),
)


@pytest.fixture(autouse=True)
def _spec() -> Iterator[None]:
    SEEN.clear()
    imports.register(SPEC)
    yield
    del imports.SPECS["things"]


def excel(path: Path, lines: list[list[Any]], merge: str = "") -> Path:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    if merge:
        book.active.merge_cells(merge)
    book.save(path)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Outcome]:
    def run(lines: list[list[Any]], *, dry: bool = False, merge: str = "") -> Outcome:
        return imports.run(
            by=SYSTEM, kind="things", path=excel(tmp_path / "t.xlsx", lines, merge), dry=dry
        )

    return run


def test_it_works(table: Callable[..., Outcome]) -> None:
    lines = [["编码", "名称"], ["000001", "人民路"], ["000002", "建设路"]]
    outcome = table(lines)
    assert (outcome.created, outcome.changed, outcome.same) == (2, 0, 0)
    again = table([*lines[:2], ["000002", "建设大道"]])
    assert (again.created, again.changed, again.same) == (0, 1, 1)
    assert again.rows == [
        {
            "row": 3,
            "what": "changed",
            "name": "建设大道",
            "changes": {"名称": ["建设路", "建设大道"]},
        }
    ]


def test_a_dry_run_leaves_nothing(table: Callable[..., Outcome]) -> None:
    assert table([["编码", "名称"], ["1", "路"]], dry=True).created == 1
    assert not CodeTemplate.objects.exists()


def test_cells_are_read_as_people_write_them(table: Callable[..., Outcome]) -> None:
    table(
        [
            ["市政设施统计表", None],
            [
                "* 代 码（必填）",
                "名称",
                "片区",
                "面积",
                "数量",
                "日期",
                "时间",
                "启用",
                "类别",
                "不认识",
            ],
            [
                12,
                " 人民路 ",
                "一片区",
                "１，２３４．５",
                3.0,
                dt.date(2026, 3, 1),
                "2026年3月1日 9:30",
                "是",
                "道路",
                "x",
            ],
            [
                "０３４５",
                "建设路（东段）",
                None,
                2,
                "4",
                "2026/3/2",
                dt.datetime(2026, 3, 1, 8),  # noqa: DTZ001  (as Excel has it)
                "否",
                "square",
                None,
            ],
            [None] * 10,
            ["000056", "新路", None, None, None, "20260303", None, None, None, None],
        ]
    )
    one, two, three = SEEN
    assert (one.number, one["code"], one["name"], one["area"]) == (3, "000012", "人民路", "一片区")
    assert (one["size"], one["n"], one["on"], one["kind"]) == (Decimal("1234.5"), 3, True, "road")
    assert one["day"] == dt.date(2026, 3, 1)
    assert one["at"].isoformat() == "2026-03-01T09:30:00+08:00"
    # the area is carried down, Chinese brackets stay, full-width digits do not
    assert (two["code"], two["name"], two["area"]) == ("000345", "建设路（东段）", "一片区")
    assert (two["on"], two["kind"], two["day"]) == (False, "square", dt.date(2026, 3, 2))
    assert two["at"].isoformat() == "2026-03-01T08:00:00+08:00"
    # an empty line ends what is carried
    assert (three.number, three["area"], three["day"]) == (6, None, dt.date(2026, 3, 3))
    assert not three.has("shape")


def test_merged_cells_belong_to_all_their_rows(table: Callable[..., Outcome]) -> None:
    table([["编码", "名称"], ["1", "同名"], ["2", None], ["3", None]], merge="B2:B4")
    assert [row["name"] for row in SEEN] == ["同名", "同名", "同名"]


def test_every_error_is_told_by_row_and_column_and_nothing_is_loaded(
    table: Callable[..., Outcome],
) -> None:
    outcome = table(
        [
            ["编码", "名称", "面积", "数量", "日期", "启用", "类别"],
            ["1", "好路", 1, 1, None, None, None],
            [None, "无码", None, None, None, None, None],
            ["3", "名" * 11, "大", 1.5, "2026-02-30", "也许", "河流"],
            ["9.9E+11", "#REF!", None, None, "明天", None, None],
            ["1", "重复", None, None, None, None, None],
            ["坏", "路", None, None, None, None, None],
        ]
    )
    told = {(e["row"], e["column"], e["cell"]): e["message"] for e in outcome.errors}
    assert told.keys() == {
        (3, "编码", "A3"),
        (4, "名称", "B4"),
        (4, "面积", "C4"),
        (4, "数量", "D4"),
        (4, "日期", "E4"),
        (4, "启用", "F4"),
        (4, "类别", "G4"),
        (5, "编码", "A5"),
        (5, "名称", "B5"),
        (5, "日期", "E5"),
        (6, "编码", "A6"),
        (7, "编码", "A7"),
    }
    assert told[(6, "编码", "A6")] == "与第 2 行重复"
    assert "科学计数法" in told[(5, "编码", "A5")]
    assert "道路、广场" in told[(4, "类别", "G4")]
    assert not CodeTemplate.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_office(encoding: str, delimiter: str, tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows(
        [["编码", "名称"], ["7", '人民路"东"'], ["8", "㙍路" if encoding != "gbk" else "路"]]
    )
    path = tmp_path / "t.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    outcome = imports.run(by=SYSTEM, kind="things", path=path)
    assert (outcome.created, outcome.errors) == (2, [])
    assert SEEN[0]["name"] == '人民路"东"'


def test_geojson_features_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"编码":"1","名称":"路"},'
        '"geometry":{"type":"Point","coordinates":[112,30]}},{"type":"Feature","properties":{"名称":"二"},'
        '"geometry":null}]}',
        encoding="utf-8",
    )
    outcome = imports.run(by=SYSTEM, kind="things", path=path, dry=True)
    assert [(e["row"], e["column"], e["cell"]) for e in outcome.errors] == [(2, "编码", "")]
    assert SEEN[0]["shape"] == {"type": "Point", "coordinates": [112, 30]}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("t.xlsx", b"PK\x03\x04 not a workbook", "import.broken"),
        ("t.xlsx", b"", "import.broken"),
        ("t.csv", "名字,别的\n1,2".encode(), "import.columns"),
        ("t.csv", "编码,名称\n".encode(), "import.empty"),
        ("t.csv", b"\xff\x00\xff\xff\x81", "import."),
        ("t.geojson", b"{}", "import.geojson"),
        ("t.geojson", b"[1", "import.geojson"),
    ],
)
def test_what_is_no_table_is_refused_in_words(
    name: str, data: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Problem) as problem:
        imports.run(by=SYSTEM, kind="things", path=path)
    assert problem.value.code.startswith(code)


def test_preview_then_commit_over_the_api(tmp_path: Path) -> None:
    admin, other = make_user(role=Role.SYSTEM_ADMIN), make_user(role=Role.HANDLER)
    client = client_for(admin)
    data = excel(tmp_path / "t.xlsx", [["编码", "名称"], ["000001", "人民路"]]).read_bytes()

    def send(who: Any, body: bytes) -> Any:
        return who.post(
            "/api/v1/imports", {"kind": "things", "file": SimpleUploadedFile("物.xlsx", body)}
        )

    assert send(client_for(other), data).status_code == 403
    seen = send(client, data)
    assert seen.status_code == 201, seen.content.decode()
    batch = seen.json()
    assert (batch["state"], batch["result"]["created"]) == ("previewed", 1)
    assert not CodeTemplate.objects.exists()
    path = f"/api/v1/imports/{batch['id']}"
    assert client_for(other).post(f"{path}/commit").status_code == 403
    assert client_for(other).get(path).status_code == 404
    done = client.post(f"{path}/commit").json()
    assert done["state"] == "committed"
    assert CodeTemplate.objects.get().template == "人民路"
    assert client.post(f"{path}/commit").status_code == 409
    entry = JournalEntry.objects.get(verb="import")
    assert entry.after == {
        "kind": "things",
        "file": "物.xlsx",
        "created": 1,
        "changed": 0,
        "same": 0,
    }
    bad = excel(tmp_path / "b.xlsx", [["编码", "名称"], [None, "人民路"]]).read_bytes()
    refused = send(client, bad).json()
    assert (refused["state"], refused["result"]["error_count"]) == ("failed", 1)
    assert client.post(f"/api/v1/imports/{refused['id']}/commit").status_code == 409
    assert [b["id"] for b in client.get("/api/v1/imports?kind=things").json()["items"]] == [
        refused["id"],
        batch["id"],
    ]


def test_the_template_can_be_filled_in_and_loaded(tmp_path: Path) -> None:
    client = client_for(make_user(role=Role.SYSTEM_ADMIN))
    answer = client.get("/api/v1/imports/kinds/things/template.xlsx")
    path = tmp_path / "t.xlsx"
    path.write_bytes(answer.content)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert [c.value for c in sheet[1]][:3] == ["*编码", "*名称", "片区"]
    assert len(sheet.data_validations.dataValidation) == 1
    assert book.worksheets[1].title == "填写说明"
    sheet["A2"], sheet["B2"] = "000009", "新路"
    book.save(path)
    assert imports.run(by=acting_for(make_user()), kind="things", path=path).created == 1
    kinds = client.get("/api/v1/imports/kinds").json()
    assert next(k for k in kinds if k["kind"] == "things")["columns"][0]["title"] == "编码"


# ---------------------------------------------------------------- exports


def test_nothing_in_an_export_is_a_formula() -> None:
    out = io.BytesIO()
    count = exports.table(
        out,
        title="案件/列表",
        columns=[
            exports.Column("内容", 30),
            exports.Column("数", kind="number"),
            exports.Column("时间", kind="datetime"),
        ],
        rows=[
            ('=HYPERLINK("http://x")', Decimal("1.5"), dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)),
            ("+1", None, None),
            ("@cmd\x00\x07", 10**17, None),
            ("https://example.org", True, None),
        ],
        filters=[("状态", "处置中")],
        by="王",
    )
    assert count == 4
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    sheet = book.worksheets[0]
    assert sheet["A2"].value == '=HYPERLINK("http://x")'
    assert sheet["A2"].data_type in ("s", "f")
    raw = openpyxl.load_workbook(io.BytesIO(out.getvalue()), data_only=True).worksheets[0]
    assert raw["A2"].value == '=HYPERLINK("http://x")'  # a formula would have no value here
    assert (sheet["B2"].value, sheet["C2"].value) == (1.5, dt.datetime(2026, 3, 1, 9))  # noqa: DTZ001
    assert sheet["A4"].value == "@cmd"
    assert sheet["B4"].value == str(10**17)
    assert sheet["A5"].hyperlink is None
    assert ["状态", "处置中"] in [[c.value for c in row] for row in book.worksheets[1].iter_rows()]


def test_csv_text_is_no_formula() -> None:
    text = "".join(exports.csv_lines(["名", "数"], [("=1+1", -5), ("-x", None)]))
    assert text == "\ufeff名,数\r\n'=1+1,-5\r\n'-x,\r\n"
