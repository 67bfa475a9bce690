"""Every request has an id, which every error and log line carries, and reads the stamps once."""

import secrets
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from lifang.core import stamps


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(8)
        request.META["lifang.request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        stamps.begin()
        try:
            response = self.get_response(request)
        finally:
            stamps.end()
            structlog.contextvars.clear_contextvars()
        response["X-Request-Id"] = request_id
        return response
