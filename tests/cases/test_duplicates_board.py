"""The page about the bound of duplicates: what is in force, what it was measured on, what another one would do."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories_cases import Town, make_report, make_town
from factories_orgs import acting_for, client_for, make_user
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case, DuplicateBound
from lifang.cases.queries.duplicates import duplicates_board
from lifang.core.errors import Forbidden
from lifang.core.models import JournalEntry
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db
WORDS = "人民路口的路灯坏了三天没人修"
OTHERS = "人民路口路灯三天不亮了，请来修"


@pytest.fixture
def town() -> Town:
    return make_town()


def again(town: Town, text: str) -> Case:
    return make_report(text=text, category_key=town.category.key).case


def client(role: Role) -> Client:
    return client_for(make_user(role=role, area=""))


def test_it_works(town: Town) -> None:
    first = again(town, WORDS)
    by_machine = again(town, WORDS)
    taken_back = again(town, WORDS)
    assert {by_machine.state, taken_back.state} == {State.MERGED}
    actions.unmerge(by=town["acceptor"], case_id=taken_back.pk, reason="不是一处")
    by_hand = again(town, OTHERS)
    actions.merge(by=town["acceptor"], case_id=by_hand.pk, into_id=first.pk)
    apart = again(town, OTHERS)
    actions.file(
        by=town["acceptor"], case_id=apart.pk, category_id=town.category.pk,
        condition_id=town.condition.pk,
    )  # fmt: skip
    again(town, "路灯坏了，人民路口三天没有人来修")
    actions.measure_duplicates()
    found = client(Role.DUTY_CHIEF).get("/api/v1/judgement/duplicates").json()
    assert found["counts"] == {
        "proposed": 5, "alone": 2, "undone": 1, "by_person": 1, "apart": 1, "waiting": 1,
    }  # fmt: skip
    assert (found["kept"]["right"], found["kept"]["n"], found["kept"]["value"]) == (1, 2, 0.5)
    assert found["bound"]["threshold"] is None and not found["bound"]["acts"]
    assert not found["may_measure"] and not found["measuring"]
    lowest = found["curve"][0]
    # one merged by a person, one filed apart, one merger taken back
    assert (lowest["threshold"], lowest["n"], lowest["right"]) == (0.3, 3, 1)
    assert found["curve"][-1]["threshold"] == 0.99
    assert [c["n"] for c in found["curve"]] == sorted(
        (c["n"] for c in found["curve"]), reverse=True
    )


def test_before_the_first_measurement_it_says_so(town: Town) -> None:
    found = client(Role.SYSTEM_ADMIN).get("/api/v1/judgement/duplicates").json()
    assert found["bound"] is None and found["curve"] == [] and found["history"] == []
    assert found["kept"]["value"] is None and found["may_measure"]


def test_a_measurement_of_an_earlier_version_is_shown_without_its_curve(town: Town) -> None:
    row = actions.measure_duplicates()
    DuplicateBound.objects.filter(pk=row.pk).update(figures={})
    found = duplicates_board(acting_for(make_user(role=Role.LEADER, area="")))
    assert found["bound"] is not None and found["curve"] == []


def test_it_is_measured_anew_on_request(town: Town, run_tasks: Callable[..., list[str]]) -> None:
    admin = client(Role.SYSTEM_ADMIN)
    assert admin.post("/api/v1/judgement/duplicates/measure").status_code == 202
    assert admin.get("/api/v1/judgement/duplicates").json()["measuring"]
    assert "measure_duplicates" in run_tasks()
    found = admin.get("/api/v1/judgement/duplicates").json()
    assert not found["measuring"] and len(found["history"]) == 1
    assert JournalEntry.objects.filter(verb="ask_measure_duplicates").exists()


@pytest.mark.parametrize("role", [Role.ACCEPTOR, Role.HANDLER, Role.AUDIT_ADMIN])
def test_others_neither_see_nor_measure(town: Town, role: Role) -> None:
    with pytest.raises(Forbidden):
        duplicates_board(acting_for(make_user(role=role)))
    assert client(Role.LEADER).post("/api/v1/judgement/duplicates/measure").status_code == 403


def test_the_page_takes_few_statements(town: Town) -> None:
    for _n in range(5):
        actions.measure_duplicates()
    by = acting_for(make_user(role=Role.LEADER, area=""))
    with CaptureQueriesContext(connection) as seen:
        duplicates_board(by)
    assert len(seen) == 2
