"""How long the search for duplicates takes among many cases: ``python -m bench.duplicates --cases 1000000``.

A SQLite database of its own with cases strewn over 20 km × 20 km, two in a hundred open, and one square in the
middle where a thousand open ones lie. Prints milliseconds of finding candidates (one statement) and of the whole
with scoring, and the planner's word.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIDE = 0.2
LNG, LAT = 112.9, 28.1
WORDS = (
    "垃圾桶满了没人清",
    "路灯不亮",
    "井盖破损",
    "占道经营",
    "污水外溢",
    "共享单车乱停",
    "施工噪音",
    "树枝挡路",
)


def fill(cases: int) -> None:
    """One case by hand, the others by the database."""
    from django.db import connection
    from django.utils import timezone

    from lifang.cases.models import Case

    now = timezone.now()
    first = Case.objects.create(
        number="1", source="citizen", text="", reported_at=now, updated_at=now, lng=LNG, lat=LAT
    )
    quote = connection.ops.quote_name
    given = {
        "number": "'n' || k.n",
        "text": "'" + "' || '，".join(WORDS[:2]) + "' || k.n",
        "lng": f"{LNG} + (abs(random()) % 1000000) / 1000000.0 * {SIDE}",
        "lat": f"{LAT} + (abs(random()) % 1000000) / 1000000.0 * {SIDE}",
        "state": "CASE WHEN k.n % 50 = 0 THEN 'handling' ELSE 'closed' END",
        # the constraints of what is in handling and of what is closed
        "closed_at": "c.reported_at",
        "due_at": "c.reported_at",
        "lead_unit_id": "u.id",
    }
    columns = [str(f.column) for f in Case._meta.local_concrete_fields if not f.primary_key]
    values = [given.get(c, f"c.{quote(c)}") for c in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE k(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM k WHERE n < {cases}) "
            f"INSERT INTO cases_case ({', '.join(map(quote, columns))}) "
            f"SELECT {', '.join(values)} FROM cases_case c, orgs_unit u CROSS JOIN k WHERE c.id = {first.pk}"
        )
        # a square on a festival day
        cursor.execute(
            f"UPDATE cases_case SET lng = {LNG + SIDE / 2}, lat = {LAT + SIDE / 2} WHERE id IN "
            "(SELECT id FROM cases_case WHERE state = 'handling' LIMIT 1000)"
        )
        cursor.execute("ANALYZE")


def timed(call: Callable[[], Any], n: int) -> dict[str, float]:
    spent = []
    for _n in range(n):
        begun = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - begun))
    spent.sort()
    return {
        "p50_ms": round(statistics.median(spent), 2),
        "p99_ms": round(spent[int(0.99 * (n - 1))], 2),
    }


def plan(told: tuple[str, list[Any]] | None) -> str:
    """How SQLite goes about a statement."""
    from django.db import connection

    if told is None:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {told[0]}", told[1])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def measure(cases: int, n: int) -> dict[str, Any]:
    from django.utils import timezone

    from lifang.cases.duplicates import search
    from lifang.cases.models import Setting
    from lifang.orgs.models import Unit

    Unit.objects.create(code="1", name="甲", kind="unit")
    fill(cases)
    dice = random.Random(1)
    setting = Setting()

    def asked(crowded: bool) -> search.Asked:
        lng = LNG + SIDE / 2 if crowded else LNG + dice.random() * SIDE
        lat = LAT + SIDE / 2 if crowded else LAT + dice.random() * SIDE
        return search.Asked(text="垃圾桶满了没人清，味道很大", at=timezone.now(), lng=lng, lat=lat)

    search.find(asked(True), setting)
    return {
        "cases": cases,
        "plan": plan(search._statement(asked(False), setting)),
        "candidates": timed(lambda: list(search._rows(asked(False), setting)), n),
        "candidates on the square": timed(lambda: list(search._rows(asked(True), setting)), n),
        "with scoring": timed(lambda: search.find(asked(False), setting), n),
        "with scoring on the square": timed(lambda: search.find(asked(True), setting), n),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"LIFANG_DATA": data, "LIFANG_DATABASE_URL": ""}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        found = measure(given.cases, given.n)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
