"""Sign-in pages: password, lock-out, forced change, second factor, sessions. No script needed."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from factories_orgs import PASSWORD, client_for, make_user
from lifang.config import config
from lifang.core.models import JournalEntry
from lifang.orgs.accounts import lockout, sessions
from lifang.orgs.accounts.adapters import match
from lifang.orgs.choices import Role
from lifang.orgs.models import User, UserSession

pytestmark = pytest.mark.django_db


def sign_in(client: Client, user: User, password: str = PASSWORD, **extra: str):  # type: ignore[no-untyped-def]
    return client.post("/login", {"username": user.username, "password": password}, **extra)


def totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_it_works() -> None:
    user, client = make_user(role=Role.ACCEPTOR), Client()
    answer = client.post(
        "/login",
        {"username": user.username, "password": PASSWORD, "next": "/console/queue"},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == "/console/queue"
    assert client.get("/api/v1/me").json()["user"]["id"] == user.pk
    assert verbs() == ["sign_in"]


def test_the_answer_is_the_same_for_a_wrong_password_and_an_unknown_name() -> None:
    user = make_user()
    known = sign_in(Client(), user, "wrong")
    unknown = Client().post("/login", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 422
    text = "用户名或密码不正确"
    assert text in known.content.decode() and text in unknown.content.decode()
    assert verbs() == ["sign_in_failed", "sign_in_failed"]


def test_five_failures_lock_the_account_for_this_address_only() -> None:
    user, client = make_user(), Client()
    for _try in range(5):
        answer = sign_in(client, user, "wrong")
    assert answer.status_code == 429
    assert sign_in(client, user).status_code == 429
    assert verbs() == ["sign_in_failed"] * 4 + ["locked"]
    assert sign_in(Client(), user, REMOTE_ADDR="10.9.9.9").status_code == 302


def test_many_addresses_together_lock_the_account_itself() -> None:
    user = make_user()
    for n in range(lockout.ACCOUNT_LIMIT):
        sign_in(Client(), user, "wrong", REMOTE_ADDR=f"10.0.{n % 10}.{n // 10}")
    assert sign_in(Client(), user, REMOTE_ADDR="10.8.8.8").status_code == 429
    lockout.unlock(user.username)
    assert sign_in(Client(), user, REMOTE_ADDR="10.8.8.8").status_code == 302


def test_a_one_time_password_must_be_changed_first() -> None:
    user, client = make_user(role=Role.HANDLER, must_change_password=True), Client()
    answer = client.post("/login", {"username": user.username, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/password")
    weak = {"old": PASSWORD, "new": "aaaaaaaaaaa", "again": "aaaaaaaaaaa"}
    assert client.post("/account/password", weak).status_code == 422
    good = {"old": PASSWORD, "new": "Changed-it-2026", "again": "Changed-it-2026"}
    assert client.post("/account/password", good).status_code == 302
    assert client.get("/api/v1/units/tree").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password and user.check_password("Changed-it-2026")


def test_an_old_password_must_be_changed() -> None:
    long_ago = timezone.now() - timedelta(days=config().password_days + 1)
    user = make_user(role=Role.HANDLER, password_changed_at=long_ago)
    assert client_for(user).get("/api/v1/me").json()["must_change_password"] is True


def test_a_change_of_password_ends_other_sessions() -> None:
    user, here, there = make_user(), Client(), Client()
    sign_in(here, user)
    sign_in(there, user)
    here.post(
        "/account/password", {"old": PASSWORD, "new": "Changed-it-2026", "again": "Changed-it-2026"}
    )
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    assert UserSession.objects.count() == 1


def test_an_administrator_sets_up_the_second_factor_and_needs_it_from_then_on() -> None:
    user, client = make_user(role=Role.SECURITY_ADMIN), Client()
    answer = client.post("/login", {"username": user.username, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/mfa/on"
    secret = answer.context["form"].secret
    answer = client.post("/account/mfa/on", {"code": totp(secret)}, follow=True)
    assert answer.status_code == 200 and len(answer.context["unused_codes"]) == 10
    codes = answer.context["unused_codes"]
    assert client.get("/api/v1/units/tree").status_code == 200
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored

    again = Client()
    assert sign_in(again, user).headers["Location"].startswith("/login/code")
    assert again.get("/api/v1/me").status_code == 401
    assert again.post("/login/code", {"code": "000000"}).status_code == 200
    answer = again.post("/login/code", {"code": codes[0]}, follow=True)
    assert again.get("/api/v1/me").json()["mfa"] == {"required": True, "enabled": True}
    assert verbs() == ["sign_in", "mfa_on", "mfa_failed", "sign_in"]


def test_the_oldest_session_gives_way() -> None:
    user = make_user()
    clients = [Client() for _n in range(config().sessions_per_user + 1)]
    for client in clients:
        sign_in(client, user)
    answers = [c.get("/api/v1/me").status_code for c in clients]
    assert answers == [401] + [200] * config().sessions_per_user


def test_an_idle_session_ends() -> None:
    user, client = make_user(), Client()
    sign_in(client, user)
    session = client.session
    session[sessions.SEEN] -= config().session_idle_minutes * 60 + 1
    session.save()
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_has_a_longest_life() -> None:
    user, client = make_user(), Client()
    sign_in(client, user)
    session = client.session
    session[sessions.STARTED] -= config().session_hours * 3600 + 1
    session.save()
    assert client.get("/api/v1/me").status_code == 401


def test_a_person_sees_and_ends_own_sessions_only() -> None:
    user, other, here, there = make_user(), make_user(), Client(), Client()
    sign_in(here, user)
    sign_in(there, user)
    sign_in(foreign := Client(), other)
    assert here.get("/account").status_code == 200
    row = UserSession.objects.get(key=there.session.session_key)
    foreign.post(f"/account/sessions/{row.pk}/end")
    assert there.get("/api/v1/me").status_code == 200
    here.post(f"/account/sessions/{row.pk}/end")
    assert there.get("/api/v1/me").status_code == 401


def test_a_deactivated_person_is_out_at_once() -> None:
    user, client = make_user(), Client()
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/api/v1/me").status_code == 401
    assert sign_in(Client(), user).status_code == 422


def test_writing_with_a_cookie_needs_the_csrf_token() -> None:
    user, client = make_user(role=Role.ACCEPTOR), Client(enforce_csrf_checks=True)
    client.cookies = client_for(user).cookies
    answer = client.delete("/api/v1/sessions/1")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    token = client.get("/api/v1/me").json()["csrf_token"]
    answer = client.delete("/api/v1/sessions/1", headers={"X-CSRFToken": token})
    assert answer.status_code == 404


def test_pages_of_the_signed_in_are_not_stored() -> None:
    client = client_for(make_user())
    assert "no-store" in client.get("/account").headers["Cache-Control"]


def test_sign_out_needs_a_post_and_ends_the_session() -> None:
    user, client = make_user(), Client()
    sign_in(client, user)
    assert client.get("/logout").status_code == 405
    client.post("/logout")
    assert client.get("/api/v1/me").status_code == 401
    assert verbs() == ["sign_in", "sign_out"]


def test_nobody_is_sent_to_another_site() -> None:
    user = make_user()
    answer = Client().post(
        "/login",
        {"username": user.username, "password": PASSWORD, "next": "https://elsewhere.example/x"},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == "/console/"


def test_single_sign_on_finds_only_accounts_that_exist() -> None:
    user = make_user(username="zhang", email="zhang@city.example")
    assert match({"preferred_username": "zhang"}) == user
    assert match({"preferred_username": "li"}) is None
    assert match({"email": "ZHANG@city.example", "email_verified": True}) == user
    assert match({"email": "zhang@city.example"}) is None


def test_demo_accounts_are_listed_in_demo_mode_only() -> None:
    page = Client().get("/login").content.decode()
    assert "演示账号" not in page
