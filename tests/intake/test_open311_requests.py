"""Requests as GeoReport tells of them: who sees what, states, filters, pages, later words."""

import datetime as dt
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories_cases import Town, make_checked, make_town
from factories_orgs import make_unit
from factories_standards import make_category
from intake.open311_kit import V2, get, make_key, picture, posted, spark
from lifang.cases import actions as loop
from lifang.cases.models import Case, Evidence
from lifang.intake.open311 import queries, rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def key(town: Town) -> str:
    return make_key("key-one")


def test_no_answer_holds_who_reported(town: Town, key: str) -> None:
    number = posted(
        town, key, first_name="小明", last_name="张", phone="13812345678",
        email="someone@example.org", description="请回电 13912345678，身份证 430101199001011234",
    )  # fmt: skip
    for query in ({}, {"api_key": key}):
        for form in ("json", "xml"):
            answer = Client().get(f"{V2}/requests/{number}.{form}", query).content.decode()
            for secret in ("小明", "13812345678", "someone", "13912345678", "19900101"):
                assert secret not in answer


def test_words_are_shown_only_to_who_may_read_the_case(town: Town, key: str) -> None:
    case = town.filed(text="我家楼下的垃圾")
    (told,) = get(f"requests/{case.number}", "requests")
    assert "我家" not in told["description"]
    assert told["description"].startswith(town.category.name)
    (told,) = get(f"requests/{case.number}", "requests", api_key=key)
    assert told["description"] == "我家楼下的垃圾"
    elsewhere = make_key("far", unit=make_unit(kind="centre", area="110101"))
    (told,) = get(f"requests/{case.number}", "requests", api_key=elsewhere)
    assert "我家" not in told["description"]


def test_only_published_cases_are_found(town: Town) -> None:
    unclassed = town.report()
    shown = town.filed()
    hidden = town.filed()
    Case.objects.filter(pk=hidden.pk).update(
        category=make_category(key="event-z.1", name="涉密", public=False)
    )
    assert [r["service_request_id"] for r in get("requests", "requests")] == [shown.number]
    get(f"requests/{unclassed.number}", http=404)
    get(f"requests/{hidden.number}", http=404)
    both = f"{hidden.number},{shown.number}"
    assert len(get("requests", "requests", service_request_id=both)) == 1


def test_many_states_are_two_with_notes(town: Town) -> None:
    closed, working = town.closed(), town.dispatched()
    rejected = town.filed()
    Case.objects.filter(pk=rejected.pk).update(state="rejected")
    void = town.filed()
    Case.objects.filter(pk=void.pk).update(state="void")
    merged = town.filed()
    Case.objects.filter(pk=merged.pk).update(state="merged", merged_into=working)
    told = {r["service_request_id"]: r for r in get("requests", "requests")}
    assert {n: r["status"] for n, r in told.items()} == {
        closed.number: "closed",
        working.number: "open",
        rejected.number: "closed",
        void.number: "closed",
        merged.number: "closed",
    }
    assert told[merged.number]["status_notes"].endswith(f"并入 {working.number}")
    assert "不属于受理范围" in told[rejected.number]["status_notes"]
    assert told[working.number]["agency_responsible"] == town.unit.name
    open_ones = get("requests", "requests", status="open")
    assert [r["service_request_id"] for r in open_ones] == [working.number]
    assert len(get("requests", "requests", status="closed")) == 4
    assert len(get("requests", "requests", status="open,closed")) == 5


def test_the_reason_of_a_rejection_is_told(town: Town) -> None:
    case = town.report()
    Case.objects.filter(pk=case.pk).update(category=town.category)
    loop.reject(by=town["acceptor"], case_id=case.pk, reason="不在本市范围，可致电 13812345678")
    (told,) = get(f"requests/{case.number}", "requests")
    assert told["status"] == "closed"
    assert told["status_notes"] == "不属于受理范围：不在本市范围，可致电 138****5678"


def test_expected_is_our_clock(town: Town) -> None:
    case = town.dispatched()
    case.refresh_from_db()
    (told,) = get(f"requests/{case.number}", "requests")
    assert case.due_at is not None
    assert dt.datetime.fromisoformat(told["expected_datetime"]) == case.due_at.replace(
        microsecond=0
    )
    assert told["expected_datetime"].endswith("+08:00")


def test_dates_and_codes_filter(town: Town) -> None:
    old, new = town.filed(), town.filed()
    ago = timezone.now() - dt.timedelta(days=100)
    Case.objects.filter(pk=old.pk).update(reported_at=ago)

    def numbers(**query: Any) -> list[str]:
        return [r["service_request_id"] for r in get("requests", "requests", **query)]

    assert numbers() == [new.number]
    start = (ago - dt.timedelta(days=1)).isoformat()
    assert numbers(start_date=start) == [old.number]
    assert numbers(end_date=(ago + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")) == [
        old.number
    ]
    assert numbers(service_code="nothing") == []
    assert numbers(service_code=f"nothing,{town.category.key}") == [new.number]
    # a list of numbers overrides every other filter
    assert numbers(service_request_id=f"{old.number},{new.number}", status="closed") == [
        old.number,
        new.number,
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-03-01T00:00:00Z", "end_date": "2026-02-01T00:00:00Z"},
        {"start_date": "yesterday"},
        {"end_date": "9999-99-99"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"status": "done"},
        {"page": "0"},
        {"page": "x"},
        {"page_size": "1001"},
        {"page": "9" * 30},
        {"page": "900"},
    ],
)
def test_filters_that_are_wrong_are_named(town: Town, query: dict[str, str]) -> None:
    (error,) = get("requests", http=400, **query)
    assert error["code"] == "400"


