"""Hotline orders in, results out."""

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_cases import AREA, Town, make_town
from factories_orgs import client_for, make_unit, make_user
from lifang.cases.models import Case, Rating, Report
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken
from lifang.orgs.signin import digest
from lifang.understanding.pictures.models import PictureFinding

pytestmark = pytest.mark.django_db
URL = "/api/v1/hotline/orders"


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def machine(town: Town) -> Client:
    ApiToken.objects.create(
        name="12345",
        unit=make_unit(kind="centre", area=AREA),
        role=Role.ACCEPTOR,
        prefix="t",
        digest=digest("secret"),
        scopes=["hotline:read", "hotline:write"],
    )
    return Client(headers={"Authorization": "Bearer secret"})


def order(n: int = 1, **kw: Any) -> dict[str, Any]:
    return {"number": f"12345-2026-{n:04}", "text": f"第{n}件：路灯不亮"} | kw


def send(machine: Client, *orders: dict[str, Any]) -> Any:
    return machine.post(URL, {"orders": list(orders)}, content_type="application/json")


def test_it_works(machine: Client) -> None:
    answer = send(
        machine,
        order(
            title="路灯问题",
            at="2026-03-01T09:30:00+08:00",
            due="2026-03-06T18:00:00+08:00",
            address="解放路 3 号",
            kind="投诉",
            name="李四",
            phone="13812345678",
        ),
    )
    assert answer.status_code == 200, answer.content
    got = answer.json()
    assert (got["taken"], got["created"], got["refused"]) == (1, 1, 0)
    report = Report.objects.get()
    assert report.external_number == "12345-2026-0001"
    assert report.source == "hotline"
    assert report.text == "路灯问题\n第1件：路灯不亮"
    assert report.payload["kind"] == "投诉"
    assert got["orders"][0]["case_number"] == report.case.number


def test_the_same_order_twice_is_one(machine: Client) -> None:
    send(machine, order())
    got = send(machine, order(), order(2)).json()
    assert (got["taken"], got["created"]) == (2, 1)
    assert Case.objects.count() == 2


def test_the_same_number_twice_in_one_batch_is_one(machine: Client) -> None:
    got = send(machine, order(), order()).json()
    assert (got["taken"], got["created"]) == (2, 1)


def test_a_bad_order_is_named_and_the_others_are_taken(machine: Client) -> None:
    got = send(machine, order(1), order(2, text=""), order(3, lng=113.0, lat=28.0)).json()
    assert (got["taken"], got["refused"]) == (1, 2)
    assert next(o["fields"][0]["path"] for o in got["orders"] if not o["ok"]) == "text"
    assert Case.objects.count() == 1


def test_a_batch_is_bounded(machine: Client) -> None:
    assert send(machine).status_code == 422
    assert send(machine, *[order(n) for n in range(501)]).status_code == 422


def test_only_the_centre_brings_orders_in(town: Town) -> None:
    handler = client_for(make_user(role=Role.HANDLER))
    assert send(handler, order()).status_code == 403
    assert send(Client(), order()).status_code == 401


def test_a_token_without_the_scope_is_refused(machine: Client) -> None:
    ApiToken.objects.update(scopes=["cases:read"])
    assert send(machine, order()).status_code == 403


def test_results_tell_state_unit_reply_and_verdict(town: Town, machine: Client) -> None:
    case = town.closed(source="hotline", by=town["acceptor"], external_number="H1")
    (row,) = machine.get(URL).json()["items"]
    assert row["number"] == "H1"
    assert row["state"] == "closed"
    assert row["unit"] == town.unit.name
    assert row["reply"] == "已修复"
    assert row["evidence"] == []  # the photo after was not checked for faces and plates
    photo = case.evidence.get(kind="after").file
    PictureFinding.objects.create(file=photo, publicity="checked", checked_at=timezone.now())
    (row,) = machine.get(URL).json()["items"]
    assert row["evidence"][0].startswith(f"/files/{photo.sha256}/public?")
    assert row["closed_at"] is not None
    assert row["case_number"] == case.number
    assert row["satisfied"] is None


def test_since_gives_only_what_has_changed(town: Town, machine: Client) -> None:
    town.report(source="hotline", by=town["acceptor"], external_number="H1")
    first = machine.get(URL).json()["items"][0]["updated_at"]
    town.report(source="hotline", by=town["acceptor"], external_number="H2")
    later = machine.get(URL, {"since": first}).json()["items"]
    assert [r["number"] for r in later][-1] == "H2"
    assert machine.get(URL, {"since": "2099-01-01T00:00:00+08:00"}).json()["items"] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite tells them")
