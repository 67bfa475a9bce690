"""Answers of a round: all or none, once a respondent, sums out."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from factories_orgs import acting_for, make_user
from factories_score import evaluator, example_round
from lifang.core import imports
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus
from lifang.surveys import actions, queries
from lifang.surveys.models import Answer
from lifang.surveys.rules import Line, design_effect, post_stratified

pytestmark = pytest.mark.django_db


def lines(*options: str, question: str = "Q1") -> list[Line]:
    return [Line(str(n), question, option, "东") for n, option in enumerate(options)]


def test_it_works() -> None:
    by, round_ = evaluator(), example_round()
    done = actions.record(by=by, round_id=round_.pk, lines=lines("满意", "基本满意"))
    assert done == {"made": 2, "same": 0, "changed": 0}
    found = next(q for q in queries.summary(by, round_) if q["question"] == "Q1")
    assert found["n"] == 2
    assert {o["option"]: o["n"] for o in found["options"] if o["n"]} == {"满意": 1, "基本满意": 1}


def test_the_same_form_twice_is_one_respondent() -> None:
    by, round_ = evaluator(), example_round()
    actions.record(by=by, round_id=round_.pk, lines=lines("满意", "基本满意"))
    again = actions.record(by=by, round_id=round_.pk, lines=lines("满意", "满意"))
    assert again == {"made": 0, "same": 1, "changed": 1}
    assert Answer.objects.count() == 3  # nothing is edited
    found = next(q for q in queries.summary(by, round_) if q["question"] == "Q1")
    assert found["n"] == 2
    kinds = [f["kind"] for f in queries.facts(round_.pk)]
    assert (
        kinds == ["answer"] * 3
        and sum(bool(f["supersedes"]) for f in queries.facts(round_.pk)) == 1
    )


def test_who_answered_is_not_kept() -> None:
    round_ = example_round()
    actions.record(by=evaluator(), round_id=round_.pk, lines=[Line("13800000000", "Q1", "满意")])
    assert "13800000000" not in str(Answer.objects.values())


def test_all_faults_at_once_and_nothing_taken() -> None:
    round_ = example_round()
    with pytest.raises(Invalid) as refused:
        actions.record(
            by=evaluator(),
            round_id=round_.pk,
            lines=[
                Line("", "Q1", "满意"),
                Line("2", "Q9", "满意"),
                Line("3", "Q1", "很好"),
                Line("4", "Q1", "满意", answered_on="昨天"),
                Line("5", "Q1", "满意"),
            ],
        )
    assert [f.path for f in refused.value.fields] == [
        "lines[0].respondent", "lines[1].question", "lines[2].option", "lines[3].answered_on",
    ]  # fmt: skip
    assert not Answer.objects.exists()


def test_a_form_is_withdrawn_whole() -> None:
    by, round_ = evaluator(), example_round()
    actions.record(by=by, round_id=round_.pk, lines=lines("满意", "基本满意"))
    assert actions.withdraw(by=by, round_id=round_.pk, number="0", reason="重复") == 1
    found = next(q for q in queries.summary(by, round_) if q["question"] == "Q1")
    assert found["n"] == 1
    with pytest.raises(Missing):
        actions.withdraw(by=by, round_id=round_.pk, number="0", reason="重复")


def test_only_an_open_round_and_only_evaluators() -> None:
    round_ = example_round()
    with pytest.raises(Forbidden):
        actions.record(
            by=acting_for(make_user(role=Role.LEADER)), round_id=round_.pk, lines=lines("满意")
        )
    round_.status = RoundStatus.CLOSED
    round_.save()
    with pytest.raises(Conflict):
        actions.record(by=evaluator(), round_id=round_.pk, lines=lines("满意"))


def sheet(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for n, row in enumerate([["轮次", "问卷编号", "题目", "选项", "分层"], *rows]):
            page.write_row(n, 0, row)
    return path


def test_a_sheet_of_the_survey_firm(tmp_path: Path) -> None:
    by, round_ = evaluator(), example_round()
    good = sheet(tmp_path / "a.xlsx", [[round_.key, n, "Q1", "满意", "东"] for n in range(30)])
    outcome = imports.run(by=by, kind="survey-answers", path=good)
    assert (outcome.created, outcome.error_count) == (30, 0)
    rows = [[round_.key, 40, "Q1", "满意", "东"], [round_.key, 41, "Q1", "很好", "东"]]
    outcome = imports.run(by=by, kind="survey-answers", path=sheet(tmp_path / "b.xlsx", rows))
    assert [(e["row"], e["column"]) for e in outcome.errors] == [(3, "选项")]
    assert Answer.objects.count() == 30


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 500), min_size=1),
    st.dictionaries(st.sampled_from("abcd"), st.decimals("0.01", 1, places=2), min_size=4),
)
def test_strata_weigh_as_the_population_does(
    counts: dict[str, int], population: dict[str, Decimal]
) -> None:
    weights = post_stratified(counts, population)
    whole = sum(counts.values())
    assert sum(counts[s] * w for s, w in weights.items()) == pytest.approx(
        whole, rel=Decimal("1e-4")
    )
    share = sum(population[s] for s in counts)
    for s, w in weights.items():
        assert counts[s] * w / whole == pytest.approx(population[s] / share, abs=Decimal("0.002"))


def test_design_effect_of_kish() -> None:
    """Half the answers weigh three times the others: 1 + cv² = 1.25."""
    assert design_effect([Decimal(1)] * 10) == 1
    assert design_effect([Decimal(1), Decimal(3)] * 5) == Decimal("1.25")
    assert design_effect([]) is None
