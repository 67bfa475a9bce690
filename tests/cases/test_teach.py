"""What became of the machine's proposals reaches the room that learns from it."""

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings

from factories_cases import Town, make_town
from factories_standards import make_category, make_condition
from lifang.cases import actions
from lifang.cases.actions.teach import teach
from lifang.cases.models import Case
from lifang.core.clock import Clock
from lifang.orgs.acting import SYSTEM
from lifang.schedule import JOBS
from lifang.understanding import queries as understanding
from lifang.understanding.learning import actions as learning
from lifang.understanding.learning.models import How, LearntModel, Sample
from lifang.understanding.text import learn, scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def test_it_works(town: Town) -> None:
    case = town.filed(text="路灯不亮")
    town.report(text="还没有人看过")
    assert teach() == 1
    sample = Sample.objects.get()
    assert (sample.origin, sample.text) == (f"case:{case.pk}", case.text)
    assert sample.key == town.category.key and sample.how == How.DECIDED


def test_a_second_run_changes_nothing(town: Town) -> None:
    town.filed(text="路灯不亮")
    teach()
    before = list(Sample.objects.values())
    teach()
    assert list(Sample.objects.values()) == before


def test_a_correction_is_told_as_one(town: Town) -> None:
    other = make_category(catalogue=town.category.catalogue, key="event-x.other", name="其他事")
    condition = make_condition(category=other)
    case = town.filed(text="路灯不亮")
    Case.objects.filter(pk=case.pk).update(
        automatic=True,
        understanding={"category": {"key": town.category.key, "confidence": 0.97}},
    )
    teach()
    assert Sample.objects.get().how == How.ALONE
    actions.reclassify(
        by=town["dispatcher"], case_id=case.pk, category_id=other.pk, condition_id=condition.pk
    )
    teach()
    sample = Sample.objects.get()
    assert sample.how == How.CORRECTED and sample.key == "event-x.other"
    assert sample.proposed == town.category.key and not sample.right


def test_what_it_was_sure_of_and_a_person_decided_is_a_review(town: Town) -> None:
    case = town.filed(text="路灯不亮")
    meant = {"category": {"key": town.category.key, "confidence": 0.9}, "sure_class": True}
    Case.objects.filter(pk=case.pk).update(understanding=meant)
    teach()
    sample = Sample.objects.get()
    assert sample.held_back and sample.right and sample.confidence == 0.9


def test_pictures_without_words_teach_nothing(town: Town) -> None:
    case = town.filed(text="路灯不亮")
    Case.objects.filter(pk=case.pk).update(text="")
    assert teach() == 0


HUM = "铁皮盒子呜呜叫唤整宿，第{}天"
LAMPS = ("亮眼子瞎了", "夜路黢黑", "高脚灯不睁眼", "灯盏盏熄了火")


@pytest.fixture
def history(
    town: Town, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Town:
    """A town that decided 120 matters of two classes: lamps and what is said in many words."""
    pytest.importorskip("sklearn")
    monkeypatch.setattr(learn, "FOLDS", 3)  # quick: what is measured is not what is tested here
    monkeypatch.setattr(scores, "DRAWS", 50)
    settings.DATA_DIR = tmp_path
    other = make_category(catalogue=town.category.catalogue, key="event-x.other", name="其他事")
    make_condition(category=other)
    at = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)
    learning.remember(
        samples=[
            learning.Taught(
                origin=f"old:{i}",
                text=f"{i}号门口{LAMPS[i % 4]}" if i % 2 else f"咨询{i}号文件怎么办理，{i % 7}次没人答",
                key=town.category.key if i % 2 else other.key,
                how=How.DECIDED, proposed="", confidence=0.0, held_back=False, reported_at=at,
                changed_at=at,
            )
            for i in range(120)
        ]
    )  # fmt: skip
    assert learning.retrain(by=SYSTEM) is not None
    return town


def corrected(town: Town, n: int) -> Case:
    """A case that the machine filed by itself as the other matter, and a dispatcher mended."""
    case = town.filed(text=HUM.format(n))
    meant = {"category": {"key": "event-x.other", "confidence": 0.97}}
    Case.objects.filter(pk=case.pk).update(automatic=True, understanding=meant)
    return case


def test_a_correction_made_today_counts_tomorrow(
    history: Town, run_tasks: Callable[..., list[str]]
) -> None:
    """The clock trains in the night, and the training asks first what was decided since."""
    key = history.category.key
    [job] = [j for j in JOBS if j.task.endswith("learning.tasks.retrain")]
    clock = Clock(stop=threading.Event(), jobs=(job,))
    evening = dt.datetime(2026, 5, 20, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert clock.tick(now=evening) == []  # a job of the night does not run at the first start
    for n in range(8):
        corrected(history, n)
    before = understanding.understand(HUM.format(99))
    assert before.key != key or before.confidence < 0.6
    assert clock.tick(now=evening + dt.timedelta(hours=8)) == []  # 02:00
    assert clock.tick(now=evening + dt.timedelta(hours=8, minutes=11)) == [job.name]
    assert "retrain" in run_tasks()
    assert Sample.objects.filter(how=How.CORRECTED, key=key).count() == 8
    assert LearntModel.objects.count() == 2
    found = understanding.understand(HUM.format(99)).proposals[0]
    assert found.key == key and found.confidence > 0.6
    # once a night
    assert clock.tick(now=evening + dt.timedelta(hours=9)) == []


def test_a_room_that_cannot_tell_does_not_stop_the_training(
    history: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise ValueError("no")

    monkeypatch.setattr(learning, "_TELLERS", [broken])
    assert learning.retrain(by=SYSTEM) is not None
