"""Taking files in: what is kept, what is refused, what is read and what is stripped."""

import datetime as dt
import io
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import bad_files, sounds
from core.bad_files import picture
from factories_orgs import client_for, make_user
from lifang.core import files
from lifang.core.errors import Problem
from lifang.core.files.store import FolderStore, incoming, key_of, store
from lifang.core.models import JournalEntry, PictureMark, StoredFile, Upload
from lifang.orgs.choices import Role

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


def take(data: bytes, name: str = "照片.jpg", **kw: object) -> StoredFile:
    return files.accept(io.BytesIO(data), name=name, owner="user:1", **kw)  # type: ignore[arg-type]  # passed on


def copy_of(row: StoredFile, variant: str) -> bytes:
    with store().open(key_of(row.sha256, variant)) as stream:
        return stream.read()


def test_it_works(run_tasks: RunTasks) -> None:
    row = take(picture(size=(2000, 1000)), "井盖.jpg")
    assert (row.kind, row.content_type, row.name) == ("image", "image/jpeg", "井盖.jpg")
    assert (row.width, row.height) == (2000, 1000)
    assert run_tasks() == ["make_copies"]
    row.refresh_from_db()
    assert row.copies_made
    assert Image.open(io.BytesIO(copy_of(row, "view"))).size == (1600, 800)
    assert Image.open(io.BytesIO(copy_of(row, "thumb"))).size == (320, 160)


def test_the_same_bytes_are_kept_once(run_tasks: RunTasks) -> None:
    first, second = take(picture(), "a.jpg"), take(picture(), "b.jpg")
    assert first.id == second.id
    assert run_tasks() == ["make_copies"]


def test_exif_is_read_then_stripped_from_copies(run_tasks: RunTasks) -> None:
    row = take(bad_files.with_exif(turned=6))
    assert row.taken_at == dt.datetime(2026, 3, 1, 1, 30, tzinfo=dt.UTC)
    assert row.exif_lng == pytest.approx(112.123456, abs=1e-6)
    assert row.exif_lat == pytest.approx(30.654321, abs=1e-6)
    assert (row.width, row.height) == (48, 64)  # as shown, not as stored
    run_tasks()
    for variant in ("view", "thumb"):
        data = copy_of(row, variant)
        shown = Image.open(io.BytesIO(data))
        assert shown.size == (48, 64)
        assert not shown.getexif()
        assert b"Exif" not in data
        assert b"Maker" not in data


