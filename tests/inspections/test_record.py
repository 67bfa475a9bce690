"""Observations: in once, corrected and never edited, a case from one, sheets."""

import datetime as dt
import io
import threading
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories_cases
from factories_assessment import example
from factories_orgs import acting_for, client_for, make_user
from factories_rounds import make_edition
from factories_score import SEEN, evaluator, example_round
from lifang.cases.models import Case
from lifang.core import imports
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing, Problem
from lifang.core.models import JournalEntry
from lifang.inspections import actions, queries
from lifang.inspections.models import Observation
from lifang.inspections.rules import Line
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round

pytestmark = pytest.mark.django_db


def one(**kw: Any) -> Line:
    values = {"place": "road-1", "item": "litter", "state": "fail", "seen_at": SEEN} | kw
    return Line(**values)


def record(round_: Round, *lines: Line) -> list[Observation]:
    return actions.record(by=evaluator(), round_id=round_.pk, lines=list(lines) or [one()])


def test_it_works() -> None:
    round_ = example_round()
    made = record(round_, one(cause="保洁不及时", photos=(factories_cases.make_file().sha256,)))
    row = queries.one(evaluator(), made[0].pk)
    assert (row.place.code, row.state, row.cause) == ("road-1", "fail", "保洁不及时")
    assert row.photos.count() == 1
    assert JournalEntry.objects.filter(room="inspections", verb="record").count() == 1
    assert queries.counts(round_.pk) == {"places": 1, "lines": 1, "failed": 1, "na": 0}


def test_a_form_sent_twice_is_taken_once() -> None:
    round_ = example_round()
    first = record(round_, one(form="F-7"))
    again = record(round_, one(form="F-7"), one(form="F-7", place="road-2"))
    assert again[0].pk == first[0].pk
    assert Observation.objects.filter(form="F-7").count() == 2


def test_all_faults_at_once() -> None:
    round_ = example_round()
    later = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        record(
            round_,
            one(place="x"),
            one(item="x"),
            one(state="maybe"),
            one(seen_at=later),
            one(lng=117.0),
            one(photos=("0" * 64,)),
        )
    assert [f.path for f in refused.value.fields] == [
        "lines[0].place", "lines[1].item", "lines[2].state", "lines[3].seen_at", "lines[4].lng",
        "lines[5].photos",
    ]  # fmt: skip
    assert not Observation.objects.exists()


def test_a_correction_is_a_new_row() -> None:
    round_ = example_round()
    old = record(round_)[0]
    new = actions.correct(by=evaluator(), observation_id=old.pk, reason="看错了", state="pass")
    old.refresh_from_db()
    assert (old.state, new.state, new.supersedes_id) == ("fail", "pass", old.pk)
    rows = queries.listed(evaluator(), round_id=round_.pk)
    assert [r.pk for r in rows] == [new.pk]
    with pytest.raises(Conflict, match="最新"):
        actions.correct(by=evaluator(), observation_id=old.pk, reason="再改", state="na")
    with pytest.raises(Invalid):
        actions.withdraw(by=evaluator(), observation_id=new.pk, reason=" ")
    actions.withdraw(by=evaluator(), observation_id=new.pk, reason="走错地方")
    assert not queries.listed(evaluator(), round_id=round_.pk).exists()
    assert [f["kind"] for f in queries.facts(round_.pk)] == [
        "observation", "observation", "withdrawal",
    ]  # fmt: skip


def test_who_may_record_and_see() -> None:
    round_ = example_round()
    for role in (Role.HANDLER, Role.LEADER, Role.ACCEPTOR):
        with pytest.raises(Forbidden):
            actions.record(by=acting_for(make_user(role=role)), round_id=round_.pk, lines=[one()])
    inspector = acting_for(make_user(role=Role.COLLECTOR))
    mine = actions.record(by=inspector, round_id=round_.pk, lines=[one()])[0]
    other = record(round_, one(item="litter", place="road-2"))[0]
    assert queries.one(inspector, mine.pk).pk == mine.pk
    with pytest.raises(Missing):
        queries.one(inspector, other.pk)
    unit = Unit.objects.get(code="东街道")
    handler = acting_for(make_user(role=Role.HANDLER, unit=unit))
    seen = queries.listed(handler, round_id=round_.pk)
    assert {o.place.unit_id for o in seen} <= {unit.pk} and mine.pk in {o.pk for o in seen}


def test_only_an_open_round_takes_observations() -> None:
    round_ = example_round()
    round_.status = RoundStatus.CLOSED
    round_.save()
    with pytest.raises(Conflict, match="进行中"):
        record(round_)


def test_a_fault_becomes_a_case_once() -> None:
    town = factories_cases.make_town()
    key = town.dispatched().category.key
    round_ = example_round()
    document = example("edition")
    for item in document["items"]:
        item["categories"] = [key]
    round_.edition = make_edition(document)
    round_.save()
    row = record(round_, one(photos=(factories_cases.make_file().sha256,)))[0]
    made = actions.make_case(by=evaluator(), observation_id=row.pk)
    again = actions.make_case(by=evaluator(), observation_id=row.pk)
    assert made.case_id == again.case_id
    case = Case.objects.get(pk=made.case_id)
    assert case.category is not None and case.category.key == key
    assert case.source == "inspector" and case.evidence.count() == 1
    passed = record(round_, one(state="pass", place="road-2"))[0]
    with pytest.raises(Conflict):
        actions.make_case(by=evaluator(), observation_id=passed.pk)


