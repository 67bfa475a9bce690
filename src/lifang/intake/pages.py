"""The portal: report, follow, rate without JavaScript. Thin over the same actions as the API."""

import io
import uuid
from typing import IO, Any, cast

import qrcode
import qrcode.image.svg
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifang.core import files
from lifang.core.acts import owner_of
from lifang.core.errors import Field, Invalid, Problem, TooMany
from lifang.core.models import StoredFile
from lifang.core.pages import ELDER_COOKIE
from lifang.intake import actions, alike, queries, rules
from lifang.orgs.acting import Acting, optional

DEVICE_COOKIE = "lf_device"
YEAR = 365 * 24 * 3600


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "page": "home",
        "counts": queries.counts(),
        "common": queries.common_categories(),
    }
    return render(request, "home.html", context)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _submit(request)
    values = {"client_id": str(uuid.uuid4()), "category_key": request.GET.get("category", "")}
    return _with_device(request, _form(request, values))


def _submit(request: HttpRequest) -> HttpResponse:
    post = request.POST
    by = optional(request)
    try:
        attached = [*post.getlist("kept")[: rules.MAX_FILES], *_keep(request, by)]
        attached += _keep(request, by, field="voices", kind="audio")
        if not post.get("asked") and (known := _known(post, attached)):
            context = {"page": "report", "known": known, "values": _carried(post), "kept": attached}
            return _with_device(request, render(request, "alike.html", context))
        receipt = actions.report(
            by=by,
            client_id=post.get("client_id", "") or str(uuid.uuid4()),
            text=post.get("text", ""),
            lng=_number(post.get("lng", ""), "lng"),
            lat=_number(post.get("lat", ""), "lat"),
            system=post.get("system", ""),
            address=post.get("address", "")[:200],
            category_key=post.get("category_key") or None,
            attached=attached,
            name=post.get("name", ""),
            phone=post.get("phone", ""),
            device=_device(request),
            same_as=post.get("same_as", "")[:40],
        )
    except Problem as problem:
        return _with_device(request, _form(request, post.dict(), problem))
    query = urlencode({"code": receipt.code, "new": "1"})
    return redirect(f"{reverse('portal-case', args=[receipt.number])}?{query}")


#: what the question carries on from the form
CARRIED = ("client_id", "text", "lng", "lat", "system", "address", "category_key", "name", "phone")


def _carried(post: QueryDict) -> list[tuple[str, str]]:
    """The form's values for the page that asks; one without a number of its own gets one, so that sending
    the answer twice is one report."""
    values = {name: post.get(name, "") for name in CARRIED}
    values["client_id"] = values["client_id"] or str(uuid.uuid4())
    return list(values.items())


def _known(post: QueryDict, attached: list[str]) -> list[alike.Known]:
    """What was reported already; nothing where the form is wrong, which sending will tell."""
    try:
        return alike.alike(
            text=rules.clean_text(post.get("text", "")),
            address=post.get("address", "")[:200],
            lng=_number(post.get("lng", ""), "lng"),
            lat=_number(post.get("lat", ""), "lat"),
            system=post.get("system", ""),
            category_key=post.get("category_key", ""),
            attached=attached,
        )
    except Problem:
        return []


def _form(
    request: HttpRequest, values: dict[str, Any], problem: Problem | None = None
) -> HttpResponse:
    context = {
        "page": "report",
        "values": values,
        "problem": problem,
        "wrong": {f.path: f.message for f in problem.fields} if problem else {},
        "categories": queries.public_categories(),
        "max_text": rules.MAX_TEXT,
        "max_files": rules.MAX_FILES,
    }
    answer = render(request, "report.html", context, status=problem.status if problem else 200)
    if isinstance(problem, TooMany):
        answer["Retry-After"] = str(problem.retry_after)
    return answer


@never_cache
@require_GET
def follow(request: HttpRequest) -> HttpResponse:
    number, code = request.GET.get("number", ""), request.GET.get("code", "")
    if number and code:
        address = reverse("portal-case", args=[rules.clean_number(number)[:40] or "-"])
        return redirect(f"{address}?{urlencode({'code': rules.clean_number(code)[:40]})}")
    missing = _("请同时填写受理编号和查询码") if number or code else ""
    return render(request, "follow.html", {"page": "follow", "number": number, "missing": missing})


@never_cache
@csrf_protect
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    code = request.GET.get("code", "")
    try:
        found = actions.followed(by=optional(request), number=number, code=code)
    except Problem as problem:
        return _refused(request, number, problem)
    return _case(request, queries.public_case(found), code)


