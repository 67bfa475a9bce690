"""What the pages of the score ask for: few statements, the same figures everywhere."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from python_calamine import CalamineWorkbook

from factories_cases import make_file
from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_rounds import make_place, make_round, open_round
from factories_score import SEEN, enter_all, evaluator, example_round, line
from lifang.assessment import actions, gathering, queries
from lifang.assessment.models import Entry, Run, UnitLoss
from lifang.core import imports
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.files import may_open
from lifang.inspections import actions as inspections
from lifang.inspections.rules import Line
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit
from lifang.rounds.models import Round, Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_() -> Round:
    found = example_round()
    enter_all(found, evaluator())
    actions.work_out(by=evaluator(), round_id=found.pk)
    return found


@pytest.fixture
def client() -> Client:
    return client_for(make_user(role=Role.EVALUATOR))


def get(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/v1{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_works(client: Client, round_: Round) -> None:
    board = get(client, f"/scores/{round_.pk}")
    whole = board["nodes"]
    assert board["run"]["score"] and not board["stale"]
    tops = [n for n in whole if not n["parent"]]
    assert sum(Decimal(n["earned"]) for n in tops) == Run.objects.get().earned
    assert [r["id"] for r in get(client, "/scores")] == [round_.pk]


def test_pages_ask_little(
    client: Client, round_: Round, django_assert_max_num_queries: Any
) -> None:
    run = Run.objects.get()
    other = actions.work_out(by=evaluator(), round_id=round_.pk)
    get(client, f"/scores/{round_.pk}")  # edition and scope are read once a process
    for path in (
        "/scores",
        f"/scores/{round_.pk}",
        f"/scores/{round_.pk}/trend",
        f"/scores/{round_.pk}/peers",
        f"/scores/{round_.pk}/my-units",
        f"/scores/{round_.pk}/entries",
        f"/score-runs/{other.pk}",
        f"/score-runs/{other.pk}/heat",
        f"/score-runs/{other.pk}/losses?by=unit",
        f"/score-runs/{other.pk}/losses?by=site",
        f"/score-runs/{other.pk}/loss-rows?leaf=1-1",
        f"/score-runs/{other.pk}/leaves/1-1",
        f"/score-runs/{other.pk}/compare/{run.pk}",
    ):
        with django_assert_max_num_queries(8):
            get(client, path)


def test_new_facts_make_it_stale(client: Client, round_: Round) -> None:
    by = evaluator()
    actions.enter(
        by=by, round_id=round_.pk, kind="award", leaf="S-1", value=Decimal(1), reason="全国推广"
    )
    assert get(client, f"/scores/{round_.pk}")["stale"]
    done = client.post(f"/api/v1/scores/{round_.pk}/run")
    assert done.status_code == 201
    assert not get(client, f"/scores/{round_.pk}")["stale"]


def test_what_if_agrees_with_the_score(client: Client, round_: Round) -> None:
    run = Run.objects.get()
    same = queries.what_if(evaluator(), run.pk, {})
    assert Decimal(same["score"]) == run.score and Decimal(same["delta"]) == 0
    best = {code: Decimal(1) for code in run.result["leaves"]}
    whole = queries.what_if(evaluator(), run.pk, best)
    assert Decimal(whole["score"]) > run.score
    answer = client.post(
        f"/api/v1/score-runs/{run.pk}/what-if",
        {"rates": {"1-1": "2"}},
        content_type="application/json",
    )
    assert answer.status_code == 422 or answer.json()["fields"]


def test_a_unit_sees_its_own_losses(round_: Round) -> None:
    run = Run.objects.get()
    code = UnitLoss.objects.filter(run=run, lost__gt=0).exclude(unit="")[0].unit
    person = make_user(role=Role.HANDLER, unit=Unit.objects.get(code=code))
    mine = client_for(person)
    lines = get(mine, f"/score-runs/{run.pk}/losses", by="unit")
    assert [x["key"] for x in lines] == [code]
    assert get(mine, f"/scores/{round_.pk}/my-units")["lost"] == str(
        sum(UnitLoss.objects.filter(run=run, unit=code).values_list("lost", flat=True))
    )
    stranger = acting_for(make_user(role=Role.ACCEPTOR))
    with pytest.raises(Forbidden):
        queries.board(stranger, round_.pk)


def test_comparison_has_no_residual(client: Client, round_: Round) -> None:
    first = Run.objects.get()
    entered = actions.enter(
        by=evaluator(),
        round_id=round_.pk,
        kind="override",
        leaf="1-2",
        value=Decimal(0),
        reason="抽查不实",
        approver_id=make_user(role=Role.LEADER).pk,
    )
    second = actions.work_out(by=evaluator(), round_id=round_.pk)
    found = get(client, f"/score-runs/{second.pk}/compare/{first.pk}")
    parts = sum(Decimal(found[k]) for k in ("performance", "rules", "new")) - Decimal(found["gone"])
    assert parts == Decimal(found["total"]) == second.earned - first.earned
    actions.withdraw_entry(by=evaluator(), entry_id=entered.pk, reason="复核")
    assert actions.work_out(by=evaluator(), round_id=round_.pk).facts_sha == first.facts_sha


def test_an_override_needs_somebody_else(round_: Round) -> None:
    by = evaluator()
    values: dict[str, Any] = {"leaf": "1-2", "value": Decimal(0), "reason": "不实"}
    with pytest.raises(Invalid) as refused:
        actions.enter(by=by, round_id=round_.pk, kind="override", approver_id=by.user_id, **values)
    assert [f.path for f in refused.value.fields] == ["approver_id"]


def test_what_the_engine_could_not_place_is_refused(round_: Round) -> None:
    with pytest.raises(Invalid):
        actions.enter(
            by=evaluator(),
            round_id=round_.pk,
            kind="award",
            leaf="1-1",
            value=Decimal(1),
            reason="x",
        )
    with pytest.raises(Invalid) as refused:
        actions.enter(by=evaluator(), round_id=round_.pk, kind="statistic")
    assert {f.path for f in refused.value.fields} == {"leaf", "value", "period", "source"}


def test_a_fact_is_superseded_once(round_: Round) -> None:
    by = evaluator()
    values: dict[str, Any] = {"kind": "award", "leaf": "S-1", "reason": "推广"}
    first = actions.enter(by=by, round_id=round_.pk, value=Decimal(1), **values)
    actions.enter(by=by, round_id=round_.pk, value=Decimal(2), supersedes_id=first.pk, **values)
    with pytest.raises(Conflict):
        actions.enter(by=by, round_id=round_.pk, value=Decimal(3), supersedes_id=first.pk, **values)


def test_a_plan_becomes_orders_once(client: Client, round_: Round) -> None:
    made = client.post(
        f"/api/v1/scores/{round_.pk}/plans",
        {"aim": "mock", "budget": "20"},
        content_type="application/json",
    ).json()
    actions.work_out_plan(made["id"])
    plan = get(client, f"/score-plans/{made['id']}")
    wanted = [n for n, a in enumerate(plan["report"]["actions"]) if a["unit"]]
    assert plan["ready"] and wanted
    path = f"/api/v1/score-plans/{made['id']}/order"
    done = client.put(path, {"lines": wanted}, content_type="application/json")
    assert done.status_code == 200, done.content
    assert done.json()["orders"] == Step.objects.filter(round=round_, origin="planner").count()
    again = client.put(path, {"lines": wanted}, content_type="application/json")
    assert again.status_code == 409


def test_a_plan_for_the_next_draw(round_: Round) -> None:
    made = actions.make_plan(by=evaluator(), round_id=round_.pk, aim="next", budget=Decimal(20))
    actions.work_out_plan(made.pk)
    made.refresh_from_db()
    assert made.report["after"] >= made.report["before"] and not made.error


def workbook(client: Client, path: str) -> list[list[list[Any]]]:
    """Rows of each sheet, without heads."""
    answer = client.get(f"/api/v1{path}/export.xlsx")
    assert answer.status_code == 200, answer.content
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return [book.get_sheet_by_index(n).to_python()[1:] for n in range(len(book.sheet_names))]


def test_the_workbook_holds_every_lost_point(client: Client, round_: Round) -> None:
    run = Run.objects.get()
    sheets = workbook(client, f"/score-runs/{run.pk}")
    assert sum(Decimal(str(r[2])) for r in sheets[4]) == pytest.approx(run.possible - run.earned)
    heat = get(client, f"/score-runs/{run.pk}/heat")
    told = sum(Decimal(str(v)) for row in sheets[5] for v in row[2:] if v != "")
    assert told == pytest.approx(sum(Decimal(c["lost"]) for c in heat["cells"]))
    peers = get(client, f"/scores/{round_.pk}/peers")
    assert len(sheets[6]) == len(peers["table"]) + len(peers["small"])
    assert [Decimal(str(r[2])) for r in sheets[7]] == [run.score]


def test_a_plan_and_a_comparison_as_sheets(client: Client, round_: Round) -> None:
    run = Run.objects.get()
    other = actions.work_out(by=evaluator(), round_id=round_.pk)
    leaves, sums = workbook(client, f"/score-runs/{other.pk}/compare/{run.pk}")
    assert len(leaves) == len(run.result["leaves"]) and sums[-1][1] == 0
    plan = actions.make_plan(by=evaluator(), round_id=round_.pk, aim="mock", budget=Decimal(5))
    assert workbook(client, f"/score-plans/{plan.pk}")[0] == []  # not worked out yet
    actions.work_out_plan(plan.pk)
    lines, _head = workbook(client, f"/score-plans/{plan.pk}")
    plan.refresh_from_db()
    assert [row[4] for row in lines] == [a["gain"] for a in plan.report["actions"]]


def test_a_unit_takes_its_own_page_along(round_: Round) -> None:
    run = Run.objects.get()
    code = UnitLoss.objects.filter(run=run, lost__gt=0).exclude(unit="")[0].unit
    mine = client_for(make_user(role=Role.HANDLER, unit=Unit.objects.get(code=code)))
    _leaves, _places, losses = workbook(mine, f"/scores/{round_.pk}/my-units")
    shown = get(mine, f"/score-runs/{run.pk}/loss-rows")
    assert len(losses) == len(shown) > 0


def test_losses_that_a_unit_only_assists_with_are_its_too(client: Client, round_: Round) -> None:
    run = Run.objects.get()
    row = run.losses.exclude(assist={}).exclude(kind="pending")[0]
    helper = next(iter(row.assist))
    shown = get(client, f"/score-runs/{run.pk}/loss-rows", unit=helper, leaf=row.leaf)
    assert row.pk in {r["id"] for r in shown}
    share = next(a["share"] for r in shown if r["id"] == row.pk for a in r["assist"])
    assert 0 < Decimal(share) < 1
    led = get(client, f"/score-runs/{run.pk}/loss-rows", lead=helper, leaf=row.leaf)
    assert row.pk not in {r["id"] for r in led}
    lines = get(client, f"/score-runs/{run.pk}/losses", by="leaf", unit=helper)
    assert row.leaf in {x["key"] for x in lines}
    mine = client_for(make_user(role=Role.HANDLER, unit=Unit.objects.get(code=helper)))
    assert row.pk in {r["id"] for r in get(mine, f"/score-runs/{run.pk}/loss-rows")}


def test_a_page_of_peers_flags_the_small(client: Client, round_: Round) -> None:
    found = get(client, f"/scores/{round_.pk}/peers")
    assert found["least"] == 5
    assert all(r["places"] < 5 for r in found["small"])
    assert not {r["unit"] for r in found["small"]} & {r["unit"] for r in found["table"]}


def test_two_estimands_stand_beside_each_other(client: Client, round_: Round) -> None:
    found = get(client, f"/score-runs/{Run.objects.get().pk}/leaves/1-1")["conditions"]
    assert found and all(0 <= c["official"] <= 1 and c["places"] > 0 for c in found)
    assert all(c["low"] <= c["true"] <= c["high"] for c in found if c["true"] is not None)


def test_a_sheet_of_statistics(round_: Round, tmp_path: Path) -> None:
    leaf = Entry.objects.filter(round=round_, kind="statistic").values_list("leaf", flat=True)[0]

    def load(*rows: list[Any]) -> Any:
        path = tmp_path / "统计.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            page = book.add_worksheet()
            for n, row in enumerate([["轮次", "指标编码", "数值", "时期", "来源"], *rows]):
                page.write_row(n, 0, row)
        return imports.run(by=evaluator(), kind="statistics", path=path)

    done = load([round_.key, leaf, 4.5, "2027", "年鉴"])
    assert (done.created, done.error_count) == (1, 0), done.errors
    again = load([round_.key, leaf, 4.5, "2027", "年鉴"])
    assert (again.created, again.same) == (0, 1)
    mended = load([round_.key, leaf, 4.7, "2027", "年鉴"])
    assert mended.changed == 1
    bad = load([round_.key, "没有", 4.5, "2027", "年鉴"], ["没有", leaf, 4.5, "2027", "年鉴"])
    assert {(e["row"], e["column"]) for e in bad.errors} == {(2, "指标编码"), (3, "轮次")}


def test_a_changed_mix_of_places_is_split_off(round_: Round) -> None:
    first = Run.objects.get()
    assert queries.comparison(evaluator(), first.pk, first.pk)["places"] is None
    other = make_round(edition=round_.edition)
    places = [make_place(other, type=kind) for kind in ("road", "market")]
    open_round(other)
    seen = [
        line({"site": places[0].code, "item": "litter", "state": "pass"}),
        line({"site": places[1].code, "item": "stalls", "state": "fail"}),
    ]
    inspections.record(by=evaluator(), round_id=other.pk, lines=seen)
    run = actions.work_out(by=evaluator(), round_id=other.pk)
    found = queries.comparison(evaluator(), run.pk, first.pk)["places"]
    assert found is not None
    assert found["change"] == pytest.approx(found["condition"] + found["mix"])


def test_photos_of_a_loss_are_seen_by_who_answers_for_the_indicator_or_the_place() -> None:
    round_ = example_round()
    photo = make_file()
    (seen,) = inspections.record(
        by=evaluator(),
        round_id=round_.pk,
        lines=[Line("road-1", "litter", "fail", SEEN, photos=(photo.sha256,))],
    )
    plan = gathering.plan_of(round_)
    (leaf, _measure), *_more = plan.feeds["litter", seen.place.type]
    helper = plan.round.unit_of(plan.edition.nodes[leaf].assist[0][0])
    assert seen.place.unit and helper != seen.place.unit.code

    def may(role: Role, unit: Unit, variant: str = "view") -> bool:
        return may_open(acting_for(make_user(role=role, unit=unit)), photo, variant)

    own, assisting = seen.place.unit, Unit.objects.get(code=helper)
    assert may(Role.HANDLER, own) and may(Role.HANDLER, own, "original")
    assert may(Role.HANDLER, assisting) and not may(Role.HANDLER, assisting, "original")
    assert may(Role.EVALUATOR, make_unit())
    assert not may(Role.HANDLER, make_unit()) and not may(Role.ACCEPTOR, own)


def test_what_was_tried_and_entered_as_sheets(client: Client, round_: Round) -> None:
    run = Run.objects.get()
    answer = client.get(f"/api/v1/score-runs/{run.pk}/what-if/export.xlsx", {"rates": "1-1:1"})
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    tried = queries.what_if(evaluator(), run.pk, {"1-1": Decimal(1)})
    sums = dict(map(tuple, book.get_sheet_by_index(1).to_python()[1:]))
    assert sums["推演得分"] == float(tried["score"])
    wrong = client.get(f"/api/v1/score-runs/{run.pk}/what-if/export.xlsx", {"rates": "1-1=1"})
    assert wrong.status_code == 422
    answer = client.get(f"/api/v1/scores/{round_.pk}/entries/export.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert len(rows.to_python()) == 1 + Entry.objects.filter(round=round_).count()


def test_of_many_runs_a_page_reads_the_last(client: Client, round_: Round) -> None:
    for _n in range(4):
        last = actions.work_out(by=evaluator(), round_id=round_.pk)
    assert list(queries.last_of([round_.pk]).values_list("pk", flat=True)) == [last.pk]
    assert get(client, "/scores")[0]["run"]["id"] == last.pk
    assert [r["id"] for r in get(client, f"/scores/{round_.pk}/trend")] == [last.pk]  # one a day
