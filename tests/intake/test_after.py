"""What a reporter does afterwards: answer, rate, reopen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from factories_cases import Town, make_file, make_town
from lifang.cases import actions
from lifang.cases.models import Case, Rating, Report
from lifang.core import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def put(case: Case, verb: str, code: str | None = None, **body: Any) -> Any:
    code = code or Report.objects.get(origin=case).follow_code
    return Client().post(
        f"/api/v1/public/reports/{case.number}/{verb}",
        {"code": code} | body,
        content_type="application/json",
    )


def test_answer_works(town: Town) -> None:
    case = town.report()
    actions.ask(by=town["acceptor"], case_id=case.pk, question="在几号楼？")
    answer = put(case, "answer", text="五号楼", files=[files.token(make_file())])
    assert answer.status_code == 200, answer.content
    got = answer.json()
    assert got["question"] == ""
    assert got["steps"][0]["text"] == "五号楼"
    assert len(got["pictures"]) == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 5_001])
def test_an_empty_or_endless_answer_is_refused(town: Town, text: str) -> None:
    assert put(town.report(), "answer", text=text).status_code == 422


def test_rate_works(town: Town) -> None:
    case = town.closed()
    got = put(case, "rate", solved=True, stars=5, contacted=True, comment="很快").json()
    assert got["can_rate"] is False
    assert got["rating"]["stars"] == 5
    rating = Rating.objects.get()
    assert (rating.solved, rating.contacted, rating.comment) == (True, True, "很快")


@pytest.mark.parametrize("stars", [0, 6, -1, None])
def test_stars_are_one_to_five(town: Town, stars: int | None) -> None:
    assert put(town.closed(), "rate", solved=True, stars=stars).status_code == 422


def test_what_is_not_closed_cannot_be_rated(town: Town) -> None:
    answer = put(town.dispatched(), "rate", solved=True, stars=5)
    assert answer.status_code == 409
    assert Rating.objects.count() == 0


def test_too_late_to_rate_or_reopen(town: Town) -> None:
    case = town.closed()
    Case.objects.update(closed_at=timezone.now() - timedelta(days=16))
    assert put(case, "rate", solved=False, stars=1).status_code == 409
    assert put(case, "reopen", reason="还是老样子").status_code == 409


def test_reopen_works(town: Town) -> None:
    case = town.closed()
    got = put(case, "reopen", reason="垃圾又堆起来了", files=[files.token(make_file())]).json()
    assert got["stage"] == "accepted"
    assert got["steps"][0]["words"] == "已重新办理"
    case.refresh_from_db()
    assert case.closed_at is None


def test_reopen_twice_is_a_conflict_and_not_two(town: Town) -> None:
    case = town.closed()
    assert put(case, "reopen", reason="没修好").status_code == 200
    assert put(case, "reopen", reason="没修好").status_code == 409


def test_reopen_must_say_why(town: Town) -> None:
    assert put(town.closed(), "reopen", reason=" ").status_code == 422


@pytest.mark.parametrize("verb", ["answer", "rate", "reopen"])
def test_a_wrong_code_does_nothing(town: Town, verb: str) -> None:
    case = town.closed()
    body = {"text": "x", "reason": "x", "solved": True, "stars": 5}
    answer = put(case, verb, code="AAAA2222", **body)
    assert answer.status_code == 404
    assert answer.json()["code"] == "report.not_found"


def test_a_case_rated_may_be_reopened_and_rated_anew(town: Town) -> None:
    case = town.closed()
    put(case, "rate", solved=False, stars=1)
    put(case, "reopen", reason="没修好")
    actions.dispatch(by=town["dispatcher"], case_id=case.pk, unit_id=town.unit.pk)
    actions.hand_back(by=town["handler"], case_id=case.pk, note="又修了", file_ids=[make_file().pk])
    actions.check(by=town["checker"], case_id=case.pk, passed=True)
    actions.close(by=town["acceptor"], case_id=case.pk)
    got = put(case, "rate", solved=True, stars=4).json()
    assert got["rating"]["stars"] == 4
