"""The kinds of requests that are measured, on one engine."""

import sys
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import django

django.setup()

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY  # noqa: E402  (Django comes first)
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.__main__ import BASE, keep  # noqa: E402
from bench.measure import Cost, cost, request  # noqa: E402
from bench.multiply import multiply  # noqa: E402
from lifang.cases.models import Case  # noqa: E402
from lifang.dashboard import bulk  # noqa: E402
from lifang.demo import run as demo  # noqa: E402
from lifang.orgs.choices import Role  # noqa: E402
from lifang.orgs.models import User, UserSession  # noqa: E402
from lifang.standards import queries as standards  # noqa: E402

Call = Callable[[int], tuple[int, bytes]]


def sign_in(user: User) -> str:
    """A session cookie for ``user``."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    UserSession.objects.create(user=user, key=session.session_key or "", seen_at=timezone.now())
    return f"sessionid={session.session_key}"


def somebody(role: Role) -> User:
    """A person of the demo with ``role`` over everything there."""
    found = User.objects.filter(memberships__role=role, must_change_password=False)
    person = found.order_by("memberships__area", "pk").first()
    if person is None:
        raise RuntimeError(f"the demo has no {role}")
    return person


def kinds() -> list[tuple[str, str, Call]]:
    """Name, budget of the design, call."""
    cookie = sign_in(somebody(Role.DISPATCHER))
    leader = sign_in(somebody(Role.LEADER))
    open_now = Case.objects.filter(closed_at=None).exclude(lng=None).exclude(category=None)
    one = open_now.exclude(lead_unit=None).first()
    spots = [(x or 0.0, y or 0.0) for x, y in open_now.values_list("lng", "lat")[:300]]
    if one is None or one.category is None:
        raise RuntimeError("the demo has no open case")
    tree = standards.in_force()
    place = f"lng={one.lng}&lat={one.lat}"

    def get(url: str, cookies: str = cookie) -> Call:
        return lambda _i: request("GET", f"/api/v1{url}", cookies=cookies)

    def report(i: int) -> tuple[int, bytes]:
        body: dict[str, Any] = {
            "client_id": str(uuid.uuid4()),
            "text": f"人民路边的井盖破损，车过有响声，请尽快处理（{i}）",
            # all over the district, as reports are; near to each other they would merge
            "lng": spots[i % len(spots)][0] + (i // len(spots)) * 1e-3,
            "lat": spots[i % len(spots)][1],
            "system": "wgs84",
        }
        return request("POST", "/api/v1/public/reports", body=body)

    filters = {
        "open, newest first": "",
        "by state": "&state=closed",
        "by unit": f"&unit={one.lead_unit_id}",
        "by area": f"&area={one.area[:9]}",
        "by class": f"&category={one.category.key}",
        "by words": f"&q={quote('井盖')}",
        "red light": "&light=red",
        "three together": f"&area={one.area[:9]}&category={one.category.key.split('.')[0]}&state=closed",
    }
    lists = [
        (f"list of 50: {name}", "≤ 5 SQL, ≤ 8 ms CPU, p50 ≤ 30 ms", get(f"/cases?limit=50{query}"))
        for name, query in filters.items()
    ]
    return [
        ("create a report", "≤ 12 SQL, ≤ 6 ms CPU", report),
        *lists,
        ("category tree", "≤ 2 SQL, ≤ 2 ms", get(f"/catalogues/{tree.id}/tree")),
        (
            "who answers",
            "≤ 2 SQL, ≤ 2 ms",
            get(f"/duties/answer?category={one.category.key}&{place}"),
        ),
        ("rates of the month", "≤ 150 ms", get("/stats/rates", leader)),
        ("rates of a year", "≤ 150 ms", get("/stats/rates?from=2025-11-01&to=2026-10-31", leader)),
        ("hot now, day", "≤ 150 ms", get("/stats/hot", leader)),
        ("hot now, week", "≤ 150 ms", get("/stats/hot?period=week", leader)),
        ("breakdown by unit", "≤ 150 ms", get("/stats/breakdown?by=unit", leader)),
    ]


def table(rows: list[Cost], cases: int) -> None:
    print(f"\n{connection.vendor}, {cases:,} cases")
    print(f"{'request':<34}{'SQL':>5}{'CPU ms':>9}{'p50 ms':>9}{'p99 ms':>9}  budget")
    for row in rows:
        print(
            f"{row.what:<34}{row.sql:>5}{row.cpu_ms:>9}{row.p50_ms:>9}{row.p99_ms:>9}  {row.budget}"
        )


def main(n: int, sizes: list[int]) -> None:
    call_command("migrate", verbosity=0)
    demo.build(cases=BASE, seed=1)
    for size in sorted(sizes):
        count = multiply(size) if size > BASE else Case.objects.count()
        if size > BASE:
            bulk.rebuild()
        rows = []
        for what, budget, call in kinds():
            try:
                rows.append(cost(what, call, n=n, budget=budget))
            except RuntimeError as problem:
                print(f"{what}: {problem}")
        table(rows, count)
        keep(connection.vendor, size, [r.as_dict() for r in rows])


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(a) for a in sys.argv[2:]])
