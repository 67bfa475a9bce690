"""Duplicates: merged by themselves where certain, proposed where likely; unmerge loses nothing."""

import pytest

from factories_cases import LAT, LNG, make_report, make_town
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case, Report
from lifang.core.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
WORDS = "人民路口的路灯坏了三天没人修"


@pytest.fixture
def town():
    return make_town()


def test_it_works(town):
    first, second = town.report(text="甲处垃圾成堆"), town.report(text="另有一说")
    merged = actions.merge(by=town["acceptor"], case_id=second.pk, into_id=first.pk)
    first.refresh_from_db()
    assert merged.state == State.MERGED
    assert first.reports_count == 2
    assert set(first.reports.values_list("origin_id", flat=True)) == {first.pk, second.pk}


def test_the_same_words_at_the_same_place_merge_by_themselves(town):
    first = make_report(text=WORDS, category_key=town.category.key).case
    again = make_report(text=WORDS, category_key=town.category.key)
    assert again.case.state == State.MERGED
    first.refresh_from_db()
    assert first.reports_count == 2
    assert Report.objects.get(pk=again.report.pk).case_id == first.pk


def test_likely_ones_are_proposed_not_merged(town):
    first = make_report(text=WORDS, category_key=town.category.key).case
    other = make_report(text="这里路灯好像不亮，麻烦看看", category_key=town.category.key).case
    assert other.state == State.REPORTED
    assert other.understanding["duplicates"][0]["id"] == first.pk


def test_far_away_is_another_matter(town):
    make_report(text=WORDS, category_key=town.category.key)
    other = make_report(text=WORDS, category_key=town.category.key, lng=LNG + 0.01, lat=LAT)
    assert other.case.state == State.REPORTED


def test_unmerge_gives_the_reports_back(town):
    first, second = town.report(text="甲"), town.report(text="乙")
    actions.merge(by=town["acceptor"], case_id=second.pk, into_id=first.pk)
    back = actions.unmerge(by=town["acceptor"], case_id=second.pk, reason="不是一处")
    first.refresh_from_db()
    assert back.state == State.REPORTED
    assert back.stage_due_at is not None
    assert (first.reports_count, back.reports_count) == (1, 1)
    assert Report.objects.filter(case=first).count() == 1


def test_a_chain_of_merges_ends_at_one(town):
    a, b, c = town.report(text="甲"), town.report(text="乙"), town.report(text="丙")
    actions.merge(by=town["acceptor"], case_id=c.pk, into_id=b.pk)
    actions.merge(by=town["acceptor"], case_id=b.pk, into_id=a.pk)
    assert Case.objects.get(pk=c.pk).merged_into_id == a.pk
    assert Report.objects.filter(case=a).count() == 3


def test_not_into_itself_nor_into_a_closed_one(town):
    case = town.report()
    with pytest.raises(Invalid):
        actions.merge(by=town["acceptor"], case_id=case.pk, into_id=case.pk)
    closed = town.closed()
    with pytest.raises(Conflict, match="不能并入"):
        actions.merge(by=town["acceptor"], case_id=case.pk, into_id=closed.pk)


def test_a_split_case_ends_with_its_last_part(town):
    case = town.report(text="垃圾和路灯都有问题")
    parts = actions.split(
        by=town["acceptor"], case_id=case.pk, parts=[actions.Part("垃圾"), actions.Part("路灯")]
    )
    assert Case.objects.get(pk=case.pk).state == State.SPLIT
    actions.reject(by=town["acceptor"], case_id=parts[0].pk, reason="已有人清理")
    assert Case.objects.get(pk=case.pk).state == State.SPLIT
    actions.file(by=town["acceptor"], case_id=parts[1].pk, category_id=town.category.pk)
    actions.dispatch(by=town["dispatcher"], case_id=parts[1].pk)
    town.condition.photos_after = 0
    town.condition.save()
    actions.hand_back(by=town["handler"], case_id=parts[1].pk, note="亮了")
    actions.check(by=town["checker"], case_id=parts[1].pk, passed=True)
    actions.close(by=town["acceptor"], case_id=parts[1].pk)
    whole = Case.objects.get(pk=case.pk)
    assert whole.state == State.CLOSED
    assert whole.closed_at is not None


def test_a_split_case_of_which_nothing_was_filed_is_not_closed(town):
    case = town.report(text="两件")
    for part in actions.split(
        by=town["acceptor"], case_id=case.pk, parts=[actions.Part("一"), actions.Part("二")]
    ):
        actions.reject(by=town["acceptor"], case_id=part.pk, reason="查无此事")
    assert Case.objects.get(pk=case.pk).state == State.REJECTED


@pytest.mark.parametrize("parts", [[], ["一"], ["一", " "], ["一"] * 11])
def test_a_split_needs_two_to_ten_parts_with_words(town, parts):
    case = town.report()
    with pytest.raises(Invalid):
        actions.split(by=town["acceptor"], case_id=case.pk, parts=[actions.Part(t) for t in parts])
