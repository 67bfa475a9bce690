"""Who is signed in, and what it costs to know."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories_orgs import acting_for, client_for, make_unit, make_user
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    unit = make_unit(name="城管局")
    user = make_user(role=Role.HANDLER, unit=unit, name="张三")
    body = client_for(user).get("/api/v1/me").json()
    assert body["user"]["name"] == "张三"
    assert body["unit"] == {"id": unit.pk, "name": "城管局"}
    assert body["roles"] == ["handler"]
    assert body["csrf_token"]


def test_anonymous_is_refused_in_the_one_error_shape() -> None:
    answer = Client().get("/api/v1/me")
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "fields", "request_id"}


def test_three_statements_tell_who_acts() -> None:
    user = make_user(role=Role.ACCEPTOR, area="9901")
    client = client_for(user)
    client.get("/api/v1/me")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get("/api/v1/units/tree")
    assert len(seen) <= 3, [q["sql"] for q in seen]


def test_a_handler_acts_for_the_whole_subtree() -> None:
    top = make_unit()
    below = make_unit(parent=make_unit(parent=top))
    acting = acting_for(make_user(role=Role.HANDLER, unit=top))
    assert below.pk in acting.units(Role.HANDLER)


def test_before_the_first_change_of_password_nothing_else_works() -> None:
    client = client_for(make_user(role=Role.ACCEPTOR, must_change_password=True))
    assert client.get("/api/v1/me").json()["must_change_password"] is True
    answer = client.get("/api/v1/units/tree")
    assert (answer.status_code, answer.json()["code"]) == (403, "orgs.must_change_password")


def test_an_administrator_without_second_factor_is_sent_to_set_it_up() -> None:
    client = client_for(make_user(role=Role.SYSTEM_ADMIN), mfa=False)
    assert client.get("/api/v1/me").json()["mfa"] == {"required": True, "enabled": False}
    assert client.get("/api/v1/units/tree").json()["code"] == "orgs.mfa_required"


def test_the_citys_own_words_are_told() -> None:
    from lifang.cases.models import Setting
    from lifang.core import stamps

    client = client_for(make_user(role=Role.ACCEPTOR))
    assert client.get("/api/v1/me").json()["words"] == {}
    Setting.objects.update_or_create(defaults={"words": {"state.checking": "核实中"}})
    stamps.bump("cases.setting")
    assert client.get("/api/v1/me").json()["words"] == {"state.checking": "核实中"}
