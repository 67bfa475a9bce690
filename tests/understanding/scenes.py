"""Pictures drawn here: a face that detectors take for one, signs with letters on them."""

import io
from functools import lru_cache
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lifang.core import files
from lifang.core.models import StoredFile

#: where systems keep a font with Chinese characters
_FONTS = (
    "/usr/share/fonts/**/NotoSansCJK*.ttc",
    "/usr/share/fonts/**/wqy*.ttc",
    "/usr/share/fonts/**/Droid*Fallback*.ttf",
    "/usr/share/fonts/**/*[Hh]ei*.tt[cf]",
)


_n = count()


@lru_cache(maxsize=1)
def font_path() -> str:
    for pattern in _FONTS:
        for found in sorted(Path("/").glob(pattern[1:])):
            return str(found)
    return ""


def sign(*lines: str, size: int = 64) -> Image.Image:
    """A white board with lines of dark letters; skips where no font has Chinese characters."""
    if not font_path():
        pytest.skip("no font with Chinese characters on this machine (Debian: fonts-noto-cjk)")
    font = ImageFont.truetype(font_path(), size)
    image = Image.new("RGB", (1200, 160 + 130 * len(lines)), (120, 150, 170))
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 50, 1140, 110 + 130 * len(lines)), fill=(250, 250, 245))
    for n, line in enumerate(lines):
        pen.text((110, 80 + 130 * n), line, font=font, fill=(20, 20, 30))
    return image


def face() -> Image.Image:
    """A painted head on shoulders, 640 × 480; the face fills (254, 128, 386, 312)."""
    yy, xx = np.mgrid[0:480, 0:640].astype(float)
    image = np.zeros((480, 640, 3))
    # no two tests store the same bytes: copies of one would be found by the other
    image[:] = (150, 130 + next(_n) % 60, 180)
    cx, cy = 320, 220

    def oval(x: float, y: float, rx: float, ry: float) -> np.ndarray:
        inside: np.ndarray = 1.15 - (((xx - x) / rx) ** 2 + ((yy - y) / ry) ** 2)
        clipped: np.ndarray = np.clip(inside, 0, 0.15) / 0.15
        return clipped

    def lay(mask: np.ndarray, colour: object) -> None:
        image[:] = image * (1 - mask[..., None]) + np.array(colour) * mask[..., None]

    lay(((np.abs(xx - cx) < 160) & (yy > 340)).astype(float), (50, 60, 90))
    lay(oval(cx, cy - 20, 82, 115), (45, 32, 25))
    shade = 1.05 - 0.5 * ((xx - cx - 20) / 160) ** 2 - 0.25 * ((yy - cy) / 160) ** 2
    skin = np.stack([215 * shade, 165 * shade, 135 * shade], -1)
    lay(oval(cx, cy + 62, 34, 70), skin * 0.8)
    lay(oval(cx, cy, 66, 92), skin)
    for x in (cx - 27, cx + 27):
        lay(oval(x, cy - 16, 19, 11) * 0.5, (120, 85, 70))
        lay(oval(x, cy - 14, 12, 5.5), (225, 215, 210))
        lay(oval(x, cy - 14, 5.5, 5.5), (45, 28, 20))
        lay(oval(x, cy - 34, 18, 3.5) * 0.9, (60, 42, 32))
    lay(oval(cx + 5, cy + 8, 6, 24) * 0.35, (130, 85, 65))
    for x in (cx - 7, cx + 7):
        lay(oval(x, cy + 26, 4, 2.5) * 0.8, (85, 48, 40))
    lay(oval(cx, cy + 46, 23, 7) * 0.85, (165, 85, 80))
    lay(oval(cx, cy + 45, 22, 1.6) * 0.9, (95, 45, 42))
    painted = Image.fromarray(np.clip(image, 0, 255).astype("uint8"))
    return painted.filter(ImageFilter.GaussianBlur(2))


def stored(image: Image.Image, owner: str = "user:1") -> StoredFile:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    out.seek(0)
    return files.accept(out, name="现场.jpg", owner=owner)
