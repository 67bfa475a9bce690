"""The breakdown: proposed, written, issued, taken up, sent back, reassigned, reminded of, as a table."""

import datetime as dt
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_rounds import Ready, make_task
from lifang.core import imports
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry, Notification
from lifang.orgs.choices import Role
from lifang.orgs.models import Post
from lifang.rounds import actions, queries
from lifang.rounds.choices import Share, TaskStatus
from lifang.rounds.models import RoundPlace, Task
from lifang.rounds.queries import tasks as task_queries

pytestmark = pytest.mark.django_db
API = "/api/v1"
JSON: Any = {"content_type": "application/json"}


def test_it_works() -> None:
    ready = Ready().opened()
    boss = client_for(make_user(role=Role.EVALUATOR))
    path = f"{API}/rounds/{ready.round.pk}"
    made = boss.post(f"{path}/tasks/propose", {}, **JSON).json()
    assert made["made"] == Task.objects.count() > 10
    assert boss.post(f"{path}/tasks/propose", {}, **JSON).json()["made"] == 0
    fire = ready.units["fire"]
    user = make_user(role=Role.HANDLER, unit=fire, name="王科长")
    handler = client_for(user)
    assert handler.get(f"{API}/round-tasks?round={ready.round.pk}").json()["items"] == []
    issued = boss.put(f"{path}/tasks/issue", {}, **JSON).json()
    assert issued["tasks"] == made["made"]
    note = Notification.objects.get(user_id=user.pk)
    assert "1 项待签收" in note.title
    [row] = handler.get(f"{API}/round-tasks?round={ready.round.pk}").json()["items"]
    assert (row["leaf"], row["leaf_title"], row["waits"]) == ("1-5", "消防通道畅通", 0)
    taken = handler.put(f"{API}/round-tasks/take-up", {"ids": [row["id"]]}, **JSON)
    assert taken.status_code == 200, taken.json()
    now = handler.get(f"{API}/round-tasks/{row['id']}").json()
    assert (now["status"], now["person_name"], now["taken_up_name"]) == (
        "taken_up", "王科长", "王科长",
    )  # fmt: skip
    again = handler.put(f"{API}/round-tasks/take-up", {"ids": [row["id"]]}, **JSON)
    assert again.status_code == 409
    assert "王科长" in again.json()["message"]


def test_places_give_their_units_the_indicators_that_are_looked_at_there() -> None:
    ready = Ready().opened()
    actions.propose(by=ready.evaluator, round_id=ready.round.pk)
    drawn = RoundPlace.objects.filter(drawn=True)
    roads = {p.unit_id for p in drawn if p.type == "road"}
    leads = Task.objects.filter(leaf="1-1", part=Share.LEAD)
    assert {t.unit_id for t in leads} == roads
    assert {t.share for t in leads} == {Decimal("0.7000")}
    order = list(Task.objects.order_by("order", "-part", "id").values_list("leaf", flat=True))
    assert order.index("2-1") < order.index("S-1")


def test_anew_throws_away_drafts_only() -> None:
    ready = Ready().issued()
    stays = Task.objects.count()
    Task.objects.filter(leaf="2-1").update(status=TaskStatus.DRAFT)
    found = actions.propose(by=ready.evaluator, round_id=ready.round.pk, anew=True)
    assert found == {"made": 1, "kept": stays - 1, "removed": 1}


# ---------------------------------------------------------------- written by hand


