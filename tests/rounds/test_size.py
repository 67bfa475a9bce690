"""A round as large as a real one: no page takes more than eight statements, nor long."""

import datetime as dt
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_orgs import acting_for, client_for, make_unit, make_user
from factories_places import make_region, make_site_type
from factories_rounds import make_edition
from lifang.orgs.choices import Role
from lifang.places.models import Site
from lifang.rounds import actions
from lifang.rounds.choices import RoundStatus, TaskStatus
from lifang.rounds.models import Letter, Round, Step, Task

pytestmark = pytest.mark.django_db
API = "/api/v1"
LEAVES, UNITS, SITES = 208, 98, 1200


@pytest.fixture
def city() -> dict[str, Any]:
    """208 indicators, 98 units, 1,200 places, each indicator a task of every unit: 20,384 tasks."""
    units = [make_unit(name=f"某某市某某区某某管理和综合行政执法局{n}") for n in range(UNITS)]
    types = [make_site_type(code=f"t{n}") for n in range(20)]
    region = make_region()
    Site.objects.bulk_create(
        Site(
            code=f"S{n:05}", name=f"点位{n}", type=types[n % 20], region=region, lng=113.0, lat=28.0
        )
        for n in range(SITES)
    )
    rule = {"kind": "linear_clamp"}
    document = {
        "format": "lifang.edition/1", "key": "large", "version": "1", "title": "大体系",
        "nodes": [{"code": "1", "title": "街面"}] + [
            {"code": f"L{n}", "parent": "1", "title": f"指标的名称{n}", "points": "1", "lead": f"r{n % 40}",
             "measures": [{"method": "field", "rule": rule}]} for n in range(LEAVES)
        ],
        "items": [{"code": f"i{n}", "feeds": {"*": [{"leaf": f"L{n}"}]}} for n in range(LEAVES)],
    }  # fmt: skip
    user = make_user(role=Role.EVALUATOR)
    by = acting_for(user)
    made = actions.create_round(
        by=by, key="large", title="大轮次", edition_id=make_edition(document).pk,
        starts=dt.date(2026, 1, 1), ends=dt.date(2026, 12, 31),
    )  # fmt: skip
    actions.set_roster(by=by, round_id=made.pk, roster={f"r{n}": units[n].pk for n in range(40)})
    actions.take_frame(by=by, round_id=made.pk)
    actions.draw(by=by, round_id=made.pk, draws={f"t{n}": 4 for n in range(20)})
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.OPEN)
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            round=made, leaf=f"L{n}", order=n, unit=u, part="lead" if k == 0 else "assist", share=0,
            status=TaskStatus.ISSUED, issued_at=now,
        )
        for n in range(LEAVES)
        for k, u in enumerate(units)
    )  # fmt: skip
    Step.objects.bulk_create(
        Step(round=made, unit=u, leaf=f"L{n}", standard="达到标准", person_name="王")
        for n in range(LEAVES)
        for u in units[:10]
    )
    return {"round": made.pk, "client": client_for(user), "unit": units[5]}


def ask(client: Client, path: str, **query: Any) -> tuple[int, float]:
    """Statements and seconds of a page asked for the second time (caches filled)."""
    client.get(API + path, query)
    with CaptureQueriesContext(connection) as log:
        begin = time.monotonic()
        answer = client.get(API + path, query)
        seconds = time.monotonic() - begin
    assert answer.status_code == 200, answer.content[:300]
    own = [q for q in log if not any(t in q["sql"] for t in ("django_session", "orgs_usersession"))]
    return len(own), seconds


def test_it_works(city: dict[str, Any]) -> None:
    r = city["round"]
    pages = {
        "/rounds": {},
        f"/rounds/{r}": {},
        f"/rounds/{r}/roster": {},
        f"/rounds/{r}/leaves": {},
        f"/rounds/{r}/strata": {},
        f"/rounds/{r}/places": {},
        f"/rounds/{r}/places/map": {},
        f"/rounds/{r}/draw": {},
        f"/rounds/{r}/units": {},
        f"/rounds/{r}/plans": {},
        f"/rounds/{r}/letters": {},
        "/round-tasks": {"round": r, "unit": city["unit"].pk, "q": "名称"},
        "/round-steps": {"round": r},
    }
    found = {path: ask(city["client"], path, **query) for path, query in pages.items()}
    assert {path: n for path, (n, _s) in found.items() if n > 8} == {}, found
    assert {path: s for path, (_n, s) in found.items() if s > 0.3} == {}, found


def test_a_page_of_a_handler_costs_no_more(city: dict[str, Any]) -> None:
    client = client_for(make_user(role=Role.HANDLER, unit=city["unit"]))
    r = city["round"]
    for path, query in (
        (f"/rounds/{r}", {}),
        ("/round-tasks", {"round": r, "mine": "true"}),
        ("/round-steps", {"round": r, "mine": "true"}),
    ):
        n, seconds = ask(client, path, **query)
        assert n <= 8, path
        assert seconds < 0.3, path
    assert not Letter.objects.exists()
