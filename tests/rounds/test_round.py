"""A round: made, changed, its frame taken, drawn, opened (frozen), closed."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from factories_duties import make_pairing, make_rule
from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_places import make_site
from factories_rounds import Ready, make_edition, make_place, make_round, open_round
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.tree import changed
from lifang.rounds import actions, queries
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.rounds.queries import overview
from lifang.rounds.queries import places as place_queries

pytestmark = pytest.mark.django_db
API = "/api/v1"
JSON: Any = {"content_type": "application/json"}


def body(**kw: Any) -> dict[str, Any]:
    return {
        "key": "2026-1", "title": "一季度模拟测评", "starts": "2026-01-01", "ends": "2026-03-31",
    } | kw  # fmt: skip


def test_it_works() -> None:
    client = client_for(make_user(role=Role.EVALUATOR))
    given = body(
        edition_id=make_edition().pk,
        visit="2026-03-01",
        population={"*": {"城区": "0.7", "镇区": "0.3"}},
        quota={"*": 400},
        context={"metro": "no"},
    )
    made = client.post(f"{API}/rounds", given, **JSON)
    assert made.status_code == 201, made.json()
    path = f"{API}/rounds/{made.json()['id']}"
    found = client.get(path).json()
    assert (found["status"], found["leaves"], found["quota"]) == ("preparing", 15, {"*": 400})
    assert found["countdowns"]["visit"]["day"] == "2026-03-01"
    assert {x["what"] for x in found["lacks"]} == {"roster"}  # no site types are known here
    assert client.put(path, given | {"title": "改名"}, **JSON).status_code == 200
    [row] = client.get(f"{API}/rounds").json()["items"]
    assert (row["title"], row["drawn"], row["tasks"]["issued"]) == ("改名", 0, 0)
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert [e.verb for e in JournalEntry.objects.filter(room="rounds").order_by("id")] == [
        "create", "change", "delete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"ends": "2025-12-31"}, "ends"),
        ({"visit": "2026-05-01"}, "visit"),
        ({"edition_id": 99999}, "edition_id"),
        ({"previous_id": 99999}, "previous_id"),
        ({"key": " "}, "key"),
        ({"population": {"*": {"城区": "abc"}}}, "population.*.城区"),
        ({"quota": {"*": 0}}, "quota.*"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(wrong: dict[str, Any], path: str) -> None:
    client = client_for(make_user(role=Role.EVALUATOR))
    answer = client.post(f"{API}/rounds", body(edition_id=make_edition().pk) | wrong, **JSON)
    assert answer.status_code == 422
    assert path in [f["path"] for f in answer.json()["fields"]]


def test_only_a_published_edition_and_a_key_of_its_own() -> None:
    client = client_for(make_user(role=Role.EVALUATOR))
    draft = make_edition(published=False)
    assert client.post(f"{API}/rounds", body(edition_id=draft.pk), **JSON).status_code == 422
    edition = make_edition()
    assert client.post(f"{API}/rounds", body(edition_id=edition.pk), **JSON).status_code == 201
    assert client.post(f"{API}/rounds", body(edition_id=edition.pk), **JSON).status_code == 409


def test_the_roster_comes_from_names_and_from_the_round_before() -> None:
    first = Ready()
    assert set(first.round.roster) == set(first.units)
    other = make_unit()
    actions.set_roster(by=first.evaluator, round_id=first.round.pk, roster={"fire": other.pk})
    second = actions.create_round(
        by=first.evaluator, key="next", title="下一轮", edition_id=first.round.edition_id,
        previous_id=first.round.pk, starts=dt.date(2026, 4, 1), ends=dt.date(2026, 6, 30),
    )  # fmt: skip
    assert second.roster["fire"] == other.code


def test_the_roster_knows_roles_and_working_units_only() -> None:
    ready = Ready()
    gone = make_unit(active=False)
    with pytest.raises(Invalid) as refused:
        actions.set_roster(
            by=ready.evaluator, round_id=ready.round.pk, roster={"nothing": gone.pk, "fire": gone.pk}
        )  # fmt: skip
    assert [f.path for f in refused.value.fields] == ["roster.nothing", "roster.fire"]
    actions.set_roster(by=ready.evaluator, round_id=ready.round.pk, roster={"fire": None})
    [row] = [r for r in overview.roster(ready.evaluator, ready.round.pk) if r["role"] == "fire"]
    assert (row["unit_id"], row["leads"]) == (None, 1)


# ---------------------------------------------------------------- frame and draw


def test_the_frame_holds_every_active_place_of_the_types_that_are_looked_at() -> None:
    ready = Ready()
    closed = make_site(type=ready.types["road"], region=ready.streets[0], active=False)
    ready.drawn()
    codes = set(RoundPlace.objects.values_list("code", flat=True))
    assert codes == {s.code for s in ready.sites}
    assert closed.code not in codes
    assert {p.district for p in RoundPlace.objects.all()} == {s.code for s in ready.streets}


def test_who_answers_is_the_paired_unit_then_a_rule_then_the_locality() -> None:
    ready = Ready()
    paired, ruled = make_unit(), make_unit()
    a, b, c = ready.sites[:3]
    make_pairing(kind="unit_place", unit=paired, site=a)
    make_rule(lead_unit=ruled, site=b, category="")
    changed()
    ready.drawn()
    found = dict(RoundPlace.objects.values_list("code", "unit_id"))
    local = {s.code: u.pk for s, u in zip(ready.streets, ready.local, strict=True)}
    assert [found[a.code], found[b.code]] == [paired.pk, ruled.pk]
    assert found[c.code] == local[c.region.code]


def test_without_any_place_the_frame_says_which_types_are_asked() -> None:
    ready = Ready()
    for s in ready.sites:
        s.delete()
    with pytest.raises(Conflict) as refused:
        actions.take_frame(by=ready.evaluator, round_id=ready.round.pk)
    assert "market" in str(refused.value)


def test_the_draw_can_be_done_again_by_anybody() -> None:
    ready = Ready().drawn(market=2, road=1)
    found = place_queries.replay(ready.by[Role.LEADER], ready.round.pk)
    assert (found["same"], found["drawn"], found["seed"]) == (True, 3, "s")
    actions.draw(
        by=ready.evaluator, round_id=ready.round.pk, seed="s", draws={"market": 2, "road": 1}
    )
    assert place_queries.replay(ready.evaluator, ready.round.pk)["same"]
    RoundPlace.objects.filter(drawn=True).first().delete()  # type: ignore[union-attr]
    broken = place_queries.replay(ready.evaluator, ready.round.pk)
    assert (broken["same"], broken["frame_same"]) == (False, False)


def test_more_than_there_are_is_refused_by_type() -> None:
    ready = Ready().drawn()
    with pytest.raises(Invalid) as refused:
        actions.draw(by=ready.evaluator, round_id=ready.round.pk, draws={"market": 5, "shop": 1})
    assert [f.path for f in refused.value.fields] == ["draws.market", "draws.shop"]
    with pytest.raises(Invalid):
        actions.draw(by=ready.evaluator, round_id=ready.round.pk, draws={"market": 0})


def test_strata_by_district_and_a_seed_that_is_thrown() -> None:
    ready = Ready().drawn()
    actions.draw(
        by=ready.evaluator, round_id=ready.round.pk, draws={"market": 2}, strata="type_district"
    )
    drawn = RoundPlace.objects.filter(drawn=True)
    assert sorted(p.district for p in drawn) == sorted(s.code for s in ready.streets)
    assert Round.objects.get(pk=ready.round.pk).design["seed"]
    actions.draw(by=ready.evaluator, round_id=ready.round.pk, method="all")
    assert RoundPlace.objects.filter(drawn=True).count() == 7


def test_a_reserve_steps_in_and_the_first_draw_can_still_be_shown() -> None:
    ready = Ready().drawn(market=2)
    old = RoundPlace.objects.filter(drawn=True, order=1).get()
    new = actions.replace_place(
        by=ready.evaluator, round_id=ready.round.pk, place_id=old.pk, reason="已拆迁"
    )
    assert (new.order, new.instead_of_id, new.type) == (3, old.pk, "market")
    assert place_queries.replay(ready.evaluator, ready.round.pk)["same"]
    with pytest.raises(Conflict):
        actions.replace_place(
            by=ready.evaluator, round_id=ready.round.pk, place_id=old.pk, reason="再换"
        )
    with pytest.raises(Invalid):
        actions.replace_place(
            by=ready.evaluator, round_id=ready.round.pk, place_id=new.pk, reason="换回", with_id=old.pk
        )  # fmt: skip
    road = RoundPlace.objects.filter(type="road").first()
    assert road
    with pytest.raises(Invalid):
        actions.replace_place(
            by=ready.evaluator, round_id=ready.round.pk, place_id=new.pk, reason="x", with_id=road.pk
        )  # fmt: skip


def test_handlers_never_learn_what_was_drawn() -> None:
    ready = Ready().opened()
    client = client_for(make_user(role=Role.HANDLER, unit=ready.local[0]))
    for path in ("places", "places/map", "places/export.xlsx", "strata", "draw", "document"):
        assert client.get(f"{API}/rounds/{ready.round.pk}/{path}").status_code == 403, path
    found = client.get(f"{API}/rounds/{ready.round.pk}").json()
    assert (found["places"], found["design"]) == ([], {})


# ---------------------------------------------------------------- opened, closed


def test_it_opens_only_when_nothing_is_lacking() -> None:
    ready = Ready()
    with pytest.raises(Invalid) as refused:
        actions.open_round(by=ready.evaluator, round_id=ready.round.pk)
    assert [f.path for f in refused.value.fields] == ["frame"]
    ready.drawn()
    actions.set_roster(by=ready.evaluator, round_id=ready.round.pk, roster={"water": None})
    RoundPlace.objects.filter(drawn=True).update(unit=None)
    lacking = overview.lacks(Round.objects.get(pk=ready.round.pk))
    assert [x["what"] for x in lacking] == ["units", "roster"]


def test_opening_freezes_the_scope() -> None:
    ready = Ready().opened()
    frozen = queries.scope_of(queries.round_row(ready.evaluator, ready.round.pk))
    assert (frozen.digest, len(frozen.sites)) == (ready.round.sha256, 3)
    assert sum(s.size for s in frozen.frame) == 7
    assert sum(s.draw for s in frozen.frame) == 3
    assert all(s.unit for s in frozen.sites.values())
    given = {
        "key": ready.round.key, "title": ready.round.title, "edition_id": ready.round.edition_id,
        "starts": ready.round.starts, "ends": ready.round.ends, "note": "只改备注",
    }  # fmt: skip
    actions.change_round(by=ready.evaluator, round_id=ready.round.pk, **given)
    for refused in (
        lambda: actions.change_round(
            by=ready.evaluator, round_id=ready.round.pk, **given | {"title": "改"}
        ),
        lambda: actions.take_frame(by=ready.evaluator, round_id=ready.round.pk),
        lambda: actions.draw(by=ready.evaluator, round_id=ready.round.pk, draws={"road": 1}),
        lambda: actions.set_roster(by=ready.evaluator, round_id=ready.round.pk, roster={}),
        lambda: actions.delete_round(by=ready.evaluator, round_id=ready.round.pk),
        lambda: actions.open_round(by=ready.evaluator, round_id=ready.round.pk),
    ):
        with pytest.raises(Conflict):
            refused()


def test_a_place_replaced_in_an_open_round_freezes_it_anew_with_both_hashes_kept() -> None:
    ready = Ready().opened()
    old = RoundPlace.objects.filter(drawn=True, type="market").first()
    assert old
    actions.replace_place(
        by=ready.evaluator, round_id=ready.round.pk, place_id=old.pk, reason="停业"
    )
    now = Round.objects.get(pk=ready.round.pk)
    entry = JournalEntry.objects.get(verb="replace_place")
    assert entry.before and entry.after
    assert (entry.before["sha256"], entry.after["sha256"]) == (ready.round.sha256, now.sha256)
    assert now.sha256 != ready.round.sha256
    assert old.code not in queries.scope_of(queries.round_row(ready.evaluator, now.pk)).sites


def test_in_preparation_the_scope_is_what_would_be_frozen_now() -> None:
    ready = Ready().drawn()
    row = queries.round_row(ready.evaluator, ready.round.pk)
    before = queries.scope_of(row)
    opened = actions.open_round(by=ready.evaluator, round_id=row.pk)
    assert before.digest == opened.sha256


def test_closing_ends_all_and_opening_again_needs_a_reason() -> None:
    ready = Ready().issued()
    closed = actions.close_round(by=ready.evaluator, round_id=ready.round.pk)
    assert (closed.status, closed.closed_at is not None) == (RoundStatus.CLOSED, True)
    with pytest.raises(Conflict):
        actions.propose(by=ready.evaluator, round_id=closed.pk)
    with pytest.raises(Invalid):
        actions.reopen_round(by=ready.evaluator, round_id=closed.pk, reason=" ")
    again = actions.reopen_round(by=ready.evaluator, round_id=closed.pk, reason="补录")
    assert (again.status, again.sha256) == (RoundStatus.OPEN, ready.round.sha256)
    assert JournalEntry.objects.get(verb="reopen").reason == "补录"


@pytest.mark.parametrize("role", list(Role))
def test_who_runs_who_reads_who_sees_nothing(role: Role) -> None:
    round = open_round(make_round())
    make_round()
    by = acting_for(make_user(role=role))
    seen = queries.rounds(by).count()
    if role in (Role.EVALUATOR, Role.SYSTEM_ADMIN, Role.LEADER):
        assert seen == 2
    elif role == Role.HANDLER:
        assert seen == 1
    else:
        assert seen == 0
        with pytest.raises(Missing):
            queries.round_row(by, round.pk)
    if role in (Role.EVALUATOR, Role.SYSTEM_ADMIN):
        assert actions.close_round(by=by, round_id=round.pk)
    else:
        with pytest.raises((Forbidden, Missing)):
            actions.close_round(by=by, round_id=round.pk)


def test_a_place_is_found_by_its_code_where_it_was_drawn() -> None:
    round = make_round()
    drawn, other = make_place(round), make_place(round, drawn=False)
    assert queries.place(round.pk, drawn.code) == drawn
    with pytest.raises(Missing):
        queries.place(round.pk, other.code)


# ---------------------------------------------------------------- milestones


def test_milestones_are_made_reached_and_struck_out() -> None:
    ready = Ready()
    client: Client = client_for(make_user(role=Role.EVALUATOR))
    path = f"{API}/rounds/{ready.round.pk}"
    day = {"title": "材料报齐", "due": "2026-05-01"}
    assert client.post(f"{path}/milestones", day, **JSON).status_code == 204
    [row] = client.get(path).json()["milestones"]
    one = f"{path}/milestones/{row['id']}"
    assert client.put(one, day | {"done_on": "2026-04-30"}, **JSON).status_code == 204
    assert client.get(path).json()["milestones"][0]["done_on"] == "2026-04-30"
    assert client.put(one, day | {"done_on": "2999-01-01"}, **JSON).status_code == 422
    assert client.delete(one).status_code == 204
    assert client.delete(one).status_code == 404


def test_a_unit_of_the_district_answers_where_no_street_does() -> None:
    ready = Ready()
    for unit in ready.local:
        unit.active = False
        unit.save()
    whole = make_unit(kind=UnitKind.DISTRICT, area=ready.streets[0].code[:6])
    changed()
    ready.drawn()
    assert set(RoundPlace.objects.values_list("unit_id", flat=True)) == {whole.pk}
