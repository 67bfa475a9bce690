"""Duplicates in the loop: candidates by index, proposals with reasons, mergers only above a measured bound."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from factories_cases import LAT, LNG, make_file, make_report, make_town
from factories_places import make_shop, make_site
from lifang.cases import actions, queries
from lifang.cases.choices import State, Verb
from lifang.cases.duplicates import bound, search
from lifang.cases.duplicates.search import Asked, find
from lifang.cases.models import Case, DuplicateBound, Setting, Step
from lifang.core import stamps
from lifang.core.files import likeness as pictures
from lifang.core.models import PictureMark

pytestmark = pytest.mark.django_db
WORDS = "人民路口的路灯坏了三天没人修"
OTHERS = "人民路口路灯三天不亮了，请来修"


@pytest.fixture
def town():
    return make_town()


def marked(value: int) -> int:
    """A stored picture that looks like ``value``."""
    file = make_file()
    parts = {f"band{n}": band for n, band in enumerate(pictures.bands(value))}
    PictureMark.objects.create(file=file, dhash=value, **parts)
    return file.pk


def allow(threshold: float | None, *, low: float = 0.96) -> None:
    DuplicateBound.objects.create(
        threshold=threshold, n=100, right=100, low=low, high=1, coverage=1, target=bound.TARGET,
        reviewed=120, measured_at=timezone.now(),
    )  # fmt: skip
    stamps.bump(bound.STAMP)


def test_it_works(town):
    first = make_report(text=WORDS, category_key=town.category.key).case
    second = make_report(text=OTHERS, category_key=town.category.key, lng=LNG + 0.0001).case
    assert second.state == State.REPORTED
    proposal = second.understanding["duplicates"][0]
    assert proposal["id"] == first.pk
    assert proposal["score"] > 0.8
    assert 5 < proposal["metres"] < 15
    assert set(proposal["parts"]) == {"text", "place", "time", "class"}


def test_above_a_measured_bound_it_merges_and_says_why_and_can_be_undone(town):
    allow(0.8)
    first = make_report(text=WORDS, category_key=town.category.key).case
    second = make_report(text=OTHERS, category_key=town.category.key).case
    assert second.state == State.MERGED
    step = Step.objects.get(case=second, verb=Verb.MERGE)
    assert step.automatic
    assert step.detail["into"] == first.number
    assert step.detail["why"]["bound"]["threshold"] == 0.8
    assert not step.detail["why"]["bound"]["verbatim"]
    back = actions.unmerge(by=town["acceptor"], case_id=second.pk, reason="不是一处")
    assert back.state == State.REPORTED
    first.refresh_from_db()
    assert first.reports_count == 1


@pytest.mark.parametrize(("threshold", "low"), [(None, 0.96), (0.8, 0.9), (0.999, 0.96)])
def test_without_a_good_enough_bound_it_only_proposes(town, threshold, low):
    allow(threshold, low=low)
    make_report(text=WORDS, category_key=town.category.key)
    second = make_report(text=OTHERS, category_key=town.category.key).case
    assert second.state == State.REPORTED
    assert second.understanding["duplicates"]


def test_another_class_or_no_class_is_never_merged_by_itself(town):
    allow(0.5)
    make_report(text=WORDS, category_key=town.category.key)
    assert make_report(text=WORDS).case.state == State.REPORTED


def test_what_was_handed_back_is_not_merged_into(town):
    allow(0.5)
    first = town.handed_back(text=WORDS)
    again = make_report(text=WORDS, category_key=town.category.key).case
    assert again.state == State.REPORTED
    assert again.understanding["duplicates"][0]["id"] == first.pk


def test_the_same_picture_is_found_in_other_words(town):
    first = make_report(text="这里太乱了", file_ids=[marked(0x0F0F_1234_5678_9ABC)]).case
    make_report(text="楼下有人唱歌", file_ids=[marked(0x7777_0000_FFFF_1111)])
    asked = make_report(text="麻烦看看照片", file_ids=[marked(0x0F0F_1234_5678_9ABD)]).case
    best = asked.understanding["duplicates"][0]
    assert (best["id"], best["picture"]) == (first.pk, 1)


def test_without_position_the_site_that_is_said_counts(town):
    site = make_site(name="金穗花园", region=town.region)
    first = make_report(text="金穗花园门口垃圾没人清", lng=None, lat=None).case
    assert first.site_id == site.pk
    second = make_report(text="金穗花园门口的垃圾桶满了没人清", lng=None, lat=None).case
    assert second.understanding["duplicates"][0]["id"] == first.pk
    elsewhere = make_report(text="门口的垃圾桶满了没人清", lng=None, lat=None).case
    assert "duplicates" not in elsewhere.understanding


def test_nothing_found_costs_one_statement_and_pictures_one_more(town, django_assert_num_queries):
    setting = Setting()
    find(Asked(text="暖一下缓存", at=timezone.now(), lng=1.0, lat=1.0), setting)
    with django_assert_num_queries(1):
        find(Asked(text=WORDS, at=timezone.now(), lng=1.0, lat=1.0, file_ids=[1]), setting)
    make_report(text=WORDS, file_ids=[marked(0x0F0F_1234_5678_9ABC)])
    again = marked(0x0F0F_1234_5678_9ABC)
    stamps.begin()
    search._rarity()
    with django_assert_num_queries(2):
        find(Asked(text=WORDS, at=timezone.now(), lng=LNG, lat=LAT, file_ids=[again]), setting)
    stamps.end()


def _plan(asked: Asked) -> str:
    told = search._statement(asked, Setting())
    assert told is not None
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {told[0]}", told[1])
        return "\n".join(row[3] for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"lng": LNG, "lat": LAT}, "case_open_place"),
        ({"site_id": 1}, "case_of_site"),
        ({"road_id": 1}, "case_of_road"),
    ],
)
def test_an_index_of_open_cases_serves_the_search(where, index):
    """Closed cases are by far the most: the search must not walk them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table: an empty one is walked")
    plan = _plan(Asked(text="", at=timezone.now(), **where))
    assert index in plan
    assert "SCAN" not in plan


