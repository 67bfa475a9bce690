"""What a round asks for becomes filings of the units that answer."""

import datetime as dt

import pytest

from factories_materials import lead, make_office
from factories_orgs import make_unit
from factories_rounds import make_round
from lifang.core.errors import Conflict, Forbidden, Missing
from lifang.core.models import JournalEntry
from lifang.materials import actions, rules
from lifang.materials.models import Filing
from lifang.rounds.choices import RoundStatus
from lifang.standards.edition_rows import edition

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    office = make_office()
    rows = list(Filing.objects.filter(round=office.round).order_by("order"))
    assert [f.number for f in rows] == ["II-3-12-1", "II-3-12-2", "II-3-13", "II-4"]
    assert [f.unit_id for f in rows] == [office.unit.pk] * 3 + [None]
    assert rows[0].title == "市容管理：工作方案"
    assert {f.due for f in rows} == {office.round.ends}
    assert JournalEntry.objects.filter(room="materials", verb="ask").count() == 1


def test_asked_twice_is_asked_once() -> None:
    office = make_office()
    told = actions.ask(by=office.first, round_id=office.round.pk)
    assert told == {"made": 0, "moved": 0, "without_unit": 1}
    assert JournalEntry.objects.filter(verb="ask").count() == 1


def test_the_task_list_goes_before_the_roster_and_moves_what_nobody_has_begun() -> None:
    office = make_office()
    other = make_unit()
    lead(office, "II-3-12", other, due=dt.date(2026, 5, 1))
    office.submitted("II-3-12-2")
    told = actions.ask(by=office.first, round_id=office.round.pk)
    assert told["moved"] == 1
    plan, report = office.filing("II-3-12-1"), office.filing("II-3-12-2")
    assert (plan.unit, plan.due) == (other, dt.date(2026, 5, 1))
    assert report.unit == office.unit, "what was handed in stays where it is"


def test_an_indicator_that_does_not_apply_asks_nothing() -> None:
    office = make_office()
    whole = edition(office.round.edition)
    assert len(rules.asked(whole, {})) == 4
    from dataclasses import replace

    node = replace(whole.nodes["II-4"], applies={"level": frozenset({"city"})})
    narrowed = replace(whole, nodes={**whole.nodes, "II-4": node})
    assert len(rules.asked(narrowed, {"level": "county"})) == 3
    assert len(rules.asked(narrowed, {"level": "city"})) == 4
    assert len(rules.asked(narrowed, {})) == 4


def test_only_the_office_asks_and_only_for_a_round_that_runs() -> None:
    office = make_office()
    for by in (office.clerk, office.leader):
        with pytest.raises(Forbidden):
            actions.ask(by=by, round_id=office.round.pk)
    with pytest.raises(Conflict):
        actions.ask(by=office.first, round_id=make_round().pk)
    with pytest.raises(Missing):
        actions.ask(by=office.first, round_id=10**9)


def test_assigning_gives_it_to_another_unit_and_drops_a_draft() -> None:
    from factories_materials import word

    office = make_office()
    filing = office.filing("II-3-12-2")
    actions.attach(by=office.clerk, filing_id=filing.pk, files=[word()])
    other = make_unit()
    moved = actions.assign(by=office.first, filing_id=filing.pk, unit_id=other.pk)
    assert (moved.status, moved.unit_id, moved.revision_id) == ("asked", other.pk, None)
    with pytest.raises(Forbidden):
        actions.assign(by=office.leader, filing_id=filing.pk, unit_id=other.pk)


def test_nothing_changes_when_the_round_is_closed() -> None:
    from factories_materials import word

    office = make_office()
    office.round.status = RoundStatus.CLOSED
    office.round.save()
    with pytest.raises(Conflict):
        actions.attach(by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[word()])
