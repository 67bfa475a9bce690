"""Wall and burden, and that 40,000 materials are no burden to the pages."""

import datetime as dt
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_materials import Office, make_office, photo, word
from factories_orgs import client_for, make_unit, make_user
from factories_rounds import make_round, open_round
from lifang.core.models import StoredFile
from lifang.materials import actions, queries
from lifang.materials.choices import FilingStatus, Known
from lifang.materials.models import (
    Filing,
    Material,
    Review,
    Revision,
    RevisionFile,
    Submission,
)
from lifang.orgs.choices import Role
from lifang.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office(starts=dt.date(2025, 1, 1), ends=dt.date(2025, 12, 31))


def test_it_works(office: Office) -> None:
    office.submitted()
    wall = queries.wall(office.leader, office.round.pk)
    unit, nobody = wall["units"]
    assert (unit["unit"], unit["total"], unit["given"], unit["late"]) == (office.unit.name, 3, 1, 2)
    assert unit["counts"]["submitted"] == 1 and nobody["unit"] == "尚未落实单位"
    assert queries.wall(office.stranger, office.round.pk)["units"] == []
    assert [u["unit"] for u in queries.wall(office.clerk, office.round.pk)["units"]] == [
        office.unit.name
    ]


def test_the_burden_tells_what_was_known_already(office: Office) -> None:
    file = word()
    report = office.filing("II-3-12-2")
    actions.attach(by=office.clerk, filing_id=report.pk, files=[file], hand_in=True)
    actions.assign(by=office.first, filing_id=office.filing("II-4").pk, unit_id=office.unit.pk)
    actions.attach(by=office.clerk, filing_id=office.filing("II-4").pk, files=[file], hand_in=True)
    actions.attach(
        by=office.clerk,
        filing_id=office.filing("II-3-13").pk,
        files=[photo(), photo()],
        hand_in=True,
    )
    told = queries.burden(office.leader, office.round.pk)
    total = told["total"]
    assert (total["asked"], total["given"], total["upload"], total["again"]) == (4, 3, 2, 1)
    assert (total["files"], total["known_share"]) == (4, 0.3333)
    assert [x["key"] for x in told["leaves"]] == ["II-3-12", "II-3-13", "II-4"]
    assert told["leaves"][2]["known_share"] == 1.0
    empty = queries.burden(office.leader, make_round().pk)
    assert empty["total"]["known_share"] is None, "nothing given is no data, not 0"


