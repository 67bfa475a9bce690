"""The client against our own server as the second instance: in, out, changes, pages, lost answers."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_cases import AREA, Town, make_file, make_town
from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_standards import make_category, make_condition
from intake.open311_kit import make_key
from lifang.cases import actions as loop
from lifang.cases.actions import report
from lifang.cases.choices import Verb
from lifang.cases.models import Case, Report, Step
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.intake.open311 import exchange, polling, sending
from lifang.intake.open311.client import GeoReport, Receipt, Trouble
from lifang.intake.open311.models import Open311Link, Open311Post, Open311Server
from lifang.intake.open311.recovery import lost_links
from lifang.intake.open311.tasks import poll_servers
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., list[str]]


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture(params=["xml", "json"])
def form(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def there(town: Town, live_server: Any) -> Open311Server:
    """Our own server, as another's."""
    return Open311Server.objects.create(
        name="邻市",
        url=f"{live_server.url}/open311/v2",
        api_key=make_key("neighbour"),
        services={town.category.key: town.category.key},
        receive=True,
        send=True,
    )


def notes(case_id: int) -> list[str]:
    return list(
        Step.objects.filter(case=case_id, verb=Verb.NOTE)
        .order_by("id")
        .values_list("reason", flat=True)
    )


def close(town: Town, case: Case) -> None:
    loop.hand_back(by=town["handler"], case_id=case.pk, note="好", file_ids=[make_file().pk])
    loop.check(by=town["checker"], case_id=case.pk, passed=True)
    loop.close(by=town["acceptor"], case_id=case.pk)


def test_it_works(town: Town, there: Open311Server, form: str) -> None:
    Open311Server.objects.update(form=form)
    case = town.filed(text="路灯不亮，请修")
    done = polling.poll(server_id=there.pk)
    assert (done.seen, done.created, done.refused) == (1, 1, [])
    report = Report.objects.get(source="transfer")
    assert report.external_number == case.number
    assert report.text == "路灯不亮，请修"
    assert (report.lng, report.lat) == (case.lng, case.lat)
    assert report.origin.category_id == town.category.pk
    there.refresh_from_db()
    assert there.error == ""
    assert there.cursor is not None
    again = polling.poll(server_id=there.pk)
    assert (again.seen, again.created, again.noted) == (1, 0, 0)
    assert Case.objects.count() == 2


@pytest.mark.parametrize("by_change", [False, True])
def test_a_change_there_is_a_note_here_once(
    town: Town, there: Open311Server, by_change: bool
) -> None:
    Open311Server.objects.update(by_change=by_change)
    case = town.dispatched()
    polling.poll(server_id=there.pk)
    link = Open311Link.objects.get()
    assert (link.status, link.state) == ("open", "linked")
    # long ago by its first day: found by its number, or by its change
    Case.objects.filter(pk=case.pk).update(reported_at=timezone.now() - dt.timedelta(days=60))
    close(town, case)
    assert polling.poll(server_id=there.pk).noted == 1
    link.refresh_from_db()
    assert (link.status, link.state) == ("closed", "ended")
    (said,) = notes(link.case_id)
    assert "邻市" in said
    assert "已办结" in said
    assert polling.poll(server_id=there.pk).noted == 0


def test_late_answers_do_not_turn_back_time(town: Town, there: Open311Server) -> None:
    case = town.dispatched()
    polling.poll(server_id=there.pk)
    before = GeoReport(there).requests(service_request_id=case.number)[0]
    close(town, case)
    polling.poll(server_id=there.pk)
    assert before.updated is not None
    late = replace(before, updated=before.updated - dt.timedelta(seconds=5))
    assert polling._note(there, late) == 0
    assert Open311Link.objects.get().status == "closed"


