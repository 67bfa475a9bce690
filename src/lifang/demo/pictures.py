"""A few drawn street scenes, before and after, so that the made-up cases have pictures."""

import io
import random

from PIL import Image, ImageDraw

from lifang.cases.queries.media import DRAWN
from lifang.core import files
from lifang.core.files.tasks import ensure_copies
from lifang.core.models import PictureMark

SIZE = (960, 720)
#: scene → leading parts of classes it is shown for
SCENES = {
    "rubbish": ("event-appearance.exposed", "event-appearance.debris", "event-appearance.dirty", "component-sanitation", "event-appearance.old", "event-appearance.piled", "event-other"),
    "stall": ("event-street.shop", "event-street.hawk", "event-appearance.open", "event-appearance.trade"),
    "bikes": ("event-street",),
    "hole": ("event-appearance.broken", "event-emergency", "component-public", "component-traffic"),
    "poster": ("event-advert",),
    "site": ("event-construction",),
    "green": ("component-green", "event-appearance"),
}  # fmt: skip


def scene_of(key: str) -> str:
    """The scene that goes with a class; matters of words have none."""
    if key.startswith("matter"):
        return ""
    return next((s for s, parts in SCENES.items() if key.startswith(parts)), "rubbish")


def make(luck: random.Random, each: int = 2) -> dict[tuple[str, bool], list[int]]:
    """Ids of stored pictures by scene and whether it is the one after."""
    found: dict[tuple[str, bool], list[int]] = {}
    for scene in SCENES:
        for n in range(each):
            seed = luck.random()
            for after in (False, True):
                data = io.BytesIO()
                draw(scene, after=after, luck=random.Random(seed)).save(
                    data, "PNG", compress_level=3
                )
                data.seek(0)
                row = files.accept(
                    data, name=f"{scene}-{n + 1}-{'after' if after else 'before'}.png", owner=DRAWN
                )
                # a handful of drawings stands for thousands of photos: that they recur says nothing
                PictureMark.objects.get_or_create(file_id=row.pk)
                ensure_copies(row)
                found.setdefault((scene, after), []).append(row.pk)
    return found


def draw(scene: str, *, after: bool, luck: random.Random) -> Image.Image:
    """A street with a house front; the fault of ``scene`` on it, or mended."""
    width, height = SIZE
    image = Image.new("RGB", SIZE, (203, 220, 232))
    pen = ImageDraw.Draw(image)
    x = -40
    while x < width:
        wide, tall = luck.randint(150, 260), luck.randint(250, 400)
        shade = luck.randint(150, 215)
        pen.rectangle((x, 440 - tall, x + wide, 440), fill=(shade, shade - 12, shade - 25))
        for wx in range(x + 18, x + wide - 30, 46):
            for wy in range(440 - tall + 22, 340, 58):
                pen.rectangle((wx, wy, wx + 26, wy + 34), fill=(118, 140, 158))
        pen.rectangle((x + 14, 358, x + wide - 14, 440), fill=(112, 96, 84))
        pen.rectangle((x + 8, 340, x + wide - 8, 364), fill=_colour(luck))
        x += wide + luck.randint(0, 14)
    pen.rectangle((0, 440, width, 560), fill=(176, 174, 170))
    for line in range(0, width, 48):
        pen.line((line, 440, line - 40, 560), fill=(164, 162, 158), width=2)
    pen.rectangle((0, 552, width, 566), fill=(140, 138, 134))
    pen.rectangle((0, 566, width, height), fill=(92, 94, 98))
    for line in range(20, width, 170):
        pen.rectangle((line, 640, line + 90, 650), fill=(222, 222, 216))
    if not after:
        _FAULTS[scene](pen, luck)
    elif scene in ("hole", "green"):
        _mended(pen, scene)
    return image


