"""The journal as the auditor reads it; stamps; paging."""

import io

import openpyxl
import pytest
from django.db import transaction

from factories_orgs import acting_for, client_for, make_user
from lifang.core import journal, paging, stamps
from lifang.core.models import Counter, JournalEntry
from lifang.orgs.choices import Role

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    auditor = make_user(role=Role.AUDIT_ADMIN)
    clerk = acting_for(make_user(name="王受理"))
    with transaction.atomic():
        journal.write(by=clerk, room="cases", verb="file", reason="属实")
        journal.write(by=clerk, room="orgs", verb="rename")
    journal.seal_all()
    client = client_for(auditor)
    found = client.get("/api/v1/journal?room=cases").json()["items"]
    assert [(e["actor"], e["verb"], e["position"]) for e in found] == [("王受理", "file", 1)]
    answer = client.get("/api/v1/journal/export.xlsx?room=cases")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [c.value for c in sheet[2]][2:6] == ["王受理", "127.0.0.1", "cases", "file"]
    # taking it out is in it
    assert JournalEntry.objects.get(verb="export_journal").user_id == auditor.pk


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.LEADER, Role.HANDLER]
)
def test_only_the_auditor_reads_it(role: Role) -> None:
    client = client_for(make_user(role=role))
    assert client.get("/api/v1/journal").status_code == 403
    assert client.get("/api/v1/journal/export.xlsx").status_code == 403


def test_stamps_are_read_once_a_request_and_caches_follow_them(
    django_assert_num_queries: object,
) -> None:
    built: list[int] = []

    def build() -> int:
        built.append(1)
        return len(built)

    assert stamps.cached("x", build) == stamps.cached("x", build) == 1
    stamps.bump("x")
    assert stamps.cached("x", build) == 2
    stamps.begin()
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture
        for name in ("x", "y", "z"):
            stamps.version(name)
    stamps.bump("x")
    assert stamps.cached("x", build) == 3  # one's own change is seen at once
    stamps.end()


def test_a_version_that_was_rolled_back_never_comes_again() -> None:
    stamps.bump("x")
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        stamps.bump("x")
        lost = stamps.version("x")
        raise ValueError("no")
    stamps.bump("x")
    assert stamps.version("x") != lost


def test_paging_over_equal_values_skips_and_repeats_nothing() -> None:
    Counter.objects.bulk_create(Counter(key=f"k{n:02}", value=n // 4) for n in range(22))
    seen: list[str] = []
    cursor = None
    while True:
        found = paging.page(
            Counter.objects.all(), order=("-value", "key", "pk"), cursor=cursor, limit=5
        )
        seen += [c.key for c in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == [c.key for c in Counter.objects.order_by("-value", "key")]
