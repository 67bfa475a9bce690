"""The loop over HTTP: the routes, the error shape, lists, views, export, SQL budgets."""

import io
import uuid
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories_cases import LAT, LNG, make_file, make_report, make_town
from factories_orgs import client_for, make_user
from lifang.core import files, stamps
from lifang.orgs.choices import Role
from lifang.orgs.models import User

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def town():
    return make_town()


def client(town: Any, role: str) -> Any:
    return client_for(User.objects.get(pk=town[role].user_id))


def put(c: Any, case_id: int, verb: str, **body: Any) -> Any:
    return c.put(f"{API}/cases/{case_id}/{verb}", body, content_type="application/json")


def test_it_works(town):
    acceptor, dispatcher = client(town, "acceptor"), client(town, "dispatcher")
    handler, checker = client(town, "handler"), client(town, "checker")
    case = town.report()
    shown = acceptor.get(f"{API}/cases/{case.pk}").json()
    assert "file" in shown["allowed"]
    filed = put(acceptor, case.pk, "file", category_id=town.category.pk, version=shown["version"])
    assert filed.json()["duty"]["unit_id"] == town.unit.pk
    assert put(dispatcher, case.pk, "dispatch").json()["state"] == "dispatched"
    assert put(handler, case.pk, "start", version=3).json()["state"] == "handling"
    photo = files.token(make_file())
    assert put(handler, case.pk, "hand-back", note="好了", files=[photo]).status_code == 200
    assert put(checker, case.pk, "check", passed=True).json()["state"] == "checked"
    closed = put(acceptor, case.pk, "close").json()
    assert closed["state"] == "closed"
    assert [s["verb"] for s in closed["steps"]][-1] == "close"
    assert closed["evidence"][0]["file"]["view_url"].startswith("/files/")


def test_a_stale_screen_is_answered_with_what_happened(town):
    acceptor, chief = client(town, "acceptor"), client(town, "duty_chief")
    case = town.report()
    put(acceptor, case.pk, "reject", reason="重复提问", version=1)
    late = put(chief, case.pk, "file", category_id=town.category.pk, version=1)
    assert late.status_code == 409
    assert late.json()["code"] == "case.changed"
    assert "不予立案" in late.json()["message"]


def test_staff_report_twice_is_one(town):
    c = client(town, "collector")
    body = {"client_id": str(uuid.uuid4()), "text": "井盖松动", "lng": LNG, "lat": LAT}
    first = c.post(f"{API}/cases", body, content_type="application/json")
    again = c.post(f"{API}/cases", body, content_type="application/json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]


@pytest.mark.parametrize(
    "query",
    [
        "q=垃圾", "q=20261126", "state=reported", "queue=accept", "light=green&light=red",
        "source=citizen", "category=event-street", "area=990102", "mine=true", "open=true",
        "rework=false", "late=true", "late=false", "long_unsolved=true", "placed=true",
        "reported_from=2026-01-01&reported_to=2026-12-31", "order=due_at", "order=-priority",
        "queue=petition", "relapse=false", "automatic=true", "priority=1", "reopened=true",
        "count=filed", "unit=1", "assisting=1",
    ],
)  # fmt: skip
def test_every_filter_answers(town, query):
    town.report(text="路边垃圾没人清")
    c = client(town, "acceptor")
    for path in ("cases", "cases/count", "cases/geojson"):
        if path != "cases" and query.startswith("order"):
            continue
        answer = c.get(f"{API}/{path}?{query}")
        assert answer.status_code == 200, answer.content


def test_the_light_filter_agrees_with_the_light_shown(town):
    town.report(), town.filed(), town.dispatched(), town.closed()
    c = client(town, "acceptor")
    every = {i["id"]: i["light"] for i in c.get(f"{API}/cases").json()["items"]}
    for light in ("green", "amber", "red", "grey"):
        found = {i["id"] for i in c.get(f"{API}/cases?light={light}").json()["items"]}
        assert found == {i for i, shown in every.items() if shown == light}


def test_paging_goes_through_all_once(town):
    made = [make_report().case.pk for _n in range(7)]
    c = client(town, "acceptor")
    seen: list[int] = []
    cursor = ""
    while True:
        page = c.get(f"{API}/cases?limit=3&cursor={cursor}").json()
        seen += [i["id"] for i in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(made, reverse=True)


def test_export_keeps_the_filter_and_writes_no_formula(town):
    make_report(text="=HYPERLINK(1)坑洼")
    town.filed(text="另一件")
    c = client(town, "acceptor")
    answer = c.get(f"{API}/cases/export.xlsx?state=reported")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].values)
    assert len(rows) == 2
    assert rows[1][5].startswith("=HYPERLINK")
    assert book.worksheets[0].cell(2, 6).data_type == "s"
    assert ("状态", "待受理") in [tuple(r[:2]) for r in book.worksheets[1].values]


