"""The GeoReport v2 server, held against the specification: both forms, every route, every refusal."""

import datetime as dt
import io
from typing import Any
from xml.etree.ElementTree import Element

import jsonschema_rs
import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import timezone
from PIL import Image

from factories_cases import AREA, LAT, LNG, Town, make_checked, make_town
from factories_orgs import make_unit
from factories_standards import make_category
from intake.open311_schemas import SCHEMAS
from lifang.cases import actions as loop
from lifang.cases.models import Case, Evidence, Report
from lifang.config import config
from lifang.intake.open311 import rules
from lifang.intake.open311.models import Open311Post
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken
from lifang.orgs.signin import digest
from lifang.understanding.pictures.models import PictureFinding

pytestmark = pytest.mark.django_db
V2 = "/open311/v2"


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def key(town: Town) -> str:
    return make_key("key-one")


def make_key(secret: str, **kw: Any) -> str:
    values = {
        "name": secret,
        "unit": make_unit(kind="centre", area=AREA),
        "role": Role.ACCEPTOR,
        "prefix": "t",
        "digest": digest(secret),
        "scopes": ["open311:read", "open311:write"],
    }
    ApiToken.objects.create(**values | kw)
    return secret


def get(path: str, schema: str = "", http: int = 200, **query: Any) -> Any:
    """The JSON answer, held against its schema; and the XML answer, which must say the same."""
    answer = Client().get(f"{V2}/{path}.json", query)
    assert answer.status_code == http, answer.content.decode()
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    said = answer.json()
    jsonschema_rs.validate(SCHEMAS[schema or "errors"], said)
    twin = Client().get(f"{V2}/{path}.xml", query)
    assert twin.status_code == http
    assert twin["Content-Type"] == "text/xml; charset=utf-8"
    assert twin.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert spark(fromstring(twin.content)) == texts(said)
    return said


def spark(element: Element) -> Any:
    """XML as the JSON it stands for, every leaf a text."""
    if element.tag in LISTS:
        return [spark(child) for child in element]
    if len(element):
        return {child.tag: spark(child) for child in element}
    return element.text or ""


LISTS = {
    "services", "attributes", "values", "service_requests", "errors", "endpoints", "formats",
    "service_request_updates",
}  # fmt: skip


def texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: texts(v) for k, v in value.items()}
    if isinstance(value, list):
        return [texts(v) for v in value]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def post(town: Town, key: str, *, form: str = "json", **fields: Any) -> Any:
    values = {
        "api_key": key,
        "service_code": town.category.key,
        "description": "路口垃圾成堆",
        "lat": LAT,
        "long": LNG,
    }
    body = {k: v for k, v in (values | fields).items() if v is not None}
    return Client().post(f"{V2}/requests.{form}", body)


def posted(town: Town, key: str, **fields: Any) -> str:
    answer = post(town, key, **fields)
    assert answer.status_code == 200, answer.content.decode()
    jsonschema_rs.validate(SCHEMAS["posted"], answer.json())
    return str(answer.json()[0]["service_request_id"])


def test_it_works(town: Town, key: str) -> None:
    number = posted(town, key, first_name="小明", last_name="张", phone="13812345678")
    case = Case.objects.get(number=number)
    report = Report.objects.get(case=case)
    assert (report.reporter_name, report.reporter_phone) == ("张小明", "13812345678")
    assert case.category_id == town.category.pk
    (told,) = get(f"requests/{number}", "requests", api_key=key)
    assert told["status"] == "open"
    assert told["description"] == "路口垃圾成堆"
    assert told["service_code"] == town.category.key
    assert (told["lat"], told["long"]) == (LAT, LNG)


def test_discovery_names_the_endpoint() -> None:
    told = get("discovery", "discovery")
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert Client().get("/open311/discovery.xml").status_code == 200


def test_services_are_the_public_classes(town: Town) -> None:
    make_category(key="event-x.hidden", name="内部", public=False)
    hidden_parent = make_category(key="event-y", name="内部大类", public=False)
    make_category(key="event-y.01", name="小类", parent=hidden_parent)
    (service,) = get("services", "services")
    assert service["service_code"] == town.category.key
    assert service["metadata"] is True
    assert service["type"] == "realtime"


def test_a_definition_asks_for_the_filing_condition(town: Town) -> None:
    told = get(f"services/{town.category.key}", "definition")
    (attribute,) = [a for a in told["attributes"] if a["variable"]]
    assert attribute["datatype"] == "singlevaluelist"
    assert attribute["values"] == [{"key": str(town.condition.number), "name": town.condition.text}]


def test_an_unknown_service_is_not_found(town: Town) -> None:
    (error,) = get("services/nothing", http=404)
    assert error["code"] == "404"


