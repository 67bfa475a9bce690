"""The sums equal the direct count at any moment, whatever has been sealed, read and folded."""

import datetime as dt
import random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard.histories import HOUR, case, category, closed, day, filed, load, unit
from lifang.cases.counts import Scope
from lifang.cases.models import Case, Rating, Report
from lifang.core import journal, readers
from lifang.dashboard import bulk, facts
from lifang.dashboard import tasks as tasks  # registers the reader
from lifang.dashboard.tally import DIMENSIONS, FEW, Where, direct, tally
from lifang.orgs.acting import SYSTEM

NOW = day("2024-12-20", 15)


def some_cases(luck: random.Random, n: int) -> list[int]:
    units = [unit(f"U{i}") for i in range(3)]
    kinds = [category(k).pk for k in ("event-street.stall", "component-public.lamp")]
    rows = []
    for _ in range(n):
        at = day("2023-10-05") + luck.random() * dt.timedelta(days=440)
        due = at + luck.random() * dt.timedelta(days=20)
        lead = luck.choice(units)
        more = {
            "area": luck.choice(["990102001", "990102002003", "990103001", ""]),
            "category_id": luck.choice([*kinds, None]),
            "source": luck.choice(["citizen", "hotline", "collector"]),
        }
        rows.append(
            luck.choice(
                [
                    case(reported_at=at, **more),
                    filed(at, due, lead, **more),
                    closed(at, due, lead, late=luck.random() < 0.3, **more),
                ]
            )
        )
    return load(rows)


@transaction.atomic
def change(luck: random.Random, case_id: int) -> None:
    """Something happens to a case, and the journal says so."""
    one = Case.objects.get(id=case_id)
    what = luck.randrange(6)
    if what == 0:
        one.state, one.closed_at = "closed", NOW - luck.random() * 50 * HOUR
    elif what == 1:
        one.lead_unit_id = unit(f"U{luck.randrange(3)}").pk
    elif what == 2:
        one.due_at = NOW + (luck.random() - 0.5) * 100 * HOUR
        one.dispatched_at = one.dispatched_at or NOW - 100 * HOUR
    elif what == 3:
        one.state, one.exempt = luck.choice(["merged", "hanging", "void"]), luck.random() < 0.5
    elif what == 4:
        one.area, one.category_id = "990102009", category("event-street.drying").pk
    else:
        report = Report.objects.create(
            case=one, origin=one, client_id=f"{luck.random()}", source="citizen", text="",
            follow_code="", at=NOW,
        )  # fmt: skip
        Rating.objects.create(
            case=one, report=report, at=NOW, solved=luck.random() < 0.7,
            stars=luck.randint(1, 5), contacted=True,
        )  # fmt: skip
    one.save()
    journal.write(by=SYSTEM, room="cases", verb="note", subject=one)


def agree(where: Where, *dimensions: str | None) -> None:
    for by in dimensions or (None, *DIMENSIONS):
        quick = {k: +c for k, c in tally(where, now=NOW, by=by).items() if +c}
        plain = {k: +c for k, c in direct(where, now=NOW, by=by).items() if +c}
        assert quick == plain, by


WHERES = [
    Where(dt.date(2023, 1, 1), dt.date(2025, 1, 1)),
    Where(dt.date(2023, 11, 7), dt.date(2024, 12, 20)),
    Where(dt.date(2024, 12, 1), dt.date(2024, 12, 21), area="990102"),
    Where(dt.date(2023, 10, 1), dt.date(2025, 2, 1), category="event", source="citizen"),
    Where(dt.date(2023, 10, 1), dt.date(2025, 2, 1), scope=Scope(("990103",), frozenset())),
    Where(dt.date(2024, 6, 1), dt.date(2024, 7, 1), category="component-public.lamp"),
]


class Exactness(TestCase):
    # the rules are the same on both engines; building their SQL takes the time
    @settings(
        max_examples=8 if connection.vendor == "sqlite" else 3,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(
        seed=st.integers(0, 2**32),
        moves=st.lists(
            st.sampled_from(["change", "change", "new", "seal", "read", "fold"]),
            min_size=4,
            max_size=14,
        ),
        where=st.sampled_from(WHERES),
    )
    def test_at_any_moment(self, seed: int, moves: list[str], where: Where) -> None:
        luck = random.Random(seed)
        ids = some_cases(luck, 25)
        bulk.rebuild()
        for move in moves:
            if move == "change":
                change(luck, luck.choice(ids))
            elif move == "new":
                with transaction.atomic():
                    [new] = some_cases(luck, 1)
                    one = Case.objects.get(id=new)
                    journal.write(by=SYSTEM, room="cases", verb="report", subject=one)
                ids.append(new)
            elif move == "seal":
                journal.seal(limit=luck.randint(1, 5))
            elif move == "read":
                readers.run_reader(facts.READER, limit=luck.randint(1, 5), now=NOW)
            else:
                facts.fold(limit=luck.randint(1, 4))
            agree(where, luck.choice([None, *DIMENSIONS]))
        agree(where)


@pytest.mark.django_db
def test_rebuilt_is_folded() -> None:
    """Set-based building and folding one by one come to the same rows."""
    ids = some_cases(random.Random(5), 60)
    facts.mark(ids)
    facts.fold_all()
    one_by_one = _all_facts()
    bulk.rebuild()
    assert _all_facts() == one_by_one


def _all_facts() -> list[tuple[object, ...]]:
    from lifang.dashboard.models import CaseFact, Fact

    names = [f.attname for f in Fact._meta.concrete_fields if f.attname != "id"]
    sums = Fact.objects.order_by("grain", "cohort", "day", "unit", "area", "major", "source")
    return [
        *sums.values_list(*names),
        *CaseFact.objects.order_by("case_id").values_list(),
    ]


@pytest.mark.django_db
def test_too_much_unfolded_is_counted_directly() -> None:
    ids = some_cases(random.Random(6), 30)
    facts.mark(range(10**6, 10**6 + FEW + 1))
    assert facts.unfolded(FEW) is None
    agree(WHERES[0])
    assert len(ids) == 30
