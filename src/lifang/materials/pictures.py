"""Whether a photo is sharp, over-compressed, or has something laid over it. Pure: a path in, numbers out.

All three are hints with an error, measured in ``docs/materials.md``: they warn and are shown to the reviewer, and
never refuse a photo.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

#: longest edge at which sharpness is measured: of two cameras the same scene then measures alike
EDGE = 1024
#: variance of the Laplacian below which a photo is called blurred
BLURRED = 40.0
#: estimated JPEG quality below which it is called over-compressed (IJG scale)
COARSE = 45
#: share of strokes in the corners above which a mark is suspected
MARKED = 0.3
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
#: luminance table of the IJG at quality 50, its mean
_MEAN_50 = 57.625


@dataclass(frozen=True)
class Looks:
    """Sharpness (grey levels², 0 is flat), JPEG quality 1–100 or ``None``, mark 0–1."""

    sharpness: float
    quality: int | None
    watermark: float


def look(path: Path) -> Looks:
    """Measure a picture file; raises ``OSError`` where it cannot be opened."""
    with Image.open(path) as image:
        quality = jpeg_quality(getattr(image, "quantization", None))
        image.draft("L", (EDGE, EDGE))
        grey = ImageOps.exif_transpose(image).convert("L")
    if max(grey.size) > EDGE:
        grey.thumbnail((EDGE, EDGE), Image.Resampling.BOX)
    return Looks(round(sharpness(grey), 2), quality, round(watermark(grey), 3))


def sharpness(grey: Image.Image) -> float:
    """Variance of the Laplacian over the sharpest quarter of the picture (a sharp subject before a
    soft background is sharp)."""
    edges = grey.filter(_LAPLACE).crop((1, 1, max(2, grey.width - 1), max(2, grey.height - 1)))
    parts = sorted((ImageStat.Stat(p).var[0] for p in _tiles(edges, 4)), reverse=True)
    best = parts[: max(1, len(parts) // 4)]
    return float(sum(best) / len(best))


def _tiles(image: Image.Image, n: int) -> list[Image.Image]:
    w, h = max(1, image.width // n), max(1, image.height // n)
    return [
        image.crop((x * w, y * h, (x + 1) * w, (y + 1) * h)) for x in range(n) for y in range(n)
    ]


def jpeg_quality(tables: Any) -> int | None:
    """The quality (IJG scale) with which a JPEG was saved last, from its luminance table."""
    if not tables or not tables.get(0):
        return None
    mean: float = sum(tables[0]) / len(tables[0])
    scale = mean / _MEAN_50 * 100
    found = 5000 / scale if scale > 100 else 100 - scale / 2
    return max(1, min(100, round(found)))


def watermark(grey: Image.Image) -> float:
    """How much the corners and the foot hold of strokes in pure white or black that the rest has not.

    Camera apps print time and place there in plain letters: thin, of one extreme tone, hard-edged. 0 is
    nothing of the kind, 1 much.
    """
    w, h = grey.size
    if w < 160 or h < 120:
        return 0.0
    strokes = _strokes(grey)
    band, side = max(1, h // 5), max(1, w // 2)
    corners = [
        (0, 0, side, band), (w - side, 0, w, band),
        (0, h - band, side, h), (w - side, h - band, w, h),
    ]  # fmt: skip
    middle = _density(strokes.crop((0, band, w, h - band)))
    most = max(_density(strokes.crop(box)) for box in corners)
    # printed text covers 1 to 10 % of its corner; scenes have such strokes all over or nowhere
    extra = most - 2.5 * middle - 0.002
    return max(0.0, min(1.0, extra / 0.01))


def _strokes(grey: Image.Image) -> Image.Image:
    """Thin parts of an extreme tone with a hard edge: no part of anything as wide as 9 pixels."""
    white = grey.point(lambda v: 255 if v >= 245 else 0)
    black = grey.point(lambda v: 255 if v <= 10 else 0)
    thin = ImageChops.lighter(_thin(white), _thin(black))
    steep = ImageChops.subtract(
        grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3))
    ).point(lambda v: 255 if v >= 30 else 0)
    return ImageChops.multiply(thin, steep)


def _thin(mask: Image.Image) -> Image.Image:
    """What is narrow and stands apart from large parts of the same tone (a bright sky behind a roof).

    Means over boxes do what rank filters do, in a hundredth of the time.
    """
    large = mask.filter(ImageFilter.BoxBlur(4)).point(lambda v: 255 if v >= 254 else 0)
    around = large.filter(ImageFilter.BoxBlur(10)).point(lambda v: 255 if v else 0)
    return ImageChops.subtract(mask, around)


def _density(mask: Image.Image) -> float:
    return float(ImageStat.Stat(mask).mean[0] / 255)
