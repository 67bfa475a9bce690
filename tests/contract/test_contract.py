"""Generated requests at every route, as everybody: no 5xx, no answer the OpenAPI does not declare.

Runs in process over WSGI, on a small city; each route's test is one transaction that is rolled back.
"""

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from contract.callers import ANONYMOUS, CALLERS, headers_of, make_city
from lifang.wsgi import application

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
#: everybody in turn: one after another calls the same route with other input
TURNS = cycle([*CALLERS, ANONYMOUS])
#: numbers in paths are folded onto the first rows of the small city, so that most requests meet one
ROWS = 8


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> Any:
    for name, value in (path_parameters or {}).items():
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > ROWS:
            path_parameters[name] = abs(value) % ROWS + 1
    return path_parameters


@pytest.fixture
def city(db: None) -> Iterator[None]:
    """The small city, in a transaction that requests do not end (as Django's test client does)."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    make_city()
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=int(os.environ.get("LIFANG_CONTRACT_EXAMPLES", "10")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_it_works(case: Any, city: None) -> None:
    case.call_and_validate(headers=headers_of(next(TURNS)), checks=CHECKS)
