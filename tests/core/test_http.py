"""What every request of the API passes: NUL, idempotency keys, ETags, health, metrics."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from factories_orgs import client_for, make_user
from lifang.core import doctor
from lifang.core.models import Channel, IdempotencyKey
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
CHANNEL = {"name": "值班群", "channel": "wecom", "address": "https://example.org/robot?key=1"}


@pytest.fixture
def admin() -> Client:
    return client_for(make_user(role=Role.SYSTEM_ADMIN))


def add(client: Client, key: str = "", **changes: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        "/api/v1/channels", CHANNEL | changes, content_type="application/json", headers=headers
    )


def test_it_works(admin: Client) -> None:
    first, second = add(admin, "k1"), add(admin, "k1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second["Idempotent-Replay"] == "true"
    assert Channel.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(admin: Client) -> None:
    add(admin, "k1")
    answer = add(admin, "k1", name="别的群")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.mismatch")


def test_a_key_belongs_to_one_sender(admin: Client) -> None:
    add(admin, "k1")
    other = client_for(make_user(role=Role.SYSTEM_ADMIN))
    assert add(other, "k1").status_code == 201
    assert Channel.objects.count() == 2


def test_after_a_refusal_the_key_may_be_used_again(admin: Client) -> None:
    assert add(admin, "k1", channel="pigeon").status_code == 422
    assert add(admin, "k1").status_code == 201


def test_while_the_first_is_at_work_the_second_waits_and_a_dead_one_is_taken_over(
    admin: Client,
) -> None:
    add(admin, "k1")
    Channel.objects.all().delete()
    row = IdempotencyKey.objects.get()
    IdempotencyKey.objects.update(status=None, answer="")
    assert add(admin, "k1").json()["code"] == "idempotency.busy"
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(minutes=2))
    assert add(admin, "k1").status_code == 201
    row.refresh_from_db()
    assert row.status == 201


@pytest.mark.parametrize("key", ["x" * 101, "a\tb"])
def test_a_key_that_is_none_is_refused(admin: Client, key: str) -> None:
    assert add(admin, key).status_code == 422


def test_a_nul_is_refused_everywhere(admin: Client) -> None:
    assert add(admin, name="a\x00b").status_code == 422
    assert admin.get("/api/v1/notifications?kind=a%00").status_code == 422
    assert add(admin, name="a\\u0000b").status_code == 201  # the six characters themselves


def test_who_has_it_already_gets_304(admin: Client) -> None:
    first = admin.get("/api/v1/channels")
    again = admin.get("/api/v1/channels", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    add(admin)
    changed = admin.get("/api/v1/channels", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_health_and_metrics() -> None:
    assert Client().get("/healthz").status_code == 200
    shown = Client().get("/metrics")
    assert b"lifang_workers" in shown.content
    assert b"lifang_request_seconds" in shown.content
    assert Client().get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403
    assert Client().get("/metrics", headers={"X-Forwarded-For": "1.1.1.1"}).status_code == 403


def test_the_doctor_examines_and_a_broken_check_is_a_finding(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[doctor.Finding]:
        raise ValueError("oh")

    monkeypatch.setitem(doctor.CHECKS, "x", doctor.Check("x", "某项", broken))
    found = {c["name"]: c["findings"] for c in admin.get("/api/v1/system/doctor?long=true").json()}
    assert found["journal"] == [{"level": "ok", "message": "正常"}]
    assert found["files"][0]["level"] == "ok"
    assert found["x"] == [{"level": "error", "message": "检查本身出错：oh"}]
    assert found["tasks"][0]["level"] == "warning"
    assert admin.get("/api/v1/system/health").json()["workers"] == 0
    handler = client_for(make_user(role=Role.HANDLER))
    assert handler.get("/api/v1/system/doctor").status_code == 403
    assert handler.get("/api/v1/system/health").status_code == 403
