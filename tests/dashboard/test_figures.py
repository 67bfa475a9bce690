"""Every figure opens exactly its cases, says its formula and n, and stays within one's own scope."""

import datetime as dt
import random

import pytest
from django.test import Client

from dashboard.histories import category, closed, day, filed, load, unit
from dashboard.test_exactness import some_cases
from lifang.cases.counts import COUNTS
from lifang.cases.queries.filters import CaseFilter, filtered
from lifang.core.errors import Forbidden, Invalid
from lifang.dashboard import bulk, queries
from lifang.orgs import tree
from lifang.orgs.acting import SYSTEM, Acting, Grant

pytestmark = pytest.mark.django_db
NOW = day("2024-12-20", 15)


def asked(**more: object) -> queries.Asked:
    return queries.Asked.model_validate({"from": "2024-11-01", "to": "2024-12-31", **more})


def acting(role: str, *, area: str = "", units: tuple[int, ...] = ()) -> Acting:
    grant = Grant(role=role, unit_id=units[0] if units else 0, units=frozenset(units), area=area)
    return Acting(user_id=1, name="甲", grants=(grant,))


def opened(by: Acting, link: dict[str, str]) -> int:
    given = {k: [v] if k == "source" else v for k, v in link.items()}
    return filtered(by, CaseFilter.model_validate(given), now=NOW).count()


@pytest.fixture
def cases() -> list[int]:
    ids = some_cases(random.Random(3), 120)
    bulk.rebuild()
    tree.changed()
    return ids


@pytest.mark.parametrize(
    "more", [{}, {"area": "990102"}, {"category": "event"}, {"source": "hotline"}]
)
def test_every_count_opens_its_cases(cases: list[int], more: dict[str, str]) -> None:
    for by in (SYSTEM, acting("dispatcher", area="990102002")):
        found = queries.rates(by, asked(**more), now=NOW)
        for row in found["counts"]:
            assert opened(by, row["filter"]) == row["n"], row["key"]
        for rate in found["rates"]:
            for part in (*rate["numerator"], *rate["denominator"]):
                assert opened(by, part["filter"]) == part["n"]
            assert str(rate["name"]) in rate["formula"] and "÷" in rate["formula"]


@pytest.mark.parametrize(
    "dimension", ["unit", "area", "major", "category", "source", "day", "month"]
)
def test_rows_add_up_and_open_their_cases(cases: list[int], dimension: str) -> None:
    whole = queries.rates(SYSTEM, asked(), now=NOW)
    found = queries.breakdown(SYSTEM, asked(), dimension, now=NOW)
    for count in whole["counts"]:
        assert sum(r["counts"][count["key"]] for r in found["rows"]) == count["n"]
    for row in found["rows"]:
        if row["filter"]:
            for key in ("received", "due", "finished"):
                assert opened(SYSTEM, row["filter"] | {"count": key}) == row["counts"][key]


def test_a_unit_sees_the_cases_it_leads(cases: list[int]) -> None:
    own = unit("U1")
    by = acting("handler", units=(own.pk,))
    found = queries.rates(by, asked(**{"from": "2024-01-01"}), now=NOW)
    for row in found["counts"]:
        assert opened(by, row["filter"]) == row["n"]
    direct = filtered(
        SYSTEM, CaseFilter(lead=own.pk, count="due", count_from="2024-01-01"), now=NOW
    )
    due = next(r for r in found["counts"] if r["key"] == "due")
    assert due["n"] == direct.count() > 0


def test_administrators_see_no_figures(cases: list[int]) -> None:
    with pytest.raises(Forbidden):
        queries.rates(acting("system_admin"), asked(), now=NOW)


def test_unknown_count_and_turned_period() -> None:
    with pytest.raises(Invalid):
        opened(SYSTEM, {"count": "luck"})
    with pytest.raises(Invalid):
        queries.rates(SYSTEM, asked(**{"from": "2025-02-01"}), now=NOW)


def test_compared_with_the_period_before() -> None:
    lead = unit()
    kind = category("event-street.stall").pk
    load(
        [closed(day("2024-12-02"), day("2024-12-03"), lead, late=False, category_id=kind)] * 1
        + [closed(day("2024-11-02"), day("2024-11-03"), lead, late=True, category_id=kind)]
        + [filed(day("2024-11-02"), day("2024-11-04"), lead, category_id=kind)]
    )
    bulk.rebuild()
    found = queries.rates(SYSTEM, asked(**{"from": "2024-12-01"}), now=NOW)
    assert found["previous"] == {"from": dt.date(2024, 11, 1), "to": dt.date(2024, 11, 30)}
    rate = next(r for r in found["rates"] if r["key"] == "on_time_closing")
    assert (float(rate["value"]), float(rate["previous"]), float(rate["change"])) == (100, 0, 100)


def test_trend_shows_days_without_cases(cases: list[int]) -> None:
    rows = queries.trend(SYSTEM, asked(**{"from": "2024-12-01", "to": "2024-12-20"}), now=NOW)[
        "rows"
    ]
    assert [r["key"] for r in rows] == [f"2024-12-{n:02}" for n in range(1, 21)]


def test_board_names_nobody(cases: list[int]) -> None:
    board = queries.board(SYSTEM, now=NOW)
    assert board["standing"]["open"] == sum(s["n"] for s in board["standing"]["states"])
    for row in board["latest"]:
        assert not {"text", "summary", "address", "reporter_name"} & row.keys()


def test_figures_cost_few_statements(
    cases: list[int], django_assert_max_num_queries: object
) -> None:
    queries.formulas()
    with django_assert_max_num_queries(24):  # type: ignore[operator]  # pytest-django's fixture
        queries.rates(SYSTEM, asked(), now=NOW)


def test_needs_a_login(client: Client) -> None:
    for path in ("rates", "breakdown", "trend", "now", "board", "formulas"):
        assert client.get(f"/api/v1/stats/{path}").status_code == 401


def test_counts_have_distinct_bits() -> None:
    assert len({*COUNTS}) == len(COUNTS) <= 60