def test_pages_hold_all_rows_once(town: Town) -> None:
    cases = [town.filed() for _n in range(5)]
    seen = []
    for page in (1, 2, 3):
        seen += [
            r["service_request_id"] for r in get("requests", "requests", page=page, page_size=2)
        ]
    assert sorted(seen) == sorted(c.number for c in cases)
    answer = Client().get(f"{V2}/requests.json", {"page": 2, "page_size": 2})
    assert (answer["X-Total-Count"], answer["X-Page"]) == ("5", "2")
    assert get("requests", "requests", page=9, page_size=2) == []


def test_what_changed_after_a_moment(town: Town, key: str) -> None:
    first, second = town.filed(), town.filed()
    past = timezone.now() - dt.timedelta(days=200)
    Case.objects.filter(pk=first.pk).update(updated_at=past)
    Case.objects.filter(pk=second.pk).update(reported_at=past)
    after = (timezone.now() - dt.timedelta(hours=1)).isoformat()
    told = get("requests", "requests", updated_after=after, api_key=key)
    get("requests", http=403, updated_after=after)
    assert [r["service_request_id"] for r in told] == [second.number]


def test_an_old_case_that_changed_is_told(town: Town, key: str) -> None:
    case = town.dispatched()
    long_ago = timezone.now() - dt.timedelta(days=900)
    Case.objects.filter(pk=case.pk).update(reported_at=long_ago)
    after = (timezone.now() - dt.timedelta(hours=1)).isoformat()
    assert len(get("requests", "requests", updated_after=after, api_key=key)) == 1
    # asked for what was before a moment only, a year is enough
    before = (timezone.now() + dt.timedelta(hours=1)).isoformat()
    assert get("requests", "requests", updated_before=before, api_key=key) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite tells them")
def test_what_changed_is_read_by_its_index(town: Town) -> None:
    """Among a million cases those of a year are not walked through."""
    town.filed()
    asked = queries.Asked(changed_after=timezone.now() - dt.timedelta(hours=1), size=50)
    with CaptureQueriesContext(connection) as seen:
        assert len(queries.found(asked)[0]) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {seen.captured_queries[0]['sql']}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert any("case_changed" in line for line in plan), plan
    assert not any("B-TREE FOR ORDER BY" in line for line in plan), plan


def test_updates_tell_the_public_course(town: Town) -> None:
    case = town.closed()
    told = get("servicerequestupdates", "updates", service_request_id=case.number)
    assert [u["status"] for u in told][-1] == "closed"
    assert len(told) >= 4
    get("servicerequestupdates", http=400)


def add(key: str, number: str, **fields: Any) -> Any:
    body = {"api_key": key, "service_request_id": number, "description": "还在"} | fields
    return Client().post(f"{V2}/servicerequestupdates.json", body)


def test_the_system_that_reported_adds_words_once(town: Town, key: str) -> None:
    number = posted(town, key)
    first = add(key, number)
    assert first.status_code == 200, first.content.decode()
    assert add(key, number).json() == first.json()
    assert add(key, number, description="更大了", media=picture()).json() != first.json()
    steps = Case.objects.get(number=number).steps.filter(verb="answer")
    assert [s.reason for s in steps] == ["还在", "更大了"]
    # another's words are nobody else's business
    shown = get("servicerequestupdates", "updates", service_request_id=number)
    assert "还在" not in str(shown)


def test_nobody_else_adds_words(town: Town, key: str) -> None:
    number = posted(town, key)
    assert add(make_key("stranger"), number).status_code == 404
    assert add("wrong", number).status_code == 403
    assert add(key, town.filed().number).status_code == 404
    assert add(key, "").status_code == 404
    assert add(key, number, description="").status_code == 400
    assert not Case.objects.get(number=number).steps.filter(verb="answer").exists()


def test_what_is_many_is_not_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_COUNTED", 2)
    for _n in range(3):
        town.filed()
    answer = Client().get(f"{V2}/requests.json", {"page_size": 1})
    assert not answer.has_header("X-Total-Count")
    assert len(answer.json()) == 1


def test_the_list_costs_few_statements(town: Town, django_assert_max_num_queries: Any) -> None:
    for _n in range(4):
        town.filed()
    Client().get(f"{V2}/requests.json")
    with django_assert_max_num_queries(4):
        Client().get(f"{V2}/requests.json")


def test_paths_and_methods_that_are_not_there(town: Town) -> None:
    get("nothing", http=404)
    assert Client().get(f"{V2}/requests").status_code == 404
    answer = Client().put(f"{V2}/requests.json")
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert Client().post(f"{V2}/services.json").status_code == 405


def test_texts_that_xml_cannot_hold_do_not_break_it(town: Town) -> None:
    case = town.filed()
    Case.objects.filter(pk=case.pk).update(address="甲\x0b<路>&\uffff")
    answer = Client().get(f"{V2}/requests/{case.number}.xml")
    (told,) = spark(fromstring(answer.content))
    assert told["address"] == "甲<路>&"


def test_a_checked_picture_of_the_unit_is_shown(town: Town) -> None:
    case = town.dispatched()
    loop.hand_back(by=town["handler"], case_id=case.pk, note="好", file_ids=[make_checked().pk])
    (told,) = get(f"requests/{case.number}", "requests")
    assert (told["media_url"] is not None) == Evidence.objects.filter(
        case=case, public=True
    ).exists()
