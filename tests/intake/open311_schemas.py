"""JSON Schemas of GeoReport v2's answers, written from the text of the specification."""

from typing import Any

_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_CODE: dict[str, Any] = {"type": "string", "minLength": 1}
#: W3C form with a zone
_TIME: dict[str, Any] = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$",
}


def _object(**properties: Any) -> dict[str, Any]:
    """An object of these properties, all of them there and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


_ENDPOINT = _object(
    specification={"type": "string", "pattern": "^http://wiki.open311.org/GeoReport_v2"},
    url={"type": "string", "pattern": "^https?://"},
    changeset=_TIME,
    type={"enum": ["production", "test", "acceptance"]},
    formats=_list({"enum": ["text/xml", "application/json"]}, minItems=1),
)
_SERVICE = _object(
    service_code=_CODE,
    service_name=_CODE,
    description=_TEXT,
    metadata={"type": "boolean"},
    type={"enum": ["realtime", "batch", "blackbox"]},
    keywords={"type": "string"},
    group={"type": "string"},
)
_ATTRIBUTE = _object(
    variable={"type": "boolean"},
    code=_CODE,
    datatype={
        "enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    },
    required={"type": "boolean"},
    datatype_description=_TEXT,
    order={"type": "integer", "minimum": 1},
    description={"type": "string"},
    values=_list(_object(key={"type": "string"}, name={"type": "string"})),
)
_REQUEST = _object(
    service_request_id=_CODE,
    status={"enum": ["open", "closed"]},
    status_notes=_TEXT,
    service_name=_TEXT,
    service_code=_TEXT,
    description={"type": "string"},
    agency_responsible=_TEXT,
    service_notice=_TEXT,
    requested_datetime=_TIME | {"type": "string"},
    updated_datetime=_TIME | {"type": "string"},
    expected_datetime=_TIME,
    address=_TEXT,
    address_id=_TEXT,
    zipcode=_TEXT,
    lat=_NUMBER,
    long=_NUMBER,
    media_url={"type": ["string", "null"], "pattern": "^https?://"},
)
#: a number or a token, never both
_POSTED = {
    "type": "object",
    "properties": {
        "service_request_id": _CODE,
        "token": _CODE,
        "service_notice": _TEXT,
        "account_id": _TEXT,
    },
    "oneOf": [{"required": ["service_request_id"]}, {"required": ["token"]}],
    "additionalProperties": False,
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "discovery": _object(
        changeset=_TIME,
        contact={"type": "string"},
        key_service={"type": "string"},
        endpoints=_list(_ENDPOINT, minItems=1),
    ),
    "services": _list(_SERVICE),
    "definition": _object(service_code=_CODE, attributes=_list(_ATTRIBUTE)),
    "requests": _list(_REQUEST),
    "posted": _list(_POSTED, minItems=1, maxItems=1),
    "tokens": _list(_object(service_request_id=_CODE, token=_CODE), minItems=1, maxItems=1),
    "updates": _list(
        _object(
            update_id=_CODE,
            service_request_id=_CODE,
            status={"enum": ["open", "closed"]},
            updated_datetime=_TIME,
            description={"type": "string"},
            media_url=_TEXT,
        )
    ),
    "errors": _list(
        _object(code={"type": "string", "pattern": r"^\d{3}$"}, description=_CODE), minItems=1
    ),
}
