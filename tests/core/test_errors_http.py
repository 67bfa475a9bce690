"""Every error of the API has the one shape, also those that no route answers."""

import pytest
from django.test import Client

from factories_orgs import client_for, make_user

pytestmark = pytest.mark.django_db


def test_it_works(client: Client) -> None:
    answer = client.get("/api/v1/cases/keine-zahl")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.json()["request_id"]


def test_our_own_mistake_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    from lifang.orgs import queries

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    client = client_for(make_user(role="leader"))
    client.raise_request_exception = False
    monkeypatch.setattr(queries, "me", breaks)
    answer = client.get("/api/v1/me")
    assert answer.status_code == 500
    assert answer.json()["code"] == "server_error"
    assert answer.json()["request_id"]
