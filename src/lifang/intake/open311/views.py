"""The GeoReport v2 server at ``/open311/v2/``: plain views, XML or JSON by the ending of the path."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any, cast

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from lifang.config import config
from lifang.core import files
from lifang.core.acts import owner_of
from lifang.core.errors import Forbidden, Invalid, Missing, Problem
from lifang.core.models import StoredFile
from lifang.intake import limits
from lifang.intake import rules as door
from lifang.intake.open311 import actions, queries, rules, services, wire
from lifang.orgs import signin
from lifang.orgs.acting import Acting, optional

#: the day on which this server last changed its ways
CHANGESET = "2026-11-26T00:00:00+08:00"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_BAD_REQUEST = (SuspiciousOperation, MultiPartParserError, UnreadablePostError)


@dataclass(frozen=True)
class Said:
    """An answer before it is written: ``value`` under ``root``."""

    root: str
    value: Any
    headers: dict[str, str] = field(default_factory=dict)


View = Callable[..., Said]


def answers(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Wrap a view that gives :class:`Said`: writes it in the asked form, and every refusal too."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def run(request: HttpRequest, *, form: str = wire.XML, **kw: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    refused = _refusal(
                        form, 405, _("此地址不支持 %(m)s 方法") % {"m": request.method}
                    )
                    refused["Allow"] = ", ".join(methods)
                    return refused
                if request.method in ("GET", "HEAD"):
                    limits.look(optional(request))
                _jurisdiction(request)
                made = view(request, **kw)
            except Problem as problem:
                return _refused(form, problem)
            except rules.Wrong as wrong:
                return _refusal(form, 400, _("参数 %(name)s 有误") % {"name": wrong.name})
            except _BAD_REQUEST:
                return _refusal(form, 400, _("请求无法读取：表单格式有误、中断或过大"))
            return _answer(form, made)

        return run

    return wrap


def _answer(form: str, said: Said, status: int = 200) -> HttpResponse:
    return HttpResponse(
        wire.write(said.root, said.value, form),
        status=status,
        content_type=wire.CONTENT_TYPE[form],
        headers=said.headers,
    )


def _refusal(form: str, status: int, message: str) -> HttpResponse:
    return _answer(form, Said("errors", [{"code": str(status), "description": message}]), status)


def _refused(form: str, problem: Problem) -> HttpResponse:
    """404 for what is not there, 403 for keys, 429 for too many, 400 for the rest."""
    status = {401: 403, 403: 403, 404: 404, 429: 429}.get(problem.status, 400)
    answer = _refusal(form, status, str(problem.message))
    if wait := getattr(problem, "retry_after", 0):
        answer["Retry-After"] = str(wait)
    return answer


def _given(request: HttpRequest, name: str) -> str:
    """A parameter of the query or the form; an empty one was not given."""
    found = request.POST.get(name) if request.method == "POST" else None
    return (found or request.GET.get(name) or "").strip()


def _jurisdiction(request: HttpRequest) -> None:
    own, said = config().open311_jurisdiction, _given(request, "jurisdiction_id")
    if own and said and said != own:
        raise Missing("open311.jurisdiction", _("不受理辖区“%(id)s”") % {"id": said[:60]})


def _key(request: HttpRequest, way: str) -> Acting:
    """The machine whose ``api_key`` came; 403 without or with a wrong one."""
    secret = _given(request, "api_key")
    if not secret:
        raise Forbidden("open311.key", _("缺少 api_key，请向本市安全管理员申请令牌"))
    address = signin.address_of(request)
    return signin.by_key(secret, need=f"open311:{way}", address=address)


def _reader(request: HttpRequest) -> Acting | None:
    """Whoever reads with a key sees more; reading needs none."""
    return _key(request, "read") if _given(request, "api_key") else None


# ---------------------------------------------------------------- reading


@answers("GET", "HEAD")
def discovery(request: HttpRequest) -> Said:
    where = request.build_absolute_uri("/open311/v2")
    about = {
        "changeset": CHANGESET,
        "contact": _("请联系%(city)s城市管理指挥中心") % {"city": config().city_name or _("本市")},
        "key_service": _("api_key 由安全管理员在管理台“接口令牌”页发放，权限范围选 open311"),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": where,
                "changeset": CHANGESET,
                "type": "test" if config().demo else "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return Said("discovery", about)


@answers("GET", "HEAD")
def service_list(request: HttpRequest) -> Said:
    return Said("services", services.listed())


@answers("GET", "HEAD")
def service(request: HttpRequest, code: str) -> Said:
    return Said("service_definition", services.definition(code))


@answers("GET", "HEAD", "POST")
def requests(request: HttpRequest) -> Said:
    """``GET`` finds, ``POST`` reports."""
    return _post(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> Said:
    by = _reader(request)
    asked = _asked(request)
    rows, total = queries.found(asked)
    shown = queries.shown(rows, by=by, whole=request.build_absolute_uri)
    headers = {"X-Page": str(asked.page), "X-Page-Size": str(asked.size)}
    if total is not None:
        headers["X-Total-Count"] = str(total)
    return Said("service_requests", shown, headers)


def _asked(request: HttpRequest) -> queries.Asked:
    zone, now = timezone.get_current_timezone(), timezone.now()
    start = rules.moment(_given(request, "start_date"), zone, "start_date")
    end = rules.moment(_given(request, "end_date"), zone, "end_date")
    after = rules.moment(_given(request, "updated_after"), zone, "updated_after")
    before = rules.moment(_given(request, "updated_before"), zone, "updated_before")
    if (after or before) and not _given(request, "api_key"):
        # what changed is asked by systems that keep a copy, not by everybody
        raise Forbidden("open311.key", _("按更新时间查询须有 api_key"))
    window: rules.Window | None = None
    if start is None and end is None and (after or before):
        # from ``after`` on the index by change is read in its order; a window of days would spoil that
        if after is None:
            window = rules.Window(now - timedelta(days=rules.CHANGED_DAYS), now)
    else:
        window = rules.window(start, end, now)
    page = rules.number(_given(request, "page"), "page", default=1, most=rules.MOST_PAGE)
    size = rules.number(
        _given(request, "page_size"), "page_size", default=rules.MOST_ROWS, most=rules.MOST_ROWS
    )
    if (page - 1) * size >= rules.MOST_DEEP:
        raise rules.Wrong("page")
    return queries.Asked(
        ids=rules.words(_given(request, "service_request_id")),
        services=rules.words(_given(request, "service_code")),
        statuses=rules.statuses(_given(request, "status")),
        window=window,
        changed_after=after,
        changed_before=before,
        page=page,
        size=size,
    )


@answers("GET", "HEAD")
def one(request: HttpRequest, number: str) -> Said:
    by = _reader(request)
    found = queries.one(number)
    shown = queries.shown([found], by=by, whole=request.build_absolute_uri)
    return Said("service_requests", shown)


@answers("GET", "HEAD")
def token(request: HttpRequest, token: str) -> Said:
    row = queries.by_token(token)
    number = row.report.origin.number
    return Said("service_requests", [{"service_request_id": number, "token": row.token}])


@answers("GET", "HEAD", "POST")
def updates(request: HttpRequest) -> Said:
    """mySociety's extension: ``GET`` tells the public course, ``POST`` adds the reporter's words."""
    if request.method == "POST":
        return _post_update(request)
    ids = rules.words(_given(request, "service_request_id"))
    if not ids:
        raise rules.Wrong("service_request_id")
    found, _total = queries.found(queries.Asked(ids=ids[:50]))
    return Said("service_request_updates", [u for case in found for u in queries.updates(case)])


@answers("GET", "HEAD", "POST")
def nothing(request: HttpRequest, rest: str = "") -> Said:
    message = _("没有这个地址；可用 services、requests、tokens，以 .xml 或 .json 结尾")
    raise Missing("open311.path", message)


# ---------------------------------------------------------------- posting


def _post(request: HttpRequest) -> Said:
    by = _key(request, "write")
    row = actions.receive(by=by, posting=_posting(request), files=_media(request, by))
    made = {
        "service_request_id": row.report.origin.number,
        "service_notice": _("已受理，可凭编号查询进度"),
        "account_id": None,
    }
    return Said("service_requests", [made])


def _posting(request: HttpRequest) -> actions.Posting:
    attributes = {
        name[len("attribute[") : -1]: ",".join(request.POST.getlist(full))
        for full in request.POST
        if (name := full.removesuffix("[]")).startswith("attribute[") and name.endswith("]")
    }
    return actions.Posting(
        service_code=_given(request, "service_code"),
        description=_given(request, "description"),
        lat=_given(request, "lat"),
        lng=_given(request, "long"),
        address=_given(request, "address_string"),
        address_id=_given(request, "address_id"),
        first_name=_given(request, "first_name"),
        last_name=_given(request, "last_name"),
        phone=_given(request, "phone"),
        device_id=_given(request, "device_id"),
        account_id=_given(request, "account_id"),
        media_url=_given(request, "media_url"),
        client_id=(_given(request, "client_id") or request.headers.get("Idempotency-Key", ""))[
            :200
        ],
        attributes=attributes,
    )


def _media(request: HttpRequest, by: Acting) -> list[StoredFile]:
    """The form's pictures (``media``, ``media[]``), kept."""
    given: list[UploadedFile[bytes]] = [
        f for name in ("media", "media[]") for f in request.FILES.getlist(name) if f.size
    ]
    if len(given) > door.MAX_FILES:
        raise Invalid("files", _("一次最多 %(n)s 张照片") % {"n": door.MAX_FILES})
    return [
        files.accept(cast(IO[bytes], f.file), name=f.name or "", owner=owner_of(by)) for f in given
    ]


def _post_update(request: HttpRequest) -> Said:
    by = _key(request, "write")
    step = actions.add_words(
        by=by,
        number=_given(request, "service_request_id"),
        text=_given(request, "description"),
        files=_media(request, by),
    )
    return Said("service_request_updates", [{"update_id": str(step.pk)}])
