"""People, the three administrators kept apart, one-time passwords, who sees whom."""

import pytest
from django.test import Client

from factories_orgs import acting_for, client_for, make_unit, make_user
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.orgs import actions, queries
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import SEPARATED, Role
from lifang.orgs.models import Membership, User, UserSession

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_it_works() -> None:
    unit = make_unit()
    by = acting_for(make_user(role=Role.SYSTEM_ADMIN))
    user, password = actions.create_user(by=by, username="wang", name="王五", unit_id=unit.pk)
    assert user.must_change_password
    client = Client()
    answer = client.post("/login", {"username": "wang", "password": password}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/password")


def test_one_time_passwords_pass_our_own_rules_and_differ() -> None:
    from django.contrib.auth.password_validation import validate_password

    from lifang.orgs.accounts import passwords

    made = {passwords.one_time() for _n in range(200)}
    assert len(made) == 200
    for password in made:
        validate_password(password)


@pytest.mark.parametrize("held", sorted(SEPARATED))
@pytest.mark.parametrize("asked", sorted(SEPARATED))
def test_the_three_administrators_are_never_one_person(held: str, asked: str) -> None:
    user = make_user(role=held)
    other = make_unit()
    if held == asked:
        actions.grant_role(by=SYSTEM, user_id=user.pk, unit_id=other.pk, role=asked)
        return
    with pytest.raises(Invalid, match="兼任"):
        actions.grant_role(by=SYSTEM, user_id=user.pk, unit_id=other.pk, role=asked)


def test_only_the_security_administrator_grants_roles_and_never_to_oneself() -> None:
    unit = make_unit()
    security = make_user(role=Role.SECURITY_ADMIN, unit=unit)
    user = make_user(unit=unit)
    with pytest.raises(Forbidden):
        system = acting_for(make_user(role=Role.SYSTEM_ADMIN, unit=unit))
        actions.grant_role(by=system, user_id=user.pk, unit_id=unit.pk, role=Role.HANDLER)
    by = acting_for(security)
    actions.grant_role(by=by, user_id=user.pk, unit_id=unit.pk, role=Role.HANDLER)
    assert acting_for(user).has(Role.HANDLER)
    with pytest.raises(Conflict):
        actions.grant_role(by=by, user_id=user.pk, unit_id=unit.pk, role=Role.HANDLER)
    with pytest.raises(Forbidden):
        actions.grant_role(by=by, user_id=security.pk, unit_id=unit.pk, role=Role.LEADER)


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_the_last_administrator_stays(role: str) -> None:
    user = make_user(role=role)
    membership = Membership.objects.get(user=user)
    with pytest.raises(Forbidden, match="最后一位"):
        actions.revoke_role(by=SYSTEM, membership_id=membership.pk)
    with pytest.raises(Forbidden, match="最后一位"):
        actions.deactivate_user(by=SYSTEM, user_id=user.pk)
    make_user(role=role)
    actions.revoke_role(by=SYSTEM, membership_id=membership.pk)


def test_whoever_edits_people_cannot_become_one_who_grants_roles() -> None:
    unit = make_unit()
    system = acting_for(make_user(role=Role.SYSTEM_ADMIN, unit=unit))
    security = make_user(role=Role.SECURITY_ADMIN, unit=unit)
    with pytest.raises(Forbidden):
        actions.reset_password(by=system, user_id=security.pk)
    with pytest.raises(Forbidden):
        actions.reset_mfa(by=system, user_id=security.pk)
    person = make_user(unit=unit)
    _user, password = actions.reset_password(by=system, user_id=person.pk)
    person.refresh_from_db()
    assert person.must_change_password and person.check_password(password)


def test_a_deactivated_person_loses_every_session() -> None:
    unit = make_unit()
    user, client = make_user(unit=unit), Client()
    client.post("/login", {"username": user.username, "password": "good-Pass-2026"})
    assert UserSession.objects.filter(user=user).exists()
    actions.deactivate_user(by=SYSTEM, user_id=user.pk)
    assert not UserSession.objects.filter(user=user).exists()
    assert client.get("/api/v1/me").status_code == 401
    _user, password = actions.reactivate_user(by=SYSTEM, user_id=user.pk)
    assert User.objects.get(pk=user.pk).check_password(password)


def test_a_handler_sees_own_unit_a_dispatcher_everybody() -> None:
    top = make_unit()
    here, there = make_unit(parent=top), make_unit(parent=top)
    handler = make_user(role=Role.HANDLER, unit=here)
    colleague, stranger = make_user(unit=here), make_user(unit=there)
    seen = set(queries.users_visible_to(acting_for(handler)))
    assert seen == {handler, colleague}
    dispatcher = acting_for(make_user(role=Role.DISPATCHER, unit=top))
    assert stranger in set(queries.users_visible_to(dispatcher))
    with pytest.raises(Missing):
        queries.user(by=acting_for(handler), user_id=stranger.pk)


def test_the_list_costs_the_same_for_two_and_for_fifty(
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    unit = make_unit()
    client = client_for(make_user(role=Role.SYSTEM_ADMIN, unit=unit))
    for _n in range(50):
        make_user(role=Role.HANDLER, unit=unit)
    client.get("/api/v1/users")
    with django_assert_max_num_queries(5):
        body = client.get("/api/v1/users?limit=50").json()
    assert len(body["items"]) == 50 and body["next"]
    rest = client.get("/api/v1/users", {"cursor": body["next"]}).json()
    assert len(rest["items"]) == 1


def test_people_are_found_by_name_role_and_unit() -> None:
    top = make_unit()
    unit = make_unit(parent=top)
    client = client_for(make_user(role=Role.SYSTEM_ADMIN, unit=top))
    user = make_user(role=Role.CHECKER, unit=unit, name="赵核查")
    for query in ({"q": "核查"}, {"role": "checker"}, {"unit": unit.pk}):
        ids = [u["id"] for u in client.get("/api/v1/users", query).json()["items"]]
        assert ids == [user.pk], query


def test_a_taken_user_name_is_told_at_the_field() -> None:
    unit = make_unit()
    make_user(username="zhao")
    client = client_for(make_user(role=Role.SYSTEM_ADMIN, unit=make_unit()))
    data = {"username": "zhao", "name": "赵", "unit_id": unit.pk}
    answer = client.post("/api/v1/users", data, content_type=JSON)
    assert answer.status_code == 422 and answer.json()["fields"][0]["path"] == "username"


def test_the_journal_holds_no_password_and_no_telephone() -> None:
    by = acting_for(make_user(role=Role.SYSTEM_ADMIN))
    _user, password = actions.create_user(
        by=by, username="li", name="李四", unit_id=make_unit().pk, phone="13800000000"
    )
    kept = str(list(JournalEntry.objects.values()))
    assert password not in kept and "13800000000" not in kept


def test_people_over_a_place_are_those_whose_area_leads_to_it() -> None:
    city = make_user(role=Role.DUTY_CHIEF)
    street = make_user(role=Role.DUTY_CHIEF, area="990102001")
    make_user(role=Role.DUTY_CHIEF, area="990102002")
    found = queries.people_over("990102001003", Role.DUTY_CHIEF)
    assert found == sorted([city.pk, street.pk])


def test_posts_and_groups_over_the_api() -> None:
    unit = make_unit()
    client = client_for(make_user(role=Role.SYSTEM_ADMIN, unit=unit))
    holder = make_user(unit=unit)
    post = client.post(
        "/api/v1/posts",
        {"unit_id": unit.pk, "title": "路长", "holder_id": holder.pk},
        content_type=JSON,
    ).json()
    assert post["holder"]["id"] == holder.pk
    again = client.post("/api/v1/posts", {"unit_id": unit.pk, "title": "路长"}, content_type=JSON)
    assert again.status_code == 422
    assert client.delete(f"/api/v1/posts/{post['id']}").status_code == 204
    assert client.get("/api/v1/posts").json()["items"] == []
    data = {"name": "创文专班", "lead_unit_id": unit.pk, "user_ids": [holder.pk]}
    group = client.post("/api/v1/working-groups", data, content_type=JSON).json()
    assert group["people"][0]["id"] == holder.pk
    data["user_ids"] = [10**9]
    wrong = client.put(f"/api/v1/working-groups/{group['id']}", data, content_type=JSON)
    assert wrong.status_code == 422