def sheet(path: Path, rows: list[list[Any]]) -> Path:
    heads = ["轮次", "点位编码", "检查项", "结果", "问题数", "原因", "表号"]
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for n, row in enumerate([heads, *rows]):
            page.write_row(n, 0, row)
    return path


def test_a_sheet_of_inspectors(tmp_path: Path) -> None:
    by, round_ = evaluator(), example_round()
    rows = [
        [round_.key, "road-1", "litter", "符合", "", "", "A1"],
        [round_.key, "road-2", "litter", "不符合", 2, "保洁", "A1"],
    ]
    good = sheet(tmp_path / "a.xlsx", rows)
    outcome = imports.run(by=by, kind="observations", path=good)
    assert (outcome.created, outcome.error_count) == (2, 0), outcome.errors
    again = imports.run(by=by, kind="observations", path=good)
    assert (again.created, again.same) == (0, 2)
    rows += [
        [round_.key, "road-9", "litter", "符合", "", "", "A2"],
        ["没有", "road-1", "litter", "符合", "", "", "A2"],
        [round_.key, "road-1", "litter", "也许", "", "", "A2"],
    ]
    bad = imports.run(by=by, kind="observations", path=sheet(tmp_path / "b.xlsx", rows))
    assert {e["row"] for e in bad.errors} >= {5, 6}
    assert Observation.objects.count() == 2


def test_five_thousand_lines_at_once(django_assert_max_num_queries: Any) -> None:
    by, round_ = evaluator(), example_round()
    many = [one(form=f"F{n}", state="pass" if n % 3 else "fail") for n in range(5_000)]
    with django_assert_max_num_queries(150):
        actions.record(by=by, round_id=round_.pk, lines=many)
    with pytest.raises(Invalid, match="分批"):
        actions.record(by=by, round_id=round_.pk, lines=[*many, one()])


def test_the_list_asks_little(django_assert_max_num_queries: Any) -> None:
    round_ = example_round()
    sha = factories_cases.make_file().sha256
    record(round_, *[one(form=str(n), photos=(sha,)) for n in range(60)])
    client = client_for(make_user(role=Role.EVALUATOR))
    client.get("/api/v1/observations", {"round": round_.pk})
    with django_assert_max_num_queries(8):
        found = client.get("/api/v1/observations", {"round": round_.pk}).json()
    assert len(found["items"]) == 50 and found["items"][0]["item_title"]


def test_places_and_items_are_found_by_words_and_taken_along_as_a_sheet() -> None:
    round_ = example_round()
    made = record(round_, one(form="a", state="pass"), one(form="b", place="road-2", count=3))
    client = client_for(make_user(role=Role.EVALUATOR))
    item = client.get(f"/api/v1/observations/{made[0].pk}").json()
    for asked, wanted in (
        ({"place": "road-2"}, 1),
        ({"place": item["place_title"]}, 1),
        ({"item": item["item_title"][1:3]}, 2),
        ({"item": "no such line"}, 0),
        ({"state": "fail"}, 1),
    ):
        query = {"round": round_.pk, **asked}
        assert len(client.get("/api/v1/observations", query).json()["items"]) == wanted, asked
        answer = client.get("/api/v1/observations/export.xlsx", query)
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        assert len(book.get_sheet_by_index(0).to_python()) == wanted + 1
    assert client.get("/api/v1/observations/export.xlsx", {"round": 999}).status_code == 404


def test_it_comes_over_the_api() -> None:
    round_ = example_round()
    client = client_for(make_user(role=Role.EVALUATOR))
    body = {
        "round_id": round_.pk,
        "lines": [
            {"place": "road-1", "item": "litter", "state": "pass", "seen_at": SEEN.isoformat()}
        ],
    }
    answer = client.post("/api/v1/observations", body, content_type="application/json")
    assert answer.status_code == 201 and len(answer.json()["ids"]) == 1
    body["lines"][0]["place"] = "x"
    answer = client.post("/api/v1/observations", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["path"] == "lines[0].place"


@pytest.mark.django_db(transaction=True)
def test_two_correct_the_same_at_once() -> None:
    """One wins, the other is told; neither row is lost."""
    round_ = example_round()
    old, by = record(round_)[0], evaluator()
    outcome: list[object] = []
    gate = threading.Barrier(2)

    def correct(state: str) -> None:
        gate.wait()
        try:
            outcome.append(
                actions.correct(by=by, observation_id=old.pk, reason="复核", state=state)
            )
        except Problem as problem:
            outcome.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=correct, args=(s,)) for s in ("pass", "na")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(isinstance(x, Conflict) for x in outcome) == [False, True]
    assert Observation.objects.filter(supersedes=old).count() == 1
