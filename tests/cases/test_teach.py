"""What became of the machine's proposals reaches the room that learns from it."""

import pytest

from factories_cases import Town, make_town
from factories_standards import make_category, make_condition
from lifang.cases import actions
from lifang.cases.actions.teach import teach
from lifang.cases.models import Case
from lifang.understanding.learning.models import How, Sample

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