def test_related_cases_come_with_score_and_picture(town):
    picture = marked(0x0F0F_1234_5678_9ABC)
    first = make_report(text=WORDS, file_ids=[picture]).case
    second = make_report(text=OTHERS).case
    found = queries.related(town["acceptor"], second.pk)["open"][0]
    assert found["id"] == first.pk
    assert found["score"] > 0.5
    assert found["thumb_url"]


def test_related_cases_of_others_are_not_shown(town):
    make_report(text=WORDS)
    second = town.dispatched(text=OTHERS)
    assert queries.related(town["handler"], second.pk)["open"] == []


def decided(town, n: int, *, same: bool) -> None:
    """Proposals that a person decided."""
    for _n in range(n):
        case = make_report(text=OTHERS, category_key=town.category.key, lng=LNG + 0.0002).case
        into = case.understanding["duplicates"][0]["id"]
        if same:
            actions.merge(by=town["acceptor"], case_id=case.pk, into_id=into)
        else:
            actions.file(by=town["acceptor"], case_id=case.pk, category_id=town.category.pk)
            Case.objects.filter(pk=case.pk).update(lng=None, lat=None)


def test_the_bound_is_measured_on_what_people_decided(town):
    make_report(text=WORDS, category_key=town.category.key)
    decided(town, 80, same=True)
    row = actions.measure_duplicates()
    assert row.threshold is not None
    assert (row.n, row.right, row.reviewed) == (80, 80, 80)
    assert row.low >= bound.TARGET
    assert bound.in_force() == row


def test_mistakes_and_few_decisions_allow_nothing(town):
    make_report(text=WORDS, category_key=town.category.key)
    decided(town, 20, same=True)
    assert actions.measure_duplicates().threshold is None
    decided(town, 50, same=True)
    decided(town, 10, same=False)
    row = actions.measure_duplicates()
    assert row.threshold is None
    assert (row.n, row.right) == (80, 70)
    assert bound.in_force() is None


def test_a_merger_taken_back_counts_as_a_mistake(town):
    make_report(text=WORDS, category_key=town.category.key)
    again = make_report(text=WORDS, category_key=town.category.key).case
    assert again.state == State.MERGED
    assert bound.look(timezone.now()).samples == []
    actions.unmerge(by=town["acceptor"], case_id=again.pk, reason="不是一处")
    assert [same for _score, same in bound.look(timezone.now()).samples] == [False]


def test_decisions_of_long_ago_do_not_count(town):
    make_report(text=WORDS, category_key=town.category.key)
    decided(town, 1, same=True)
    assert len(bound.look(timezone.now()).samples) == 1
    later = timezone.now() + dt.timedelta(days=bound.DAYS + 1)
    assert bound.look(later).samples == []


def test_a_shop_that_is_named_hangs_on_the_case(town):
    shop = make_shop(name="老陈面馆", region=town.region)
    case = make_report(text="老陈面馆油烟直排", lng=None, lat=None).case
    assert (case.shop_id, case.region_id) == (shop.pk, town.region.pk)
    # the words' own point is no position of the reporter's
    assert case.lng is None
