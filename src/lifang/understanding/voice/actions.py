"""Writing down what was said, and correcting it."""

import time
from uuid import uuid4

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core import journal
from lifang.core.acts import Actor
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.core.files.store import incoming, key_of, local_copy
from lifang.core.files.tasks import ensure_clean
from lifang.core.models import StoredFile
from lifang.orgs.acting import SYSTEM
from lifang.standards import queries as standards
from lifang.understanding.voice import engines
from lifang.understanding.voice.audio import silent
from lifang.understanding.voice.engines import Recording
from lifang.understanding.voice.models import Heard, Transcript
from lifang.understanding.voice.wording import worded

log = structlog.get_logger(__name__)
VERB = "transcribe"
MOST_TEXT = 5_000


def transcribe(file_id: int) -> Transcript | None:
    """Write down a recording. Done once, it does nothing; killed half-way, it begins again.

    Whatever goes wrong is kept as such: the recording goes to a person. ``None`` where nothing was
    to be done.
    """
    row = StoredFile.objects.filter(pk=file_id, kind="audio").first()
    if row is None or Transcript.objects.filter(file=row, supersedes=None).exists():
        return None
    made = Transcript(file=row, seconds=row.seconds, heard=Heard.FAILED)
    start = time.monotonic()
    try:
        _listen(made, row)
    except DatabaseError:
        raise
    except Exception as problem:  # an engine's trouble: a person listens
        log.warning("not_transcribed", file=file_id, exc_info=True)
        made.error = f"{type(problem).__name__}: {problem}"[:200]
    made.took, made.at = round(time.monotonic() - start, 2), timezone.now()
    return _keep(made, by=SYSTEM)


def _listen(made: Transcript, row: StoredFile) -> None:
    engine = engines.engine()
    made.engine = engine.name
    ensure_clean(row)
    fetched = incoming() / f"listen-{uuid4().hex}"
    try:
        path = local_copy(key_of(row.sha256, "view"), fetched)
        sound = Recording(path, row.content_type, most=config().audio_max_seconds)
        if engine.decodes and silent(sound.pcm):
            made.heard = Heard.SILENT
            return
        spoken = engine.transcribe(sound, hints=hints())
    finally:
        fetched.unlink(missing_ok=True)
    found = worded(spoken.text)
    made.model, made.confidence = spoken.model[:100], spoken.confidence
    made.text, made.raw, made.repairs = found.text, found.raw, [list(r) for r in found.repairs]
    made.heard = Heard.WORDS if found.text else Heard.SILENT


def hints() -> list[str]:
    """Words likely to be said: of the catalogue in force, the short ones first."""
    words = dict.fromkeys(w for leaf in standards.in_force().leaves for w in leaf.words.split())
    return sorted((w for w in words if 2 <= len(w) <= 4), key=len)[:60]


def correct(
    *, by: Actor, file_id: int, text: str, after: int | None = None, actor: str = ""
) -> Transcript:
    """What was really said, by somebody who listened: a new row, the old one stays.

    ``after``: the transcript that the caller saw; somebody else's later correction is not
    overwritten unseen. The caller checks who may correct.
    """
    said = text.strip()
    if not said:
        raise Invalid("voice.empty", _("请填写更正后的内容"), fields=[Field("text", _("必填"))])
    if len(said) > MOST_TEXT:
        message = _("最多 %(n)s 个字") % {"n": MOST_TEXT}
        raise Invalid("voice.too_long", message, fields=[Field("text", message)])
    row = StoredFile.objects.filter(pk=file_id, kind="audio").first()
    if row is None:
        raise Missing("file.not_found", _("没有这段录音"))
    old = Transcript.objects.filter(file=row, superseded_by=None).order_by("-id").first()
    if after is not None and old is not None and after != old.pk:
        raise Conflict("voice.changed", _("转写内容刚刚被他人更正，请刷新后再改"))
    if old is None:
        # nobody listened yet: the machine's row is made, so that it does not come later
        old = Transcript(file=row, heard=Heard.FAILED, seconds=row.seconds, at=timezone.now())
        old.save(force_insert=True)
    made = Transcript(
        file=row,
        heard=Heard.CORRECTED,
        text=said,
        raw=old.raw,
        seconds=old.seconds,
        supersedes=old,
        by_id=by.user_id,
        actor=(actor or by.name)[:80],
        at=timezone.now(),
    )
    kept = _keep(made, by=by)
    if kept is None:
        raise Conflict("voice.changed", _("转写内容刚刚被他人更正，请刷新后再改"))
    return kept


def _keep(made: Transcript, *, by: Actor) -> Transcript | None:
    """Save and tell the rooms above, in one transaction; ``None`` where another was quicker."""
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            journal.write(
                by=by,
                room="understanding",
                verb=VERB,
                subject=made.file,
                automatic=made.supersedes_id is None,
                after={
                    "transcript": made.pk,
                    "heard": str(made.heard),
                    "engine": made.engine,
                    "repairs": len(made.repairs),
                },
            )
    except IntegrityError:
        return None
    return made
