"""What every request of the JSON API passes: no NUL, idempotency keys on writes, ETag on GET."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.api import error
from lifang.core.models import IdempotencyKey

PREFIX = "/api/"
KEY = "Idempotency-Key"
#: a first request that has not answered for so long is taken for dead
_DEAD_AFTER = timedelta(seconds=60)
#: in JSON: an escaped NUL whose backslash is not itself escaped
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

View = Callable[[HttpRequest], HttpResponse]


class ApiMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _no_nul(request)
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        if request.method in ("GET", "HEAD"):
            return _with_etag(request, self.get_response(request))
        if _is_json(request):
            try:
                if _NUL.search(request.body) or b"\x00" in request.body:
                    return _no_nul(request)
            except RequestDataTooBig:
                return error(request, 413, "too_large", _("提交的内容过大"))
        # a verb (PUT) sent twice by a phone whose answer was lost must not meet a changed state
        if request.method in ("POST", "PUT") and (key := request.headers.get(KEY)):
            return self._once(request, key)
        return self.get_response(request)

    def _once(self, request: HttpRequest, key: str) -> HttpResponse:
        """The first request with a key is done, later ones get its answer."""
        if not 1 <= len(key) <= 100 or not key.isprintable():
            return error(
                request, 422, "idempotency.key", _("Idempotency-Key 须为 1–100 个可见字符")
            )
        owner, mark, now = _owner(request), _hash(request), timezone.now()
        try:
            with transaction.atomic():
                row = IdempotencyKey.objects.create(
                    owner=owner, key=key, request_hash=mark, created_at=now
                )
        except IntegrityError:
            found = IdempotencyKey.objects.filter(owner=owner, key=key).first()
            if found is None or found.request_hash != mark:
                return error(
                    request,
                    409,
                    "idempotency.mismatch",
                    _("这个 Idempotency-Key 已用于另一个请求，请换一个"),
                )
            if found.status is not None:
                return _again(found)
            taken = IdempotencyKey.objects.filter(
                id=found.id, status=None, created_at__lt=now - _DEAD_AFTER
            ).update(created_at=now)
            if not taken:
                return error(request, 409, "idempotency.busy", _("同一请求正在处理，请稍后再试"))
            row = found
        try:
            response = self.get_response(request)
        except BaseException:
            IdempotencyKey.objects.filter(id=row.id).delete()
            raise
        # only what was done is remembered: after a refusal the same key may be tried again
        if 200 <= response.status_code < 300 and not response.streaming:
            IdempotencyKey.objects.filter(id=row.id).update(
                status=response.status_code,
                content_type=response["Content-Type"],
                answer=response.content.decode(),
            )
        else:
            IdempotencyKey.objects.filter(id=row.id).delete()
        return response


def _is_json(request: HttpRequest) -> bool:
    return (request.content_type or "") == "application/json"


def _no_nul(request: HttpRequest) -> HttpResponse:
    return error(request, 422, "invalid", _("提交的内容含有非法字符（NUL），请检查"))


def _owner(request: HttpRequest) -> str:
    """One key means one request of one sender."""
    user = request.session.get(SESSION_KEY)
    if user is not None:
        return f"user:{user}"
    if token := request.headers.get("Authorization"):
        return "token:" + hashlib.sha256(token.encode()).hexdigest()[:40]
    return f"address:{request.META.get('REMOTE_ADDR', '')}"


def _hash(request: HttpRequest) -> str:
    """Of JSON the whole body; of a form with files only its length, since it streams to disk."""
    body = request.body if _is_json(request) else request.META.get("CONTENT_LENGTH", "").encode()
    return hashlib.sha256(request.get_full_path().encode() + b"\n" + body).hexdigest()


def _again(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(row.answer, status=row.status, content_type=row.content_type)
    response["Idempotent-Replay"] = "true"
    return response


def _with_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A mark of the content: who polls and has it already gets 304 and no body."""
    if response.status_code != 200 or response.streaming or response.has_header("ETag"):
        return response
    mark = f'W/"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    held = [m.strip() for m in request.headers.get("If-None-Match", "").split(",")]
    if mark in held:
        unchanged = HttpResponse(status=304)
        for name in ("Vary", "Content-Language"):
            if response.has_header(name):
                unchanged[name] = response[name]
        unchanged.cookies = response.cookies
        response = unchanged
    response["ETag"] = mark
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