def test_the_condition_said_is_read_by_the_clerk(town: Town, key: str) -> None:
    posted(town, key, **{"attribute[condition]": str(town.condition.number)})
    assert town.condition.text in Case.objects.get().text
    assert post(town, key, **{"attribute[condition]": "99"}).status_code == 400


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"api_key": None}, 403),
        ({"api_key": "wrong"}, 403),
        ({"service_code": None}, 400),
        ({"service_code": ""}, 400),
        ({"service_code": "nothing"}, 404),
        ({"lat": None, "long": None}, 400),
        ({"lat": None}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "nan"}, 400),
        ({"lat": "north"}, 400),
        ({"lat": "", "long": "", "address_string": "解放路 3 号"}, 200),
        ({"lat": "", "long": "", "address_id": "nowhere"}, 404),
        ({"description": "字" * 4000}, 200),
        ({"description": "字" * 4001}, 400),
        ({"description": ""}, 400),
        ({"phone": "'; DROP TABLE cases_case; --"}, 200),
        ({"description": "<b>&\x01\x00😀"}, 200),
        ({"address_string": "甲\x00乙", "device_id": "\x00"}, 200),
        ({"jurisdiction_id": ""}, 200),
    ],
)  # fmt: skip
def test_what_is_posted_is_checked(
    town: Town, key: str, fields: dict[str, Any], status: int
) -> None:
    answer = post(town, key, **fields)
    assert answer.status_code == status, answer.content.decode()
    if status != 200:
        jsonschema_rs.validate(SCHEMAS["errors"], answer.json())
        assert Case.objects.count() == 0


def test_refusals_come_in_xml_too(town: Town) -> None:
    answer = post(town, "wrong", form="xml")
    assert answer.status_code == 403
    (error,) = spark(fromstring(answer.content))
    assert error["code"] == "403"
    assert "令牌" in error["description"]


def test_a_key_without_the_scope_is_refused(town: Town) -> None:
    assert post(town, make_key("reader", scopes=["open311:read"])).status_code == 403
    assert post(town, make_key("other", scopes=["cases:write"])).status_code == 403
    late = timezone.now() - dt.timedelta(minutes=1)
    assert post(town, make_key("late", expires_at=late)).status_code == 403
    assert Case.objects.count() == 0


def test_a_wrong_jurisdiction_is_not_found(
    town: Town, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config(), "open311_jurisdiction", "city.example")
    get("services", http=404, jurisdiction_id="other.example")
    get("services", "services", jurisdiction_id="city.example")
    get("services", "services", jurisdiction_id="")
    assert post(town, key, jurisdiction_id="other.example").status_code == 404


def test_the_same_content_is_one_report_for_ten_minutes(town: Town, key: str) -> None:
    first, again = posted(town, key), posted(town, key)
    assert first == again
    assert posted(town, key, description="另一件") != first
    assert posted(town, make_key("key-two")) != first
    Open311Post.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    Report.objects.filter(origin__number=first).update(client_id="an-earlier-span")
    assert posted(town, key) != first


def test_a_clients_own_mark_holds_for_ever(town: Town, key: str) -> None:
    first = posted(town, key, client_id="app-7")
    Open311Post.objects.update(created_at=timezone.now() - dt.timedelta(days=9))
    assert posted(town, key, client_id="app-7", description="改了字") == first
    assert Case.objects.count() == 1


def test_too_many_posts_are_put_off(town: Town, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "public_reports_per_hour", 1)
    answers = [post(town, key, description=f"第 {n} 件") for n in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    jsonschema_rs.validate(SCHEMAS["errors"], answers[-1].json())


def test_a_token_gives_the_number(town: Town, key: str) -> None:
    number = posted(town, key)
    token = Open311Post.objects.get().token
    assert get(f"tokens/{token}", "tokens") == [{"service_request_id": number, "token": token}]
    get("tokens/nothing", http=404)


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, "JPEG")
    out.name = "photo.jpg"
    out.seek(0)
    return out


def test_media_is_kept_and_shown_only_when_checked(town: Town, key: str) -> None:
    number = posted(town, key, media=picture())
    evidence = Evidence.objects.get()
    assert get(f"requests/{number}", "requests")[0]["media_url"] is None
    finding = PictureFinding.objects.create(
        file=evidence.file, publicity="failed", checked_at=timezone.now()
    )
    assert get(f"requests/{number}", "requests")[0]["media_url"] is None
    PictureFinding.objects.filter(pk=finding.pk).update(publicity="checked")
    url = get(f"requests/{number}", "requests")[0]["media_url"]
    assert url.startswith(f"http://testserver/files/{evidence.file.sha256}/public?")
    evidence.public = False
    evidence.save()
    assert get(f"requests/{number}", "requests")[0]["media_url"] is None


def test_media_that_is_no_picture_is_refused(town: Town, key: str) -> None:
    fake = io.BytesIO(b"MZ not a picture")
    fake.name = "photo.jpg"
    answer = post(town, key, media=fake)
    assert answer.status_code == 400
    assert Case.objects.count() == 0


def test_a_broken_form_is_refused_in_words(town: Town) -> None:
    answer = Client().post(
        f"{V2}/requests.json", b"--x\r\nnonsense", content_type="multipart/form-data; boundary="
    )
    assert answer.status_code == 400
    jsonschema_rs.validate(SCHEMAS["errors"], answer.json())


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


def test_a_post_is_answered_in_xml(town: Town, key: str) -> None:
    answer = post(town, key, form="xml")
    (told,) = spark(fromstring(answer.content))
    assert told["service_request_id"] == Case.objects.get().number
    assert "token" not in told


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
