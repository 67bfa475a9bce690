"""A unit chooses, hands in, takes back; the checks stand in the way of what does not fit."""

import datetime as dt

import pytest

from factories_materials import Office, make_office, pdf, photo, sheet, word
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.materials import actions, queries
from lifang.materials.models import Material, Revision, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def test_it_works(office: Office) -> None:
    filing = office.filing("II-3-12-2")
    made = actions.attach(by=office.clerk, filing_id=filing.pk, files=[word("市容管理说明")])
    assert (made.status, made.known) == ("draft", "upload")
    given = actions.submit(by=office.clerk, filing_id=filing.pk)
    assert given.status == "submitted"
    page = queries.filing(office.clerk, filing.pk)
    assert page["revisions"][0]["files"][0]["words"] == 6
    assert page["revisions"][0]["files"][0]["excerpt"] == "市容管理说明"
    assert page["may"]["withdraw"] and not page["may"]["attach"]
    verbs = JournalEntry.objects.filter(room="materials", subject_id=filing.pk)
    assert list(verbs.values_list("verb", flat=True)) == ["attach", "submit"]
    assert verbs.last().before == {"status": "draft", "grade": "", "revision_id": made.revision_id}


def test_revisions_are_numbered_and_nothing_is_lost(office: Office) -> None:
    filing = office.filing("II-3-12-2")
    for _k in range(3):
        actions.attach(by=office.clerk, filing_id=filing.pk, files=[word()])
    material = Material.objects.get()
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert material.last == 3
    assert queries.filing(office.clerk, filing.pk)["revisions"][0]["number"] == 3


def test_handed_in_at_once_and_taken_back(office: Office) -> None:
    filing = office.submitted()
    assert filing.status == "submitted"
    back = actions.withdraw(by=office.clerk, filing_id=filing.pk)
    assert back.status == "draft"
    again = actions.submit(by=office.clerk, filing_id=filing.pk)
    assert Submission.objects.filter(filing=again).count() == 2


def test_other_units_see_and_file_nothing(office: Office) -> None:
    filing = office.filing("II-3-12-2")
    for by in (office.stranger,):
        with pytest.raises(Missing):
            actions.attach(by=by, filing_id=filing.pk, files=[word()])
    for by in (office.first, office.leader):
        with pytest.raises(Forbidden):
            actions.attach(by=by, filing_id=filing.pk, files=[word()])
    assert list(queries.filings(office.stranger)) == []


def test_a_wrong_type_is_refused_with_what_to_do(office: Office) -> None:
    with pytest.raises(Invalid) as told:
        actions.attach(
            by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[sheet("表.xlsx")]
        )
    assert told.value.fields[0].path == "files[0]"
    assert "PDF 或 Word" in str(told.value.fields[0].message)
    assert not Material.objects.exists()


def test_too_many_words(office: Office) -> None:
    with pytest.raises(Invalid) as told:
        actions.attach(
            by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[word("字" * 101)]
        )
    assert "101 字" in str(told.value.message)


def test_too_few_and_too_many_files(office: Office) -> None:
    photos = office.filing("II-3-13")
    with pytest.raises(Invalid, match="至少要 2 个"):
        actions.attach(by=office.clerk, filing_id=photos.pk, files=[photo()])
    with pytest.raises(Invalid, match="最多 1 个"):
        report = office.filing("II-3-12-2")
        actions.attach(by=office.clerk, filing_id=report.pk, files=[word(), word()])


def test_a_document_needs_a_date_within_its_window(office: Office) -> None:
    plan = office.filing("II-3-12-1")
    with pytest.raises(Invalid, match="请填写材料日期"):
        actions.attach(by=office.clerk, filing_id=plan.pk, files=[pdf()])
    with pytest.raises(Invalid, match="不在 2025-12-31 至 2026-12-31"):
        actions.attach(
            by=office.clerk, filing_id=plan.pk, files=[pdf()], dated=dt.date(2025, 12, 30)
        )
    made = actions.attach(
        by=office.clerk, filing_id=plan.pk, files=[pdf()], dated=dt.date(2025, 12, 31)
    )
    assert made.status == "draft"


