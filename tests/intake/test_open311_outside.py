"""The server as a client sees it that nobody here wrote: ``georeport`` from PyPI, over HTTP."""

from typing import Any

import pytest
import requests
from georeport import GeoReport

from factories_cases import LAT, LNG, Town, make_town
from intake.open311_kit import make_key, picture
from lifang.cases.models import Case, Evidence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_it_works(town: Town, live_server: Any, form: str) -> None:
    first, second = town.filed(), town.closed()
    outside = GeoReport(f"{live_server.url}/open311/v2", output_format=form)
    services: Any = outside.get_service_list()
    # of a single element this client makes no list
    (service,) = services if isinstance(services, list) else [services]
    assert service["service_code"] == town.category.key
    assert outside.get_service_definition(town.category.key)["service_code"] == town.category.key
    found = outside.get_service_requests()
    assert {r["service_request_id"] for r in found} == {first.number, second.number}
    one = outside.get_service_request(second.number)
    assert (one["service_request_id"], one["status"]) == (second.number, "closed")
    with pytest.raises(requests.HTTPError, match="404"):
        outside.get_service_request("nothing")
    closed: Any = outside.get_service_requests(status="closed", service_code=town.category.key)
    (only,) = closed if isinstance(closed, list) else [closed]
    assert only["service_request_id"] == second.number


def test_it_posts_a_form_with_a_picture(town: Town, live_server: Any) -> None:
    """``georeport`` only reads; posting is a plain multipart form of ``requests``."""
    answer = requests.post(
        f"{live_server.url}/open311/v2/requests.json",
        data={
            "api_key": make_key("outside"),
            "service_code": town.category.key,
            "lat": str(LAT),
            "long": str(LNG),
            "description": "从别处来",
        },
        files={"media": picture()},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    number = answer.json()[0]["service_request_id"]
    outside = GeoReport(f"{live_server.url}/open311/v2")
    assert outside.get_service_request(number)["service_code"] == town.category.key
    assert Evidence.objects.filter(case=Case.objects.get(number=number)).count() == 1
