"""Boxes of a picture made unreadable. Pure."""

from collections.abc import Iterable

from PIL import Image

from lifang.understanding.pictures.fields import Box

#: a face or plate is left with so many squares across its shorter side
SQUARES = 6
#: share of a box added on each side: hair, ears, the rim of a plate
MARGIN = 0.15


def pixelate(image: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """A copy in which every box is a few squares of one colour each."""
    out = image.convert("RGB")
    if out is image:
        out = image.copy()
    for left, top, right, bottom in boxes:
        wide, tall = right - left, bottom - top
        area = (
            max(0, int(left - MARGIN * wide)),
            max(0, int(top - MARGIN * tall)),
            min(out.width, int(right + MARGIN * wide) + 1),
            min(out.height, int(bottom + MARGIN * tall) + 1),
        )
        if area[2] <= area[0] or area[3] <= area[1]:
            continue
        part = out.crop(area)
        step = max(4, min(part.size) // SQUARES)
        small = part.resize(
            (max(1, part.width // step), max(1, part.height // step)), Image.Resampling.BOX
        )
        out.paste(small.resize(part.size, Image.Resampling.NEAREST), area)
    return out
