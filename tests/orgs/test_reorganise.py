"""Reorganisations with a date: what was done under the old name keeps it, work finds its heir."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from factories_orgs import acting_for, client_for, make_unit, make_user
from lifang.core.errors import Conflict, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.orgs import actions, queries, rules
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken, Membership, Post, Unit, UnitChange

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    unit = make_unit(name="城市管理局")
    actions.rename_unit(
        by=SYSTEM,
        unit_id=unit.pk,
        name="城市管理和综合执法局",
        day=date(2026, 3, 1),
        document="编发〔2026〕1号",
    )
    assert queries.name_on(unit.pk, date(2026, 2, 28)) == "城市管理局"
    assert queries.name_on(unit.pk, date(2026, 3, 1)) == "城市管理和综合执法局"
    assert queries.names_on([unit.pk], date(2010, 1, 1)) == {unit.pk: "城市管理局"}
    assert queries.unit(unit.pk).changes[0].document == "编发〔2026〕1号"


def test_a_merge_takes_everything_along() -> None:
    target, source = make_unit(name="市政处"), make_unit(name="路灯处")
    below = make_unit(parent=source)
    person = make_user(role=Role.HANDLER, unit=source)
    both = make_user(role=Role.HANDLER, unit=source)
    Membership.objects.create(user=both, unit=target, role=Role.HANDLER)
    Post.objects.create(unit=source, title="值班员")
    Post.objects.create(unit=target, title="值班员")
    actions.merge_units(
        by=SYSTEM, target_id=target.pk, source_ids=[source.pk], day=date(2026, 1, 1)
    )
    source.refresh_from_db()
    below.refresh_from_db()
    person.refresh_from_db()
    assert not source.active and below.parent_id == target.pk and person.unit_id == target.pk
    assert acting_for(both).units(Role.HANDLER) == {target.pk, below.pk}
    assert Membership.objects.filter(user=both).count() == 1
    assert sorted(Post.objects.filter(unit=target).values_list("title", flat=True)) == [
        "值班员",
        "值班员（路灯处）",
    ]
    assert queries.successors(source.pk) == [target.pk]
    assert queries.name_on(source.pk, date(2026, 6, 1)) == "路灯处"


def test_heirs_are_found_over_several_reorganisations() -> None:
    a, b, c = make_unit(), make_unit(), make_unit()
    actions.merge_units(by=SYSTEM, target_id=b.pk, source_ids=[a.pk], day=date(2024, 1, 1))
    actions.split_unit(
        by=SYSTEM,
        unit_id=b.pk,
        keep=False,
        day=date(2025, 1, 1),
        parts=[actions.Part("B1", "一处", "department"), actions.Part("B2", "二处", "department")],
    )
    first, second = Unit.objects.get(code="B1"), Unit.objects.get(code="B2")
    actions.merge_units(by=SYSTEM, target_id=c.pk, source_ids=[second.pk], day=date(2026, 1, 1))
    assert queries.successors(a.pk) == sorted([first.pk, c.pk])


def test_a_split_gives_people_and_units_to_the_parts() -> None:
    unit = make_unit(name="综合处")
    goes, stays = make_user(role=Role.HANDLER, unit=unit), make_user(role=Role.HANDLER, unit=unit)
    below = make_unit(parent=unit)
    (new,) = actions.split_unit(
        by=SYSTEM,
        unit_id=unit.pk,
        day=date(2026, 1, 1),
        parts=[actions.Part("X1", "新处", "department", people=(goes.pk,), children=(below.pk,))],
    )
    goes.refresh_from_db()
    stays.refresh_from_db()
    below.refresh_from_db()
    unit.refresh_from_db()
    assert (goes.unit_id, stays.unit_id, below.parent_id) == (new.pk, unit.pk, new.pk)
    assert unit.active
    assert Membership.objects.get(user=goes).unit_id == new.pk


def test_a_unit_does_not_move_below_itself() -> None:
    top = make_unit()
    below = make_unit(parent=top)
    with pytest.raises(Invalid):
        actions.move_unit(by=SYSTEM, unit_id=top.pk, parent_id=below.pk)
    actions.move_unit(by=SYSTEM, unit_id=below.pk, parent_id=None)
    assert queries.unit(below.pk).path[0].id == below.pk


def test_a_parent_does_not_merge_into_its_child() -> None:
    top = make_unit()
    below = make_unit(parent=top)
    with pytest.raises(Invalid):
        actions.merge_units(by=SYSTEM, target_id=below.pk, source_ids=[top.pk])


def test_a_unit_with_people_is_not_closed() -> None:
    unit = make_unit()
    make_user(unit=unit)
    with pytest.raises(Conflict):
        actions.close_unit(by=SYSTEM, unit_id=unit.pk)


def test_a_refused_reorganisation_changes_nothing() -> None:
    target, source = make_unit(), make_unit()
    before = list(Unit.objects.values_list("id", "parent_id", "active"))
    with pytest.raises(Invalid):
        actions.merge_units(
            by=SYSTEM,
            target_id=target.pk,
            source_ids=[source.pk],
            day=timezone.localdate() + timedelta(days=1),
        )
    assert list(Unit.objects.values_list("id", "parent_id", "active")) == before
    assert not UnitChange.objects.exists() and not JournalEntry.objects.exists()


def test_an_administrator_of_a_branch_rules_over_the_branch_only() -> None:
    top = make_unit()
    branch, other = make_unit(parent=top), make_unit(parent=top)
    by = acting_for(make_user(role=Role.SYSTEM_ADMIN, unit=branch))
    actions.rename_unit(by=by, unit_id=branch.pk, name="新名称")
    with pytest.raises(Missing):
        actions.rename_unit(by=by, unit_id=other.pk, name="新名称")


def test_keys_of_a_merged_unit_go_along() -> None:
    target, source = make_unit(), make_unit()
    token, _secret = actions.create_token(
        by=SYSTEM, name="热线", unit_id=source.pk, role=Role.ACCEPTOR, scopes=["hotline:write"]
    )
    actions.merge_units(by=SYSTEM, target_id=target.pk, source_ids=[source.pk])
    assert ApiToken.objects.get(pk=token.pk).unit_id == target.pk


def test_over_the_api_the_history_is_told() -> None:
    unit = make_unit(name="旧名")
    client = client_for(make_user(role=Role.SYSTEM_ADMIN, unit=make_unit()))
    answer = client.put(
        f"/api/v1/units/{unit.pk}/rename",
        {"name": "新名", "date": "2026-02-01", "document": "通知"},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert [n["name"] for n in answer.json()["names"]] == ["新名", "旧名"]
    entry = JournalEntry.objects.get(verb="rename_unit")
    assert entry.before["name"] == "旧名" and entry.after["names"] == ["新名"]


parents = st.dictionaries(st.integers(1, 8), st.one_of(st.none(), st.integers(1, 8)), max_size=8)


@given(parents, st.integers(1, 8), st.one_of(st.none(), st.integers(1, 8)))
def test_no_allowed_move_makes_a_loop(
    tree: dict[int, int | None], unit: int, parent: int | None
) -> None:
    """From a tree without loops, every move that the rule allows leaves one without loops."""
    if any(rules.would_loop(u, p, tree) for u, p in tree.items()):
        return
    if rules.would_loop(unit, parent, tree):
        return
    after = tree | {unit: parent}
    assert not any(rules.would_loop(u, p, after) for u, p in after.items())
