"""What every room's API stands on: router, error shape, UTF-8 renderer, page shape."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error
from ninja import NinjaAPI, Schema
from ninja import Router as NinjaRouter
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer
from pydantic import BaseModel

from lifang.core.errors import Problem

T = TypeVar("T")


class FieldError(Schema):
    path: str
    message: str


class ErrorOut(Schema):
    """The one error shape of every route."""

    code: str
    message: str
    fields: list[FieldError] = []
    request_id: str = ""


class Page(Schema, Generic[T]):
    """A page of a list: pass ``next`` as ``cursor`` to go on; ``null`` at the end."""

    items: list[T]
    next: str | None = None


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return str(value)  # lazy translations, Decimal, UUID


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=_plain)


def ready(data: Any) -> HttpResponse:
    """An answer already in its declared shape, for hot lists: going through the schema once more
    costs as much as everything else. The contract tests hold it to the shape."""
    return HttpResponse(
        orjson.dumps(data, default=_plain), content_type="application/json; charset=utf-8"
    )


_ERRORS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), ErrorOut)


_FILES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "zip": "application/zip",
    "pdf": "application/pdf",
}


def _file(path: str) -> dict[str, Any]:
    """OpenAPI's words for an answer that is a file, by the ending of its path."""
    kind = _FILES.get(path.rsplit(".", 1)[-1], "application/octet-stream")
    return {
        "description": "OK",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}}},
    }


class Router(NinjaRouter):
    """A ninja router whose routes all declare the error shape."""

    def api_operation(
        self, methods: list[str], path: str, *, response: Any = None, **kw: Any
    ) -> Any:
        declared = dict(response) if isinstance(response, dict) else {200: response}
        if declared.get(200) is bytes:
            # a file: what is declared is its own type, not JSON
            del declared[200]
            kw["openapi_extra"] = kw.get("openapi_extra") or {"responses": {200: _file(path)}}
        return super().api_operation(methods, path, response={**_ERRORS, **declared}, **kw)


def error(
    request: HttpRequest, status: int, code: str, message: object, fields: Any = ()
) -> HttpResponse:
    """An error answer in the one shape."""
    body = {
        "code": code,
        "message": str(message),
        "fields": [{"path": f.path, "message": str(f.message)} for f in fields],
        "request_id": request.META.get("lifang.request_id", ""),
    }
    return HttpResponse(
        orjson.dumps(body), status=status, content_type="application/json; charset=utf-8"
    )


def by_first_word(routes: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same routes below their first word: a request is held against one room's, not all 300."""
    plain: list[URLPattern | URLResolver] = []
    groups: dict[str, list[URLPattern]] = {}
    for route in routes:
        word, slash, rest = str(route.pattern).partition("/")
        if not slash or not isinstance(route, URLPattern):
            plain.append(route)
            continue
        below = RoutePattern(rest, name=route.name, is_endpoint=True)
        groups.setdefault(f"{word}/", []).append(
            URLPattern(below, route.callback, route.default_args, route.name)
        )
    return plain + [URLResolver(RoutePattern(word), members) for word, members in groups.items()]


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Paths under the API that no route has, numbers that are none: in the one shape too."""
    return error(request, 404, "not_found", _("没有这个接口或编号，请检查地址"))


def broken(request: HttpRequest) -> HttpResponse:
    """Our own mistake: the person gets the number under which the log has it."""
    if request.path.startswith("/api/"):
        message = _("系统出错了，请稍后重试；如仍不行，请把编号告诉管理员")
        return error(request, 500, "server_error", message)
    return server_error(request)


def build(*, title: str, version: str, auth: Callable[[HttpRequest], Any]) -> NinjaAPI:
    """The JSON API with our renderer and error shape; rooms add their routers in ``urls``."""
    api = NinjaAPI(
        title=title,
        version=version,
        auth=auth,
        renderer=Renderer(),
        docs_url=None,
        urls_namespace="api",
    )

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, exc: Problem) -> HttpResponse:
        answer = error(request, exc.status, exc.code, exc.message, exc.fields)
        if wait := getattr(exc, "retry_after", 0):
            answer["Retry-After"] = str(wait)
        return answer

    @api.exception_handler(ValidationError)
    def _validation(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        from lifang.core.wording import invalid_fields

        fields = invalid_fields(exc.errors)
        where = "、".join(f.path for f in fields[:5])
        return error(
            request,
            422,
            "invalid",
            _("提交的内容有误，请检查：%(where)s") % {"where": where},
            fields,
        )

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, exc: HttpError) -> HttpResponse:
        return error(request, exc.status_code, "bad_request", _("请求无法识别，请检查格式后重试"))

    return api
