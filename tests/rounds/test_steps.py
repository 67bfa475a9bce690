"""Work plans, timetables, the check of the six, letters of responsibility and who opens them."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from factories_orgs import client_for, make_unit, make_user
from factories_rounds import Ready, make_step
from lifang.core import files
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.models import JournalEntry, Notification
from lifang.orgs.choices import Role
from lifang.rounds import actions, queries
from lifang.rounds.models import Letter, RoundPlace, Step
from lifang.rounds.queries import steps as step_queries

pytestmark = pytest.mark.django_db
API = "/api/v1"
JSON: Any = {"content_type": "application/json"}
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def send(client: Client, content: bytes = PDF, name: str = "责任状.pdf") -> str:
    kinds = "kinds=document&kinds=image"
    answer = client.post(f"{API}/files?{kinds}", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 201, answer.json()
    token: str = answer.json()["token"]
    return token


def test_it_works() -> None:
    ready = Ready().issued()
    fire = ready.units["fire"]
    handler = client_for(make_user(role=Role.HANDLER, unit=fire))
    body = {
        "round_id": ready.round.pk, "unit_id": fire.pk, "leaf": "1-5",
        "standard": "消防通道畅通率 100%", "measure": "每周巡查两次", "person_name": "王科长",
        "due": "2026-06-01",
    }  # fmt: skip
    made = handler.post(f"{API}/round-steps", body, **JSON)
    assert made.status_code == 201, made.json()
    path = f"{API}/round-steps/{made.json()['id']}"
    changed = handler.put(path, body | {"due": "2026-07-01"}, **JSON).json()
    assert (changed["due"], changed["leaf_title"]) == ("2026-07-01", "消防通道畅通")
    done = handler.put(f"{path}/finish", {"note": "已划线", "tokens": [send(handler)]}, **JSON)
    assert done.status_code == 200, done.json()
    assert (done.json()["state"], done.json()["files"]) == ("done", 1)
    assert done.json()["evidence"][0]["name"] == "责任状.pdf"
    assert handler.put(f"{path}/finish", {"note": "再来"}, **JSON).status_code == 409
    assert handler.put(path, body, **JSON).status_code == 409
    [row] = handler.get(f"{API}/round-steps?round={ready.round.pk}&state=done").json()["items"]
    assert row["done_note"] == "已划线"
    boss = client_for(make_user(role=Role.EVALUATOR))
    back = boss.put(f"{path}/unfinish", {"reason": "照片看不清"}, **JSON).json()
    assert (back["state"], back["done_on"]) == ("open" if timezone.localdate() <= dt.date(2026, 7, 1) else "overdue", None)  # fmt: skip
    assert handler.delete(path).status_code == 204
    verbs = [e.verb for e in JournalEntry.objects.filter(subject_kind="rounds.step").order_by("id")]
    assert verbs == ["add_step", "change_step", "finish_step", "unfinish_step", "delete_step"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"leaf": "1"}, "leaf"),
        ({"item": "none"}, "item"),
        ({"place": "P1"}, "place"),
        ({"standard": " "}, "standard"),
        ({"person_id": 99999}, "person_id"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(wrong: dict[str, Any], path: str) -> None:
    ready = Ready()
    with pytest.raises(Invalid) as refused:
        actions.add_step(
            by=ready.evaluator, round_id=ready.round.pk,
            **{"unit_id": make_unit().pk, "standard": "x"} | wrong,
        )  # fmt: skip
    assert [f.path for f in refused.value.fields] == [path]


def test_done_needs_a_word_or_a_file_and_no_day_to_come() -> None:
    ready = Ready()
    step = make_step(ready.round)
    for wrong in ({}, {"note": "好", "day": dt.date(2999, 1, 1)}, {"tokens": ["bad"]}):
        with pytest.raises(Invalid):
            actions.finish_step(by=ready.evaluator, step_id=step.pk, **wrong)


def test_a_handler_writes_for_the_own_unit_only() -> None:
    ready = Ready().issued()
    handler = ready.handler(ready.units["fire"])
    new = {"round_id": ready.round.pk, "standard": "x"}
    assert actions.add_step(by=handler, unit_id=ready.units["fire"].pk, **new)
    with pytest.raises(Forbidden):
        actions.add_step(by=handler, unit_id=ready.units["water"].pk, **new)
    with pytest.raises(Forbidden):
        actions.add_step(by=ready.by[Role.LEADER], unit_id=ready.units["fire"].pk, **new)
    make_step(ready.round, unit=ready.units["water"])
    row = queries.round_row(handler, ready.round.pk)
    assert [s["unit_id"] for s in step_queries.steps(handler, row)] == [ready.units["fire"].pk]


def test_what_the_planner_orders_twice_is_there_once() -> None:
    ready = Ready().opened()
    place = RoundPlace.objects.filter(drawn=True).first()
    assert place and place.unit_id
    user = make_user(role=Role.HANDLER, unit=place.unit)
    rows = [
        {"unit_id": place.unit_id, "leaf": "1-3", "place": place.code, "item": "stalls",
         "standard": "摊位整齐", "gain": "0.5", "due": dt.date(2026, 6, 1)},
        {"unit_id": place.unit_id, "leaf": "1-3", "place": place.code, "item": "litter",
         "standard": "没有垃圾", "gain": "0.25"},
    ]  # fmt: skip
    order = {"by": ready.evaluator, "round_id": ready.round.pk}
    assert actions.add_steps(**order, rows=rows) == {"made": 2, "same": 0}
    assert actions.add_steps(**order, rows=[*rows, rows[0]]) == {"made": 0, "same": 3}
    assert Notification.objects.filter(user_id=user.pk).count() == 1
    step = Step.objects.get(item="stalls")
    assert (step.origin, step.kind, step.gain) == ("planner", "fix", step.gain)
    handler = ready.handler(place.unit)
    with pytest.raises(Forbidden):
        actions.delete_step(by=handler, step_id=step.pk)
    actions.finish_step(by=handler, step_id=step.pk, note="已整改")
    # still unmet afterwards: ordered again
    assert actions.add_steps(**order, rows=rows) == {"made": 1, "same": 1}


def test_indicators_with_an_open_step_are_known_to_the_rooms_above() -> None:
    ready = Ready()
    a, b = make_unit(), make_unit()
    make_step(ready.round, unit=a, leaf="1-1")
    make_step(ready.round, unit=b, leaf="1-2", done_on=dt.date(2026, 1, 5))
    make_step(ready.round, unit=b, leaf="")
    assert queries.leaves_with_steps(ready.round) == {"1-1": frozenset({a.pk})}
    assert set(queries.leaves_with_steps(ready.round, done=True)) == {"1-1", "1-2"}


def test_plans_are_held_against_the_six() -> None:
    ready = Ready().issued()
    fire = ready.units["fire"]
    make_step(
        ready.round,
        unit=fire,
        leaf="1-5",
        measure="巡查",
        person_name="王",
        due=dt.date(2999, 1, 1),
    )
    boss = client_for(make_user(role=Role.LEADER))
    rows = boss.get(f"{API}/rounds/{ready.round.pk}/plans").json()
    [row] = [r for r in rows if r["unit_id"] == fire.pk]
    assert row["heads"] == {
        "letter": [0, 1], "tasks": [0, 1], "measures": [1, 1], "dates": [1, 1], "people": [1, 2],
        "checks": [0, 0],
    }  # fmt: skip
    assert row["complete"] == 3
    assert rows[0]["complete"] <= rows[-1]["complete"]


def test_in_a_closed_round_no_step_changes() -> None:
    ready = Ready().opened()
    step = make_step(ready.round)
    actions.close_round(by=ready.evaluator, round_id=ready.round.pk)
    with pytest.raises(Conflict):
        actions.finish_step(by=ready.evaluator, step_id=step.pk, note="x")
    with pytest.raises(Conflict):
        actions.add_step(
            by=ready.evaluator, round_id=ready.round.pk, unit_id=make_unit().pk, standard="x"
        )


def test_what_is_done_comes_last_and_pages_go_on() -> None:
    ready = Ready()
    for n in range(5):
        make_step(ready.round, due=None if n < 2 else dt.date(2026, 5, n))
    make_step(ready.round, due=dt.date(2026, 1, 1), done_on=dt.date(2026, 1, 1))
    boss = client_for(make_user(role=Role.EVALUATOR))
    seen: list[Any] = []
    cursor = ""
    while True:
        query = {"round": ready.round.pk, "limit": 2, "cursor": cursor}
        page = boss.get(f"{API}/round-steps", query).json()
        seen += [s["due"] for s in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == ["2026-05-02", "2026-05-03", "2026-05-04", None, None, "2026-01-01"]
    answer = boss.get(f"{API}/round-steps/export.xlsx", {"round": ready.round.pk})
    assert answer.status_code == 200


# ---------------------------------------------------------------- letters


def test_a_letter_is_filed_listed_opened_and_taken_out() -> None:
    ready = Ready().issued()
    fire = ready.units["fire"]
    handler = client_for(make_user(role=Role.HANDLER, unit=fire))
    boss = client_for(make_user(role=Role.EVALUATOR))
    path = f"{API}/rounds/{ready.round.pk}/letters"
    body = {
        "unit_id": fire.pk,
        "signer": "张局长",
        "signed_on": "2026-01-05",
        "token": send(handler),
    }
    assert boss.get(path).json()[-1]["letters"] == []
    assert handler.post(path, body, **JSON).status_code == 204
    [mine] = [u for u in boss.get(path).json() if u["letters"]]
    assert (mine["unit"], mine["letters"][0]["signer"]) == (fire.name, "张局长")
    assert boss.get(f"{API}/rounds/{ready.round.pk}").json()["letters"] == 1
    file = Letter.objects.get().file
    original = files.url(file.sha256, "original")
    assert boss.get(original).status_code == 200
    other = client_for(make_user(role=Role.HANDLER, unit=ready.units["water"]))
    assert other.get(original).status_code == 403
    assert [u["unit_id"] for u in other.get(path).json()] == [ready.units["water"].pk]
    assert other.delete(f"{path}/{Letter.objects.get().pk}").status_code == 403
    assert boss.delete(f"{path}/{Letter.objects.get().pk}").status_code == 204
    assert not Letter.objects.exists()


def test_a_letter_is_a_document_or_a_photo_signed_by_somebody_by_today() -> None:
    ready = Ready().issued()
    client = client_for(make_user(role=Role.EVALUATOR))
    path = f"{API}/rounds/{ready.round.pk}/letters"
    table = files.accept(io.BytesIO(b"a,b\n1,2\n"), name="a.csv", owner="x", kinds=("sheet",))
    body = {
        "unit_id": ready.units["fire"].pk, "signer": "张", "signed_on": "2026-01-05",
        "token": send(client),
    }  # fmt: skip
    for wrong in ({"token": files.token(table)}, {"signed_on": "2999-01-01"}, {"signer": " "}):
        assert client.post(path, body | wrong, **JSON).status_code == 422
    assert client.post(path, body | {"unit_id": 99999}, **JSON).status_code == 422
