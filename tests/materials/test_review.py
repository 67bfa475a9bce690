"""Two levels, two people; returns, appeals; what the engine is told."""

import pytest

from factories_materials import Office, make_office, word
from factories_orgs import acting_for, make_user
from lifang.assessment.engine import facts as engine
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.models import Notification
from lifang.materials import actions, queries
from lifang.materials.models import Review
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def told(office: Office) -> list[tuple[str, int, bool]]:
    """What holds, as the engine reads it."""
    rows = engine.read(list(queries.facts(office.round.pk)))
    return [(r.grade, r.level, r.disputed) for r in engine.in_force(rows)]  # type: ignore[attr-defined]


def test_it_works(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    assert told(office) == [("A", 1, False)]
    done = actions.review(
        by=office.second, filing_id=filing.pk, level=2, grade="B", reason="缺少数据"
    )
    assert (done.status, done.grade) == ("accepted", "B")
    assert told(office) == [("A", 1, False), ("B", 2, False)]
    note = Notification.objects.get()
    assert (note.user_id, note.title) == (office.clerk.user_id, "材料已定级：B")


def test_a_reason_below_the_best_grade(office: Office) -> None:
    filing = office.submitted()
    for reason in ("", "   "):
        with pytest.raises(Invalid):
            actions.review(by=office.first, filing_id=filing.pk, level=1, grade="B", reason=reason)
    with pytest.raises(Invalid):
        actions.return_(by=office.first, filing_id=filing.pk, reason=" ")
    with pytest.raises(Invalid):
        actions.review(by=office.first, filing_id=filing.pk, level=1, grade="E", reason="x")


def test_the_second_is_another_than_the_first(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    with pytest.raises(Forbidden):
        actions.review(by=office.first, filing_id=filing.pk, level=2, grade="A")
    assert not queries.filing(office.first, filing.pk)["may"]["second"]
    assert queries.filing(office.second, filing.pk)["may"]["second"]
    assert list(queries.filings(office.first, level=2)) == []
    assert len(queries.filings(office.second, level=2)) == 1


def test_who_hands_in_does_not_judge(office: Office) -> None:
    user = make_user(role=Role.HANDLER, unit=office.unit)
    Membership.objects.create(user=user, unit=office.unit, role=Role.EVALUATOR)
    both = acting_for(user)
    filing = actions.attach(
        by=both, filing_id=office.filing("II-3-12-2").pk, files=[word()], hand_in=True
    )
    with pytest.raises(Forbidden):
        actions.review(by=both, filing_id=filing.pk, level=1, grade="A")
    with pytest.raises(Forbidden):
        actions.return_(by=both, filing_id=filing.pk, reason="x")
    assert list(queries.filings(both, level=1)) == []


def test_only_evaluators_judge(office: Office) -> None:
    filing = office.submitted()
    for by in (office.clerk, office.leader):
        with pytest.raises(Forbidden):
            actions.review(by=by, filing_id=filing.pk, level=1, grade="A")


def test_two_reviewers_at_once_the_second_is_told(office: Office) -> None:
    filing = office.submitted()
    seen = queries.filing(office.first, filing.pk)["submission_id"]
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A", seen=seen)
    with pytest.raises(Conflict):
        actions.review(by=office.second, filing_id=filing.pk, level=1, grade="A", seen=seen)
    assert Review.objects.count() == 1


def test_a_newer_version_under_the_reviewers_hands(office: Office) -> None:
    filing = office.submitted()
    seen = queries.filing(office.first, filing.pk)["submission_id"]
    actions.withdraw(by=office.clerk, filing_id=filing.pk)
    actions.attach(by=office.clerk, filing_id=filing.pk, files=[word()], hand_in=True)
    with pytest.raises(Conflict, match="刚刚更新"):
        actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A", seen=seen)


def test_returned_mended_and_judged_anew(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    back = actions.return_(by=office.second, filing_id=filing.pk, reason="附件不全")
    assert (back.status, back.grade, back.first_by_id) == ("returned", "", None)
    assert told(office) == []
    assert Notification.objects.get().title == "材料被退回"
    actions.attach(by=office.clerk, filing_id=filing.pk, files=[word()], hand_in=True)
    assert office.filing("II-3-12-2").revision.number == 2
    actions.review(by=office.second, filing_id=filing.pk, level=1, grade="A")
    actions.review(by=office.first, filing_id=filing.pk, level=2, grade="A")
    assert told(office) == [("A", 1, False), ("A", 2, False)]
    what = [h["what"] for h in queries.filing(office.clerk, filing.pk)["history"]]
    assert what == ["graded", "graded", "submitted", "returned", "graded", "submitted"]


def test_settled_may_still_be_returned_and_both_grades_go(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    actions.review(by=office.second, filing_id=filing.pk, level=2, grade="A")
    actions.return_(by=office.second, filing_id=filing.pk, reason="文件已废止")
    assert told(office) == []
    rows = list(queries.facts(office.round.pk))
    assert [r["kind"] for r in rows] == ["review", "review", "withdrawal", "withdrawal"]
    assert len({r["id"] for r in rows}) == 4


def test_an_appeal_makes_it_disputed_until_decided(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    actions.review(by=office.second, filing_id=filing.pk, level=2, grade="C", reason="内容空泛")
    with pytest.raises(Forbidden):
        actions.appeal(by=office.first, filing_id=filing.pk, reason="x")
    with pytest.raises(Invalid):
        actions.appeal(by=office.clerk, filing_id=filing.pk, reason="")
    open_ = actions.appeal(by=office.clerk, filing_id=filing.pk, reason="第三页有数据")
    assert (open_.status, open_.disputed) == ("first", True)
    assert told(office) == [("A", 1, False), ("C", 2, True)]
    actions.review(by=office.second, filing_id=filing.pk, level=2, grade="A")
    assert told(office) == [("A", 1, False), ("A", 2, False)]


def test_nothing_handed_in_is_missing_or_does_not_apply(office: Office) -> None:
    filing = office.filing("II-3-12-2")
    with pytest.raises(Conflict):
        actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    with pytest.raises(Invalid):
        actions.review(by=office.first, filing_id=filing.pk, level=1, grade="missing")
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="missing", reason="逾期")
    actions.review(by=office.second, filing_id=filing.pk, level=2, grade="missing", reason="逾期")
    assert told(office) == [("missing", 1, False), ("missing", 2, False)]


def test_a_returned_paper_that_never_comes_back_is_missing(office: Office) -> None:
    filing = office.submitted()
    actions.return_(by=office.first, filing_id=filing.pk, reason="模糊")
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="missing", reason="未重报")
    with pytest.raises(Conflict):
        actions.review(by=office.second, filing_id=filing.pk, level=2, grade="A")


def test_a_grade_replaced_is_superseded_not_edited(office: Office) -> None:
    filing = office.submitted()
    actions.review(by=office.first, filing_id=filing.pk, level=1, grade="A")
    actions.review(by=office.second, filing_id=filing.pk, level=2, grade="A")
    third = acting_for(make_user(role=Role.EVALUATOR))
    actions.review(by=third, filing_id=filing.pk, level=2, grade="B", reason="抽查发现")
    assert told(office) == [("A", 1, False), ("B", 2, False)]
    assert Review.objects.count() == 3
