"""The live run: through the public HTTP door, once each, beside the board's own replies."""

import datetime as dt
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from factories_orgs import client_for
from lifang.cases.models import Case
from lifang.demo import feed, yardstick
from lifang.demo.models import Fed
from lifang.demo.real import Message, messages
from lifang.orgs.models import User

ASKED = dt.datetime(2020, 1, 5, 9, tzinfo=dt.UTC)
SENT = [
    Message("board-test-1", "A3区路灯不亮", "A3区路灯坏了好几盏，晚上很黑", True, ASKED,
            ASKED + dt.timedelta(days=4), "已安排维修"),
    Message("board-test-2", "一句话", "请帮忙看看这个事情", True, ASKED + dt.timedelta(hours=2)),
]  # fmt: skip


class Door(httpx.BaseTransport):
    """The server of this process, reached as over HTTP; ``fails`` answers come first."""

    def __init__(self, fails: list[int]) -> None:
        self.client, self.fails = Client(), fails

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and self.fails:
            return httpx.Response(self.fails.pop(0), headers={"Retry-After": "0"})
        answer = self.client.generic(
            request.method, request.url.raw_path.decode(), request.content, "application/json"
        )
        return httpx.Response(answer.status_code, content=answer.content)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    fails: list[int] = []
    real = httpx.Client

    def made(**kw: Any) -> httpx.Client:
        return real(base_url=kw["base_url"], transport=Door(fails))

    monkeypatch.setattr(feed.httpx, "Client", made)
    monkeypatch.setattr(feed, "messages", lambda: list(SENT))
    return fails


def run(said: list[str]) -> int:
    return feed.Feed(url="http://127.0.0.1", say=said.append, speed=1e9).run()


def test_it_works(door: list[int]) -> None:
    said: list[str] = []
    assert run(said) == 2
    case = Case.objects.get(reports__client_id="board-test-1")
    assert case.source == "citizen" and case.area.startswith("990102")
    assert case.region is not None and case.region.level == 3
    assert Fed.objects.count() == 2
    assert "留言板答复用时中位 4.0 天" in said[-1]
    unplaced = Case.objects.get(reports__client_id="board-test-2")
    assert (unplaced.state, unplaced.category, unplaced.area) == ("reported", None, "")


def test_goes_on_where_it_stopped(door: list[int]) -> None:
    run([])
    assert run([]) == 0
    assert Case.objects.filter(reports__client_id__startswith="board-test").count() == 2


def test_a_busy_door_is_knocked_at_again(door: list[int]) -> None:
    door += [503, 429]
    assert run([]) == 2
    assert Fed.objects.count() == 2


def test_page_shows_both(door: list[int]) -> None:
    run([])
    client = client_for(User.objects.get(username="zhiban1"))
    shown = client.get("/api/v1/demo/run").json()
    assert (shown["fed"], shown["board_days"]) == (2, 4.0)
    assert shown["rows"][-1]["board_answer"] == "已安排维修"
    figures = yardstick.figures()
    assert figures["waiting"] + figures["dispatched"] >= 1


def test_statistics_answer_over_http() -> None:
    client = client_for(User.objects.get(username="zhiban1"))
    today = timezone.localdate()
    for path in ("rates", "breakdown?by=unit", "trend", "now", "board", "formulas"):
        assert client.get(f"/api/v1/stats/{path}").status_code == 200, path
    rows = client.get(f"/api/v1/stats/breakdown?by=area&from={today.year - 1}-01-01").json()["rows"]
    link = next(r for r in rows if r["filter"])
    found = client.get("/api/v1/cases/count", {**link["filter"], "count": "received"}).json()
    assert found["count"] == link["counts"]["received"]


def test_own_reports_where_there_are_no_real_ones() -> None:
    own = messages()
    assert len(own) > 100 and not own[0].real
    assert own == sorted(own, key=lambda m: m.asked_at or timezone.now())
