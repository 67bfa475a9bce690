"""What pages of a round cost at the size of a province's city: ``python -m bench.rounds``.

Three rounds (a year each) of 208 standards, 98 units, 1,200 sites, 40,000 materials, every line of the checklist
seen at the 78 drawn places. Each page: at most 8 SQL statements and 300 ms. SQLite, or PostgreSQL with
``LIFANG_TEST_POSTGRES``.
"""

import datetime as dt
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from bench.__main__ import psql

FIELD, DOCUMENT, ITEMS_EACH = 65, 143, 3
SLOTS, SITES, TYPES, DRAWN = 10, 1_200, 30, 78
MATERIALS = 40_000
BUDGET = "≤ 8 SQL, ≤ 300 ms"


def main() -> int:
    server = os.environ.get("LIFANG_TEST_POSTGRES", "")
    engines = ["sqlite", "postgresql"] if server else ["sqlite"]
    return max(run(engine, server) for engine in engines)


def run(engine: str, server: str) -> int:
    """One engine in a process of its own, on a city that is thrown away."""
    data = Path(tempfile.mkdtemp(prefix="lifang-bench-"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIFANG_")}
    environment |= {
        "LIFANG_DATA": str(data),
        "LIFANG_DEMO": "true",
        "DJANGO_SETTINGS_MODULE": "lifang.settings",
    }
    name = f"lifang_rounds_{os.getpid()}"
    if engine == "postgresql":
        psql(server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        environment["LIFANG_DATABASE_URL"] = f"{server}/{name}"
    try:
        return subprocess.run(
            [sys.executable, "-m", "bench.rounds", "here"], env=environment, check=False
        ).returncode
    finally:
        if engine == "postgresql":
            psql(server, f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(data, ignore_errors=True)


def edition(types: list[str], roles: list[str]) -> dict[str, Any]:
    """208 standards as of the county edition of the brief: 65 in the field, 143 by documents."""
    rules: list[dict[str, Any]] = [
        {"kind": "step", "cuts": [["0.90", "1"], ["0.70", "0.6"]]},
        {"kind": "linear_clamp"},
        {"kind": "deduct", "full": "10", "each": "2", "per": "site"},
    ]
    nodes: list[dict[str, Any]] = [{"code": f"G{g}", "title": f"第{g}类"} for g in range(12)]
    for n in range(FIELD):
        nodes.append(_leaf(n, roles, {"method": "field", "rule": rules[n % 3]}))
    grades = {"kind": "grade_map", "grades": {"A": "1", "B": "0.6", "C": "0"}}
    slots = [{"key": f"s{k}", "title": f"第{k}份材料", "kind": "document"} for k in range(SLOTS)]
    for n in range(FIELD, FIELD + DOCUMENT):
        measure = {"method": "document", "rule": grades, "slots": slots}
        nodes.append(_leaf(n, roles, measure))
    items = [
        {
            "code": f"i{n}-{k}",
            "title": f"第{n}-{k}项检查",
            "feeds": {t: [{"leaf": f"L{n:03}"}] for t in types[(n + k) % 5 :: 5]},
        }
        for n in range(FIELD)
        for k in range(ITEMS_EACH)
    ]
    return {
        "format": "lifang.edition/1", "key": "bench", "version": "1", "title": "测评体系",
        "nodes": nodes, "items": items,
    }  # fmt: skip


def _leaf(n: int, roles: list[str], measure: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": f"L{n:03}",
        "parent": f"G{n % 12}",
        "title": f"第{n}项测评标准：街面干净、秩序良好、设施完好",
        "points": "0.5",
        "lead": roles[n % len(roles)],
        "assist": [{"role": roles[(n + 7) % len(roles)], "share": "0.2"}],
        "measures": [measure],
    }


def build() -> tuple[int, int]:
    """The city and its rounds; ids of the last round and its run."""
    from django.core.management import call_command

    from lifang.assessment import actions
    from lifang.demo import run as demo
    from lifang.orgs.acting import SYSTEM
    from lifang.orgs.models import Unit
    from lifang.places.models import Site, SiteType
    from lifang.standards import editions
    from lifang.standards.models import AssessmentEdition

    call_command("migrate", verbosity=0)
    demo.build(cases=300, seed=1)
    luck = random.Random(1)
    units = list(Unit.objects.filter(active=True).order_by("id")[:98])
    types = list(SiteType.objects.filter(sites__active=True).distinct()[:TYPES])
    document = edition([t.code for t in types], [f"r{k}" for k in range(98)])
    of = AssessmentEdition.objects.create(
        key="bench", version="1", title="测评体系", document=document, status="published",
        sha256=editions.digest(document),
    )  # fmt: skip
    sites = list(Site.objects.filter(active=True, type__in=types).select_related("type")[:SITES])
    rounds = [_round(of, units, sites, luck, year) for year in (2024, 2025, 2026)]
    _materials(rounds, units, luck)
    for round_ in rounds:
        run_ = actions.work_out(by=SYSTEM, round_id=round_.pk)
    return rounds[-1].pk, run_.pk


def _round(of: Any, units: list[Any], sites: list[Any], luck: random.Random, year: int) -> Any:
    from lifang.inspections.models import Observation
    from lifang.rounds import scope
    from lifang.rounds.models import Round, RoundPlace, Task
    from lifang.rounds.queries.scopes import document_now
    from lifang.standards import edition_rows

    round_ = Round.objects.create(
        key=f"bench-{year}",
        title=f"{year} 年模拟测评",
        edition=of,
        starts=dt.date(year, 1, 1),
        ends=dt.date(year, 12, 31),
        visit=dt.date(year, 11, 30),
        roster={f"r{k}": u.code for k, u in enumerate(units)},
        design={"seed": str(year)},
    )
    drawn = set(luck.sample(range(len(sites)), min(DRAWN, len(sites))))
    RoundPlace.objects.bulk_create(
        RoundPlace(
            round=round_, site=s, code=s.code, title=s.name, type=s.type.code, district="",
            unit=units[n % len(units)], drawn=n in drawn,
        )
        for n, s in enumerate(sites)
    )  # fmt: skip
    document = document_now(round_)
    round_.document, round_.sha256 = document, scope.read(document).digest
    round_.status = "open"
    round_.save()
    edition_ = edition_rows.edition(of)
    Task.objects.bulk_create(
        Task(
            round=round_, leaf=leaf.code, order=n, unit=units[(n + k) % len(units)],
            part="lead" if k == 0 else "assist", share=Decimal("0.2"), status="issued",
        )
        for n, leaf in enumerate(edition_.leaves)
        for k in range(4)
    )  # fmt: skip
    seen = dt.datetime(year, 6, 1, tzinfo=dt.UTC)
    Observation.objects.bulk_create(
        [
            Observation(
                round=round_, place=p, item=item.code, seen_at=seen,
                state="fail" if luck.random() < 0.15 else "pass",
            )
            for p in RoundPlace.objects.filter(round=round_, drawn=True)
            for item in edition_.items.values()
            if item.for_type(p.type)
        ],
        batch_size=500,
    )  # fmt: skip
    return round_


def _materials(rounds: list[Any], units: list[Any], luck: random.Random) -> None:
    from django.utils import timezone

    from lifang.materials.models import Filing, Material, Review, Revision
    from lifang.standards import edition_rows

    now = timezone.now()
    made = Material.objects.bulk_create(
        [
            Material(
                unit=units[n % len(units)], title=f"材料 {n}：工作方案与佐证", kind="document", last=1,
                made_at=now,
            )
            for n in range(MATERIALS)
        ],
        batch_size=500,
    )  # fmt: skip
    revisions = Revision.objects.bulk_create(
        [Revision(material=m, number=1, made_at=now, sha256=f"{m.pk:064}") for m in made],
        batch_size=500,
    )
    for round_ in rounds:
        filings = []
        for n, leaf in enumerate(edition_rows.edition(round_.edition).leaves[FIELD:]):
            for slot in leaf.measures[0].slots:
                which = luck.randrange(MATERIALS)
                filings.append(
                    Filing(
                        round=round_, leaf=leaf.code, measure="document", slot=slot, order=n,
                        number=f"{leaf.code}-{slot}", title=f"{leaf.code} 的{slot}",
                        unit=units[n % len(units)], status="accepted", known="upload", grade="A",
                        material=made[which], revision=revisions[which], updated_at=now,
                    )
                )  # fmt: skip
        kept = Filing.objects.bulk_create(filings, batch_size=500)
        Review.objects.bulk_create(
            [
                Review(filing=f, level=level, grade=luck.choice("AAABC"), at=now)
                for f in kept
                for level in (1, 2)
            ],
            batch_size=500,
        )


def pages(round_id: int, run_id: int) -> Iterator[tuple[str, str]]:
    """Name and address of each page's request."""
    of, run_ = f"/scores/{round_id}", f"/score-runs/{run_id}"
    yield from (
        ("scores", "/scores"),
        ("board", of),
        ("trend", f"{of}/trend"),
        ("peers", f"{of}/peers"),
        ("a unit's page", f"{of}/my-units?unit=1"),
        ("entries", f"{of}/entries"),
        ("losses by unit", f"{run_}/losses?by=unit"),
        ("losses by place", f"{run_}/losses?by=site"),
        ("rows of losses", f"{run_}/loss-rows"),
        ("heat map", f"{run_}/heat"),
        ("one indicator", f"{run_}/leaves/L001"),
        ("comparison", f"{run_}/compare/{run_id - 1}"),
        ("observations", f"/observations?round={round_id}"),
        ("rounds", "/rounds"),
        ("a round", f"/rounds/{round_id}"),
        ("places", f"/rounds/{round_id}/places"),
        ("tasks", f"/round-tasks?round={round_id}"),
        ("steps", f"/round-steps?round={round_id}"),
        ("materials", f"/materials/filings?round={round_id}"),
        ("library", "/materials/library"),
        ("wall", f"/materials/rounds/{round_id}/wall"),
        ("burden", f"/materials/rounds/{round_id}/burden"),
    )


def _get(path: str, cookie: str, _i: int) -> tuple[int, bytes]:
    from bench.measure import request

    return request("GET", f"/api/v1{path}", cookies=cookie)


def here() -> int:
    import django

    django.setup()
    from django.db import connection

    from bench.__main__ import OUT
    from bench.measure import cost
    from bench.suite import sign_in, somebody
    from lifang.orgs.choices import Role

    round_id, run_id = build()
    cookie = sign_in(somebody(Role.EVALUATOR))
    print(f"\n{connection.vendor}: 208 standards, 98 units, 3 rounds, {MATERIALS:,} materials")
    print(f"{'page':<22}{'SQL':>5}{'CPU ms':>9}{'p50 ms':>9}{'p99 ms':>9}  {BUDGET}")
    rows, beyond = [], 0
    for name, path in pages(round_id, run_id):
        row = cost(name, partial(_get, path, cookie), n=30, budget=BUDGET)
        rows.append(row.as_dict())
        beyond += row.sql > 8
        print(f"{name:<22}{row.sql:>5}{row.cpu_ms:>9}{row.p50_ms:>9}{row.p99_ms:>9}")
    OUT.mkdir(exist_ok=True)
    told = {"engine": connection.vendor, "machine": platform.machine(), "pages": rows}
    (OUT / f"{connection.vendor}-rounds.json").write_text(json.dumps(told, indent=1), "utf-8")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(here() if sys.argv[1:] == ["here"] else main())
