"""Every caller at every route: let in where the table says so, else refused, and nothing changed.

A new route without a row in ``permissions.yaml`` fails; so does a row whose route is gone.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contract.matrix import CALLERS, City, routes, table

REFUSED = (401, 403, 404)
#: tables that a refused call may touch: sessions, when a key was last used, answers kept to repeat
HOUSEKEEPING = ("django_session", "orgs_usersession", "orgs_apitoken", "core_idempotencykey")
_WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?')


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    missing = sorted(set(routes()) - set(table()))
    stale = sorted(set(table()) - set(routes()))
    assert not missing, "add to tests/contract/permissions.yaml:\n" + "\n".join(missing)
    assert not stale, "take out of tests/contract/permissions.yaml:\n" + "\n".join(stale)


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """One city for all routes, in an outer transaction; each route's test is one inside it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield City()
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("route", routes())
def test_permission(route: str, city: City) -> None:
    row = table().get(route)
    if row is None:
        pytest.fail("no row in tests/contract/permissions.yaml")
    city.prepare(row)
    wrong = []
    for caller in CALLERS:
        point = transaction.savepoint()
        with CaptureQueriesContext(connection) as seen:
            answer = city.call(caller)
        transaction.savepoint_rollback(point)
        status = answer.status_code
        text = answer.content[:300].decode(errors="replace") if not answer.streaming else ""
        if status >= 500:
            wrong.append(f"{caller}: {status} {text}")
        elif caller in row.allowed:
            if status in (401, 403):
                wrong.append(f"{caller}: let in by the table, refused with {status} {text}")
        elif status not in REFUSED:
            wrong.append(f"{caller}: refused by the table, answered with {status} {text}")
        else:
            changed = {
                m[1] for q in seen if (m := _WRITES.match(q["sql"])) and m[1] not in HOUSEKEEPING
            }
            if changed:
                wrong.append(f"{caller}: refused, yet wrote to {sorted(changed)}")
    assert not wrong, f"{route}\n" + "\n".join(wrong)
