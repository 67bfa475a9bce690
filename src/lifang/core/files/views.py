"""``/files/{sha256}/{variant}``: copies by signed link or by right, originals by right and journalled."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import IO

from django.db import transaction
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lifang.core import journal
from lifang.core.acts import Actor, who
from lifang.core.api import error
from lifang.core.errors import Forbidden, Invalid, Missing, Problem, Unauthenticated
from lifang.core.files import pictures
from lifang.core.files.access import may_open
from lifang.core.files.links import signed
from lifang.core.files.publishing import PUBLIC
from lifang.core.files.store import key_of, store
from lifang.core.files.tasks import ensure_clean, ensure_copies
from lifang.core.models import StoredFile

VARIANTS = ("thumb", "view", "original", *PUBLIC)
#: pictures are large in memory: few are made at a time in a web process
_AT_ONCE = threading.BoundedSemaphore(2)
_INLINE = ("image", "audio", "video")
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?$")


@require_safe
def serve(request: HttpRequest, sha256: str, variant: str) -> HttpResponseBase:
    try:
        return _serve(request, sha256, variant)
    except Problem as problem:
        return error(request, problem.status, problem.code, problem.message)


def _serve(request: HttpRequest, sha256: str, variant: str) -> HttpResponseBase:
    by_link = signed(sha256, variant, request.GET.get("e", ""), request.GET.get("s", ""))
    by = None if by_link else who(request)
    row = StoredFile.objects.filter(sha256=sha256).first() if variant in VARIANTS else None
    if by is not None:
        _check(by, row, variant)
    if row is None:
        raise Missing("file.not_found", _("没有这个文件，链接可能已过期"))
    if variant == "original" and by is not None and not by.automatic:
        with transaction.atomic():
            journal.write(by=by, room="core", verb="open_original", subject=row)
    mark = f'"{sha256[:32]}-{variant}"'
    if variant != "original" and request.headers.get("If-None-Match") == mark:
        unchanged = HttpResponse(status=304)
        unchanged["ETag"] = mark
        return unchanged
    is_copy = row.kind == "image" and variant != "original"
    is_clean = row.kind in ("audio", "video") and variant != "original"
    key = key_of(sha256, variant if is_copy else "view" if is_clean else "original")
    if variant in PUBLIC and not (is_copy and store().has(key)):
        # made by whoever checks it for faces and plates, never on demand
        raise Missing("file.unchecked", _("照片待核，暂不公开"))
    if is_copy and not store().has(key):
        if row.copies_error:
            raise Missing("file.no_copy", _("这张照片无法显示，原件可能已损坏"))
        with _AT_ONCE:
            ensure_copies(row)
    if is_clean:
        _clean(row)
    try:
        stream = store().open(key)
    except FileNotFoundError as problem:
        raise Missing("file.lost", _("文件不在存储中，请联系管理员")) from problem
    kind = pictures.COPY_TYPE if is_copy else row.content_type
    response = _send(request, stream, kind)
    inline = is_copy or (variant != "original" and row.kind in _INLINE)
    _describe(response, row, inline=inline)
    if variant != "original":
        response["ETag"] = mark
        response["Cache-Control"] = "private, max-age=86400, immutable"
    else:
        response["Cache-Control"] = "private, no-store"
    return response


def _clean(row: StoredFile) -> None:
    try:
        ensure_clean(row)
    except FileNotFoundError as problem:
        raise Missing("file.lost", _("文件不在存储中，请联系管理员")) from problem
    except Invalid as problem:
        raise Missing("file.no_copy", problem.message) from problem


def _check(by: Actor, row: StoredFile | None, variant: str) -> None:
    """Strangers learn nothing, not even whether the file is there."""
    if by.user_id is None and by.token_id is None:
        raise Unauthenticated("unauthenticated", _("请先登录后查看"))
    if row is not None and not may_open(by, row, variant):
        raise Forbidden("file.forbidden", _("您没有查看这个文件的权限"))


def _describe(response: HttpResponseBase, row: StoredFile, *, inline: bool) -> None:
    response["Content-Disposition"] = content_disposition_header(not inline, row.name) or "inline"
    # whatever the bytes are also readable as, the browser runs nothing of them
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"


def _send(request: HttpRequest, stream: IO[bytes], content_type: str) -> HttpResponseBase:
    """The whole file, or the one range asked for (players of sound and video ask for ranges)."""
    size = stream.seek(0, 2)
    stream.seek(0)
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked and (asked[1] or asked[2]):
        first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
        if first > last:
            stream.close()
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{size}"
            return refused
        stream.seek(first)
        part = StreamingHttpResponse(
            _piece(stream, last - first + 1), status=206, content_type=content_type
        )
        part["Content-Range"] = f"bytes {first}-{last}/{size}"
        part["Content-Length"] = str(last - first + 1)
        part["Accept-Ranges"] = "bytes"
        return part
    whole = FileResponse(stream, content_type=content_type)
    whole["Content-Length"] = str(size)
    whole["Accept-Ranges"] = "bytes"
    return whole


def _piece(stream: IO[bytes], left: int) -> Iterator[bytes]:
    with closing(stream):
        while left > 0 and (chunk := stream.read(min(left, 64 * 1024))):
            left -= len(chunk)
            yield chunk
