"""``/healthz`` for balancers, ``/metrics`` for Prometheus (this machine, or with the token)."""

import hmac
import time
from collections.abc import Callable
from typing import cast

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)

from lifang.config import config
from lifang.core import doctor

#: of this process; several web processes answer in turn, so rates are read per process
REQUESTS = Histogram(
    "lifang_request_seconds",
    "Time to answer, by method and class of status.",
    ("method", "status"),
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


class TimingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "OTHER"
        REQUESTS.labels(method, f"{response.status_code // 100}xx").observe(
            time.perf_counter() - start
        )
        return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process can ask its database."""
    with connection.cursor() as sql:
        sql.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponse(status=403)
    registry = CollectorRegistry()
    figures = doctor.quick()
    tasks = Gauge("lifang_tasks", "Background tasks by state.", ("state",), registry=registry)
    for state, n in cast(dict[str, int], figures.get("tasks", {})).items():
        tasks.labels(state).set(n)
    lag = Gauge("lifang_reader_lag", "Entries to read.", ("reader",), registry=registry)
    for name, n in cast(dict[str, int], figures["reader_lags"]).items():
        lag.labels(name).set(n)
    for name in ("workers", "oldest_task_seconds", "deliveries_waiting", "free_bytes"):
        if name in figures:
            Gauge(f"lifang_{name}", name.replace("_", " "), registry=registry).set(
                float(cast(float, figures[name]))
            )
    body = generate_latest(registry) + generate_latest()
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """With the token from anywhere; without one, only from this machine and not through a proxy."""
    token = config().metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(token.encode(), given.encode())
    local = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
    return local and "HTTP_X_FORWARDED_FOR" not in request.META
