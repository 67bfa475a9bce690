"""What lifang holds becomes a document in one click."""

import datetime as dt
import io

import docx
import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from factories_cases import Town, make_town
from factories_materials import Office, make_office, photo, word
from lifang.cases.models import Case, Evidence
from lifang.core.errors import Forbidden, Invalid
from lifang.core.files.store import key_of, store
from lifang.materials import actions, queries
from lifang.materials.actions.propose import _document
from lifang.materials.models import Filing
from lifang.materials.proposals import SOURCES
from lifang.rounds.choices import StepKind
from lifang.rounds.models import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    today = timezone.localdate()
    return make_office(starts=today - dt.timedelta(days=30), ends=today + dt.timedelta(days=30))


def mended(office: Office, town: Town, **kw: object) -> Case:
    """A closed case of the office's unit with pictures before and after."""
    case = town.closed()
    Evidence.objects.filter(case=case).delete()
    now = timezone.now()
    for kind in ("before", "after"):
        Evidence.objects.create(case=case, file=photo(), kind=kind, at=now)
    Case.objects.filter(pk=case.pk).update(**{"lead_unit": office.unit} | kw)
    return case


def test_it_works(office: Office) -> None:
    town = make_town()
    case = mended(office, town)
    filing = office.filing("II-3-13")
    told = queries.offered(office.clerk, filing.pk)
    assert told["makes"] == "photos"
    offer = told["sources"][0]["offers"][0]
    assert offer["key"] == str(case.pk) and len(offer["thumbs"]) == 2
    made = actions.propose(
        by=office.clerk, filing_id=filing.pk, source="cases", keys=[offer["key"]], hand_in=True
    )
    assert (made.status, made.known) == ("submitted", "proposal")
    files = queries.filing(office.clerk, filing.pk)["revisions"][0]["files"]
    assert [f["name"] for f in files] == [f"{case.number} 处置前.jpg", f"{case.number} 处置后.jpg"]
    assert queries.burden(office.first, office.round.pk)["total"]["proposal"] == 1


def test_a_report_is_a_word_file_with_table_and_pictures(office: Office) -> None:
    case = mended(office, make_town())
    Filing.objects.filter(round=office.round, number="II-3-13").update(kind="report")
    filing = office.filing("II-3-13")
    offers = list(SOURCES["cases"].find(office.clerk, filing))
    assert [o.key for o in offers] == [str(case.pk)]
    row = _document(office.clerk, filing, SOURCES["cases"], offers, excel=False)
    with store().open(key_of(row.sha256)) as stream:
        book = docx.Document(io.BytesIO(stream.read()))
    assert book.tables[0].rows[1].cells[0].text == case.number
    assert len(book.inline_shapes) == 2


def test_what_does_not_fit_is_not_offered(office: Office) -> None:
    town = make_town()
    mended(office, town, closed_at=timezone.now() - dt.timedelta(days=31))
    mended(office, town, lead_unit=town.unit)
    mended(office, town, closed_as="abnormal")
    half = mended(office, town)
    Evidence.objects.filter(case=half, kind="before").delete()
    assert queries.offered(office.clerk, office.filing("II-3-13").pk)["sources"] == []
    mended(office, town)
    plan = queries.offered(office.clerk, office.filing("II-3-12-1").pk)
    assert plan["sources"] == [], "cases are of another indicator"


def test_steps_of_the_work_plan_become_a_workbook(office: Office) -> None:
    filing = office.filing("II-3-12-2")
    Filing.objects.filter(pk=filing.pk).update(kind="")
    step = Step.objects.create(
        round=office.round, unit=office.unit, kind=StepKind.PLAN, leaf="II-3-12",
        standard="每日巡查", measure="分片包干", done_on=timezone.localdate(), done_note="已完成",
    )  # fmt: skip
    Step.objects.create(
        round=office.round, unit=office.unit, kind=StepKind.PLAN, leaf="II-3-12", standard="未完成"
    )
    told = queries.offered(office.clerk, filing.pk)
    assert [o["title"] for o in told["sources"][0]["offers"]] == ["每日巡查"]
    made = actions.propose(
        by=office.clerk, filing_id=filing.pk, source="steps", keys=[str(step.pk)]
    )
    assert made.status == "draft" and made.revision is not None
    assert made.revision.source == {
        "kind": "steps",
        "keys": [str(step.pk)],
    }
    row = _document(
        office.clerk,
        filing,
        SOURCES["steps"],
        SOURCES["steps"].find(office.clerk, filing),
        excel=True,
    )
    with store().open(key_of(row.sha256)) as stream:
        book = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
    assert book.get_sheet_by_index(0).to_python()[1][0] == "每日巡查"


def test_nothing_chosen_and_nobody_else(office: Office) -> None:
    filing = office.filing("II-3-13")
    with pytest.raises(Invalid):
        actions.propose(by=office.clerk, filing_id=filing.pk, source="cases", keys=["1"])
    with pytest.raises(Invalid):
        actions.propose(by=office.clerk, filing_id=filing.pk, source="dreams", keys=["1"])
    with pytest.raises(Forbidden):
        actions.propose(by=office.first, filing_id=filing.pk, source="cases", keys=["1"])


def test_last_rounds_material_of_the_same_slot_is_offered(office: Office) -> None:
    old = make_office()
    Filing.objects.filter(round=old.round).update(unit=office.unit)
    given = actions.attach(
        by=office.clerk, filing_id=old.filing("II-3-12-2").pk, files=[word()], hand_in=True
    )
    told = queries.offered(office.clerk, office.filing("II-3-12-2").pk)
    assert [m["id"] for m in told["materials"]] == [given.material_id]
    assert queries.offered(office.clerk, office.filing("II-3-12-1").pk)["materials"] == []
