"""The portal's pages, without JavaScript."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import sounds
from factories_cases import LAT, LNG, Town, make_town
from lifang.cases import actions
from lifang.cases.models import Evidence, Rating, Report
from lifang.config import config
from lifang.understanding.voice.models import Transcript

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def picture(name: str = "照片.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#777").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def hidden(client: Client) -> str:
    page = client.get("/report").content.decode()
    found = re.search(r'name="client_id" value="([^"]+)"', page)
    assert found
    return found[1]


def page_of(report: Report) -> str:
    return f"/follow/{report.origin.number}?code={report.follow_code}"


@pytest.mark.parametrize("path", ["/", "/report", "/follow"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_open_with_a_strict_policy_and_no_inline_code(path: str, language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    body = answer.content.decode()
    assert " style=" not in body
    assert "<style" not in body
    assert not re.search(r"<script(?![^>]*src=)", body)
    assert not re.search(r" on[a-z]+=", body)
    assert "http://" not in body.replace("http://www.w3.org", "")


def test_report_and_follow_work(town: Town) -> None:
    client = Client()
    answer = client.post(
        "/report",
        {
            "client_id": hidden(client),
            "text": "垃圾桶满了",
            "address": "北门口",
            "lng": str(LNG),
            "lat": str(LAT),
            "system": "wgs84",
            "phone": "13812345678",
            "photos": [picture(), picture("b.jpg")],
        },
    )
    report = Report.objects.get()
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/follow/{report.case.number}?")
    assert report.case.address == "北门口"
    # the same picture twice is one
    assert Evidence.objects.count() == 1
    shown = client.get(answer["Location"]).content.decode()
    assert "已提交成功" in shown
    assert report.follow_code in shown
    assert "138****5678" in shown
    assert "13812345678" not in shown
    assert "<svg" in shown


def test_the_form_sent_twice_is_one_report(town: Town) -> None:
    client = Client()
    data = {"client_id": hidden(client), "text": "垃圾桶满了"}
    first, second = client.post("/report", data), client.post("/report", data)
    assert first["Location"] == second["Location"]
    assert Report.objects.count() == 1


def test_a_wrong_form_keeps_what_was_written(town: Town) -> None:
    answer = Client().post("/report", {"text": "", "address": "北门口 3 号", "phone": "abc"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "还没有提交成功" in body
    assert "北门口 3 号" in body
    assert body.count('class="problem"') == 2


def test_a_file_that_is_no_picture_is_named(town: Town) -> None:
    bad = SimpleUploadedFile("合同.exe", b"MZ" * 50, content_type="image/jpeg")
    answer = Client().post("/report", {"text": "看附件", "photos": [bad]})
    assert answer.status_code == 422
    assert "合同.exe" in answer.content.decode()
    assert Report.objects.count() == 0


def test_too_many_is_said_with_the_minutes(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "public_reports_per_hour", 1)
    client = Client()
    for n in (1, 2):
        answer = client.post("/report", {"client_id": hidden(client), "text": f"第{n}件"})
    assert answer.status_code == 429
    assert "分钟后再试" in answer.content.decode()
    assert int(answer["Retry-After"]) > 0


def test_a_form_from_another_site_is_refused(town: Town) -> None:
    answer = Client(enforce_csrf_checks=True).post("/report", {"text": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("code", ["AAAA2222", ""])
def test_a_wrong_code_shows_the_form_again(town: Town, code: str) -> None:
    case = town.report()
    answer = Client().get(f"/follow/{case.number}?code={code}")
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()


def test_the_look_up_form_leads_to_the_page(town: Town) -> None:
    report = Report.objects.get(origin=town.report())
    code = report.follow_code.lower()
    answer = Client().get("/follow", {"number": f" {report.origin.number} ", "code": code})
    assert answer.status_code == 302
    assert Client().get(answer["Location"]).status_code == 200


def test_a_question_is_answered_on_the_page(town: Town) -> None:
    case = town.report()
    report = Report.objects.get(origin=case)
    actions.ask(by=town["acceptor"], case_id=case.pk, question="几号楼？")
    assert "几号楼？" in Client().get(page_of(report)).content.decode()
    data = {"code": report.follow_code, "text": "五号楼", "photos": [picture()]}
    answer = Client().post(f"/follow/{case.number}/answer", data)
    assert answer.status_code == 302
    assert "五号楼" in Client().get(answer["Location"]).content.decode()


def test_rating_and_reopening_by_form(town: Town) -> None:
    case = town.closed()
    report = Report.objects.get(origin=case)
    shown = Client().get(page_of(report)).content.decode()
    assert "请您评价" in shown
    assert "要求重新办理" in shown
    data: dict[str, Any] = {"code": report.follow_code}
    wrong = Client().post(f"/follow/{case.number}/rate", data)
    assert wrong.status_code == 422
    assert "请选择问题是否解决" in wrong.content.decode()
    good = Client().post(f"/follow/{case.number}/rate", data | {"solved": "no", "stars": "2"})
    assert good.status_code == 302
    assert Rating.objects.get().stars == 2
    assert "不满意" in Client().get(page_of(report)).content.decode()
    again = Client().post(f"/follow/{case.number}/reopen", data | {"reason": "没修好"})
    assert again.status_code == 302
    assert "已重新办理" in Client().get(page_of(report)).content.decode()


def test_elder_mode_is_kept_and_switched_off() -> None:
    client = Client()
    answer = client.post("/elder", {"on": "1", "next": "/follow"})
    assert answer["Location"] == "/follow"
    assert 'class="elder"' in client.get("/").content.decode()
    client.post("/elder", {"on": "0", "next": "/"})
    assert 'class="elder"' not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_the_switch_never_leads_away(back: str) -> None:
    assert Client().post("/elder", {"on": "1", "next": back})["Location"] == "/"


def test_the_manifest_names_the_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "city_name", "云坊区")
    answer = Client().get("/manifest.webmanifest")
    assert answer["Content-Type"].startswith("application/manifest+json")
    said = answer.json()
    assert said["name"].startswith("云坊区")
    assert (said["scope"], said["start_url"]) == ("/m/", "/m/")
    assert "云坊区" in answer.content.decode()


def test_a_recording_by_form_is_heard_read_and_corrected(town: Town) -> None:
    client = Client()
    page = client.get("/report").content.decode()
    assert 'name="voices"' in page
    sound = SimpleUploadedFile("话.amr", sounds.amr(2.0), "audio/amr")
    answer = client.post("/report", {"client_id": "form-voice-01", "voices": sound})
    assert answer.status_code == 302, answer.content.decode()
    shown = client.get(answer["Location"]).content.decode()
    assert "<audio" in shown
    assert "录音未转写，请听取" in shown
    report = Report.objects.get()
    token = re.search(r'name="voice" value="([^"]+)"', shown)
    assert token
    path = f"/follow/{report.case.number}/correct"
    said = {"code": report.follow_code, "voice": token[1], "text": "井盖没了"}
    done = client.post(path, said)
    assert done.status_code == 302
    assert "已按您的更正记录" in client.get(done["Location"]).content.decode()
    assert Transcript.objects.get(heard="corrected").text == "井盖没了"
    report.case.refresh_from_db()
    assert report.case.text == "【录音】井盖没了"


def test_three_hours_of_sound_by_form_are_refused_in_words(town: Town) -> None:
    sound = SimpleUploadedFile("长.amr", sounds.amr(3 * 3600), "audio/amr")
    answer = Client().post("/report", {"text": "听录音", "voices": sound})
    assert answer.status_code == 422
    assert "录音长 3 小时 0 分" in answer.content.decode()
    assert Report.objects.count() == 0
