"""The GeoReport v2 server, held against the specification: discovery, services, reports, tokens."""

import datetime as dt
import io
from typing import Any

import jsonschema_rs
import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import timezone

from factories_cases import LAT, LNG, Town, make_town
from factories_standards import make_category
from intake.open311_kit import V2, get, make_key, picture, post, posted, spark
from intake.open311_schemas import SCHEMAS
from lifang.cases.models import Case, Evidence, Report
from lifang.config import config
from lifang.intake.open311.models import Open311Post
from lifang.understanding.pictures.models import PictureFinding

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def key(town: Town) -> str:
    return make_key("key-one")


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


def test_a_post_is_answered_in_xml(town: Town, key: str) -> None:
    answer = post(town, key, form="xml")
    (told,) = spark(fromstring(answer.content))
    assert told["service_request_id"] == Case.objects.get().number
    assert "token" not in told
