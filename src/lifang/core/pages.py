"""What every server page knows, and the shells of the two browser apps as built by Vite."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from lifang import __version__
from lifang.config import config

#: a visitor's choice of the large, plain pages (长辈版), kept for a year
ELDER_COOKIE = "lf_elder"
BUILT = Path(settings.BASE_DIR) / "static" / "web"


def is_elder(request: HttpRequest) -> bool:
    return request.COOKIES.get(ELDER_COOKIE) == "1"


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of all pages."""
    return {
        "city_name": config().city_name,
        "elder": is_elder(request),
        "demo": config().demo,
        "lifang_version": __version__,
    }


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int) -> tuple[bytes, str]:
    body = path.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def _built(request: HttpRequest, name: str, content_type: str) -> HttpResponse:
    path = BUILT / name
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return render(request, "core/not_built.html", status=503)
    body, etag = _read(path, stamp)
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag
    return response


@require_safe
@ensure_csrf_cookie
@cache_control(no_cache=True, private=True)
def console(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The desktop app. It asks the API who is here and goes to the login page itself."""
    return _built(request, "console/index.html", "text/html; charset=utf-8")


@require_safe
@ensure_csrf_cookie
@cache_control(no_cache=True, private=True)
def mobile(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The phone app; citizens use it without an account."""
    return _built(request, "mobile/index.html", "text/html; charset=utf-8")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the phone app's own path, so that it rules ``/m/`` and nothing else."""
    response = _built(request, "sw.js", "text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/m/"
    return response