@never_cache
@csrf_protect
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Answer, rate or reopen by form."""
    post, by = request.POST, optional(request)
    code = post.get("code", "")
    try:
        if verb == "answer":
            actions.answer(
                by=by,
                number=number,
                code=code,
                text=post.get("text", ""),
                attached=_keep(request, by),
            )
        elif verb == "rate":
            _rate(request, by, number, code)
        elif verb == "correct":
            actions.correct(
                by=by,
                number=number,
                code=code,
                voice=post.get("voice", ""),
                text=post.get("text", ""),
            )
        else:
            actions.reopen(
                by=by,
                number=number,
                code=code,
                reason=post.get("reason", ""),
                attached=_keep(request, by),
            )
    except Problem as problem:
        try:
            found = actions.followed(by=by, number=number, code=code)
        except Problem as refused:
            return _refused(request, number, refused)
        return _case(request, queries.public_case(found), code, problem, verb)
    query = urlencode({"code": code, "done": verb})
    return redirect(f"{reverse('portal-case', args=[number])}?{query}")


def _rate(request: HttpRequest, by: Acting, number: str, code: str) -> None:
    post = request.POST
    stars, solved = post.get("stars", ""), post.get("solved", "")
    wrong = []
    if solved not in ("yes", "no"):
        wrong.append(Field("solved", _("请选择问题是否解决")))
    if stars not in ("1", "2", "3", "4", "5"):
        wrong.append(Field("stars", _("请选择满意程度")))
    if wrong:
        raise Invalid("rating.invalid", str(wrong[0].message), fields=wrong)
    contacted = {"yes": True, "no": False}.get(post.get("contacted", ""))
    actions.rate(
        by=by,
        number=number,
        code=code,
        solved=solved == "yes",
        stars=int(stars),
        contacted=contacted,
        comment=post.get("comment", ""),
    )


def _case(
    request: HttpRequest,
    found: queries.PublicCase,
    code: str,
    problem: Problem | None = None,
    verb: str = "",
) -> HttpResponse:
    link = request.build_absolute_uri(
        f"{reverse('portal-case', args=[found.number])}?{urlencode({'code': code})}"
    )
    context = {
        "page": "follow",
        "case": found,
        "code": code,
        "new": request.GET.get("new") == "1",
        "done": request.GET.get("done", ""),
        "qr": qr_svg(link),
        "problem": problem,
        "verb": verb,
        "wrong": {f.path: f.message for f in problem.fields} if problem else {},
        "before": [p for p in found.pictures if p.kind != "after"],
        "after": [p for p in found.pictures if p.kind == "after"],
        "star_words": [
            (5, _("非常满意")),
            (4, _("满意")),
            (3, _("基本满意")),
            (2, _("不满意")),
            (1, _("非常不满意")),
        ],
    }
    return render(request, "case.html", context, status=problem.status if problem else 200)


def _refused(request: HttpRequest, number: str, problem: Problem) -> HttpResponse:
    context = {"page": "follow", "number": number, "problem": problem}
    answer = render(request, "follow.html", context, status=problem.status)
    if wait := getattr(problem, "retry_after", 0):
        answer["Retry-After"] = str(wait)
    return answer


@csrf_protect
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Switch the large, plain pages on or off, and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    if request.POST.get("on") == "1":
        answer.set_cookie(ELDER_COOKIE, "1", max_age=YEAR, samesite="Lax")
    else:
        answer.delete_cookie(ELDER_COOKIE, samesite="Lax")
    return answer


def qr_svg(text: str) -> SafeString:
    """A QR code as inline SVG: no picture file, no style, prints sharp."""
    made = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=0, box_size=10)
    out = io.BytesIO()
    made.save(out)
    svg = out.getvalue().decode()
    return mark_safe(svg[svg.index("<svg") :])  # made by the library from our own link  # noqa: S308  # nosec


def _keep(
    request: HttpRequest, by: Acting, *, field: str = "photos", kind: str = "image"
) -> list[str]:
    """Store the form's pictures or recordings; their tokens."""
    given: list[UploadedFile[bytes]] = [f for f in request.FILES.getlist(field) if f.size]
    if len(given) > rules.MAX_FILES:
        message = _("一次最多 %(n)s 张照片") % {"n": rules.MAX_FILES}
        raise Invalid("files", message, fields=[Field(field, message)])
    kept: list[StoredFile] = []
    for photo in given:
        try:
            kept.append(
                files.accept(
                    cast(IO[bytes], photo.file),
                    name=photo.name or "",
                    owner=owner_of(by),
                    kinds=(kind,),
                )
            )
        except Problem as problem:
            where = [Field(field, f"{photo.name}：{problem.message}")]
            raise Invalid("files", str(where[0].message), fields=where) from problem
    return [files.token(f) for f in kept]


def _device(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(DEVICE_COOKIE, default=""))


def _with_device(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Give a browser without a mark one of its own, so that one device has one limit."""
    if not _device(request):
        answer.set_signed_cookie(
            DEVICE_COOKIE, uuid.uuid4().hex, max_age=YEAR, httponly=True, samesite="Lax"
        )
    return answer


def _number(text: str, path: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise Invalid("place", _("坐标应为数字"), fields=[Field(path, _("应为数字"))]) from None
