"""Drafts, publishing, freezing, putting in force, copying, the crosswalk."""

from typing import Any

import pytest

from factories_orgs import acting_for, make_user
from factories_standards import load_base, make_catalogue, make_category, make_condition
from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.core.models import JournalEntry
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.standards import actions, queries
from lifang.standards.models import Catalogue, Category, Condition
from lifang.standards.rules import digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Acting:
    return acting_for(make_user(role=Role.SYSTEM_ADMIN))


def _draft(admin: Acting) -> Catalogue:
    made = actions.create_catalogue(by=admin, code="本市", version="2027", name="本市目录")
    major = actions.add_category(
        by=admin, catalogue_id=made.pk, kind="event", code="1", key="event-a", name="甲"
    )
    minor = actions.add_category(
        by=admin, catalogue_id=made.pk, parent_id=major.pk, kind="event", code="1", key="event-a.b",
        name="乙",
    )  # fmt: skip
    actions.add_condition(
        by=admin, category_id=minor.pk, text="有", limit="4", unit="work_hour", closing="无"
    )
    return made


def test_it_works(admin: Acting) -> None:
    made = _draft(admin)
    actions.publish(by=admin, catalogue_id=made.pk)
    actions.put_in_force(by=admin, catalogue_id=made.pk)
    found = queries.in_force()
    assert (found.id, found.keys["event-a.b"].code) == (made.pk, "0101")
    assert found.sha256 == digest(queries.document(made.pk))


def test_a_published_version_is_frozen(admin: Acting) -> None:
    made = _draft(admin)
    actions.publish(by=admin, catalogue_id=made.pk)
    minor = Category.objects.get(key="event-a.b")
    condition = Condition.objects.get()
    attempts: list[Any] = [
        lambda: actions.change_catalogue(
            by=admin, catalogue_id=made.pk, code="x", version="1", name="x"
        ),
        lambda: actions.delete_catalogue(by=admin, catalogue_id=made.pk),
        lambda: actions.publish(by=admin, catalogue_id=made.pk),
        lambda: actions.add_category(
            by=admin, catalogue_id=made.pk, kind="event", code="2", key="event-c", name="丙"
        ),
        lambda: actions.change_category(
            by=admin, category_id=minor.pk, kind="event", code="2", key="event-a.b", name="丙"
        ),
        lambda: actions.remove_category(by=admin, category_id=minor.pk),
        lambda: actions.change_condition(
            by=admin, condition_id=condition.pk, text="x", limit="1", unit="work_day", closing="y"
        ),
        lambda: actions.remove_condition(by=admin, condition_id=condition.pk),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "catalogue.frozen"


def test_a_version_with_faults_is_not_published(admin: Acting) -> None:
    made = _draft(admin)
    Condition.objects.all().delete()
    from lifang.core import stamps

    stamps.bump("standards")
    with pytest.raises(Invalid) as refusal:
        actions.publish(by=admin, catalogue_id=made.pk)
    assert [f.path for f in refusal.value.fields] == ["event-a.b"]


def test_a_draft_cannot_be_put_in_force(admin: Acting) -> None:
    made = _draft(admin)
    with pytest.raises(Conflict):
        actions.put_in_force(by=admin, catalogue_id=made.pk)


def test_only_one_version_is_in_force(admin: Acting) -> None:
    old = load_base()
    made = _draft(admin)
    actions.publish(by=admin, catalogue_id=made.pk)
    actions.put_in_force(by=admin, catalogue_id=made.pk)
    old.refresh_from_db()
    assert not old.in_force
    assert Catalogue.objects.filter(in_force=True).count() == 1


def test_a_copy_has_the_content_and_is_a_draft(admin: Acting) -> None:
    base = load_base()
    made = actions.create_catalogue(
        by=admin, code=base.code, version="2027", name="新版", copy_of=base.pk
    )
    assert made.status == "draft"
    old, new = queries.document(base.pk), queries.document(made.pk)
    assert old.categories == new.categories


def test_one_version_number_is_given_once(admin: Acting) -> None:
    _draft(admin)
    with pytest.raises(Conflict):
        _draft(admin)


def test_the_first_condition_becomes_the_default_and_its_heir_after_it(admin: Acting) -> None:
    made = make_catalogue(in_force=False)
    c = make_category(catalogue=made)
    first, second = (
        actions.add_condition(by=admin, category_id=c.pk, text=t, limit="1", unit="work_day", closing="好")
        for t in "甲乙"
    )  # fmt: skip
    assert (first.default, second.default) == (True, False)
    actions.remove_condition(by=admin, condition_id=first.pk)
    second.refresh_from_db()
    assert (second.number, second.default) == (1, True)


def test_a_new_major_code_goes_on_to_its_minors(admin: Acting) -> None:
    _draft(admin)
    major = Category.objects.get(key="event-a")
    actions.change_category(
        by=admin, category_id=major.pk, kind="event", code="7", key="event-a", name="甲"
    )
    assert Category.objects.get(key="event-a.b").code == "0701"


@pytest.mark.parametrize("role", [r for r in Role if r != Role.SYSTEM_ADMIN])
def test_only_system_administrators_edit(role: Role) -> None:
    by = acting_for(make_user(role=role))
    made = make_catalogue(in_force=False)
    with pytest.raises(Forbidden):
        actions.create_catalogue(by=by, code="x", version="1", name="x")
    with pytest.raises(Forbidden):
        actions.publish(by=by, catalogue_id=made.pk)


def test_every_change_is_in_the_journal(admin: Acting) -> None:
    made = _draft(admin)
    actions.publish(by=admin, catalogue_id=made.pk)
    verbs = list(
        JournalEntry.objects.filter(room="standards").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == ["create", "add_category", "add_category", "add_condition", "publish"]


def test_the_crosswalk_tells_what_becomes_of_each_class(admin: Acting) -> None:
    old = make_catalogue()
    for key in ("same", "moved", "gone", "lost"):
        c = make_category(catalogue=old, key=f"event-{key}", name=key)
        make_condition(category=c)
    new = actions.create_catalogue(by=admin, code="n", version="2", name="新", copy_of=old.pk)
    now = {c.key: c for c in Category.objects.filter(catalogue=new)}
    actions.change_condition(
        by=admin, condition_id=now["event-moved"].conditions.get().pk, text="情形1", limit="2",
        unit="work_day", closing="已恢复",
    )  # fmt: skip
    actions.remove_category(by=admin, category_id=now["event-lost"].pk)
    actions.change_category(
        by=admin, category_id=now["event-gone"].pk, kind="event",
        code=now["event-gone"].code, key="event-renamed", name="gone",
    )  # fmt: skip
    steps = {s.key or s.to: s for s in queries.steps(old.pk, new.pk, {"event-lost": 3})}
    assert steps["event-same"].change == "same"
    assert steps["event-moved"].differences == ("时限：4 工作时 → 2 工作日",)
    assert (steps["event-gone"].change, steps["event-gone"].to) == ("gone", "event-renamed")
    assert (steps["event-lost"].to, steps["event-lost"].cases) == ("", 3)
    assert steps["event-renamed"].change == "new"
