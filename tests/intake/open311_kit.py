"""What the tests of Open311 share: keys, requests, and answers held against their schemas in both forms."""

import io
from typing import Any
from xml.etree.ElementTree import Element

import jsonschema_rs
from defusedxml.ElementTree import fromstring
from django.test import Client
from PIL import Image

from factories_cases import AREA, LAT, LNG, Town
from factories_orgs import make_unit
from intake.open311_schemas import SCHEMAS
from lifang.orgs.choices import Role
from lifang.orgs.models import ApiToken
from lifang.orgs.signin import digest

V2 = "/open311/v2"


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


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, "JPEG")
    out.name = "photo.jpg"
    out.seek(0)
    return out