def test_assisting_units_leave_the_rest_to_the_lead() -> None:
    ready = Ready().opened()
    actions.propose(by=ready.evaluator, round_id=ready.round.pk)
    a, b = make_unit(), make_unit()
    new = {"round_id": ready.round.pk, "leaf": "1-2", "part": "assist"}
    first = actions.create_task(by=ready.evaluator, unit_id=a.pk, share="0.25", **new)
    lead = Task.objects.get(leaf="1-2", part="lead")
    assert (lead.share, first.status) == (Decimal("0.7500"), TaskStatus.DRAFT)
    with pytest.raises(Invalid) as refused:
        actions.create_task(by=ready.evaluator, unit_id=b.pk, share="0.8", **new)
    assert "1.05" in str(refused.value)
    with pytest.raises(Conflict):
        actions.create_task(by=ready.evaluator, unit_id=a.pk, share="0.1", **new)
    actions.change_task(
        by=ready.evaluator, task_id=first.pk, unit_id=a.pk, part="assist", share="0.5"
    )
    lead.refresh_from_db()
    assert lead.share == Decimal("0.5")
    actions.delete_tasks(by=ready.evaluator, round_id=ready.round.pk, ids=[first.pk])
    lead.refresh_from_db()
    assert lead.share == 1


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"leaf": "9-9"}, "leaf"),
        ({"leaf": "1"}, "leaf"),
        ({"unit_id": 99999}, "unit_id"),
        ({"share": "1.5", "part": "assist"}, "share"),
        ({"post_id": 99999}, "post_id"),
        ({"person_id": 99999}, "person_id"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(wrong: dict[str, Any], path: str) -> None:
    ready = Ready()
    boss = client_for(make_user(role=Role.EVALUATOR))
    body = {"round_id": ready.round.pk, "leaf": "1-1", "unit_id": make_unit().pk} | wrong
    answer = boss.post(f"{API}/round-tasks", body, **JSON)
    assert answer.status_code == 422
    assert [f["path"] for f in answer.json()["fields"]] == [path]


def test_a_person_of_another_unit_cannot_be_named() -> None:
    ready = Ready()
    stranger = make_user()
    with pytest.raises(Invalid):
        actions.create_task(
            by=ready.evaluator, round_id=ready.round.pk, leaf="1-1", unit_id=make_unit().pk,
            person_id=stranger.pk,
        )  # fmt: skip


# ---------------------------------------------------------------- issued


def test_nothing_is_issued_before_the_round_is_open_nor_without_a_lead() -> None:
    ready = Ready().drawn()
    actions.propose(by=ready.evaluator, round_id=ready.round.pk)
    with pytest.raises(Conflict):
        actions.issue(by=ready.evaluator, round_id=ready.round.pk)
    actions.open_round(by=ready.evaluator, round_id=ready.round.pk)
    Task.objects.filter(leaf="1-1", part="lead").delete()
    with pytest.raises(Invalid) as refused:
        actions.issue(by=ready.evaluator, round_id=ready.round.pk)
    assert "1-1" in str(refused.value)


def test_some_are_issued_and_a_second_time_there_is_nothing_left() -> None:
    ready = Ready().opened()
    actions.propose(by=ready.evaluator, round_id=ready.round.pk)
    unit = ready.units["traffic"].pk
    found = actions.issue(by=ready.evaluator, round_id=ready.round.pk, unit_id=unit)
    assert found["units"] == 1
    assert set(Task.objects.filter(status="issued").values_list("unit_id", flat=True)) == {unit}
    actions.issue(by=ready.evaluator, round_id=ready.round.pk)
    with pytest.raises(Conflict):
        actions.issue(by=ready.evaluator, round_id=ready.round.pk)


def test_what_nobody_took_up_is_listed_by_unit_with_its_age() -> None:
    ready = Ready().issued()
    traffic = ready.units["traffic"]
    Task.objects.filter(unit=traffic).update(issued_at=timezone.now() - dt.timedelta(days=9))
    boss = ready.evaluator
    row = queries.round_row(boss, ready.round.pk)
    [mine] = [u for u in task_queries.by_unit(boss, row) if u["unit_id"] == traffic.pk]
    assert (mine["untaken"], mine["taken_up"], mine["waits"]) == (mine["tasks"], 0, 9)
    handler = ready.handler(ready.units["fire"])
    assert [u["unit_id"] for u in task_queries.by_unit(handler, row)] == [ready.units["fire"].pk]


def test_reminding_tells_the_unit_once_a_day() -> None:
    ready = Ready().issued()
    user = make_user(role=Role.HANDLER, unit=ready.units["traffic"])
    found = actions.remind(
        by=ready.evaluator, round_id=ready.round.pk, unit_ids=[ready.units["traffic"].pk]
    )
    assert found["units"] == 1
    assert "催办" in Notification.objects.get(user_id=user.pk).title
    again = actions.remind(by=ready.evaluator, round_id=ready.round.pk)
    assert again["skipped"] == found["tasks"]
    assert Notification.objects.filter(user_id=user.pk).count() == 1


# ---------------------------------------------------------------- taken up


def test_only_the_units_own_handlers_take_up() -> None:
    ready = Ready().issued()
    task = Task.objects.get(leaf="1-5")
    for by in (ready.evaluator, ready.by[Role.LEADER], acting_for(make_user(role=Role.DISPATCHER))):
        with pytest.raises(Forbidden):
            actions.take_up(by=by, ids=[task.pk])
    other = ready.handler(ready.units["water"])
    with pytest.raises(Conflict):
        actions.take_up(by=other, ids=[task.pk])
    above = make_unit()
    ready.units["fire"].parent = above
    ready.units["fire"].save()
    from lifang.orgs.tree import changed

    changed()
    assert actions.take_up(by=ready.handler(above), ids=[task.pk]) == [task.pk]


def test_all_or_none_are_taken_up() -> None:
    ready = Ready().issued()
    handler = ready.handler(ready.units["traffic"])
    ids = list(Task.objects.filter(unit=ready.units["traffic"]).values_list("pk", flat=True))
    actions.send_back(by=handler, ids=ids[:1], reason="应由城管局承担")
    with pytest.raises(Conflict):
        actions.take_up(by=handler, ids=ids)
    assert not Task.objects.filter(status=TaskStatus.TAKEN_UP).exists()


def test_the_post_is_the_persons_or_must_be_chosen() -> None:
    ready = Ready().issued()
    fire = ready.units["fire"]
    handler = ready.handler(fire)
    task = Task.objects.get(leaf="1-5")
    posts = [Post.objects.create(unit=fire, title=t) for t in ("防火科", "宣传科")]
    with pytest.raises(Invalid) as refused:
        actions.take_up(by=handler, ids=[task.pk])
    assert [f.path for f in refused.value.fields] == ["post_id"]
    posts[1].holder_id = handler.user_id
    posts[1].save()
    actions.take_up(by=handler, ids=[task.pk])
    task.refresh_from_db()
    assert task.post_id == posts[1].pk
    colleague = make_user(unit=fire, name="李四")
    actions.name_person(by=handler, ids=[task.pk], person_id=colleague.pk, post_id=posts[0].pk)
    task.refresh_from_db()
    assert (task.person_name, task.post_id, task.status) == ("李四", posts[0].pk, "taken_up")


def test_somebody_without_an_account_can_be_named() -> None:
    ready = Ready().issued()
    task = Task.objects.get(leaf="1-5")
    actions.take_up(by=ready.handler(ready.units["fire"]), ids=[task.pk], person_name="赵科长")
    task.refresh_from_db()
    assert (task.person_id, task.person_name) == (None, "赵科长")


def test_what_is_sent_back_is_reassigned_and_issued_to_the_other_unit() -> None:
    ready = Ready().issued()
    task = Task.objects.get(leaf="1-5")
    handler = ready.handler(ready.units["fire"])
    with pytest.raises(Invalid):
        actions.send_back(by=handler, ids=[task.pk], reason=" ")
    actions.send_back(by=handler, ids=[task.pk], reason="应由住建局牵头")
    told = Notification.objects.get(user_id=ready.evaluator.user_id)
    assert told.body == "应由住建局牵头"
    user = make_user(role=Role.HANDLER)
    assert user.unit
    now = actions.reassign(by=ready.evaluator, task_id=task.pk, unit_id=user.unit.pk)
    assert (now.status, now.unit_id, now.returned_reason) == ("issued", user.unit.pk, "")
    assert Notification.objects.filter(user_id=user.pk).exists()
    with pytest.raises(Missing):
        task_queries.task_row(handler, task.pk)
    assert [e.verb for e in JournalEntry.objects.filter(subject_kind="rounds.task").order_by("id")] == [
        "send_back_task", "reassign_task",
    ]  # fmt: skip


def test_a_task_taken_up_is_not_deleted_and_keeps_its_unit() -> None:
    ready = Ready().issued()
    task = Task.objects.get(leaf="1-5")
    actions.take_up(by=ready.handler(ready.units["fire"]), ids=[task.pk])
    with pytest.raises(Conflict):
        actions.delete_tasks(by=ready.evaluator, round_id=ready.round.pk, ids=[task.pk])
    with pytest.raises(Invalid):
        actions.change_task(by=ready.evaluator, task_id=task.pk, unit_id=make_unit().pk)


def test_in_a_closed_round_nothing_is_taken_up() -> None:
    ready = Ready().issued()
    actions.close_round(by=ready.evaluator, round_id=ready.round.pk)
    with pytest.raises(Conflict):
        actions.take_up(
            by=ready.handler(ready.units["fire"]), ids=[Task.objects.get(leaf="1-5").pk]
        )


def test_filters_narrow_the_list() -> None:
    ready = Ready().issued()
    boss = client_for(make_user(role=Role.LEADER))

    def count(**query: Any) -> int:
        found = boss.get(f"{API}/round-tasks", {"round": ready.round.pk, "limit": 200} | query)
        return len(found.json()["items"])

    whole = Task.objects.count()
    assert count() == whole
    assert count(leaf="1-5") == 1
    assert count(q="消防") == 1
    assert count(unit=ready.units["traffic"].pk) == 3
    assert count(part="assist") == 1
    assert count(status="taken_up") == 0
    Task.objects.filter(leaf="1-5").update(due=dt.date(2020, 1, 1))
    assert count(overdue="true") == 1


# ---------------------------------------------------------------- as a table


def sheet(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (["指标编码", "责任单位", "分工", "份额", "责任人", "完成时限"], *rows):
        page.append(row)
    book.save(path)
    return path


def load(ready: Ready, path: Path, **more: Any) -> imports.Outcome:
    return imports.run(
        by=ready.evaluator, kind="round-tasks", path=path,
        options={"round": str(ready.round.pk)}, **more,
    )  # fmt: skip


def test_the_breakdown_comes_in_as_a_table(tmp_path: Path) -> None:
    ready = Ready()
    fire, office = ready.units["fire"], ready.units["office"]
    make_user(unit=fire, name="王五")
    path = sheet(
        tmp_path / "a.xlsx",
        ["1-5", fire.name, "牵头", None, "王五", dt.date(2026, 5, 1)],
        ["1-5", office.code, "协办", 0.2, None, None],
    )
    assert load(ready, path, dry=True).created == 2
    assert not Task.objects.exists()
    assert load(ready, path).created == 2
    lead = Task.objects.get(leaf="1-5", part="lead")
    assert (lead.share, lead.person_name, lead.due) == (Decimal("0.8"), "王五", dt.date(2026, 5, 1))
    assert lead.person_id
    again = load(ready, path)
    assert (again.created, again.changed, again.same) == (0, 0, 2)
    sheet(path, ["1-5", office.code, "协办", 0.35, None, None])
    assert load(ready, path).changed == 1
    lead.refresh_from_db()
    assert lead.share == Decimal("0.65")


def test_a_table_with_a_fault_loads_nothing_and_names_every_cell(tmp_path: Path) -> None:
    ready = Ready()
    fire, office = ready.units["fire"], ready.units["office"]
    path = sheet(
        tmp_path / "a.xlsx",
        ["1-5", fire.name, "牵头", None, None, None],
        ["1-5", "没有这个局", "协办", 0.2, None, None],
        ["1-5", fire.code, "牵头", None, None, None],
        ["1-2", fire.name, "主持", None, None, None],
    )
    found = load(ready, path)
    assert sorted((e["row"], e["column"]) for e in found.errors) == [
        (3, "责任单位"), (4, "责任单位"), (5, "分工"),
    ]  # fmt: skip
    sheet(path, ["9-9", fire.name, "牵头"], ["1-5", fire.name, "协办", 3])
    assert [e["column"] for e in load(ready, path).errors] == ["指标编码", "份额"]
    sheet(path, ["1-5", fire.name, "协办", 0.7], ["1-5", office.name, "协办", 0.7])
    assert "超过 1" in load(ready, path).errors[0]["message"]
    assert not Task.objects.exists()


def test_what_goes_out_comes_in_again_unchanged(tmp_path: Path) -> None:
    ready = Ready().issued()
    boss = client_for(make_user(role=Role.EVALUATOR))
    answer = boss.get(f"{API}/round-tasks/export.xlsx", {"round": ready.round.pk})
    assert answer.status_code == 200
    path = tmp_path / "out.xlsx"
    path.write_bytes(answer.content)
    page = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    assert page.max_row == Task.objects.count() + 1
    found = load(ready, path)
    assert (found.errors, found.created, found.changed) == ([], 0, 0)


def test_a_table_without_its_round_is_refused(tmp_path: Path) -> None:
    ready = Ready()
    path = sheet(tmp_path / "a.xlsx", ["1-5", ready.units["fire"].name, "牵头"])
    found = imports.run(by=ready.evaluator, kind="round-tasks", path=path)
    assert found.error_count == 1


def test_tasks_of_a_unit_for_the_rooms_above() -> None:
    ready = Ready()
    unit = make_unit()
    make_task(ready.round, unit=unit)
    make_task(ready.round, unit=unit, leaf="1-2", status=TaskStatus.DRAFT)
    assert [t.leaf for t in queries.tasks_of_unit(ready.round.pk, unit.pk)] == ["1-1"]
