"""Telling people: in the centre, and beyond it."""

import json
import smtplib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core import mail
from django.utils import timezone

from factories_orgs import client_for, make_user
from lifang.core import channels, notify
from lifang.core.models import Channel, Delivery
from lifang.orgs.choices import Role

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


def tell(*user_ids: int, **kw: Any) -> None:
    notify.tell(user_ids, kind="case", title="新案件", body="人民路井盖缺失", **kw)


def test_it_works() -> None:
    me, other = make_user(role=Role.HANDLER), make_user(role=Role.HANDLER)
    for _ in range(3):
        tell(me.pk, me.pk, link="/console/cases/1")
    tell(other.pk)
    client = client_for(me)
    assert client.get("/api/v1/notifications/count").json() == {"n": 3}
    items = client.get("/api/v1/notifications").json()["items"]
    assert [i["title"] for i in items] == ["新案件"] * 3
    read = client.post(f"/api/v1/notifications/{items[0]['id']}/read")
    assert read.json()["read_at"] is not None
    assert client.get("/api/v1/notifications/count").json() == {"n": 2}
    assert len(client.get("/api/v1/notifications?unread=true").json()["items"]) == 2
    assert client.post("/api/v1/notifications/read-all").json() == {"n": 2}
    theirs = notify.of(other.pk).get()
    assert client.post(f"/api/v1/notifications/{theirs.id}/read").status_code == 404
    assert notify.unread(other.pk) == 1


def test_without_channels_it_costs_one_insert(django_assert_num_queries: Any) -> None:
    tell(1)
    with django_assert_num_queries(2):  # and the stamps, which a request reads anyway
        tell(1, 2, 3)


def test_pages_go_on_where_the_last_ended() -> None:
    me = make_user(role=Role.HANDLER)
    for _ in range(5):
        tell(me.pk)
    client, seen, cursor = client_for(me), [], ""
    while True:
        found = client.get(f"/api/v1/notifications?limit=2&cursor={cursor}").json()
        seen += [i["id"] for i in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 5
    assert client.get("/api/v1/notifications?cursor=nonsense").status_code == 422


def test_robots_of_the_unit_are_told_once_a_message(
    run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any]] = []

    def post(url: str, *, json: Any, timeout: float) -> httpx.Response:
        sent.append((url, json))
        return httpx.Response(200, json={"errcode": 0}, request=httpx.Request("POST", url))

    monkeypatch.setattr(httpx, "post", post)
    Channel.objects.create(name="a", channel="wecom", address="https://w.example/1", unit_id=3)
    Channel.objects.create(
        name="b", channel="dingtalk", address="https://d.example/2?t=1", secret="s", kinds=["case"]
    )
    Channel.objects.create(name="c", channel="wecom", address="https://w.example/3", kinds=["no"])
    tell(1, 2, unit_id=3)
    tell(1, unit_id=4)
    run_tasks()
    assert [u.split("?")[0] for u, _ in sent] == [
        "https://w.example/1",
        "https://d.example/2",
        "https://d.example/2",
    ]
    assert "&timestamp=" in sent[1][0]
    assert sent[0][1]["text"]["content"] == "新案件\n人民路井盖缺失"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_robot_that_says_no_is_tried_again_and_given_up_at_last(
    run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        httpx,
        "post",
        lambda url, **kw: httpx.Response(
            200, json={"errcode": 93000, "errmsg": "invalid"}, request=httpx.Request("POST", url)
        ),
    )
    Channel.objects.create(name="a", channel="wecom", address="https://w.example/1")
    tell(1)
    run_tasks()
    row = Delivery.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    assert "93000" in row.error
    assert not channels.send_one(row.id)  # not yet due
    while row.state == "waiting":
        channels.send_one(row.id, now=row.due_at)
        row.refresh_from_db()
    assert (row.state, row.tries) == ("failed", channels.MOST_TRIES)


def test_mail_goes_to_each_persons_own_address(
    run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        channels, "_BOOKS", [lambda ids: {i: {"mail": f"u{i}@example.org"} for i in ids if i != 2}]
    )
    Channel.objects.create(name="a", channel="mail", address="*")
    tell(1, 2, 3)
    run_tasks()
    assert sorted(m.to[0] for m in mail.outbox) == ["u1@example.org", "u3@example.org"]
    assert mail.outbox[0].subject == "新案件"


def test_mail_that_fails_waits(run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kw: Any) -> None:
        raise smtplib.SMTPException("no")

    monkeypatch.setattr(channels, "send_mail", refuse)
    Channel.objects.create(name="a", channel="mail", address="duty@example.org")
    tell(1)
    run_tasks()
    assert Delivery.objects.get().error == "SMTPException: no"
    monkeypatch.undo()
    Delivery.objects.update(due_at=timezone.now())
    assert channels.send_due.call() == 1


def test_sms_without_a_gateway_goes_to_the_log_file(
    run_tasks: RunTasks, tmp_path: Any, settings: Any
) -> None:
    settings.DATA_DIR = tmp_path
    Channel.objects.create(name="a", channel="sms", address="13800000000")
    tell(1)
    run_tasks()
    line = json.loads((tmp_path / "sms.log").read_text("utf-8"))
    assert (line["phone"], line["text"]) == ("13800000000", "新案件 人民路井盖缺失")


def test_dingtalks_signature() -> None:
    # HMAC-SHA256("1\nkey") with key "key", computed with openssl
    assert channels.sign("key", 1)["timestamp"] == "1"
    assert len(channels.sign("key", 1)["sign"]) == 44


def test_only_administrators_set_channels_and_secrets_stay_inside() -> None:
    body = {"name": "群", "channel": "dingtalk", "address": "https://d.example/1", "secret": "SEC"}
    admin, other = (client_for(make_user(role=r)) for r in (Role.SYSTEM_ADMIN, Role.LEADER))
    assert other.post("/api/v1/channels", body, content_type="application/json").status_code == 403
    assert other.get("/api/v1/channels").status_code == 403
    made = admin.post("/api/v1/channels", body, content_type="application/json").json()
    assert made["has_secret"]
    assert "SEC" not in json.dumps(made)
    path = f"/api/v1/channels/{made['id']}"
    changed = admin.put(
        path, body | {"secret": "", "name": "新群"}, content_type="application/json"
    )
    assert (changed.json()["name"], changed.json()["has_secret"]) == ("新群", True)
    assert (
        admin.put(path, body | {"address": "http://d"}, content_type="application/json").status_code
        == 422
    )
    assert other.delete(path).status_code == 403
    assert admin.delete(path).status_code == 204
    assert admin.get("/api/v1/deliveries").json()["items"] == []
