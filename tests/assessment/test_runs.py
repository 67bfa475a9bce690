"""Scores out of the tables: the same as from files, kept with every lost point, verified byte for byte."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum

from factories_assessment import example, field_leaf
from factories_orgs import acting_for, make_user
from factories_rounds import make_edition, make_place, make_round, open_round
from factories_score import SEEN, enter_all, evaluator, example_round, line
from lifang.assessment import actions, gathering, queries
from lifang.assessment.engine import facts as fact_rules
from lifang.assessment.engine import score
from lifang.assessment.models import Run, RunLoss, UnitLoss
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.models import JournalEntry
from lifang.inspections import actions as inspections
from lifang.inspections.models import Observation
from lifang.orgs.choices import Role
from lifang.rounds import scope
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round
from lifang.standards import editions

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.ask_run(by=by, round_id=round_.pk)
    of = editions.read(example("edition"))
    told = score(of, scope.read(example("round")), fact_rules.read(example("facts")))
    assert run.score == told.total.score
    assert (run.low, run.high) == (told.total.low, told.total.high)
    assert run.complete and run.key == f"{round_.key}-1"
    assert JournalEntry.objects.filter(room="assessment", verb="run", subject_id=run.pk).exists()


def test_losses_add_up_to_what_is_missing_exactly() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.work_out(by=by, round_id=round_.pk)
    rows = RunLoss.objects.filter(run=run).values_list("points", flat=True)
    assert sum(rows, Decimal(0)) == run.possible - run.earned
    shared = UnitLoss.objects.filter(run=run).values_list("lost", "open")
    assert sum((a + b for a, b in shared), Decimal(0)) == run.possible - run.earned
    for view in ("unit", "leaf", "site", "item", "cause", "kind", "measure"):
        lines = queries.lines(by, run, view)
        assert sum(x["lost"] + x["open"] for x in lines) == run.possible - run.earned, view


def test_nothing_new_makes_no_new_run() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    first = actions.refresh(round_.pk)
    assert first is not None
    assert actions.refresh(round_.pk) is None
    assert actions.ask_run(by=by, round_id=round_.pk).pk == first.pk
    one = Observation.objects.filter(round=round_, state="fail").first()
    assert one is not None
    inspections.correct(by=by, observation_id=one.pk, reason="当场整改", state="pass")
    second = actions.refresh(round_.pk)
    assert second is not None and second.earned >= first.earned


def test_a_run_is_reproduced_after_facts_have_moved_on() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.work_out(by=by, round_id=round_.pk)
    for one in Observation.objects.filter(round=round_, state="fail")[:3]:
        inspections.correct(by=by, observation_id=one.pk, reason="复查合格", state="pass")
    again = actions.verify(Run.objects.get(pk=run.pk))
    assert again["same"] and again["differs"] == {}
    assert actions.work_out(by=by, round_id=round_.pk).digest != run.digest


def test_a_fact_that_committed_late_does_not_spoil_an_earlier_run() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.work_out(by=by, round_id=round_.pk)
    last = Observation.objects.filter(round=round_, state="fail").last()
    assert last is not None
    made = inspections.withdraw(by=by, observation_id=last.pk, reason="重复")
    # as if its transaction had begun before the run and ended after it
    Observation.objects.filter(pk=made.pk).update(at=run.as_of - dt.timedelta(seconds=1))
    assert actions.verify(Run.objects.get(pk=run.pk))["same"]
    assert actions.refresh(round_.pk) is not None


def test_as_of_looks_back() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.work_out(by=by, round_id=round_.pk)
    Observation.objects.filter(round=round_).update(at=SEEN)
    before = actions.work_out(by=by, round_id=round_.pk, as_of=SEEN + dt.timedelta(days=1))
    assert before.facts == Observation.objects.filter(round=round_).count()
    assert before.facts < run.facts
    assert actions.verify(Run.objects.get(pk=before.pk))["same"]


def test_a_changed_result_is_told() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    run = actions.work_out(by=by, round_id=round_.pk)
    Observation.objects.filter(round=round_, state="fail").update(state="pass")  # behind our back
    told = actions.verify(Run.objects.get(pk=run.pk))
    assert not told["same"] and set(told["differs"]) == {"facts"}


def test_killed_while_it_writes_leaves_nothing_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    from lifang.assessment.actions import runs

    monkeypatch.setattr(runs, "_by_unit", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.work_out(by=by, round_id=round_.pk)
    assert queries.latest(round_.pk) is None
    assert queries.board(by, round_.pk)["run"] is None
    monkeypatch.undo()
    again = actions.refresh(round_.pk)
    assert again is not None and again.complete


def test_old_losses_go_and_pinned_ones_stay() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    first = actions.work_out(by=by, round_id=round_.pk)
    actions.pin(by=by, run_id=first.pk, reason="九月通报")
    second = actions.work_out(by=by, round_id=round_.pk)
    third = actions.work_out(by=by, round_id=round_.pk)
    kept = dict(RunLoss.objects.order_by().values_list("run").annotate(n=Sum("id")))
    assert set(kept) == {first.pk, third.pk}
    with pytest.raises(Conflict, match="清理"):
        actions.pin(by=by, run_id=second.pk)


def test_a_round_in_preparation_has_no_score() -> None:
    by, round_ = evaluator(), example_round()
    round_.status = RoundStatus.PREPARING
    round_.save()
    with pytest.raises(Conflict, match="筹备"):
        actions.ask_run(by=by, round_id=round_.pk)


def test_only_evaluators_work_out() -> None:
    round_ = example_round()
    for role in (Role.HANDLER, Role.LEADER, Role.ACCEPTOR):
        with pytest.raises(Forbidden):
            actions.ask_run(by=acting_for(make_user(role=role)), round_id=round_.pk)


def test_the_score_of_another_edition_comes_from_its_round() -> None:
    by, round_ = evaluator(), example_round()
    enter_all(round_, by)
    first = actions.work_out(by=by, round_id=round_.pk)
    minors = round_of_minors()
    other = actions.work_out(by=by, round_id=minors.pk)
    second = actions.refresh(round_.pk)
    assert second is not None
    assert [f.id for f in gathering.linked_facts(round_)] == [f"run:{other.pk}"]
    assert second.score != first.score
    assert actions.verify(Run.objects.get(pk=first.pk))["same"]


def round_of_minors() -> Round:
    """A round of the linked edition with one fault at one school."""
    document = {
        "format": "lifang.edition/1", "key": "minors", "version": "1", "title": "未成年人",
        "nodes": [field_leaf()],
        "items": [{"code": "i", "title": "i", "feeds": {"*": [{"leaf": "L"}]}}],
    }  # fmt: skip
    round_ = make_round(edition=make_edition(document))
    place = make_place(round_, type="school")
    open_round(round_)
    inspections.record(
        by=evaluator(),
        round_id=round_.pk,
        lines=[line({"site": place.code, "item": "i", "state": "fail"})],
    )
    return round_


def test_facts_the_round_does_not_know_are_named() -> None:
    by, round_ = evaluator(), example_round()
    with pytest.raises(Invalid) as refused:
        inspections.record(
            by=by,
            round_id=round_.pk,
            lines=[
                line({"site": "nowhere", "item": "litter", "state": "pass"}),
                line({"site": "road-1", "item": "nothing", "state": "pass"}),
            ],
        )
    assert [f.path for f in refused.value.fields] == ["lines[0].place", "lines[1].item"]
    assert not Observation.objects.exists()


def test_a_place_that_was_replaced_counts_no_more() -> None:
    by, round_ = evaluator(), example_round()
    place = make_place(round_, type="road")
    open_round(round_)
    inspections.record(
        by=by,
        round_id=round_.pk,
        lines=[line({"site": place.code, "item": "litter", "state": "fail"})],
    )
    before = actions.work_out(by=by, round_id=round_.pk)
    place.drawn = False
    place.save()
    open_round(round_)
    after = actions.refresh(round_.pk)
    assert after is not None and after.facts == before.facts - 1
