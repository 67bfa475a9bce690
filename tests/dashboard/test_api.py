"""Figures over HTTP: every route answers in its declared shape."""

import pytest

from factories_orgs import client_for, make_user
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "url",
    [
        "/stats/rates",
        "/stats/breakdown?by=unit",
        "/stats/trend",
        "/stats/now",
        "/stats/board",
        "/stats/formulas",
    ],
)
def test_it_works(url: str) -> None:
    answer = client_for(make_user(role=Role.LEADER)).get(f"/api/v1{url}")
    assert answer.status_code == 200, answer.content[:300]
    assert answer.json()
