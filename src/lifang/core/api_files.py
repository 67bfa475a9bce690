"""Routes of files: in one piece, or in pieces that can be resumed. Open to citizens, within limits."""

from typing import IO, Annotated, cast
from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Header, Query, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from lifang.core import files
from lifang.core.acts import Actor, owner_of, who
from lifang.core.api import Router
from lifang.core.errors import TooMany
from lifang.core.files import uploads
from lifang.core.models import StoredFile

router = Router(tags=["files"])
#: of one address without an account: files an hour (a whole office may share an address)
STRANGER_FILES = 300
_STRANGER_KINDS = ("image", "audio", "video")


class FileOut(Schema):
    file_id: int
    #: hand this in to hang the file on a report
    token: str
    sha256: str
    kind: str
    name: str
    size: int
    width: int | None
    height: int | None
    #: length of sound and film
    seconds: float | None
    taken_at: str | None
    lng: float | None
    lat: float | None
    thumb_url: str
    view_url: str


class UploadIn(Schema):
    name: str = Field(max_length=200)
    size: int = Field(ge=1, le=2**40)
    kinds: list[str] = Field(default=["image"], max_length=5)


class UploadOut(Schema):
    id: UUID
    offset: int
    size: int
    #: how many bytes to send at a time
    chunk: int = uploads.CHUNK


def out(file: StoredFile) -> FileOut:
    """A file as the API shows it to the one who brought it."""
    return FileOut(
        file_id=file.id,
        token=files.token(file),
        sha256=file.sha256,
        kind=file.kind,
        name=file.name,
        size=file.size,
        width=file.width,
        height=file.height,
        seconds=file.seconds,
        taken_at=file.taken_at.isoformat() if file.taken_at else None,
        lng=file.exif_lng,
        lat=file.exif_lat,
        thumb_url=files.url(file.sha256, "thumb" if file.kind == "image" else "view"),
        view_url=files.url(file.sha256, "view"),
    )


def _let_in(request: HttpRequest) -> Actor:
    """Who sends; strangers are counted by address."""
    by = who(request)
    if by.user_id is None and by.token_id is None:
        key = f"files:{by.address}"
        cache.add(key, 0, 3600)
        if cache.incr(key) > STRANGER_FILES:
            raise TooMany("file.too_many", _("上传过于频繁，请稍后再试"))
    return by


def _kinds(by: Actor, wanted: list[str]) -> list[str]:
    """What a sender may send: strangers no documents and tables."""
    if by.user_id is None and by.token_id is None:
        return [k for k in wanted if k in _STRANGER_KINDS] or ["image"]
    return wanted


@router.post("/files", response={201: FileOut}, auth=None)
def send_file(
    request: HttpRequest,
    file: File[UploadedFile],
    kinds: Query[list[str]] = ["image"],  # noqa: B006  (ninja copies it)
) -> Status[FileOut]:
    by = _let_in(request)
    row = files.accept(
        cast(IO[bytes], file.file),
        name=file.name or "",
        owner=owner_of(by),
        kinds=_kinds(by, kinds),
    )
    return Status(201, out(row))


@router.post("/uploads", response={201: UploadOut}, auth=None)
def begin_upload(request: HttpRequest, body: UploadIn) -> Status[UploadOut]:
    by = _let_in(request)
    made = uploads.create(
        name=body.name, size=body.size, owner=owner_of(by), kinds=_kinds(by, body.kinds)
    )
    return Status(201, UploadOut(id=made.id, offset=0, size=made.size))


@router.get("/uploads/{upload_id}", response=UploadOut, auth=None)
def upload_state(request: HttpRequest, upload_id: UUID) -> UploadOut:
    found = uploads.get(upload_id, owner=owner_of(who(request)))
    return UploadOut(id=found.id, offset=uploads.offset(found), size=found.size)


@router.patch("/uploads/{upload_id}", response=UploadOut, auth=None)
def send_piece(
    request: HttpRequest,
    upload_id: UUID,
    upload_offset: Annotated[int, Header(ge=0, description="字节位置，与已收到的长度一致")],
) -> UploadOut:
    found = uploads.get(upload_id, owner=owner_of(who(request)))
    here = uploads.append(found, at=upload_offset, stream=cast(IO[bytes], request))
    return UploadOut(id=found.id, offset=here, size=found.size)


@router.post("/uploads/{upload_id}/finish", response=FileOut, auth=None)
def finish_upload(request: HttpRequest, upload_id: UUID) -> FileOut:
    return out(uploads.finish(uploads.get(upload_id, owner=owner_of(who(request)))))
