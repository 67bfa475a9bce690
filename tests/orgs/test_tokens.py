"""Machines' keys: shown once, hashed, bound to a unit, a role and scopes, with an end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from factories_orgs import client_for, make_unit, make_user
from lifang.core.errors import Invalid
from lifang.orgs import actions
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken, Unit

pytestmark = pytest.mark.django_db
JSON = "application/json"


def key(scopes: list[str] | None = None, **kw: object) -> tuple[ApiToken, Client]:
    values = {
        "name": "热线平台",
        "unit_id": make_unit().pk,
        "role": Role.ACCEPTOR,
        "scopes": scopes or ["units:read"],
    } | kw
    token, secret = actions.create_token(by=SYSTEM, **values)  # type: ignore[arg-type]
    return token, Client(headers={"Authorization": f"Bearer {secret}"})


def test_it_works() -> None:
    unit = make_unit()
    client = client_for(make_user(role=Role.SECURITY_ADMIN))
    data = {"name": "热线", "unit_id": unit.pk, "role": "acceptor", "scopes": ["units:read"]}
    made = client.post("/api/v1/tokens", data, content_type=JSON).json()
    machine = Client(headers={"Authorization": f"Bearer {made['secret']}"})
    assert machine.get("/api/v1/units/tree").status_code == 200
    assert made["secret"] not in str(list(ApiToken.objects.values()))
    assert "secret" not in client.get("/api/v1/tokens").json()["items"][0]


def test_beyond_its_scopes_a_key_opens_nothing() -> None:
    _token, machine = key(["units:read"])
    assert machine.get("/api/v1/units").status_code == 200
    assert machine.get("/api/v1/users").json()["code"] == "orgs.scope"
    assert machine.post("/api/v1/units", {}, content_type=JSON).status_code == 403


def test_a_key_is_nobody() -> None:
    _token, machine = key(["*:read"])
    assert machine.get("/api/v1/me").json()["code"] == "orgs.person_only"
    assert machine.get("/api/v1/sessions").status_code == 403


@pytest.mark.parametrize("how", ["expired", "revoked", "unit closed", "unknown", "not bearer"])
def test_a_key_that_ended_is_refused(how: str) -> None:
    token, machine = key()
    if how == "expired":
        past = timezone.now() - timedelta(seconds=1)
        ApiToken.objects.filter(pk=token.pk).update(expires_at=past)
    elif how == "revoked":
        actions.revoke_token(by=SYSTEM, token_id=token.pk)
    elif how == "unit closed":
        Unit.objects.filter(pk=token.unit_id).update(active=False)
    elif how == "unknown":
        machine = Client(headers={"Authorization": "Bearer lf_wrong"})
    else:
        machine = Client(headers={"Authorization": "Basic abc"})
    answer = machine.get("/api/v1/units/tree")
    assert (answer.status_code, answer.json()["code"]) == (401, "orgs.bad_token")


def test_a_key_never_has_an_administrators_role() -> None:
    with pytest.raises(Invalid):
        key(role=Role.SYSTEM_ADMIN)


def test_a_key_needs_known_scopes() -> None:
    with pytest.raises(Invalid):
        key(["moon:write"])
