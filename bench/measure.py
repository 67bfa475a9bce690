"""What one request costs: CPU of this process, time, SQL statements; over WSGI, as granian calls it."""

import io
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from lifang.wsgi import application

#: no work of the database's own: not counted
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Cost:
    """Of one kind of request, over ``n`` calls. On PostgreSQL the server's CPU is not in ``cpu_ms``."""

    what: str
    sql: int
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    n: int
    budget: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements sent inside."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(CONTROL):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def request(
    method: str, url: str, *, body: Any = None, cookies: str = "", token: str = ""
) -> tuple[int, bytes]:
    """One request; status and body."""
    raw = json.dumps(body).encode() if body is not None else b""
    parts = urlsplit(url)
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_COOKIE": cookies,
        "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    status = 0

    def start(line: str, _headers: Any, _exc: Any = None, /) -> Callable[[bytes], object]:
        nonlocal status
        status = int(line.split()[0])
        return lambda _body: None

    answer = application(environ, start)
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return status, content


def cost(what: str, call: Callable[[int], tuple[int, bytes]], *, n: int, budget: str = "") -> Cost:
    """Measure ``call(i)`` ``n`` times after three to warm up."""
    for i in range(3):
        status, content = call(-1 - i)
        if status >= 400:
            raise RuntimeError(f"{what}: {status} {content[:500].decode()}")
    with statements() as seen:
        call(-4)
    walls: list[float] = []
    began = time.process_time()
    for i in range(n):
        at = time.perf_counter()
        call(i)
        walls.append((time.perf_counter() - at) * 1000)
    cpu = (time.process_time() - began) * 1000 / n
    walls.sort()
    return Cost(
        what=what,
        sql=len(seen),
        cpu_ms=round(cpu, 2),
        p50_ms=round(statistics.median(walls), 2),
        p99_ms=round(walls[min(n - 1, int(n * 0.99))], 2),
        n=n,
        budget=budget,
    )
