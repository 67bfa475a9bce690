"""Loaded histories have the shape of what the actions write: driven once, compared."""

from typing import Any

from django.utils import timezone

from lifang.cases import actions
from lifang.cases.models import Case, CaseUnit, Rating, Report, Step
from lifang.core.models import JournalEntry, StoredFile
from lifang.orgs import signin
from lifang.orgs.acting import CITIZEN, Acting
from lifang.orgs.models import User
from lifang.standards import queries as standards


def person(username: str) -> Acting:
    found = signin.by_user(User.objects.get(username=username).pk)
    assert found is not None
    return found


def driven() -> Case:
    """A case taken through the loop by hand, with one rework."""
    spot = Case.objects.filter(lng__isnull=False).order_by("id")[0]
    done = actions.report(
        by=CITIZEN, client_id="shape-test-1", source="citizen", text="路面有个大坑", lng=spot.lng,
        lat=spot.lat,
    )  # fmt: skip
    case = done.case
    category = standards.in_force().by_key("event-appearance.broken-road")
    assert category is not None
    acceptor, dispatcher, checker = person("shouli1"), person("paiqian1"), person("hecha1")
    if case.state == "reported":
        actions.file(by=acceptor, case_id=case.pk, category_id=category.id)
        actions.dispatch(by=dispatcher, case_id=case.pk)
    case.refresh_from_db()
    handler = person(User.objects.get(unit=case.lead_unit, memberships__role="handler").username)
    photo = StoredFile.objects.order_by("id").values_list("pk", flat=True)[0]
    actions.start(by=handler, case_id=case.pk)
    actions.hand_back(by=handler, case_id=case.pk, note="已修", file_ids=[photo])
    actions.ask_check(by=acceptor, case_id=case.pk, checker_id=checker.user_id)
    actions.check(by=checker, case_id=case.pk, passed=False, note="没修平")
    actions.hand_back(by=handler, case_id=case.pk, note="已修平", file_ids=[photo])
    actions.check(by=checker, case_id=case.pk, passed=True)
    actions.close(by=acceptor, case_id=case.pk)
    report = Report.objects.get(case=case)
    actions.rate(by=CITIZEN, report=report, solved=True, stars=5, contacted=True)
    case.refresh_from_db()
    return case


def filled(row: Any) -> set[str]:
    """Fields of a row that hold something."""
    return {
        f.attname
        for f in row._meta.concrete_fields
        if getattr(row, f.attname) not in (None, "", 0, False, {}, [])
    }


def test_steps_and_journal_have_the_same_shape() -> None:
    case = driven()
    for step in case.steps.exclude(verb="report"):
        same = Step.objects.filter(verb=step.verb, automatic=step.automatic).exclude(case=case)
        keys = set(step.detail)
        known = [set(s.detail) for s in same]
        if step.verb == "check":
            same = same.filter(detail__passed=step.detail["passed"])
        if same.exists() or step.verb not in ("ask_check", "check"):
            assert keys in known, (step.verb, keys, known[:3])
        mine = JournalEntry.objects.get(subject_id=case.pk, after__step=step.pk)
        for told in JournalEntry.objects.filter(room="cases", verb=step.verb).exclude(
            subject_id=case.pk
        )[:5]:
            assert {"state", "step", "category", "area"} <= set(told.after or {})
            assert set(told.before or {}) == set(mine.before or {})
            assert told.subject_kind == mine.subject_kind


def test_case_report_and_rows_have_the_same_shape() -> None:
    case = driven()
    told = (
        Case.objects.filter(state="closed", lead_unit__isnull=False, automatic=case.automatic)
        .exclude(pk=case.pk)
        .exclude(closed_as="self_handled")
    )
    assert told.exists()
    maybe = {
        "understanding", "rework", "priority", "relapse_of_id", "checker_id", "address", "returns",
        "reminded", "exempt", "stage_told_for", "road_id", "desk_user_id", "site_id",
    }  # fmt: skip
    for other in told:
        assert filled(other) - maybe == filled(case) - maybe
        assert other.summary and other.duty["unit_id"]
    report = Report.objects.exclude(case=case)[0]
    assert {"client_id", "follow_code", "text", "at"} <= filled(report)
    assert CaseUnit.objects.filter(case=told[0], until=None, role="lead").count() == 1
    for rating in Rating.objects.exclude(case=case):
        assert rating.report.case_id == rating.case_id
    assert case.version == case.steps.count() + (0 if not case.automatic else -1) or case.version


def test_versions_count_the_steps() -> None:
    """A clerk's screen tells a stale version by this number: one more for every later step."""
    now = timezone.now()
    for case in Case.objects.filter(automatic=False, reported_at__lt=now)[:20]:
        assert case.version == case.steps.count()
