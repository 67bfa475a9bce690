"""From one catalogue version to the next: what becomes of the open cases."""

import pytest

from factories_cases import make_town
from factories_orgs import client_for
from lifang.cases import actions
from lifang.cases.choices import Verb
from lifang.cases.queries.lists import open_by_key
from lifang.core import stamps
from lifang.core.errors import Forbidden, Invalid
from lifang.orgs.acting import SYSTEM
from lifang.orgs.models import User
from lifang.standards import actions as standards
from lifang.standards.models import Catalogue, Category, Condition
from lifang.standards.queries import STAMP

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def next_version(town, *, drop=False):
    """The town's catalogue copied and put in force; ``drop``: its class renamed away."""
    old = town.category.catalogue_id
    new = standards.create_catalogue(
        by=SYSTEM, code="next", name="目录", version="2027", copy_of=old
    )
    if drop:
        Category.objects.filter(catalogue=new).update(key="event-street.other", name="别的事")
    Catalogue.objects.filter(pk=old).update(in_force=False)
    Catalogue.objects.filter(pk=new.pk).update(in_force=True)
    stamps.bump(STAMP)
    return old, new.pk


def test_it_works(town):
    filed, sent = town.filed(), town.dispatched(lat=28.01)
    closed = town.closed(lat=28.015)
    old, new = next_version(town)
    assert open_by_key(old) == {town.category.key: 2}
    done = actions.change_over(by=town["duty_chief"], old=old, new=new, keys={})
    assert (done.moved, done.kept, done.left) == (1, 1, 0)
    for case in (filed, sent, closed):
        case.refresh_from_db()
    assert filed.category.catalogue_id == new and filed.condition.category_id == filed.category_id
    assert sent.category.catalogue_id == old and closed.category.catalogue_id == old
    step = filed.steps.get(verb=Verb.RECLASSIFY)
    assert step.detail["crosswalk"] and step.detail["was"] == {"category": town.category.pk}
    # what was moved can be dispatched as before
    assert actions.dispatch(by=town["dispatcher"], case_id=filed.pk).lead_unit_id == town.unit.pk


def test_twice_moves_once(town):
    town.filed()
    old, new = next_version(town)
    actions.change_over(by=town["duty_chief"], old=old, new=new, keys={})
    assert actions.change_over(by=town["duty_chief"], old=old, new=new, keys={}).moved == 0


def test_a_class_without_successor_is_left_to_a_person_or_to_the_key_given(town):
    case = town.filed()
    Condition.objects.filter(pk=town.condition.pk).update(text="旧情形")
    old, new = next_version(town, drop=True)
    chief = town["duty_chief"]
    steps = {s["key"]: s for s in client_for(User.objects.get(pk=chief.user_id)).get(
        "/api/v1/cases/crosswalk", {"old": old, "new": new}
    ).json()}  # fmt: skip
    assert steps[town.category.key]["cases"] == 1
    with pytest.raises(Invalid, match="没有类别：nix"):
        actions.change_over(by=chief, old=old, new=new, keys={town.category.key: "nix"})
    given = {town.category.key: "event-street.other"}
    assert actions.change_over(by=chief, old=old, new=new, keys=given).moved == 1
    case.refresh_from_db()
    assert case.category.key == "event-street.other"


def test_only_into_the_version_in_force_and_not_by_everybody(town):
    old, _new = next_version(town)
    with pytest.raises(Invalid, match="启用"):
        actions.change_over(by=town["duty_chief"], old=old, new=old, keys={})
    with pytest.raises(Forbidden):
        actions.change_over(by=town["acceptor"], old=old, new=old, keys={})
