"""Single sign-on by OpenID Connect, against a provider that is played here. No self sign-up."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import include, path

from factories_orgs import make_user
from lifang.core.models import JournalEntry
from lifang.orgs.accounts import adapters
from lifang.orgs.accounts.urls import sso
from lifang.orgs.choices import Role

urlpatterns = [path("", include("lifang.urls")), path("", include(sso))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
AT = "https://sso.example"


class Answer:
    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    def json(self) -> dict[str, Any]:
        return self.body

    def raise_for_status(self) -> None:
        """Always fine."""


class Provider:
    """What a provider answers: its addresses, a token for a code, the claims of one person."""

    def __init__(self, claims: dict[str, Any]) -> None:
        self.claims = claims

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_exc: object) -> None:
        """Nothing is open."""

    def get(self, url: str, **_kw: Any) -> Answer:
        if url.endswith("/openid-configuration"):
            names = ("authorization", "token", "userinfo")
            return Answer({f"{n}_endpoint": f"{AT}/{n}" for n in names} | {"issuer": AT})
        return Answer(self.claims)

    def request(self, _method: str, _url: str, **_kw: Any) -> Answer:
        return Answer({"access_token": "t", "token_type": "Bearer", "expires_in": 60})


def sign_on(
    monkeypatch: pytest.MonkeyPatch, settings: Any, claims: dict[str, Any]
) -> tuple[Client, Any]:
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "统一身份认证",
                    "client_id": "lifang",
                    "secret": "s",
                    "settings": {"server_url": AT},
                }
            ]
        }
    }
    provider = Provider(claims)
    monkeypatch.setattr(adapters.SocialAdapter, "get_requests_session", lambda _self: provider)
    client = Client()
    gone = client.post("/login/sso/login/")
    assert gone.headers["Location"].startswith(f"{AT}/authorization")
    state = parse_qs(urlsplit(gone.headers["Location"]).query)["state"][0]
    return client, client.get("/login/sso/login/callback/", {"code": "c", "state": state})


def test_it_works(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    user = make_user(role=Role.ACCEPTOR, username="zhang")
    claims = {"sub": "1", "preferred_username": "zhang"}
    client, answer = sign_on(monkeypatch, settings, claims)
    assert answer.status_code == 302, answer.content.decode()
    assert client.get("/api/v1/me").json()["user"]["id"] == user.pk
    assert SocialAccount.objects.get(user=user).uid == "1"
    assert JournalEntry.objects.get(verb="sign_in").after == {"how": "socialaccount"}
    # the second time by the tie that was made, even if the name has changed since
    client, _answer = sign_on(monkeypatch, settings, claims | {"preferred_username": "zhang2"})
    assert client.get("/api/v1/me").json()["user"]["id"] == user.pk


def test_an_identity_without_an_account_is_told_so(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    claims = {"sub": "2", "preferred_username": "nobody"}
    client, answer = sign_on(monkeypatch, settings, claims)
    assert answer.status_code == 403 and "没有对应账号" in answer.content.decode()
    assert client.get("/api/v1/me").status_code == 401
    assert JournalEntry.objects.get(verb="sign_on_refused").after == {"username": "nobody"}


def test_a_deactivated_account_stays_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    user = make_user(username="li")
    claims = {"sub": "3", "preferred_username": "li"}
    sign_on(monkeypatch, settings, claims)
    user.is_active = False
    user.save()
    client, answer = sign_on(monkeypatch, settings, claims)
    assert answer.status_code == 403 and "停用" in answer.content.decode()
    assert client.get("/api/v1/me").status_code == 401