def test_exports_open_in_excel(office: Office) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    office.submitted()
    client = client_for(make_user(role=Role.EVALUATOR))
    base = f"/api/v1/materials/rounds/{office.round.pk}"
    for path, sheets in (
        (f"{base}/wall.xlsx", 2),
        (f"{base}/burden.xlsx", 3),
        (f"/api/v1/materials/filings/export.xlsx?round_id={office.round.pk}&status=submitted", 2),
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert len(load_workbook(BytesIO(answer.content)).sheetnames) == sheets


# ---------------------------------------------------------------- 208 standards, 98 units, 3 years


def bulk(office: Office, n: int = 40_000) -> tuple[Any, list[Any]]:
    """``n`` materials of 98 units over three rounds, a filing each, two thirds of them judged."""
    now = timezone.now()
    units = [make_unit() for _k in range(98)]
    later = [open_round(make_round(edition=office.round.edition)) for _k in range(2)]
    rounds = [office.round, *later]
    user = User.objects.order_by("pk")[0]
    file = StoredFile.objects.create(
        sha256="f" * 64, kind="document", content_type="application/pdf", name="a.pdf", size=1
    )
    Material.objects.bulk_create(
        (
            Material(unit=units[k % 98], title=f"材料 {k}", made_at=now, last=1, made_by=user)
            for k in range(n)
        ),
        batch_size=5000,
    )
    ids = list(Material.objects.order_by("pk").values_list("pk", flat=True))[-n:]
    Revision.objects.bulk_create(
        (
            Revision(material_id=pk, number=1, files_count=1, sha256="a" * 64, made_at=now)
            for pk in ids
        ),
        batch_size=5000,
    )
    revisions = list(Revision.objects.order_by("pk").values_list("pk", flat=True))[-n:]
    RevisionFile.objects.bulk_create(
        (RevisionFile(revision_id=pk, order=1, file=file, name="a.pdf") for pk in revisions),
        batch_size=5000,
    )
    status, known = list(FilingStatus.values), list(Known.values)
    Filing.objects.bulk_create(
        (
            Filing(
                round=rounds[k % 3], leaf=f"II-{k % 208}", measure="document", slot=f"s{k}",
                number=f"II-{k % 208}-{k}", title=f"材料要求 {k}", order=k, unit=units[k % 98],
                status=status[k % 6], known=known[k % 4], revision_id=revisions[k],
                material_id=ids[k], submitted_at=now, submitted_by=user, updated_at=now,
                due=dt.date(2025, 6, 1), grade="A",
            )
            for k in range(n)
        ),
        batch_size=5000,
    )  # fmt: skip
    filings = list(Filing.objects.order_by("pk").values_list("pk", flat=True))[-n:]
    Submission.objects.bulk_create(
        (
            Submission(filing_id=f, number=1, revision_id=r, known="upload", at=now, by=user)
            for f, r in zip(filings, revisions, strict=True)
        ),
        batch_size=5000,
    )
    Review.objects.bulk_create(
        (
            Review(filing_id=f, level=1, grade="A", at=now, reviewer=user)
            for f in filings[: n * 2 // 3]
        ),
        batch_size=5000,
    )
    return units, filings


@pytest.mark.slow
def test_40_000_materials_any_page_within_8_statements_and_300_ms(office: Office) -> None:
    units, filings = bulk(office)
    if connection.vendor == "sqlite":
        connection.cursor().execute("ANALYZE")
    evaluator = client_for(make_user(role=Role.EVALUATOR))
    clerk = client_for(make_user(role=Role.HANDLER, unit=units[0]))
    base, round_ = "/api/v1/materials", office.round.pk
    pages = [
        (evaluator, f"{base}/filings?round_id={round_}"),
        (evaluator, f"{base}/filings?round_id={round_}&status=returned&late=true"),
        (evaluator, f"{base}/filings?q=要求 39999"),
        (evaluator, f"{base}/filings?unit={units[5].pk}"),
        (evaluator, f"{base}/filings?level=1"),
        (evaluator, f"{base}/filings?level=2"),
        (evaluator, f"{base}/filings/{filings[7]}"),
        (evaluator, f"{base}/filings/{filings[7]}/offers"),
        (evaluator, f"{base}/library?q=材料 39"),
        (evaluator, f"{base}/rounds"),
        (evaluator, f"{base}/rounds/{round_}/wall"),
        (evaluator, f"{base}/rounds/{round_}/burden"),
        (evaluator, f"{base}/rounds/{round_}/packages"),
        (clerk, f"{base}/filings"),
        (clerk, f"{base}/library"),
        (clerk, f"{base}/filings/{filings[0]}"),
        (clerk, f"{base}/rounds/{round_}/wall"),
    ]
    slow = []
    for client, path in pages:
        client.get(path)  # editions and units are read once a process
        with CaptureQueriesContext(connection) as seen:
            begin = time.process_time()
            answer = client.get(path)
            took = (time.process_time() - begin) * 1000
        assert answer.status_code == 200, path
        if len(seen) > 8 or took > 300:
            slow.append(f"{path}: {len(seen)} SQL, {took:.0f} ms")
    assert not slow, "\n".join(slow)
    begin = time.process_time()
    assert sum(1 for _f in queries.facts(round_)) > 8_000
    assert time.process_time() - begin < 2
