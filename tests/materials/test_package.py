"""A zip with the official numbering and its index, in Word and Excel."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from factories_materials import Office, make_office, photo, word
from factories_orgs import client_for, make_user
from lifang.core.errors import Conflict, Forbidden, Missing
from lifang.core.files.store import incoming, key_of, store
from lifang.core.models import JournalEntry
from lifang.materials import actions, queries, recovery
from lifang.materials.actions.pack import safe
from lifang.materials.models import Package
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def test_it_works(office: Office, run_tasks: Callable[..., list[str]]) -> None:
    report = word("说明", name="报告: 终稿?.docx")
    actions.attach(
        by=office.clerk, filing_id=office.filing("II-3-12-2").pk, files=[report], hand_in=True
    )
    actions.attach(
        by=office.clerk, filing_id=office.filing("II-3-13").pk,
        files=[photo(name="路口.jpg"), photo(name="市场.jpg")], hand_in=True,
    )  # fmt: skip
    made = actions.order_package(by=office.first, round_id=office.round.pk)
    assert (made.status, made.total) == ("waiting", 3)
    assert "make_package" in run_tasks()
    package = queries.package(office.first, made.pk)
    assert (package.status, package.done) == ("ready", 3)
    with store().open(key_of(package.sha256, "package")) as stream:
        archive = zipfile.ZipFile(io.BytesIO(stream.read()))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "II-3-12 市容管理/II-3-12-2-01 报告 终稿.docx",
        "II-3-13 实景照片/II-3-13-01 路口.jpg",
        "II-3-13 实景照片/II-3-13-02 市场.jpg",
        "材料目录.docx",
        "材料目录.xlsx",
    ]
    with store().open(key_of(report.sha256)) as stream:
        assert archive.read(archive.namelist()[0]) == stream.read(), "bytes as they were handed in"
    index = docx.Document(io.BytesIO(archive.read("材料目录.docx")))
    rows = [[c.text for c in row.cells] for row in index.tables[0].rows]
    assert rows[0][:2] == ["编号", "材料"]
    assert rows[1][0] == "II-3-12-2" and rows[1][5] == archive.namelist()[0]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("材料目录.xlsx")))
    assert len(sheet.get_sheet_by_index(0).to_python()) == 4
    assert not [p for p in incoming().iterdir() if p.name.startswith("pack-")]


def test_it_downloads_in_a_stream_and_only_to_those_who_see_all(
    office: Office, run_tasks: Callable[..., list[str]]
) -> None:
    office.submitted()
    made = actions.order_package(by=office.first, round_id=office.round.pk)
    run_tasks()
    path = f"/api/v1/materials/packages/{made.pk}/download.zip"
    answer = client_for(make_user(role=Role.LEADER)).get(path)
    assert answer.streaming and answer["Content-Type"] == "application/zip"
    assert len(b"".join(answer.streaming_content)) == int(answer["Content-Length"])
    assert JournalEntry.objects.filter(verb="download_package", subject_id=made.pk).count() == 1
    assert client_for(make_user(role=Role.HANDLER)).get(path).status_code == 404


def test_asked_twice_is_made_once_and_run_twice_is_the_same(
    office: Office, run_tasks: Callable[..., list[str]]
) -> None:
    office.submitted()
    one = actions.order_package(by=office.first, round_id=office.round.pk)
    assert actions.order_package(by=office.second, round_id=office.round.pk) == one
    run_tasks()
    before = Package.objects.get().sha256
    actions.make_package(one.pk)
    assert Package.objects.get().sha256 == before


def test_a_unit_takes_away_its_own(office: Office, run_tasks: Callable[..., list[str]]) -> None:
    office.submitted()
    with pytest.raises(Forbidden):
        actions.order_package(by=office.clerk, round_id=office.round.pk)
    made = actions.order_package(by=office.clerk, round_id=office.round.pk, unit_id=office.unit.pk)
    run_tasks()
    assert queries.package(office.clerk, made.pk).status == "ready"
    with pytest.raises(Missing):
        queries.package(office.stranger, made.pk)


def test_nothing_to_pack(office: Office) -> None:
    with pytest.raises(Conflict):
        actions.order_package(by=office.first, round_id=office.round.pk)
    office.submitted()
    with pytest.raises(Conflict):
        actions.order_package(by=office.first, round_id=office.round.pk, accepted_only=True)


def test_a_lost_file_fails_the_package_and_says_so(office: Office) -> None:
    filing = office.submitted()
    made = actions.order_package(by=office.first, round_id=office.round.pk)
    file = filing.revision.files.get().file
    store().delete(key_of(file.sha256))
    with pytest.raises(FileNotFoundError):
        actions.make_package(made.pk)
    assert Package.objects.get().status == "failed"


def test_a_package_whose_task_was_lost_is_made_after_all(office: Office) -> None:
    from django_tasks_db.models import DBTaskResult

    office.submitted()
    actions.order_package(by=office.first, round_id=office.round.pk)
    Package.objects.update(asked_at=timezone.now() - dt.timedelta(hours=1))
    assert recovery.pack_again() == 0, "it still waits in the queue"
    DBTaskResult.objects.all().delete()
    assert recovery.pack_again() == 1


def test_after_a_week_it_is_gone(office: Office, run_tasks: Callable[..., list[str]]) -> None:
    office.submitted()
    made = actions.order_package(by=office.first, round_id=office.round.pk)
    run_tasks()
    sha256 = Package.objects.get(pk=made.pk).sha256
    assert actions.tidy_packages(timezone.now() + dt.timedelta(days=6)) == 0
    assert actions.tidy_packages(timezone.now() + dt.timedelta(days=8)) == 1
    assert not store().has(key_of(sha256, "package"))


def test_names_that_every_system_takes() -> None:
    assert safe('a/b:c*?"<>|.pdf') == "abc.pdf"
    assert safe("  . ") == "_"
    assert len(safe("方" * 300 + ".docx").encode()) < 200
    assert "/" not in safe("../../x.pdf") and "\\" not in safe("..\\x.pdf")
