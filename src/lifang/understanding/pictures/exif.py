"""What a photo's own time and place say against what was said. Pure."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lifang.core import geo

#: a photo so much older than the report is shown as such
OLD = dt.timedelta(hours=24)
#: clocks of phones and cameras differ by so much
CLOCK = dt.timedelta(minutes=10)
#: metres; nearer is the error of two positions
FAR = 300


@dataclass(frozen=True)
class Difference:
    """``kind``: old | ahead | before_report | far; ``value`` in seconds or metres."""

    kind: str
    value: float
    words: str


def compare(
    *,
    taken_at: dt.datetime | None,
    at: tuple[float, float] | None,
    said_at: dt.datetime,
    said: tuple[float, float] | None,
    not_before: dt.datetime | None = None,
) -> list[Difference]:
    """Where a photo disagrees with its report.

    ``at`` and ``said`` are (lng, lat) in WGS-84 degrees, ``said_at`` when it was handed in,
    ``not_before`` for photos of a mended place: when the case was reported. A photo that tells
    neither time nor place disagrees with nothing.
    """
    found = []
    if taken_at is not None:
        age = said_at - taken_at
        if age < -CLOCK:
            words = _("照片时间晚于上传时间%(span)s，拍摄设备的时钟可能不准") % {"span": span(-age)}
            found.append(Difference("ahead", -age.total_seconds(), words))
        elif not_before is not None and taken_at < not_before - CLOCK:
            words = _("照片拍摄于案件上报之前%(span)s，不是处置后的现场") % {
                "span": span(not_before - taken_at)
            }
            gone = (not_before - taken_at).total_seconds()
            found.append(Difference("before_report", gone, words))
        elif age > OLD:
            words = _("照片拍摄于%(span)s前") % {"span": span(age)}
            found.append(Difference("old", age.total_seconds(), words))
    if at is not None and said is not None:
        away = geo.metres(at, said)
        if away > FAR:
            words = _("照片拍摄地距所报地点%(far)s") % {"far": reach(away)}
            found.append(Difference("far", away, words))
    return found


def span(length: dt.timedelta) -> str:
    """``3天``, ``5小时``, ``20分钟``."""
    seconds = length.total_seconds()
    if seconds >= 86_400:
        return _("%(n)s天") % {"n": int(seconds // 86_400)}
    if seconds >= 3_600:
        return _("%(n)s小时") % {"n": int(seconds // 3_600)}
    return _("%(n)s分钟") % {"n": max(1, int(seconds // 60))}


def reach(metres: float) -> str:
    """``350米``, ``1.2公里``."""
    if metres >= 1000:
        return _("%(n)s公里") % {"n": f"{metres / 1000:.1f}"}
    return _("%(n)s米") % {"n": round(metres / 10) * 10}
