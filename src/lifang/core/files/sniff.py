"""What a file is, by its bytes and never by its name or what the sender calls it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid

#: how much of the beginning (and of the end) is looked at
HEAD = 64 * 1024
#: an Excel or Word file may not unpack to more than this
MOST_UNPACKED = 400 * 1024 * 1024


@dataclass(frozen=True)
class Type:
    #: image | audio | video | document | sheet
    kind: str
    content_type: str
    suffix: str
    #: Pillow's name of the format, for pictures
    pillow: str = ""


JPEG = Type("image", "image/jpeg", ".jpg", "JPEG")
PNG = Type("image", "image/png", ".png", "PNG")
GIF = Type("image", "image/gif", ".gif", "GIF")
WEBP = Type("image", "image/webp", ".webp", "WEBP")
BMP = Type("image", "image/bmp", ".bmp", "BMP")
HEIC = Type("image", "image/heic", ".heic", "HEIF")
AVIF = Type("image", "image/avif", ".avif", "AVIF")
PDF = Type("document", "application/pdf", ".pdf")
DOCX = Type(
    "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"
)
XLSX = Type("sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
XLS = Type("sheet", "application/vnd.ms-excel", ".xls")
CSV = Type("sheet", "text/csv", ".csv")
JSON = Type("sheet", "application/geo+json", ".geojson")
AMR = Type("audio", "audio/amr", ".amr")
WAV = Type("audio", "audio/wav", ".wav")
MP3 = Type("audio", "audio/mpeg", ".mp3")
OGG = Type("audio", "audio/ogg", ".ogg")
M4A = Type("audio", "audio/mp4", ".m4a")
WEBA = Type("audio", "audio/webm", ".weba")
MP4 = Type("video", "video/mp4", ".mp4")
WEBM = Type("video", "video/webm", ".webm")

_FIXED = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"#!AMR", AMR),
    (b"OggS", OGG),
    (b"ID3", MP3),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
KIND_NAMES = {
    "image": "照片（JPG、PNG、HEIC、WebP 等）",
    "audio": "录音（M4A、MP3、AMR、WAV、WebM 等）",
    "video": "视频（MP4、WebM）",
    "document": "文档（PDF、Word .docx）",
    "sheet": "表格（Excel、CSV、GeoJSON）",
}


def identify(path: Path, *, name: str = "") -> Type | None:
    """The type of the file at ``path``, ``None`` where it is none that we take.

    ``name`` only decides between texts that look alike (CSV, GeoJSON).
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        size = stream.seek(0, 2)
        stream.seek(max(0, size - HEAD))
        tail = stream.read()
    for magic, found in _FIXED:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    if head[:2] == b"BM" and len(head) > 26 and int.from_bytes(head[2:6], "little") == size:
        return BMP
    if head[4:8] == b"ftyp":
        return _iso(head, tail)
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in head[:64]:
        return WEBM if any(c in head for c in (b"V_VP8", b"V_VP9", b"V_AV1")) else WEBA
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return MP3
    if head[:4] == b"PK\x03\x04":
        return _office(path)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" and name.lower().endswith(".xls"):
        return XLS
    return _text(head, name)


def _iso(head: bytes, tail: bytes) -> Type | None:
    """The family of MP4: the brands tell pictures, the handler tells voice from video."""
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[8:12], *(head[n : n + 4] for n in range(16, max(length, 16), 4))}
    if head[8:12] in (b"avif", b"avis") or (b"avif" in brands and not brands & {b"heic", b"heix"}):
        return AVIF
    if brands & _HEIF_BRANDS:
        return HEIC
    if head[8:12] in (b"M4A ", b"M4B "):
        return M4A
    both = head + tail
    if b"vide" in both:
        return MP4
    if b"soun" in both:
        return M4A
    return None


def _office(path: Path) -> Type | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {i.filename for i in archive.infolist()}
            unpacked = sum(i.file_size for i in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    if unpacked > MOST_UNPACKED:
        raise Invalid("file.bomb", _("文件解压后过大，疑似恶意文件，未予接收"))
    if "xl/workbook.xml" in names:
        return XLSX
    if "word/document.xml" in names:
        return DOCX
    return None


def _text(head: bytes, name: str) -> Type | None:
    """Plain text is taken as a table only where its name says so; SVG and HTML never."""
    lower = name.lower()
    found = CSV if lower.endswith((".csv", ".txt")) else None
    if lower.endswith((".geojson", ".json")):
        found = JSON
    if found is None or not head or b"\x00" in head:
        return None
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<", b"%!", b"#!")):
        return None
    if found is JSON and not start.startswith(b"{"):
        return None
    return found
