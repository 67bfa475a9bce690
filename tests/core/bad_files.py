"""Files that somebody means ill with, or that came broken: made here, none kept."""

import io
import struct
import zipfile
import zlib

from PIL import Image

from lifang.core.files.sniff import HEAD


def picture(fmt: str = "JPEG", size: tuple[int, int] = (64, 48), **kw: object) -> bytes:
    """A whole picture; noise-free but not of one colour, so that copies have something to show."""
    image = Image.new("RGB", size)
    image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, fmt, **kw)
    return out.getvalue()


def with_exif(
    *,
    lng: float = 112.123456,
    lat: float = 30.654321,
    turned: int = 1,
    taken: str = "2026:03:01 09:30:00",
) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+08:00"})
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (float(int(lat)), (lat % 1) * 60, 0.0),
            3: "E",
            4: (float(int(lng)), (lng % 1) * 60, 0.0),
        }
    )
    return picture(exif=exif)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int, *, bomb: int = 0) -> bytes:
    """A PNG that says it is that large; ``bomb`` bytes of zeros lie packed in it."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(b"\0" * bomb, 9))
    return b"\x89PNG\r\n\x1a\n" + head + body + _chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """A small PNG with a comment that unpacks to 200 MB."""
    whole = picture("PNG")
    packed = zlib.compress(b"a" * 200_000_000, 9)
    text = _chunk(b"zTXt", b"Comment\0\0" + packed)
    return whole[:33] + text + whole[33:]


def exif_bomb() -> bytes:
    """A WebP that carries 5 MB of what says it is EXIF."""
    return picture("WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 5_000_000)


def exif_in_circles() -> bytes:
    """EXIF whose directory points to itself."""
    loop = b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08"
    return picture(exif=loop)


def excel_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            block = b"\0" * 10_000_000
            for _ in range(50):
                sheet.write(block)
    return out.getvalue()


def zip_of(name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "hello")
    return out.getvalue()


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!doctype html><script>alert(1)</script>"

#: name, bytes, error code
REFUSED: list[tuple[str, bytes, str]] = [
    ("空.jpg", b"", "file.empty"),
    ("图.svg", SVG, "file.kind"),
    ("照片.jpg", SVG, "file.kind"),
    ("照片.jpg", HTML, "file.kind"),
    ("run.jpg", b"MZ" + b"\0" * 200, "file.kind"),
    ("run.jpg", b"\x7fELF" + b"\0" * 200, "file.kind"),
    ("run.png", b"#!/bin/sh\nrm -rf /\n", "file.kind"),
    ("包.jpg", zip_of(), "file.kind"),
    ("文.jpg", b"%PDF-1.7\n%%EOF", "file.kind"),
    ("a.jpg", b"\xff\xd8\xff" + b"\0" * 100, "file.broken"),
    ("断.jpg", picture(size=(600, 400))[:1500], "file.broken"),
    ("断.png", picture("PNG", size=(600, 400))[:-20], "file.broken"),
    ("断.png", picture("PNG", size=(600, 400))[:60], "file.broken"),
    ("断.webp", picture("WEBP", size=(600, 400))[:100], "file.broken"),
    ("大.png", png_claiming(50_000, 50_000), "file.pixels"),
    ("大.png", png_claiming(2**31 - 1, 2**31 - 1), "file.pixels"),
    ("长.png", png_claiming(60_000, 1), "file.pixels"),
    ("弹.png", png_claiming(20_000, 20_000, bomb=50_000_000), "file.pixels"),
    ("零.png", png_claiming(0, 0), "file.broken"),
    ("坏.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 300, "file.broken"),
    ("坏.gif", b"GIF89a" + b"\xff" * 50, "file."),
    ("bmp.bmp", b"BM" + struct.pack("<I", 60) + b"\xff" * 54, "file.broken"),
    ("x.jpg", b"\0" * (HEAD * 2), "file.kind"),
]

#: names as they come, and the names we keep
NAMES = [
    ("井盖照片.JPG", "井盖照片.jpg"),
    ("../../etc/passwd", "passwd.jpg"),
    ("..\\..\\windows\\win.ini", "win.jpg"),
    ("C:\\照片\\IMG 01.jpeg", "IMG 01.jpg"),
    ("a\x00b\r\nSet-Cookie: x=1.jpg", "abSet-Cookie x=1.jpg"),
    ("\u202egpj.exe", "gpj.jpg"),
    ("photo.jpg.html", "photo.jpg.jpg"),
    ("<script>alert(1)</script>.jpg", "script.jpg"),
    ("", "文件.jpg"),
    ("....", "文件.jpg"),
    ("长" * 300 + ".jpg", "长" * 100 + ".jpg"),
    ("㙍䶮😀.jpg", "㙍䶮😀.jpg"),
]
