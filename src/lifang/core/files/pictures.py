"""Pictures: bounded before they are decoded, EXIF read once, copies re-encoded without it."""

import datetime as dt
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pi_heif
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from lifang.config import config
from lifang.core.errors import Invalid, TooLarge
from lifang.core.files.sniff import Type

pi_heif.register_heif_opener()
#: our own bound comes first (see _open); Pillow's guess about bombs would only add warnings
Image.MAX_IMAGE_PIXELS = None

#: longest edge in pixels
COPIES = {"view": 1600, "thumb": 320}
QUALITY = {"view": 82, "thumb": 75}
COPY_TYPE = "image/jpeg"
_MOST_EDGE = 30_000
_MOST_EXIF = 256 * 1024
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
)


@dataclass(frozen=True)
class Seen:
    """What a picture tells: size as shown, when and where it was taken if it says so."""

    width: int
    height: int
    taken_at: dt.datetime | None = None
    lng: float | None = None
    lat: float | None = None


def most_pixels(found: Type) -> int:
    """JPEG is decoded at a smaller scale, all else in full: half as many pixels are let in."""
    return config().image_max_pixels if found.pillow == "JPEG" else config().image_max_pixels // 2


def look(path: Path, found: Type) -> Seen:
    """Check that a picture is whole and within bounds, and read what it tells.

    Raises :class:`Invalid` or :class:`TooLarge`. Costs some 15 ms for 12 megapixels of JPEG.
    """
    with _open(path, found) as image:
        width, height = image.size
        seen = _exif(image)
        try:
            if found.pillow == "PNG":
                image.verify()  # checksums of all chunks, nothing is unpacked
            else:
                image.draft("RGB", (max(1, width // 8), max(1, height // 8)))
                image.load()
        except _BROKEN as problem:
            raise _broken() from problem
    if found.pillow == "PNG" and not _ends_well(path):
        raise _broken()
    if seen.pop("turned"):
        width, height = height, width
    return Seen(width, height, **seen)


def _open(path: Path, found: Type) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(path, formats=[found.pillow])
    except (UnidentifiedImageError, Image.DecompressionBombError, *_BROKEN) as problem:
        raise _broken() from problem
    width, height = image.size
    if width < 1 or height < 1:
        raise _broken()
    if width > _MOST_EDGE or height > _MOST_EDGE or width * height > most_pixels(found):
        raise TooLarge(
            "file.pixels",
            _("照片尺寸 %(w)s×%(h)s 过大，最多 %(most)s 万像素，请缩小后重试")
            % {"w": width, "h": height, "most": most_pixels(found) // 10_000},
        )
    return image


def _broken() -> Invalid:
    return Invalid("file.broken", _("照片已损坏或不完整，请重新拍摄或选择另一张"))


def _ends_well(path: Path) -> bool:
    """A PNG that was cut off lacks its end chunk."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 65536))
        return b"IEND\xaeB`\x82" in stream.read()


def _exif(image: Image.Image) -> dict[str, Any]:
    """Time and place; whatever is odd in them is left out, never an error."""
    none: dict[str, Any] = {"taken_at": None, "lng": None, "lat": None, "turned": False}
    raw = image.info.get("exif", b"")
    if not raw or len(raw) > _MOST_EXIF:
        return none
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lng, lat = _place(gps)
        heif = image.format == "HEIF"  # libheif turns the picture itself
        return {
            "taken_at": _taken(details, exif),
            "lng": lng,
            "lat": lat,
            "turned": not heif and exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8),
        }
    except (*_BROKEN, ZeroDivisionError, AttributeError):
        return none


def _taken(details: Any, exif: Any) -> dt.datetime | None:
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    if not isinstance(text, str):
        return None
    try:
        naive = dt.datetime.strptime(text.strip("\x00 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    offset = details.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        zone = dt.datetime.strptime(str(offset).strip("\x00 "), "%z").tzinfo if offset else None
    except ValueError:
        zone = None
    found = naive.replace(tzinfo=zone or ZoneInfo(settings.TIME_ZONE))
    return found if 1990 <= found.year <= 2100 else None


def _place(gps: Any) -> tuple[float | None, float | None]:
    """Degrees WGS-84 as the EXIF standard has them; (0, 0) is a camera without a fix."""
    try:
        lat = _degrees(gps[2]) * (-1 if str(gps.get(1, "N")).startswith("S") else 1)
        lng = _degrees(gps[4]) * (-1 if str(gps.get(3, "E")).startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None, None
    if not (-180 <= lng <= 180 and -90 <= lat <= 90) or (lng == 0 and lat == 0):
        return None, None
    return round(lng, 7), round(lat, 7)


def _degrees(value: Any) -> float:
    degrees, minutes, seconds = (float(v) for v in value)
    found = degrees + minutes / 60 + seconds / 3600
    if found != found:
        raise ValueError("not a number")
    return found


def copies(path: Path, found: Type, targets: dict[str, Path]) -> None:
    """Write the copies ``{"view": path, "thumb": path}``: turned upright, RGB, no metadata."""
    with _open(path, found) as image:
        longest = max(COPIES[name] for name in targets)
        image.draft("RGB", (longest, longest))
        turned: Image.Image = ImageOps.exif_transpose(image) if found.pillow != "HEIF" else image
        if turned.mode not in ("RGB", "L"):
            turned = turned.convert("RGBA")
        turned = turned.copy()
        for name in sorted(targets, key=lambda n: -COPIES[n]):
            turned.thumbnail((COPIES[name], COPIES[name]), reducing_gap=2.0)
            flat = _flat(turned)
            # a new picture has no EXIF, no profile, no comment, no thumbnail of its own
            with targets[name].open("wb") as out:
                flat.save(out, "JPEG", quality=QUALITY[name], optimize=True, progressive=True)


def _flat(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    clean = image.convert("RGB") if image.mode != "RGB" else image.copy()
    clean.info = {}
    return clean