def _colour(luck: random.Random) -> tuple[int, int, int]:
    return luck.choice(
        [(171, 62, 54), (44, 102, 130), (70, 120, 84), (186, 132, 52), (96, 82, 130)]
    )


def _rubbish(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    for _n in range(26):
        x, y, r = luck.randint(330, 620), luck.randint(470, 545), luck.randint(14, 40)
        tone = luck.choice(
            [(44, 44, 48), (88, 78, 62), (210, 208, 200), (58, 88, 66), (150, 118, 80)]
        )
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.7), fill=tone)


def _stall(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    for n in range(3):
        x = 220 + n * 190
        pen.rectangle((x, 490, x + 140, 540), fill=(150, 108, 66))
        pen.polygon([(x - 16, 470), (x + 70, 410), (x + 156, 470)], fill=_colour(luck))
        for _item in range(12):
            ix = x + luck.randint(6, 130)
            pen.ellipse((ix, 476, ix + 18, 494), fill=_colour(luck))


def _bikes(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    for n in range(9):
        x, y = 180 + n * 62 + luck.randint(-12, 12), 515 + luck.randint(-22, 18)
        tone = _colour(luck)
        pen.ellipse((x - 30, y - 22, x + 6, y + 14), outline=(40, 40, 44), width=4)
        pen.ellipse((x + 26, y - 22, x + 62, y + 14), outline=(40, 40, 44), width=4)
        pen.line((x - 12, y - 4, x + 20, y - 32, x + 44, y - 4), fill=tone, width=6)


def _hole(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    x = luck.randint(380, 560)
    pen.ellipse((x - 120, 600, x + 120, 690), fill=(66, 66, 70))
    pen.ellipse((x - 84, 612, x + 84, 680), fill=(26, 26, 30))
    for _n in range(14):
        cx = x + luck.randint(-160, 160)
        pen.line((x, 645, cx, luck.randint(590, 700)), fill=(56, 56, 60), width=3)


def _poster(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    for _n in range(34):
        x, y = luck.randint(180, 780), luck.randint(372, 470)
        pen.rectangle(
            (x, y, x + 30, y + 40),
            fill=luck.choice([(246, 236, 190), (240, 240, 240), (236, 190, 190)]),
        )
        for row in range(3):
            pen.line(
                (x + 4, y + 9 + row * 10, x + 25, y + 9 + row * 10), fill=(120, 60, 60), width=2
            )


def _site(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    for n in range(6):
        x = 150 + n * 120
        tilt = luck.randint(0, 44)
        pen.polygon(
            [(x, 400 + tilt), (x + 112, 400), (x + 112, 545), (x, 545)], fill=(56, 110, 160)
        )
    for _n in range(60):
        x, y, r = luck.randint(120, 880), luck.randint(540, 690), luck.randint(3, 12)
        pen.ellipse((x, y, x + r, y + r), fill=(172, 148, 112))


def _green(pen: ImageDraw.ImageDraw, luck: random.Random) -> None:
    pen.rectangle((140, 500, 820, 556), fill=(150, 138, 92))
    pen.line((480, 520, 610, 330), fill=(92, 70, 50), width=18)
    for _n in range(20):
        x, y = luck.randint(150, 800), luck.randint(500, 546)
        pen.rectangle((x, y, x + 18, y + 10), fill=(236, 236, 230))


def _mended(pen: ImageDraw.ImageDraw, scene: str) -> None:
    if scene == "hole":
        pen.ellipse((370, 604, 610, 690), fill=(104, 106, 110))
    else:
        pen.rectangle((140, 500, 820, 556), fill=(84, 132, 76))
        pen.line((480, 520, 480, 350), fill=(92, 70, 50), width=18)
        pen.ellipse((400, 250, 560, 400), fill=(74, 124, 70))


_FAULTS = {
    "rubbish": _rubbish, "stall": _stall, "bikes": _bikes, "hole": _hole, "poster": _poster,
    "site": _site, "green": _green,
}  # fmt: skip