@pytest.mark.parametrize("fmt", ["PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_other_formats_get_copies(fmt: str, run_tasks: RunTasks) -> None:
    row = take(picture(fmt))
    run_tasks()
    assert Image.open(io.BytesIO(copy_of(row, "thumb"))).format == "JPEG"


def test_transparent_becomes_white(run_tasks: RunTasks) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    row = take(out.getvalue())
    run_tasks()
    shown = Image.open(io.BytesIO(copy_of(row, "view")))
    assert shown.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(("name", "data", "code"), bad_files.REFUSED)
def test_bad_files_are_refused_in_words(name: str, data: bytes, code: str) -> None:
    with pytest.raises(Problem) as problem:
        take(data, name)
    assert problem.value.code.startswith(code)
    assert any("\u4e00" <= c <= "\u9fff" for c in str(problem.value))
    assert not StoredFile.objects.exists()
    assert not list(incoming().glob("in-*"))


@pytest.mark.parametrize(
    "make", [bad_files.png_with_text_bomb, bad_files.exif_bomb, bad_files.exif_in_circles]
)
def test_bombs_in_the_margin_do_not_go_off(make: Callable[[], bytes], run_tasks: RunTasks) -> None:
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        row = take(data)
    except Problem as problem:
        assert problem.code == "file.broken"
    else:
        run_tasks()
        assert len(copy_of(row, "view")) < 10_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KiB


def test_an_excel_bomb_is_refused() -> None:
    with pytest.raises(Problem) as problem:
        take(bad_files.excel_bomb(), "表.xlsx", kinds=("sheet",))
    assert problem.value.code == "file.bomb"


@pytest.mark.parametrize("tail", [bad_files.zip_of(), bad_files.HTML, b"<?php system('id');"])
def test_what_hangs_behind_a_picture_is_not_in_its_copies(tail: bytes, run_tasks: RunTasks) -> None:
    row = take(picture() + tail)
    run_tasks()
    for variant in ("view", "thumb"):
        assert tail not in copy_of(row, variant)


@pytest.mark.parametrize(("given", "kept"), bad_files.NAMES)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert files.clean_name(given, ".jpg") == kept


def test_sound_documents_and_tables_are_known_by_content() -> None:
    safari = sounds.mp4(brand=b"mp42")
    video = sounds.mp4(brand=b"mp42", handler=b"vide")
    for data, kind, content_type in (
        (sounds.wav(), "audio", "audio/wav"),
        (sounds.amr(), "audio", "audio/amr"),
        (sounds.mp4(), "audio", "audio/mp4"),
        (safari, "audio", "audio/mp4"),
        (video, "video", "video/mp4"),
        (sounds.webm(), "audio", "audio/webm"),
        (sounds.webm(codec=b"V_VP9"), "video", "video/webm"),
        (sounds.ogg(), "audio", "audio/ogg"),
        (b"%PDF-1.7\n%%EOF", "document", "application/pdf"),
    ):
        row = take(data, "x", kinds=("audio", "video", "document"))
        assert (row.kind, row.content_type) == (kind, content_type)
    assert (
        take("编号,名称\n1,井盖".encode("gbk"), "表.csv", kinds=("sheet",)).content_type
        == "text/csv"
    )
    with pytest.raises(Problem):
        take(bad_files.HTML, "表.csv", kinds=("sheet",))


def test_too_large_is_refused_while_it_streams(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifang.core.files.intake.most_bytes", lambda: 1000)
    with pytest.raises(Problem) as problem:
        take(picture(size=(600, 600)))
    assert problem.value.status == 413
    assert not list(incoming().glob("in-*"))


def test_lost_bytes_come_back_with_the_next_upload() -> None:
    row = take(picture())
    where = store()
    assert isinstance(where, FolderStore)
    where.delete(key_of(row.sha256))
    take(picture())
    assert where.has(key_of(row.sha256))


# ---------------------------------------------------------------- over HTTP


def send(client: Client, data: bytes, name: str = "照片.jpg") -> dict[str, object]:
    answer = client.post("/api/v1/files", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, object] = answer.json()
    return found


def test_a_citizen_may_send_and_see_by_signed_link() -> None:
    client = Client()
    found = send(client, picture())
    shown = client.get(str(found["thumb_url"]))  # made on demand, no task ran
    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert (
        client.get(str(found["thumb_url"]), headers={"If-None-Match": shown["ETag"]}).status_code
        == 304
    )
    assert files.by_token(str(found["token"])).id == found["file_id"]


def test_links_cannot_be_made_up() -> None:
    client = Client()
    found = send(client, picture())
    sha = found["sha256"]
    assert client.get(f"/files/{sha}/view").status_code == 401
    assert client.get(f"/files/{sha}/original").status_code == 401
    assert client.get(f"/files/{'0' * 64}/view").status_code == 401  # says nothing of what exists
    view = str(found["view_url"])
    assert client.get(view.replace("/view", "/original")).status_code == 401
    assert client.get(view[:-1] + ("0" if view[-1] != "0" else "1")).status_code == 401
    old = files.url(str(sha), "view", now=0)
    assert client.get(old).status_code == 401
    with pytest.raises(Problem):
        files.by_token("x" + str(found["token"]))


def test_opening_an_original_needs_a_right_and_is_journalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, other = make_user(role=Role.HANDLER), make_user(role=Role.HANDLER)
    found = send(client_for(owner), picture(), "现场.jpg")
    path = f"/files/{found['sha256']}/original"
    assert client_for(other).get(path).status_code == 403
    assert client_for(other).get(f"/files/{found['sha256']}/view").status_code == 403
    opened = client_for(owner).get(path)
    assert opened.status_code == 200
    assert opened["Content-Disposition"].startswith("attachment")
    assert b"".join(opened) == picture()  # type: ignore[call-overload]  # a streaming answer
    entry = JournalEntry.objects.get(verb="open_original")
    assert (entry.user_id, entry.subject_id) == (owner.pk, found["file_id"])
    monkeypatch.setattr("lifang.core.files.access._RULES", [lambda by, f, v: v == "view"])
    assert client_for(other).get(f"/files/{found['sha256']}/view").status_code == 200
    assert client_for(other).get(path).status_code == 403


def test_players_may_ask_for_a_range() -> None:
    data = sounds.ogg()
    row = take(data, "话.ogg", kinds=("audio",))
    link = files.url(row.sha256, "view")
    part = Client().get(link, headers={"Range": "bytes=4-7"})
    assert part.status_code == 206
    assert b"".join(part) == data[4:8]  # type: ignore[call-overload]  # a streaming answer
    assert part["Content-Range"] == f"bytes 4-7/{len(data)}"
    assert Client().get(link, headers={"Range": "bytes=2000-"}).status_code == 416


def test_an_upload_goes_on_where_it_broke_off() -> None:
    client, data = Client(), picture(size=(900, 700))
    begun = client.post(
        "/api/v1/uploads", {"name": "现场.jpg", "size": len(data)}, content_type="application/json"
    ).json()
    path = f"/api/v1/uploads/{begun['id']}"

    def piece(at: int, part: bytes) -> tuple[int, dict[str, object]]:
        answer = client.patch(
            path, part, content_type="application/octet-stream", headers={"Upload-Offset": str(at)}
        )
        return answer.status_code, answer.json()

    assert piece(0, data[:1000]) == (200, {**begun, "offset": 1000})
    status, problem = piece(0, data[:1000])  # sent again after a lost answer
    assert (status, problem["code"]) == (409, "upload.offset")
    assert problem["fields"] == [{"path": "offset", "message": "1000"}]
    assert client.get(path).json()["offset"] == 1000
    assert client.post(f"{path}/finish").status_code == 409
    assert piece(1000, data[1000:] + b"x")[0] == 413
    assert piece(1000, data[1000:])[0] == 200
    done = client.post(f"{path}/finish")
    assert done.status_code == 200, done.content.decode()
    assert client.post(f"{path}/finish").json()["file_id"] == done.json()["file_id"]
    with store().open(key_of(done.json()["sha256"])) as stream:
        assert stream.read() == data
    assert not list(incoming().glob("up-*"))


def test_somebody_elses_upload_is_not_found() -> None:
    mine, other = make_user(role=Role.HANDLER), make_user(role=Role.HANDLER)
    begun = client_for(mine).post(
        "/api/v1/uploads", {"name": "a.jpg", "size": 10}, content_type="application/json"
    )
    path = f"/api/v1/uploads/{begun.json()['id']}"
    assert client_for(other).get(path).status_code == 404
    assert Client().get(path).status_code == 404
    assert Upload.objects.count() == 1


def test_strangers_send_no_documents_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Client().post(
        "/api/v1/files?kinds=document", {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "file.kind")
    monkeypatch.setattr("lifang.core.api_files.STRANGER_FILES", 1)
    assert (
        Client().post("/api/v1/files", {"file": SimpleUploadedFile("a.jpg", picture())}).status_code
        == 429
    )


def test_a_heic_photo_of_a_phone(run_tasks: RunTasks) -> None:
    """``samples/street.heic``: rectangles drawn and encoded for this test, with EXIF."""
    data = (Path(__file__).parent / "samples" / "street.heic").read_bytes()
    row = take(data, "IMG_0001.HEIC")
    assert (row.content_type, row.name) == ("image/heic", "IMG_0001.heic")
    assert (row.width, row.height) == (400, 300)
    assert row.taken_at == dt.datetime(2026, 3, 1, 1, 30, tzinfo=dt.UTC)
    assert row.exif_lng == pytest.approx(112 + 7 / 60 + 24 / 3600)
    assert row.exif_lat == pytest.approx(30 + 39 / 60 + 15 / 3600)
    run_tasks()
    copy = copy_of(row, "view")
    assert Image.open(io.BytesIO(copy)).size == (400, 300)
    assert b"Exif" not in copy
    assert PictureMark.objects.get(file=row).dhash is not None