def test_a_span_that_ends_before_it_begins(office: Office) -> None:
    with pytest.raises(Invalid):
        actions.attach(
            by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[word()],
            effective_from=dt.date(2026, 2, 1), effective_to=dt.date(2026, 1, 1),
        )  # fmt: skip


def test_a_soft_check_warns_and_the_reviewer_sees_it(office: Office) -> None:
    photos = office.filing("II-3-13")
    small = [photo(size=(640, 480), name=f"{n}.jpg") for n in range(2)]
    filing = actions.attach(by=office.clerk, filing_id=photos.pk, files=small, hand_in=True)
    told = queries.filing(office.first, filing.pk)["checks"]
    assert {c["key"] for c in told if not c["ok"]} == {"resolution"}
    assert not any(c["hard"] for c in told if not c["ok"])


def test_one_material_fills_several_slots_and_both_say_so(office: Office) -> None:
    report = office.submitted()
    other = office.filing("II-3-12-1")
    with pytest.raises(Invalid, match="请填写材料日期"):
        actions.reuse(by=office.clerk, filing_id=other.pk, material_id=report.material_id)
    dated = actions.attach(
        by=office.clerk, filing_id=other.pk, files=[pdf()], dated=dt.date(2026, 3, 1), hand_in=True
    )
    actions.withdraw(by=office.clerk, filing_id=report.pk)
    again = actions.reuse(
        by=office.clerk, filing_id=report.pk, material_id=dated.material_id, hand_in=True
    )
    assert (again.status, again.known) == ("submitted", "reuse")
    assert [u["number"] for u in queries.filing(office.clerk, other.pk)["used_by"]] == ["II-3-12-2"]
    rows = queries.dress_materials(list(queries.library(office.clerk)))
    assert {r["id"]: r["used_by"] for r in rows}[dated.material_id] == 2
    assert len(queries.material(office.clerk, dated.material_id)["uses"]) == 2


def test_a_new_revision_for_one_slot_leaves_the_other_on_the_old(office: Office) -> None:
    plan, report = office.filing("II-3-12-1"), office.filing("II-3-12-2")
    first = actions.attach(
        by=office.clerk, filing_id=plan.pk, files=[pdf()], dated=dt.date(2026, 3, 1), hand_in=True
    )
    actions.reuse(by=office.clerk, filing_id=report.pk, material_id=first.material_id)
    actions.attach(by=office.clerk, filing_id=report.pk, files=[word()])
    assert office.filing("II-3-12-1").revision.number == 1
    assert office.filing("II-3-12-2").revision.number == 2


def test_other_peoples_materials_are_not_for_use(office: Office) -> None:
    given = make_office().submitted()
    with pytest.raises(Missing):
        actions.reuse(
            by=office.clerk, filing_id=office.filing("II-3-12-2").pk, material_id=given.material_id
        )


def test_the_same_bytes_brought_again_are_known_as_such(office: Office) -> None:
    file = word("同一份报告")
    actions.attach(by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[file])
    filing = office.filing("II-4")
    actions.assign(by=office.first, filing_id=filing.pk, unit_id=office.unit.pk)
    told = queries.check(office.clerk, filing.pk, [file], None)
    assert told["known"][0]["title"] == "市容管理：说明报告"
    again = actions.attach(by=office.clerk, filing_id=filing.pk, files=[file])
    assert again.known == "again"


def test_a_check_changes_nothing(office: Office) -> None:
    told = queries.check(office.clerk, office.filing("II-3-12-2").pk, [word("字" * 200)], None)
    assert not told["passed"]
    assert [c["key"] for c in told["checks"] if not c["ok"]] == ["words"]
    assert office.filing("II-3-12-2").status == "asked"


def test_steps_out_of_order_are_refused(office: Office) -> None:
    asked = office.filing("II-3-12-2")
    with pytest.raises(Conflict):
        actions.submit(by=office.clerk, filing_id=asked.pk)
    with pytest.raises(Conflict):
        actions.withdraw(by=office.clerk, filing_id=asked.pk)
    given = office.submitted()
    with pytest.raises(Conflict):
        actions.attach(by=office.clerk, filing_id=given.pk, files=[word()])
