"""Reporting at the public door."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories_cases import LAT, LNG, Town, make_file, make_town
from lifang.cases.choices import State
from lifang.cases.models import Case, Evidence, Report
from lifang.config import config
from lifang.core import files
from lifang.intake.models import Tally

pytestmark = pytest.mark.django_db
URL = "/api/v1/public/reports"


@pytest.fixture
def town() -> Town:
    return make_town()


def send(client: Client | None = None, **kw: Any) -> Any:
    body = {
        "client_id": "phone-0001",
        "text": "小区北门口垃圾桶满了三天没人清",
    } | kw
    return (client or Client()).post(URL, body, content_type="application/json")


def place() -> dict[str, Any]:
    return {"lng": LNG, "lat": LAT, "system": "wgs84"}


def test_it_works(town: Town) -> None:
    photo = make_file()
    answer = send(**place(), files=[files.token(photo)], name="张小明", phone="13812345678")
    assert answer.status_code == 201, answer.content
    got = answer.json()
    assert got["created"] is True
    report = Report.objects.get()
    assert got["number"] == report.case.number
    assert got["code"] == report.follow_code
    assert len(got["code"]) == 8
    assert report.source == "citizen"
    assert report.reporter_phone == "13812345678"
    assert report.case.area == town.region.code
    assert [e.file_id for e in Evidence.objects.all()] == [photo.pk]
    assert "13812345678" not in answer.content.decode()


def test_the_same_one_twice_is_one_report(town: Town) -> None:
    first, second = send(), send()
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"created": False}
    assert Case.objects.count() == 1


def test_a_repeat_does_not_use_up_the_limit(town: Town) -> None:
    for _n in range(3):
        send(device="phone-1")
    assert Tally.objects.get(key="report:device:phone-1").count == 1


def test_photo_alone_is_enough(town: Town) -> None:
    assert send(text="", files=[files.token(make_file())]).status_code == 201


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u0007\u200e"])
def test_nothing_said_is_refused_with_the_field(town: Town, text: str) -> None:
    answer = send(text=text, client_id="phone-empty-1")
    assert answer.status_code == 422
    assert [f["path"] for f in answer.json()["fields"]] == ["text"]
    assert Case.objects.count() == 0


@pytest.mark.parametrize("length", [5_001, 20_001, 50_000])
def test_too_long_is_refused_in_words(town: Town, length: int) -> None:
    answer = send(text="长" * length)
    assert answer.status_code == 422
    assert "个字" in answer.json()["fields"][0]["message"]


def test_five_thousand_characters_are_taken(town: Town) -> None:
    assert send(text="长" * 5_000).status_code == 201


@pytest.mark.parametrize("text", ["😡😡😡", "🗑️👎", "👨‍👩‍👧‍👦 垃圾"])
def test_emoji_are_words_too(town: Town, text: str) -> None:
    answer = send(text=text, client_id="phone-emoji-1")
    assert answer.status_code == 201
    assert Case.objects.get().state == State.REPORTED


def test_control_characters_go_and_lines_stay(town: Town) -> None:
    send(text="第一行\u0007\r\n第二行   多余空格\n\n\n\n末行", client_id="phone-control-1")
    assert Report.objects.get().text == "第一行\n第二行 多余空格\n\n末行"


def test_undeclared_coordinates_are_refused(town: Town) -> None:
    answer = send(lng=LNG, lat=LAT)
    assert answer.status_code == 422
    assert "system" in str(answer.json())


def test_coordinates_of_a_chinese_map_are_converted(town: Town) -> None:
    send(lng=LNG, lat=LAT, system="gcj02")
    report = Report.objects.get()
    assert report.lng is not None
    assert 0.0005 < abs(report.lng - LNG) < 0.02


def test_half_a_coordinate_is_refused(town: Town) -> None:
    assert send(lng=LNG, system="wgs84").status_code == 422


@pytest.mark.parametrize("phone", ["打电话", "123", "1" * 33])
def test_a_phone_that_is_none_is_refused(town: Town, phone: str) -> None:
    assert send(phone=phone).status_code == 422


def test_a_guessed_file_number_hangs_nothing(town: Town) -> None:
    secret = make_file(kind="document")
    for token in (str(secret.pk), "x" * 20, files.token(secret) + "x"):
        assert send(files=[token]).status_code == 422
    assert Case.objects.count() == 0


def test_more_than_nine_files_are_refused(town: Town) -> None:
    answer = send(files=[files.token(make_file()) for _n in range(10)])
    assert answer.status_code == 422
    assert "9" in answer.json()["message"]


def test_the_limit_by_device_says_how_long_to_wait(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "public_reports_per_hour", 2)
    for n in range(2):
        assert send(client_id=f"phone-many-{n}", device="d1").status_code == 201
    answer = send(client_id="phone-many-2", device="d1")
    assert answer.status_code == 429
    assert 3500 < int(answer["Retry-After"]) <= 3600
    assert re.search(r"60 分钟", answer.json()["message"])
    assert send(client_id="phone-many-3", device="d2").status_code == 201


def test_what_was_taken_is_answered_also_over_the_limit(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "public_reports_per_hour", 1)
    first = send(client_id="phone-one-1", device="d1").json()
    assert send(client_id="phone-two-2", device="d1").status_code == 429
    again = send(client_id="phone-one-1", device="d1")
    assert again.status_code == 200
    assert again.json()["number"] == first["number"]


def test_the_limit_by_address_is_ten_times_that(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "public_reports_per_hour", 1)
    for n in range(10):
        assert send(client_id=f"phone-addr-{n}", device=f"d{n}").status_code == 201
    assert send(client_id="phone-addr-x", device="dx").status_code == 429


def test_a_window_that_is_over_counts_from_new(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from django.utils import timezone

    monkeypatch.setattr(config(), "public_reports_per_hour", 1)
    send(client_id="phone-old-1", device="d1")
    Tally.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    assert send(client_id="phone-old-2", device="d1").status_code == 201


def test_joining_a_case_nearby_makes_it_one(town: Town) -> None:
    case = town.dispatched()
    answer = send(**place(), category_key=town.category.key, same_as=case.number)
    got = answer.json()
    assert got["joined"] == case.number
    case.refresh_from_db()
    assert case.reports_count == 2
    assert Report.objects.get(follow_code=got["code"]).case_id == case.pk


@pytest.mark.parametrize("number", ["没有这个", "1" * 40])
def test_joining_what_is_not_there_is_an_ordinary_report(town: Town, number: str) -> None:
    answer = send(same_as=number)
    assert answer.status_code == 201
    assert answer.json()["joined"] == ""


def test_it_stays_within_its_queries(town: Town) -> None:
    send(**place(), text="先来的一件", client_id="phone-warm-1")
    with CaptureQueriesContext(connection) as seen:
        send(**place(), client_id="phone-cold-1", device="d9")
    said = [q["sql"] for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(said) <= 12, said
