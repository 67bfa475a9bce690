"""Looking at a picture, and deciding whether everybody may see it."""

import datetime as dt

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from lifang.core import journal
from lifang.core.acts import Actor
from lifang.core.errors import Invalid, Missing
from lifang.core.files import publishing
from lifang.core.files.store import key_of, store
from lifang.core.files.tasks import ensure_copies
from lifang.core.models import StoredFile
from lifang.understanding.pictures import blur, faces, fields, queries, reading
from lifang.understanding.pictures.models import PictureFinding, Publicity

log = structlog.get_logger(__name__)
_BY_PERSON = (Publicity.RELEASED, Publicity.HELD)


def look(file_id: int, *, now: dt.datetime | None = None) -> PictureFinding | None:
    """Find faces, plates and text; keep a copy for everybody in which the first two are unreadable.

    Whatever goes wrong means that there is no such copy. Done once, it does nothing; killed
    half-way, it begins again. Returns ``None`` where nothing was to be done.
    """
    row = StoredFile.objects.filter(pk=file_id, kind="image").first()
    if row is None or PictureFinding.objects.filter(pk=file_id).exists():
        return None
    found = PictureFinding(file=row, publicity=Publicity.FAILED, checked_at=now or timezone.now())
    try:
        ensure_copies(row)
        with store().open(key_of(row.sha256, "view")) as stream, Image.open(stream) as image:
            image.load()
            publishing.publish(row, _seen(found, image.convert("RGB")))
        found.publicity = Publicity.CHECKED
    except DatabaseError:
        raise
    except Exception as problem:  # a model's trouble: a person decides
        log.warning("picture_not_checked", file=file_id, exc_info=True)
        publishing.withdraw(row)
        found.error = f"{type(problem).__name__}: {problem}"[:200]
    # a person may have decided meanwhile: that stands
    PictureFinding.objects.bulk_create([found], ignore_conflicts=True)
    if (kept := PictureFinding.objects.get(pk=file_id)).publicity == Publicity.HELD:
        publishing.withdraw(row)
    return kept


def _seen(found: PictureFinding, image: Image.Image) -> Image.Image:
    """Fill in what is seen; the picture with faces and plates made unreadable."""
    lines = reading.read(image)
    people, plates = faces.find(image), fields.plates(lines)
    found.faces, found.plates = len(people), len(plates)
    kept = [x for x in lines if x.score >= fields.LEAST and x.box not in plates]
    found.lines = [{"text": x.text[:100], "score": round(x.score, 3)} for x in kept[:60]]
    found.phones = [{"text": p.text, "sure": p.sure} for p in fields.phones(kept)[:20]]
    found.shops = fields.shops(kept)
    found.engines = f"{faces.NAME}; {reading.name()}"
    return blur.pixelate(image, [*people, *plates])


@transaction.atomic
def decide(*, by: Actor, file_id: int, show: bool, reason: str = "") -> PictureFinding:
    """A person looked: everybody may see the picture, or nobody.

    Shown is the copy with faces and plates unreadable where the machine made one, else the safe
    copy as it is: whoever releases it answers for that. The caller checks who may decide.
    """
    row = StoredFile.objects.select_for_update().filter(pk=file_id, kind="image").first()
    if row is None:
        raise Missing("file.not_found", _("没有这张照片"))
    if not show and not reason.strip():
        raise Invalid("picture.reason", _("请写明不公开的理由"))
    old = PictureFinding.objects.filter(pk=file_id).first()
    found = old or PictureFinding(file=row)
    before = found.publicity
    found.publicity = Publicity.RELEASED if show else Publicity.HELD
    found.by_id, found.reason, found.checked_at = by.user_id, reason.strip()[:200], timezone.now()
    if not show:
        publishing.withdraw(row)
    elif before not in queries.SHOWN:
        ensure_copies(row)
        with store().open(key_of(row.sha256, "view")) as stream, Image.open(stream) as image:
            publishing.publish(row, image)
    found.save(force_insert=old is None, force_update=old is not None)
    journal.write(
        by=by,
        room="understanding",
        verb="publish_picture" if show else "hold_picture",
        subject=row,
        reason=found.reason,
        before={"publicity": before},
        after={"publicity": str(found.publicity)},
    )
    return found