def test_bulk_answers_for_each_case(town):
    ok, bad = town.filed(), town.report()
    c = client(town, "dispatcher")
    answer = c.put(
        f"{API}/cases/bulk/dispatch", {"case_ids": [ok.pk, bad.pk, 999]},
        content_type="application/json",
    ).json()  # fmt: skip
    assert [(o["case_id"], o["ok"]) for o in answer] == [
        (ok.pk, True),
        (bad.pk, False),
        (999, False),
    ]
    assert "不能派遣" in answer[1]["message"]


def test_bulk_needs_what_its_verb_needs(town):
    c = client(town, "acceptor")
    body = {"case_ids": [town.report().pk]}
    for verb, status in (("reject", 422), ("note", 422), ("void", 422), ("assign", 200)):
        answer = c.put(f"{API}/cases/bulk/{verb}", body, content_type="application/json")
        assert answer.status_code == status, verb


def test_saved_views_are_one_s_own(town):
    acceptor, chief = client(town, "acceptor"), client(town, "duty_chief")
    body = {"name": "今日超期", "filters": {"light": ["red"]}, "columns": ["number"]}
    made = acceptor.post(f"{API}/saved-views", body, content_type="application/json")
    assert made.status_code == 201
    assert [v["name"] for v in acceptor.get(f"{API}/saved-views").json()] == ["今日超期"]
    assert chief.get(f"{API}/saved-views").json() == []
    gone = chief.delete(f"{API}/saved-views/{made.json()['id']}")
    assert gone.status_code == 404
    shared = acceptor.post(
        f"{API}/saved-views", body | {"shared": True}, content_type="application/json"
    )
    assert shared.status_code == 403


def test_only_the_system_administrator_sets_the_loop(town):
    admin = client_for(make_user(role=Role.SYSTEM_ADMIN))
    values = admin.get(f"{API}/loop-setting").json()
    changed = admin.put(
        f"{API}/loop-setting", values | {"duplicate_metres": 80}, content_type="application/json"
    )
    assert changed.json()["duplicate_metres"] == 80
    denied = client(town, "duty_chief").put(
        f"{API}/loop-setting", values, content_type="application/json"
    )
    assert denied.status_code == 403


def test_petitions_wait_for_those_who_may_decide(town):
    case = town.dispatched()
    handler, dispatcher = client(town, "handler"), client(town, "dispatcher")
    assert put(handler, case.pk, "extend", reason="等配件").status_code == 200
    waiting = dispatcher.get(f"{API}/petitions").json()["items"]
    assert [p["case"]["id"] for p in waiting] == [case.pk]
    assert handler.get(f"{API}/petitions").json()["items"] == []
    decided = dispatcher.put(
        f"{API}/petitions/{waiting[0]['id']}/decide", {"granted": True},
        content_type="application/json",
    )  # fmt: skip
    assert decided.json()["state"] == "second"


def test_the_desk_counts_what_is_mine(town):
    town.report(), town.filed()
    desk = client(town, "acceptor").get(f"{API}/desk").json()
    assert {q["name"]: q["count"] for q in desk["queues"]}["accept"] == 1
    assert len(desk["items"]) == 1


def test_related_cases_are_found_near(town):
    first, second = town.report(text="甲处"), town.report(text="乙处")
    found = client(town, "acceptor").get(f"{API}/cases/{second.pk}/related").json()
    assert [r["id"] for r in found["open"]] == [first.pk]


def test_file_numbers_cannot_be_guessed(town):
    case = town.dispatched()
    answer = put(client(town, "handler"), case.pk, "hand-back", note="好了", files=["1"])
    assert answer.status_code == 422


def queries_of(call: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = call()
    assert answer.status_code == 200, answer.content
    return len([q for q in seen if "SAVEPOINT" not in q["sql"]])


def test_a_list_of_fifty_needs_at_most_five_statements(town):
    for _n in range(60):
        make_report()
    c = client(town, "acceptor")
    c.get(f"{API}/cases")  # caches
    for query in ("", "?q=问题", "?state=reported&light=green&area=990102", "?order=due_at"):
        assert queries_of(lambda q=query: c.get(f"{API}/cases{q}")) <= 5


def test_a_report_needs_at_most_twelve_statements(town):
    for _n in range(2):
        make_report(category_key=town.category.key)  # caches
    photo = make_file().pk
    stamps.begin()  # as in a request: all stamps in one statement
    try:
        with CaptureQueriesContext(connection) as seen:
            make_report(category_key=town.category.key, file_ids=[photo])
    finally:
        stamps.end()
    sql = [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"]]
    assert len(sql) <= 12, "\n".join(sql)


def test_bulk_offers_what_my_roles_may_do_and_from_where(town):
    found = client(town, "dispatcher").get(f"{API}/cases/bulk").json()
    assert found["dispatch"] == ["filed", "returned"]
    assert "file" not in found  # the acceptor's
    assert "note" in found
