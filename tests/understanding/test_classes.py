"""Text → class from nothing but the catalogue."""

import time

import pytest

from factories_orgs import acting_for, make_user
from factories_standards import load_base, make_catalogue, make_category
from lifang.core import stamps
from lifang.core.errors import Forbidden
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.standards import queries as standards
from lifang.understanding import actions, classes, queries
from lifang.understanding.models import Threshold

pytestmark = pytest.mark.django_db

LAMP = "路灯坏了好几天，晚上走路很黑"


def test_it_works() -> None:
    load_base()
    first = queries.understand(LAMP).proposals[0]
    assert first.key == "component-public.street-lamp"
    assert first.confidence > 0.8
    assert "路灯坏了" in first.words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("小区门口的垃圾没人清运，臭味很大", "event-appearance.exposed-rubbish"),
        ("有人在楼顶私自搭建铁皮房", "event-appearance.illegal-building"),
        ("电线杆上贴满了小广告", "event-advert.stickers"),
        ("咨询孩子上小学学区怎么划分", "matter-education.admission"),
        ("公司拖欠三个月工资不发", "matter-labour.wages"),
    ],
)
def test_plain_messages_find_their_class(text: str, key: str) -> None:
    load_base()
    keys = {c.key for c in standards.in_force().leaves}
    found = [p.key for p in classes.classify(text)]
    assert key in keys, "the catalogue's key changed: change this test"
    assert found[0] == key


@pytest.mark.parametrize("text", ["", "  ", "你好", "。。。", "😀", "\x00", "abc" * 9000, "1"])
def test_any_text_is_answered_and_nonsense_is_not_believed(text: str) -> None:
    load_base()
    meaning = queries.understand(text)
    assert meaning.confidence < 0.5
    assert not meaning.sure


def test_without_a_catalogue_there_is_no_proposal() -> None:
    meaning = queries.understand(LAMP)
    assert meaning.proposals == () and meaning.key == "" and not meaning.sure
    assert meaning.as_json()["category"] is None


def test_a_changed_catalogue_is_heard_at_once() -> None:
    catalogue = make_catalogue()
    major = make_category(catalogue=catalogue)
    make_category(parent=major, name="其他", words="完全别的")
    assert not classes.classify("飞天扫帚乱停")
    make_category(parent=major, name="飞天扫帚", key="event-x.brooms")
    assert classes.classify("飞天扫帚乱停")[0].key == "event-x.brooms"


def test_the_longest_phrase_wins() -> None:
    catalogue = make_catalogue()
    major = make_category(catalogue=catalogue)
    make_category(parent=major, name="井盖", key="event-x.cover")
    make_category(parent=major, name="雨水井盖", key="event-x.rain")
    first = classes.classify("雨水井盖破了")[0]
    assert (first.key, first.words) == ("event-x.rain", ("雨水井盖",))


def test_it_is_fast_and_warm_asks_the_database_once(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    load_base()
    queries.understand(LAMP, lng=113.0, lat=28.2)
    text = LAMP + "，旁边的垃圾桶也满了，小区门口还有人占道经营卖水果，噪音很大" * 10
    stamps.begin()
    try:
        with django_assert_num_queries(1):
            begun = time.process_time()
            for _n in range(50):
                queries.understand(text, lng=113.0, lat=28.2)
            each = (time.process_time() - begun) / 50
    finally:
        stamps.end()
    assert each < 0.02  # 5 ms on an idle core; room for a busy one


def test_without_measurement_the_machine_never_acts() -> None:
    load_base()
    assert not queries.understand(LAMP).sure_class


def _history(n: int, right: str = "component-public.street-lamp") -> list[tuple[str, str]]:
    return [(f"{LAMP}，第{i}号", right) for i in range(n)]


def test_above_a_measured_threshold_it_acts_and_says_why() -> None:
    load_base()
    rows = actions.measure(by=SYSTEM, samples=_history(80), source="测试")
    assert [(r.group, r.n, r.right) for r in rows] == [("component-public", 80, 80)]
    meaning = queries.understand(LAMP)
    assert meaning.sure_class
    assert "80/80" in meaning.because
    assert not meaning.sure  # no place yet


def test_a_class_that_was_often_wrong_never_acts() -> None:
    load_base()
    wrong = _history(40, right="event-street")
    actions.measure(by=SYSTEM, samples=[*_history(80), *wrong], source="测试")
    assert Threshold.objects.get().threshold is None
    assert not queries.understand(LAMP).sure_class


def test_another_catalogue_needs_another_measurement() -> None:
    load_base()
    actions.measure(by=SYSTEM, samples=_history(80), source="测试")
    Threshold.objects.update(catalogue="another")
    stamps.bump(queries.STAMP)
    assert not queries.understand(LAMP).sure_class


def test_only_system_administrators_measure() -> None:
    load_base()
    with pytest.raises(Forbidden):
        actions.measure(by=acting_for(make_user(role=Role.LEADER)), samples=[], source="")


def test_a_failure_is_no_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kw: object) -> None:
        raise RuntimeError("broken")

    load_base()
    monkeypatch.setattr(queries.judge, "rank", broken)
    monkeypatch.setattr(queries, "place_of", broken)
    assert queries.understand(LAMP, lng=113.0, lat=28.2) == queries.Meaning()
