"""Every request has an id, which every error and log line carries."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["lifang.request_id"] = secrets.token_hex(8)
        response = self.get_response(request)
        response["X-Request-Id"] = request.META["lifang.request_id"]
        return response
