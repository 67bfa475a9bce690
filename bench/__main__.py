"""``python -m bench``: what requests cost on 10,000 and 1,000,000 cases, SQLite and PostgreSQL.

Each engine is measured in a process of its own, on a made-up district in a folder (SQLite) or
database (PostgreSQL, ``LIFANG_TEST_POSTGRES``) that is thrown away afterwards. Prints tables, writes
``bench/out/<engine>-<cases>.json``.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OUT = Path(__file__).resolve().parent / "out"
BASE = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, nargs="*", default=[BASE, 1_000_000])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), nargs="*")
    parser.add_argument("--n", type=int, default=200, help="calls of each kind")
    options = parser.parse_args()
    server = os.environ.get("LIFANG_TEST_POSTGRES", "")
    engines = options.engine or (["sqlite", "postgresql"] if server else ["sqlite"])
    if not server:
        print("PostgreSQL is left out: set LIFANG_TEST_POSTGRES=postgresql://user@host")
    OUT.mkdir(exist_ok=True)
    return max(run(engine, server, options.cases, options.n) for engine in engines)


def run(engine: str, server: str, cases: list[int], n: int) -> int:
    """Measure one engine in a process of its own; its exit status."""
    data = Path(tempfile.mkdtemp(prefix="lifang-bench-"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIFANG_")}
    environment |= {"LIFANG_DATA": str(data), "LIFANG_PUBLIC_REPORTS_PER_HOUR": "100000000"}
    environment |= {"LIFANG_DEMO": "true", "DJANGO_SETTINGS_MODULE": "lifang.settings"}
    name = f"lifang_bench_{os.getpid()}"
    if engine == "postgresql":
        psql(server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        environment["LIFANG_DATABASE_URL"] = f"{server}/{name}"
    try:
        return subprocess.run(
            [sys.executable, "-m", "bench.suite", str(n), *map(str, cases)],
            env=environment,
            check=False,
        ).returncode
    finally:
        if engine == "postgresql":
            psql(server, f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(data, ignore_errors=True)


def psql(server: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.encode())


def keep(engine: str, cases: int, rows: list[dict[str, object]]) -> None:
    """Write one table's figures beside what they were measured on."""
    report = {
        "engine": engine,
        "cases": cases,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "rows": rows,
    }
    path = OUT / f"{engine}-{cases}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
