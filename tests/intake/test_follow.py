"""Following by number and code: masked, and deaf to guessing."""

from typing import Any

import pytest
from django.test import Client

from factories_cases import Town, make_checked, make_file, make_report, make_town
from lifang.cases import actions
from lifang.cases.models import Report
from lifang.intake import rules
from lifang.orgs.acting import CITIZEN
from lifang.understanding.pictures.models import PictureFinding

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def look(number: str, code: str) -> Any:
    return Client().get(f"/api/v1/public/reports/{number}", {"code": code})


def of(case: Any) -> Report:
    return Report.objects.filter(origin=case).get()


def test_it_works(town: Town) -> None:
    case = town.dispatched(text="电话 13812345678 联系我，垃圾没人收", reporter_phone="13912345678")
    answer = look(case.number, of(case).follow_code)
    assert answer.status_code == 200
    got = answer.json()
    assert got["stage"] == "assigned"
    assert got["unit"] == town.unit.name
    assert got["expected_at"] is not None
    assert got["phone"] == "139****5678"
    assert "138****5678" in got["text"]
    words = [s["words"] for s in got["steps"]]
    assert words[0] == "已交处理单位"
    assert words[-1] == "已收到您反映的问题"


def test_no_name_of_staff_and_no_number_is_shown(town: Town) -> None:
    case = town.closed(reporter_phone="13912345678", reporter_name="张小明")
    body = look(case.number, of(case).follow_code).content.decode()
    for acting in town.by.values():
        assert acting.name not in body
    assert "13912345678" not in body
    assert "张小明" not in body


def test_numbers_and_codes_are_read_generously(town: Town) -> None:
    case = town.report()
    code = of(case).follow_code
    full = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for typed in (code.lower(), f" {code[:4]} {code[4:]} ", full):
        assert look(case.number, typed).status_code == 200


def test_a_wrong_code_reads_like_an_unknown_number(town: Town) -> None:
    case = town.report()
    wrong, unknown = look(case.number, "WRONGCODE"), look("209901010001", "WRONGCODE")
    assert wrong.status_code == unknown.status_code == 404
    strip = {"request_id": ""}
    assert wrong.json() | strip == unknown.json() | strip


def test_guessing_is_throttled_by_address(town: Town) -> None:
    case = town.report()
    for n in range(rules.GUESSES_BY_ADDRESS):
        assert look(f"20990101{n:04}", "AAAA2222").status_code == 404
    answer = look(case.number, of(case).follow_code)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_looking_rightly_is_not_counted(town: Town) -> None:
    case = town.report()
    for _n in range(rules.GUESSES_BY_ADDRESS + 5):
        assert look(case.number, of(case).follow_code).status_code == 200


def test_who_was_joined_follows_the_first_case(town: Town) -> None:
    first = town.dispatched()
    second = town.report(text="同一件事另一人说")
    actions.merge(by=town["acceptor"], case_id=second.pk, into_id=first.pk)
    got = look(second.number, of(second).follow_code).json()
    assert got["number"] == second.number
    assert got["case_number"] == first.number
    assert got["stage"] == "assigned"
    assert got["reports_count"] == 2
    assert got["text"] == "同一件事另一人说"


def test_another_reporters_words_are_not_shown(town: Town) -> None:
    first = town.report(text="第一人的话")
    second = town.report(text="第二人的话")
    actions.merge(by=town["acceptor"], case_id=second.pk, into_id=first.pk)
    actions.ask(by=town["acceptor"], case_id=first.pk, question="几号楼")
    actions.answer(by=CITIZEN, report=of(second), text="第二人答复五号楼")
    body = look(first.number, of(first).follow_code).content.decode()
    assert "第二人" not in body
    assert "五号楼" in look(second.number, of(second).follow_code).content.decode()


def test_pictures_are_safe_copies_by_signed_link(town: Town) -> None:
    photo = make_checked()
    case = make_report(file_ids=[photo.pk]).case
    (picture,) = look(case.number, of(case).follow_code).json()["pictures"]
    assert picture["pending"] is False
    assert picture["thumb"].startswith(f"/files/{photo.sha256}/public-thumb?")
    assert picture["view"].startswith(f"/files/{photo.sha256}/public?")
    assert "original" not in str(picture)


def test_a_picture_nobody_checked_waits_and_one_held_back_is_not_there(town: Town) -> None:
    waits, held, failed = make_file(), make_checked(), make_checked()
    PictureFinding.objects.filter(file=held).update(publicity="held")
    PictureFinding.objects.filter(file=failed).update(publicity="failed")
    case = make_report(file_ids=[waits.pk, held.pk, failed.pk]).case
    answer = look(case.number, of(case).follow_code)
    assert [(p["pending"], p["thumb"], p["view"]) for p in answer.json()["pictures"]] == [
        (True, "", ""),
        (True, "", ""),
    ]
    assert waits.sha256 not in answer.content.decode()
    page = Client().get(f"/follow/{case.number}?code={of(case).follow_code}").content.decode()
    assert page.count("照片待核") == 2
    assert "/files/" not in page


def test_an_internal_reason_stays_inside(town: Town) -> None:
    case = town.report()
    actions.note(by=town["acceptor"], case_id=case.pk, text="此人常投诉")
    assert "此人常投诉" not in look(case.number, of(case).follow_code).content.decode()


@pytest.mark.parametrize("number", ["-", "%20", "a" * 41, "<script>"])
def test_odd_numbers_are_simply_not_there(town: Town, number: str) -> None:
    assert look(number, "AAAA2222").status_code in (404, 422)
