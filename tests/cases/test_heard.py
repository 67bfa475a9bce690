"""Words that were spoken become words of the case, and a voice-only report is filed too."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core import sounds
from factories_cases import Town, make_report, make_town
from factories_orgs import client_for
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case, Report, Setting, Step
from lifang.config import config
from lifang.core import files, stamps
from lifang.core.models import StoredFile
from lifang.core.readers import replay
from lifang.core.tasks import run_readers
from lifang.orgs.models import User
from lifang.standards import queries as standards
from lifang.understanding.models import Threshold
from lifang.understanding.queries import STAMP
from lifang.understanding.voice import engines
from lifang.understanding.voice.engines import Recording, Spoken
from lifang.understanding.voice.models import Transcript

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


class Parrot:
    name, decodes, says = "parrot", False, "书院路边道路脏，垃圾没人扫"

    def transcribe(self, sound: Recording, *, hints: Any) -> Spoken:
        return Spoken(self.says, "test", 0.8)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    bird = Parrot()
    monkeypatch.setattr(config(), "speech_engine", "remote")
    monkeypatch.setattr(engines, "engine", lambda: bird)
    return bird


@pytest.fixture
def town() -> Town:
    return make_town()


def recording(seconds: float = 2.0) -> StoredFile:
    data = io.BytesIO(sounds.amr(seconds))
    return files.accept(data, name="话.amr", owner="device:1", kinds=("audio",))


def certain() -> None:
    """Everything above 0 is good enough: the machine may act alone."""
    Setting.objects.create(automatic_filing=True)
    stamps.bump("cases.setting")
    Threshold.objects.create(
        group="", threshold=0.0, n=100, right=100, low=0.99, high=1, coverage=1, target=0.9,
        catalogue=standards.in_force().sha256, source="test", measured_at=timezone.now(),
    )  # fmt: skip
    stamps.bump(STAMP)


def test_it_works(town: Town, parrot: Parrot, run_tasks: RunTasks) -> None:
    certain()
    row = recording()
    case = make_report(text="", voice_ids=[row.pk]).case
    assert (case.state, case.text) == (State.REPORTED, "")
    run_tasks()
    run_readers()
    case.refresh_from_db()
    assert case.text == "【录音】书院路边道路脏，垃圾没人扫"
    assert (case.state, case.lead_unit_id) == (State.DISPATCHED, town.unit.pk)
    assert case.automatic
    verbs = list(Step.objects.filter(case=case).order_by("id").values_list("verb", "automatic"))
    assert verbs == [("report", False), ("note", True), ("file", True), ("dispatch", True)]
    assert Report.objects.get().text == ""  # what was typed stays what it was


def test_words_written_down_before_the_report_came_count_at_once(
    town: Town, parrot: Parrot, run_tasks: RunTasks
) -> None:
    certain()
    row = recording()
    assert run_tasks() == ["listen_early"]
    case = make_report(text="请尽快", voice_ids=[row.pk]).case
    assert case.text == "请尽快\n【录音】书院路边道路脏，垃圾没人扫"
    assert case.state == State.DISPATCHED
    run_readers()
    assert Step.objects.filter(case=case, verb="note").count() == 0


def test_read_twice_it_is_taken_in_once(town: Town, parrot: Parrot, run_tasks: RunTasks) -> None:
    row = recording()
    case = make_report(text="", voice_ids=[row.pk]).case
    run_tasks(at_any_time=True)
    run_readers()
    replay("cases.heard")
    assert Step.objects.filter(case=case, verb="note").count() == 1


def test_a_case_somebody_works_on_is_left_alone(
    town: Town, parrot: Parrot, run_tasks: RunTasks
) -> None:
    row = recording()
    case = town.filed(text="道路脏", voice_ids=[row.pk])
    run_tasks()
    run_readers()
    case.refresh_from_db()
    assert (case.state, case.text) == (State.FILED, "道路脏")


def test_the_case_page_shows_player_words_and_raw(
    town: Town, parrot: Parrot, run_tasks: RunTasks
) -> None:
    row = recording(3.0)
    case = make_report(text="", voice_ids=[row.pk]).case
    clerk = client_for(User.objects.get(pk=town["acceptor"].user_id or 0))
    path = f"/api/v1/cases/{case.pk}"
    (before,) = clerk.get(f"{path}/media").json()["voices"]
    assert (before["heard"], before["heard_words"], before["seconds"]) == ("", "正在转写", 3.0)
    run_tasks()
    (shown,) = clerk.get(f"{path}/media").json()["voices"]
    assert shown["heard_words"] == "机器转写"
    assert shown["text"] == shown["raw"] == parrot.says
    assert clerk.get(shown["url"]).status_code == 200
    body = {"text": "城南路边道路脏", "after": shown["transcript_id"]}
    url = f"{path}/recordings/{row.pk}"
    answer = clerk.put(url, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    (corrected,) = answer.json()["voices"]
    assert (corrected["text"], corrected["raw"]) == ("城南路边道路脏", parrot.says)
    assert corrected["corrected_by"]
    assert Case.objects.get().text == "【录音】城南路边道路脏"
    assert clerk.put(url, body, content_type="application/json").status_code == 409
    checker = client_for(User.objects.get(pk=town["checker"].user_id or 0))
    assert checker.put(url, {"text": "别的"}, content_type="application/json").status_code == 403


def test_without_an_engine_it_is_marked_for_a_person(town: Town, run_tasks: RunTasks) -> None:
    row = recording()
    case = make_report(text="", voice_ids=[row.pk]).case
    run_tasks()
    clerk = client_for(User.objects.get(pk=town["acceptor"].user_id or 0))
    got = clerk.get(f"/api/v1/cases/{case.pk}/media").json()
    assert got["listens"] is False
    assert got["voices"][0]["heard_words"] == "录音未转写，请听取"
    assert case.state == State.REPORTED


def test_the_reporter_hears_reads_and_corrects_his_own(
    town: Town, parrot: Parrot, run_tasks: RunTasks
) -> None:
    parrot.says = "井盖坏了，电话13812345678"
    done = make_report(text="", voice_ids=[recording().pk])
    run_tasks()
    url = f"/api/v1/public/reports/{done.case.number}"
    code = done.report.follow_code
    (voice,) = Client().get(url, {"code": code}).json()["voices"]
    assert (voice["heard_words"], voice["text"]) == ("机器转写", "井盖坏了，电话138****5678")
    assert Client().get(voice["url"]).status_code == 200

    def correct(**body: str) -> Any:
        sent = {"code": code, "voice": voice["token"], "text": "井盖没了"} | body
        return Client().post(f"{url}/correct", sent, content_type="application/json")

    answer = correct()
    assert answer.status_code == 200, answer.content
    assert answer.json()["voices"][0]["text"] == "井盖没了"
    assert Transcript.objects.order_by("-id")[0].actor == "上报人"
    assert correct(code="WRONG222").status_code == 404
    assert correct(voice=files.token(recording(4.0))).status_code == 404
    assert correct(text="").status_code == 422
    for n in range(9):
        correct(text=f"第{n}次")
    assert correct(text="又一次").status_code == 409


def test_another_reporters_recording_is_not_shown(
    town: Town, parrot: Parrot, run_tasks: RunTasks
) -> None:
    first = make_report(text="一", voice_ids=[recording(1.0).pk])
    second = make_report(text="二", voice_ids=[recording(5.0).pk])
    actions.merge(by=town["acceptor"], case_id=second.case.pk, into_id=first.case.pk)
    url = f"/api/v1/public/reports/{first.case.number}"
    (voice,) = Client().get(url, {"code": first.report.follow_code}).json()["voices"]
    assert voice["seconds"] == 1.0
