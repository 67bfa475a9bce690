"""Sound and film: how long they are, and copies without what they tell of who made them where.

Nothing is decoded and nothing re-encoded: each kind of container is walked once, and what a copy
must not have (titles, places, devices, times of making, cover pictures) is overwritten in place, so
that no offset in it moves. Whole parsers with their history of holes stay out of the web process.
"""

import mmap
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core.errors import Invalid, TooLarge
from lifang.core.files.sniff import Type
from lifang.core.files.sound import mp4, ogg, plain, webm
from lifang.core.files.sound.edits import Broken, Walked

_WALKS: dict[str, Callable[[bytes], Walked]] = {
    "audio/wav": plain.wav,
    "audio/amr": plain.amr,
    "audio/mpeg": plain.mp3,
    "audio/ogg": ogg.walk,
    "audio/mp4": mp4.walk,
    "video/mp4": mp4.walk,
    "audio/webm": webm.walk,
    "video/webm": webm.walk,
}


def look(path: Path, found: Type) -> Walked:
    """Walk through a recording; raises :class:`Invalid` or :class:`TooLarge` in words."""
    walked = _walk(path, found.content_type)
    most = config().audio_max_seconds
    if found.kind == "audio" and walked.seconds > most + 1:
        raise TooLarge(
            "file.too_long",
            _("录音长 %(long)s，最长 %(most)s，请分成几段录制")
            % {"long": span(walked.seconds), "most": span(most)},
        )
    return walked


def _walk(path: Path, content_type: str) -> Walked:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            # an mmap is read like bytes, without being one in the eyes of the type checker
            return _WALKS[content_type](data)  # type: ignore[arg-type]
        except (Broken, IndexError, ValueError) as problem:
            raise Invalid(
                "file.broken", _("录音或视频已损坏或不完整，请重新录制或选择另一个")
            ) from problem


def clean(path: Path, content_type: str, target: Path) -> None:
    """Write the copy; raises :class:`Invalid` where what must go cannot be taken out."""
    walked = _walk(path, content_type)
    if walked.unclean:
        raise Invalid("file.unclean", _("视频带有无法去除的定位等数据，只能由有权限的人员打开原件"))
    with path.open("rb") as source, target.open("wb") as out:
        while chunk := source.read(1024 * 1024):
            out.write(chunk)
        for at, data in walked.edits:
            out.seek(at)
            out.write(data)


def span(seconds: float) -> str:
    """``45 秒``, ``3 分 20 秒``, ``3 小时 0 分``."""
    whole = round(seconds)
    if whole < 60:
        return _("%(n)s 秒") % {"n": whole}
    if whole < 3600:
        rest = whole % 60
        words = _("%(m)s 分") % {"m": whole // 60}
        return words + (" " + _("%(n)s 秒") % {"n": rest} if rest else "")
    return _("%(h)s 小时 %(m)s 分") % {"h": whole // 3600, "m": whole % 3600 // 60}
