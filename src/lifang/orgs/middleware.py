"""Session limits, the language of the page, and headers of what only the signed-in see."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from lifang.config import config
from lifang.orgs.accounts import sessions

Next = Callable[[HttpRequest], HttpResponse]

#: the field app takes pictures and places; nothing else of the device is ever asked for
PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()"


class LanguageMiddleware:
    """Chinese unless a person chose otherwise. What the browser prefers does not decide:
    the words of a city's trade are Chinese, on every machine."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        translation.activate(chosen if chosen in known else config().language)
        response = self.get_response(request)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response


class SessionLimitsMiddleware:
    """Ends sessions idle or alive for too long; marks answers to the signed-in as theirs alone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here = settings.SESSION_COOKIE_NAME in request.COOKIES
        if here and request.session.get(SESSION_KEY) is not None:
            now = timezone.now()
            if sessions.ran_out(request.session, now):
                sessions.close(request)
            else:
                sessions.touch(request.session, now)
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if not response.has_header("Cache-Control") and (
            request.session.accessed and not request.session.is_empty()
        ):
            api = request.path.startswith("/api/")
            response["Cache-Control"] = "private, no-cache" if api else "no-store"
        return response
