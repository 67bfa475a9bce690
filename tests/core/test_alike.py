"""Pictures that look alike are found; others are not."""

import io
import random
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance

from lifang.core import files
from lifang.core.files import likeness
from lifang.core.models import PictureMark, StoredFile

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


def scene(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A made-up picture full of shapes."""
    luck = random.Random(seed)
    image = Image.new("RGB", size, tuple(luck.randint(60, 200) for _ in range(3)))
    pen = ImageDraw.Draw(image)
    for _n in range(40):
        x, y = luck.randint(-50, size[0]), luck.randint(-50, size[1])
        box = (x, y, x + luck.randint(30, 300), y + luck.randint(30, 300))
        pen.rectangle(box, fill=tuple(luck.randint(0, 255) for _ in range(3)))
    return image


def stored(image: Image.Image, quality: int = 85) -> StoredFile:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    out.seek(0)
    return files.accept(out, name="a.jpg", owner="user:1")


def test_it_works(run_tasks: RunTasks) -> None:
    first = stored(scene(1))
    smaller = stored(scene(1).resize((400, 300)), quality=30)
    others = [stored(scene(n)) for n in range(2, 12)]
    run_tasks()
    found = files.alike([first.pk, others[0].pk])
    assert [a.file_id for a in found[first.pk]] == [smaller.pk]
    assert found[first.pk][0].distance <= likeness.NEAR
    assert others[0].pk not in found


def test_brightness_watermark_and_small_crop_are_the_same_picture(run_tasks: RunTasks) -> None:
    whole = scene(7)
    marked = whole.copy()
    ImageDraw.Draw(marked).text((600, 570), "2026-03-01 09:30", fill="white")
    first = stored(whole)
    same = [
        stored(ImageEnhance.Brightness(whole).enhance(1.3)),
        stored(marked),
        stored(whole.crop((8, 6, 792, 594))),
    ]
    run_tasks()
    assert {a.file_id for a in files.alike([first.pk])[first.pk]} == {f.pk for f in same}


def test_a_picture_without_features_is_like_nothing(run_tasks: RunTasks) -> None:
    night = [stored(Image.new("RGB", (300, 200), (c, c, c))) for c in (0, 5)]
    run_tasks()
    assert PictureMark.objects.filter(dhash=None).count() == 2
    assert files.alike([f.pk for f in night]) == {}


def test_a_turned_photo_is_hashed_as_it_is_shown(run_tasks: RunTasks) -> None:
    whole = scene(5)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    whole.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", exif=exif)
    out.seek(0)
    turned = files.accept(out, name="b.jpg", owner="user:1")
    upright = stored(whole)
    run_tasks()
    assert [a.file_id for a in files.alike([upright.pk])[upright.pk]] == [turned.pk]


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=11))
def test_no_hash_within_eleven_places_slips_through_the_bands(value: int, flips: set[int]) -> None:
    other = value
    for bit in flips:
        other ^= 1 << bit
    assert likeness.distance(value, other) == len(flips)
    pairs = zip(likeness.bands(value), likeness.bands(other), strict=True)
    assert min(likeness.distance(a, b) for a, b in pairs) <= 2


def test_one_statement_a_picture_and_only_by_index(run_tasks: RunTasks) -> None:
    row = stored(scene(3))
    run_tasks()
    with CaptureQueriesContext(connection) as seen:
        files.alike([row.pk])
    assert len(seen) == 2
    if connection.vendor == "sqlite":
        with connection.cursor() as sql:
            sql.execute("EXPLAIN QUERY PLAN " + seen.captured_queries[1]["sql"])
            plan = " ".join(str(r) for r in sql.fetchall())
        assert "SCAN" not in plan
        assert plan.count("USING INDEX") == 4