def test_all_pages_are_read(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PAGE", 2)
    for _n in range(5):
        town.filed()
    assert polling.poll(server_id=there.pk).created == 5
    assert Open311Link.objects.count() == 5


def test_a_server_without_pages_ends(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.filed()
    town.filed()
    real = GeoReport.requests
    asked = []

    def unpaged(self: GeoReport, **query: str) -> Any:
        asked.append(query.pop("page", ""))
        query.pop("page_size", None)
        return real(self, **query)

    monkeypatch.setattr(GeoReport, "requests", unpaged)
    monkeypatch.setattr(polling, "PAGE", 2)
    assert polling.poll(server_id=there.pk).created == 2
    assert asked == ["1", "2"]


def test_what_is_closed_or_of_no_interest_is_left_there(town: Town, there: Open311Server) -> None:
    town.closed()
    assert polling.poll(server_id=there.pk).created == 0
    town.filed()
    Open311Server.objects.update(services={"other": ""})
    assert polling.poll(server_id=there.pk).created == 0


def test_one_bad_request_does_not_stop_the_others(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.filed(text="第一件坏的")
    town.filed(text="第二件好的")
    real = report

    def picky(**kw: Any) -> Any:
        if "坏" in kw["text"]:
            raise Invalid("x", "不收")
        return real(**kw)

    monkeypatch.setattr(polling, "file_report", picky)
    done = polling.poll(server_id=there.pk)
    assert done.created == 1
    there.refresh_from_db()
    assert "1 件未能接收" in there.error


def test_without_a_key_only_class_and_place_come(town: Town, there: Open311Server) -> None:
    Open311Server.objects.update(api_key="")
    town.filed(text="我家楼下")
    polling.poll(server_id=there.pk)
    assert "我家" not in Report.objects.get(source="transfer").text


def test_a_case_is_sent_once(town: Town, there: Open311Server, run_tasks: Run) -> None:
    case = town.filed(
        text="井盖缺失，我的电话 13812345678", reporter_name="张小明", reporter_phone="13912345678"
    )
    link = sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    assert sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk).pk == link.pk
    run_tasks()
    link.refresh_from_db()
    assert (link.state, link.tries, link.error) == ("linked", 1, "")
    there_report = Open311Post.objects.get().report
    assert link.remote_id == there_report.origin.number
    assert (there_report.reporter_name, there_report.reporter_phone) == ("", "")
    assert "138****5678" in there_report.text
    assert there_report.origin.category_id == town.category.pk
    assert not sending.deliver(link.pk)  # a second worker finds nothing to do
    assert Open311Post.objects.count() == 1
    assert any(str(link.remote_id) in said for said in notes(case.pk))


def test_what_becomes_of_a_sent_case_comes_back_as_notes(
    town: Town, there: Open311Server, run_tasks: Run
) -> None:
    case = town.filed()
    sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    run_tasks()
    Open311Server.objects.update(receive=False)
    before = len(notes(case.pk))
    copy = Open311Post.objects.get().report.origin
    loop.void(by=town["duty_chief"], case_id=copy.pk, reason="不在本市")
    assert polling.poll(server_id=there.pk).noted == 1
    assert len(notes(case.pk)) == before + 1
    assert "已撤销" in notes(case.pk)[-1]
    assert Open311Link.objects.get().state == "ended"


def test_a_lost_answer_makes_no_second_request(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = town.filed()
    link = sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    real = GeoReport.post
    posts = []

    def lost(self: GeoReport, said: Any, picture: Any = None) -> Receipt:
        posts.append(real(self, {k: v for k, v in said.items() if k != "client_id"}, picture))
        raise Trouble("断了", again=True)

    monkeypatch.setattr(GeoReport, "post", lost)
    assert not sending.deliver(link.pk)
    link.refresh_from_db()
    assert (link.state, link.error) == ("waiting", "断了")
    assert not sending.deliver(link.pk)  # not yet due
    assert sending.deliver(link.pk, now=timezone.now() + dt.timedelta(hours=1))
    link.refresh_from_db()
    assert link.remote_id == posts[0].id
    assert len(posts) == Open311Post.objects.count() == 1


def test_a_poll_knows_what_was_sent_by_its_mark(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = town.filed()
    link = sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    real = GeoReport.post

    def lost(self: GeoReport, said: Any, picture: Any = None) -> Receipt:
        real(self, said, picture)
        raise Trouble("断了", again=True)

    monkeypatch.setattr(GeoReport, "post", lost)
    sending.deliver(link.pk)
    # the case itself is of this same server: it is taken in, its copy is not
    assert polling.poll(server_id=there.pk).created == 1
    link.refresh_from_db()
    assert link.state == "linked"
    assert link.remote_id == Open311Post.objects.get().report.origin.number


def test_a_token_is_asked_until_it_is_a_number(
    town: Town, there: Open311Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = town.filed()
    Open311Server.objects.update(receive=False)
    link = sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    real = GeoReport.post

    def token_only(self: GeoReport, said: Any, picture: Any = None) -> Receipt:
        real(self, said, picture)
        return Receipt("", Open311Post.objects.get().token)

    monkeypatch.setattr(GeoReport, "post", token_only)
    assert sending.deliver(link.pk)
    link.refresh_from_db()
    assert link.remote_id is None
    polling.poll(server_id=there.pk)
    link.refresh_from_db()
    assert link.remote_id == Open311Post.objects.get().report.origin.number


def test_a_refusal_is_kept_and_can_be_tried_again(
    town: Town, there: Open311Server, run_tasks: Run
) -> None:
    case = town.filed()
    Open311Server.objects.update(api_key="wrong")
    link = sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    run_tasks()
    link.refresh_from_db()
    assert link.state == "failed"
    assert "403" in link.error
    assert "令牌" in link.error
    Open311Server.objects.update(api_key="neighbour")
    sending.retry(by=town["dispatcher"], link_id=link.pk)
    run_tasks()
    link.refresh_from_db()
    assert link.state == "linked"
    with pytest.raises(Conflict):
        sending.retry(by=town["dispatcher"], link_id=link.pk)


def test_who_sends_what(town: Town, there: Open311Server) -> None:
    case = town.filed()

    def send(role: str = "dispatcher", **kw: Any) -> Open311Link:
        values: dict[str, Any] = {
            "by": town[role],
            "server_id": there.pk,
            "case_id": case.pk,
        }
        return sending.send(**values | kw)

    with pytest.raises(Forbidden):
        send("acceptor")
    elsewhere = make_user(role=Role.DISPATCHER, unit=make_unit(area="110101"), area="110101")
    with pytest.raises(Missing):
        send(by=acting_for(elsewhere))
    with pytest.raises(Missing):
        send(server_id=0)
    with pytest.raises(Conflict):
        send(case_id=town.closed().pk)
    Open311Server.objects.update(services={})
    with pytest.raises(Invalid):
        send()
    assert send(service_code="x").service_code == "x"


def test_what_a_dead_worker_left_is_sent(town: Town, there: Open311Server, run_tasks: Run) -> None:
    case = town.filed()
    Open311Link.objects.create(
        server=there, case=case, way="out", state="waiting", service_code=town.category.key,
        created_at=timezone.now(), due_at=timezone.now() - dt.timedelta(minutes=5),
    )  # fmt: skip
    assert lost_links() == 1
    assert lost_links() == 0  # it is in the queue now
    run_tasks()
    assert Open311Link.objects.get().state == "linked"


def test_every_active_server_is_asked_by_the_clock(
    town: Town, there: Open311Server, run_tasks: Run
) -> None:
    town.filed()
    Open311Server.objects.create(name="停用", url="http://127.0.0.1:9", active=False)
    poll_servers.call()
    poll_servers.call()
    ran = run_tasks()
    assert ran.count("poll_server") == 1
    assert Open311Link.objects.count() == 1


def test_administrators_set_servers_up(town: Town, live_server: Any) -> None:
    admin = client_for(make_user(role=Role.SYSTEM_ADMIN))
    url = "/api/v1/open311-servers"
    body = {"name": "邻市", "url": f"{live_server.url}/open311/v2/", "api_key": "secret-key"}
    made = admin.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.content.decode()
    assert made.json()["has_key"] is True
    assert "secret-key" not in admin.get(url).content.decode()
    own = f"{url}/{made.json()['id']}"
    (service,) = admin.get(f"{own}/services").json()
    assert service["code"] == town.category.key
    changed = admin.put(own, body | {"api_key": ""}, content_type="application/json")
    assert changed.json()["has_key"] is True
    moved = {"name": "邻市", "url": "http://127.0.0.1:9/v2"}
    assert admin.put(own, moved, content_type="application/json").json()["has_key"] is False
    assert admin.get(f"{own}/services").status_code == 409
    for wrong in ({"url": "ftp://x"}, {"url": "https://a:b@x"}, {"services": {"1": "nothing"}}):
        answer = admin.post(
            url, {"name": "又一个", "url": "https://x/v2"} | wrong, content_type="application/json"
        )
        assert answer.status_code == 422
    assert client_for(make_user(role=Role.DISPATCHER)).get(url).status_code == 403


def test_the_desk_sees_what_went_where(town: Town, there: Open311Server) -> None:
    case = town.filed()
    sending.send(by=town["dispatcher"], server_id=there.pk, case_id=case.pk)
    desk = client_for(make_user(role=Role.DISPATCHER, unit=make_unit(area=AREA), area=AREA))
    (row,) = desk.get("/api/v1/open311-links", {"state": "waiting"}).json()["items"]
    assert (row["case_number"], row["server"], row["way"]) == (case.number, "邻市", "out")
    far = client_for(make_user(role=Role.DISPATCHER, unit=make_unit(area="110101"), area="110101"))
    assert far.get("/api/v1/open311-links").json()["items"] == []


def test_administrators_see_how_the_exchange_stands(town: Town, there: Open311Server) -> None:
    for state in ("failed", "linked", "linked"):
        Open311Link.objects.create(
            server=there, case=town.filed(), way="in", state=state, created_at=timezone.now()
        )
    Open311Server.objects.create(name="停用", url="http://127.0.0.1:9", active=False)
    admin = client_for(make_user(role=Role.SYSTEM_ADMIN))
    with CaptureQueriesContext(connection) as seen:
        first, second = admin.get("/api/v1/open311-servers").json()
    assert (first["failed"], first["linked"], first["waiting"], first["ended"]) == (1, 2, 0, 0)
    assert second["name"] == "停用"
    assert sum("open311server" in q["sql"] for q in seen.captured_queries) == 1
    body = {"name": "邻市二", "url": there.url, "services": there.services}
    changed = admin.put(
        f"/api/v1/open311-servers/{there.pk}", body, content_type="application/json"
    )
    assert (changed.json()["name"], changed.json()["linked"]) == ("邻市二", 2)


def test_the_desk_is_offered_where_a_case_may_go(town: Town, there: Open311Server) -> None:
    other = make_category(catalogue=town.category.catalogue, key="event-x.other", name="其他事")
    make_condition(category=other)
    Open311Server.objects.update(
        services={"zz": town.category.key, "aa": "event-x.other", "bb": "gone"}
    )
    Open311Server.objects.create(name="只收", url="http://127.0.0.1:9", receive=True)
    Open311Server.objects.create(name="停用", url="http://127.0.0.1:9", send=True, active=False)
    case = town.filed()
    desk = client_for(make_user(role=Role.DISPATCHER, unit=make_unit(area=AREA), area=AREA))
    (found,) = desk.get("/api/v1/open311-links/targets", {"case_id": case.pk}).json()
    assert found["name"] == "邻市"
    assert [(s["code"], s["name"], s["fits"]) for s in found["services"]] == [
        ("zz", town.category.name, True),
        ("aa", "其他事", False),
        ("bb", "", False),
    ]
    sent = {"server_id": there.pk, "case_id": case.pk, "service_code": "zz"}
    made = desk.post("/api/v1/open311-links", sent, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    # once is enough
    assert desk.get("/api/v1/open311-links/targets", {"case_id": case.pk}).json() == []
    (row,) = desk.get("/api/v1/open311-links", {"case_id": case.pk}).json()["items"]
    assert row["service_code"] == "zz"


def test_what_is_not_classed_fits_no_service(town: Town, there: Open311Server) -> None:
    Open311Server.objects.update(services={"x": ""})
    case = town.report(text="说不清的事")
    (found,) = exchange.targets(town["dispatcher"], case_id=case.pk)
    assert [s["fits"] for s in found["services"]] == [False]
    with pytest.raises(Missing):
        exchange.targets(town["dispatcher"], case_id=0)
    with pytest.raises(Forbidden):
        exchange.targets(town["acceptor"], case_id=case.pk)