@pytest.mark.parametrize("asked", [{}, {"since": "2026-01-01T00:00:00Z"}])
def test_what_changed_is_read_by_its_index(
    town: Town, machine: Client, asked: dict[str, str]
) -> None:
    """Among a million cases neither the cases nor the reports are walked through."""
    send(machine, order())
    with CaptureQueriesContext(connection) as seen:
        assert machine.get(URL, asked).status_code == 200
    [sql] = [q["sql"] for q in seen.captured_queries if '"external_number"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert any("case_changed" in line for line in plan), plan
    assert not any(line.startswith("SCAN") for line in plan), plan


def test_pages_go_on_where_they_ended(town: Town, machine: Client) -> None:
    for n in range(5):
        town.report(source="hotline", by=town["acceptor"], external_number=f"H{n}")
    seen, cursor = [], ""
    for _page in range(3):
        got = machine.get(URL, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [r["number"] for r in got["items"]]
        cursor = got["next"]
    assert seen == [f"H{n}" for n in range(5)]
    assert cursor is None


def test_a_rejected_order_carries_the_reason(town: Town, machine: Client) -> None:
    from lifang.cases import actions

    case = town.report(source="hotline", by=town["acceptor"], external_number="H1")
    actions.reject(by=town["acceptor"], case_id=case.pk, reason="属于国家电网管辖")
    (row,) = machine.get(URL).json()["items"]
    assert row["back_reason"] == "属于国家电网管辖"


def test_visits_bring_the_callers_verdict(town: Town, machine: Client) -> None:
    town.closed(source="hotline", by=town["acceptor"], external_number="H1")
    visit = {"number": "H1", "contacted": True, "solved": True, "stars": 4}
    answer = machine.post(
        "/api/v1/hotline/visits",
        {"visits": [visit, visit | {"number": "H9"}]},
        content_type="application/json",
    )
    got = answer.json()
    assert (got["taken"], got["refused"]) == (1, 1)
    assert Rating.objects.get().stars == 4
    (row,) = machine.get(URL).json()["items"]
    assert (row["contacted"], row["solved"], row["satisfied"]) == (True, True, True)


def test_the_export_is_a_table_that_excel_reads(town: Town, machine: Client) -> None:
    case = town.closed(
        source="hotline", by=town["acceptor"], external_number="H1", text='=HYPERLINK("x")'
    )
    photo = case.evidence.get(kind="after").file
    PictureFinding.objects.create(file=photo, publicity="checked", checked_at=timezone.now())
    answer = machine.get("/api/v1/hotline/export.xlsx")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.values)
    assert rows[0][0] == "工单编号"
    assert rows[1][0] == "H1"
    assert str(rows[1][16]).startswith("http://testserver/files/")
    assert rows[1][12] is not None


def test_who_sees_no_case_sees_no_result(town: Town) -> None:
    town.closed(source="hotline", by=town["acceptor"], external_number="H1")
    stranger = client_for(make_user(role=Role.HANDLER))
    assert stranger.get(URL).json()["items"] == []


def table(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = ["序号", "工单编号", "来电时间", "诉求内容（必填）", "事发地址", "联系电话", "办理期限"]


def load(town: Town, body: bytes, *, dry: bool = False) -> Any:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from lifang.core import imports

    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.xlsx"
        path.write_bytes(body)
        return imports.run(by=town["acceptor"], kind="hotline_orders", path=path, dry=dry)


def test_a_table_of_orders_is_loaded_once(town: Town) -> None:
    body = table(
        ["某市 12345 热线工单（2026 年 3 月）"],
        HEAD,
        [1, 2026030100012, "2026年3月1日 9时30分", "路灯不亮", "解放路", 13812345678, "2026-03-06"],
        [2, "A-2", "2026/3/1 10:00", "井盖缺失", "", "", ""],
    )
    preview = load(town, body, dry=True)
    assert (preview.created, preview.error_count) == (2, 0)
    assert Report.objects.count() == 0
    assert load(town, body).created == 2
    again = load(town, body)
    assert (again.created, again.same) == (0, 2)
    report = Report.objects.get(external_number="2026030100012")
    assert report.reporter_phone == "13812345678"
    assert report.payload["due"].startswith("2026-03-06")
    assert report.case.address == "解放路"


def test_bad_rows_are_listed_with_their_cells_and_nothing_is_loaded(town: Town) -> None:
    body = table(
        HEAD,
        [1, "A-1", "昨天", "路灯不亮", "", "", ""],
        [2, "A-2", "2026-03-01", "", "", "", ""],
        [3, "A-3", "2026-03-01", "好的一件", "", "", ""],
        [4, "A-3", "2026-03-01", "同一编号", "", "", ""],
    )
    outcome = load(town, body)
    assert Report.objects.count() == 0
    said = {e["cell"]: e["message"] for e in outcome.errors}
    assert "昨天" in said["C2"]
    assert "D3" in said
    assert any(cell.endswith("5") for cell in said)
