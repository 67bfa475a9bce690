"""The route that shows what a crosswalk does to a round's scores."""

import pytest

from factories_assessment import example
from factories_orgs import client_for, make_user
from factories_rounds import make_edition, make_place, make_round, open_round
from lifang.orgs.choices import Role
from lifang.standards.editions import crosswalk, read
from lifang.standards.models import EditionCrosswalk

pytestmark = pytest.mark.django_db


def _walk() -> EditionCrosswalk:
    old, new = make_edition(), make_edition()
    edition = read(example("edition"))
    rows = [r.plain() for r in crosswalk.same(edition, edition)]
    return EditionCrosswalk.objects.create(old=old, new=new, rows=rows)


def test_it_works() -> None:
    walk = _walk()
    round = make_round(edition=walk.old)
    make_place(round, type="road")
    open_round(round)
    leader = client_for(make_user(role=Role.LEADER))
    at = f"/api/v1/edition-crosswalks/{walk.pk}/preview"
    found = leader.get(at, {"round": round.pk}).json()
    assert len(found["lines"]) == 15
    assert found["before"] == found["after"]
    assert found["rules"] == 0
    assert found["left"] == []


def test_a_round_of_another_edition_is_refused() -> None:
    walk = _walk()
    other = open_round(make_round())
    client = client_for(make_user(role=Role.EVALUATOR))
    answer = client.get(f"/api/v1/edition-crosswalks/{walk.pk}/preview", {"round": other.pk})
    assert answer.status_code == 409
