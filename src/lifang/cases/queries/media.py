"""What pictures and recordings of a case say beside its words: shown to those who judge it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from lifang.cases.choices import EvidenceKind
from lifang.cases.models import Case, Evidence
from lifang.cases.permissions import may_decide_media, visible_to
from lifang.core import files
from lifang.core.errors import Missing
from lifang.core.files import Alike
from lifang.orgs.acting import Acting
from lifang.understanding.pictures import queries as pictures
from lifang.understanding.pictures.exif import compare
from lifang.understanding.pictures.models import PictureFinding, Publicity
from lifang.understanding.voice import queries as voice
from lifang.understanding.voice.models import Heard, Transcript

#: pictures that shall show the mended place
_MENDED = frozenset({EvidenceKind.AFTER, EvidenceKind.CHECK})
#: who "brought" pictures that nobody took
DRAWN = "demo"
#: other cases named beside one picture
MOST = 5


def media(by: Acting, case_id: int) -> dict[str, Any]:
    """Differences of time and place, re-used photos, what was read, and who may see what."""
    case = visible_to(by).filter(pk=case_id).first()
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或您无权查看"))
    rows = list(
        Evidence.objects.filter(case=case).select_related("file", "report", "step").order_by("id")
    )
    shown = [e for e in rows if e.file.kind == "image"]
    ids = [e.file_id for e in shown]
    found, again = pictures.findings(ids), used_again(by, case, shown)
    return {
        "may_decide": may_decide_media(case, by),
        "checks": pictures.able(),
        "pictures": [_picture(case, e, found.get(e.file_id), again.get(e.pk, [])) for e in shown],
        "listens": voice.able(),
        "voices": _voices([e for e in rows if e.file.kind == "audio"]),
    }


def _voices(rows: list[Evidence]) -> list[dict[str, Any]]:
    ids = [e.file_id for e in rows]
    if not ids:
        return []
    now, machine = voice.current(ids), voice.machine(ids)
    return [_voice(e, now.get(e.file_id), machine.get(e.file_id)) for e in rows]


def _voice(e: Evidence, now: Transcript | None, machine: Transcript | None) -> dict[str, Any]:
    first = machine or now
    return {
        "evidence_id": e.pk,
        "file_id": e.file_id,
        "seconds": e.file.seconds,
        "url": files.url(e.file.sha256, "view"),
        "transcript_id": now.pk if now else None,
        "heard": now.heard if now else "",
        "heard_words": heard_words(now),
        "text": now.text if now else "",
        "raw": first.raw if first else "",
        "repairs": first.repairs if first else [],
        "engine": " · ".join(filter(None, (first.engine, first.model))) if first else "",
        "confidence": first.confidence if first else None,
        "corrected_by": now.actor if now and now.heard == Heard.CORRECTED else "",
        "at": now.at if now else None,
    }


def heard_words(now: Transcript | None) -> str:
    """What people read beside the player."""
    if now is not None:
        return str(Heard(now.heard).label)
    return _("正在转写") if voice.able() else _("录音未转写，请听取")


def _picture(
    case: Case, e: Evidence, seen: PictureFinding | None, again: list[dict[str, Any]]
) -> dict[str, Any]:
    f = e.file
    said_at = e.at
    if e.report is not None and e.report.device_at is not None:
        said_at = e.report.device_at
    elif e.step is not None and e.step.device_at is not None:
        said_at = e.step.device_at
    differences = compare(
        taken_at=f.taken_at,
        at=None if f.exif_lng is None or f.exif_lat is None else (f.exif_lng, f.exif_lat),
        said_at=said_at,
        said=None if case.lng is None or case.lat is None else (case.lng, case.lat),
        not_before=case.reported_at if e.kind in _MENDED else None,
    )
    return {
        "evidence_id": e.pk,
        "file_id": f.pk,
        "kind": e.kind,
        "differences": [{"kind": d.kind, "words": d.words} for d in differences],
        "used_again": again,
        "publicity": seen.publicity if seen else "",
        "publicity_words": str(Publicity(seen.publicity).label) if seen else _("待核"),
        "faces": seen.faces if seen else 0,
        "plates": seen.plates if seen else 0,
        "lines": [x["text"] for x in seen.lines] if seen else [],
        "shops": seen.shops if seen else [],
        "phones": seen.phones if seen else [],
    }


def used_again(
    by: Acting, case: Case, shown: Iterable[Evidence]
) -> dict[int, list[dict[str, Any]]]:
    """For each evidence where its picture, or one that looks like it, hangs too.

    Of a report's own pictures those of other reports (double reports); of photos after mending
    also the photos before of the same case. Numbers only of cases that ``by`` may see.
    """
    # drawn ones of the made-up city are handed in again and again
    rows = [e for e in shown if e.file.owner != DRAWN]
    near = files.alike([e.file_id for e in rows])
    for e in rows:  # the very same file is nearer still
        near[e.file_id] = [Alike(e.file_id, 0), *near.get(e.file_id, [])]
    wanted = {a.file_id for found in near.values() for a in found}
    hung: dict[int, list[Evidence]] = defaultdict(list)
    for other in (
        Evidence.objects.filter(file_id__in=wanted)
        .select_related("case")
        .only("file_id", "kind", "at", "case__number", "case__merged_into_id")
        .order_by("-id")[:500]
    ):
        hung[other.file_id].append(other)
    own = [o.case_id for found in hung.values() for o in found]
    mine = set(visible_to(by).filter(pk__in=own).values_list("pk", flat=True))
    return {
        e.pk: [
            {
                "case_id": o.case_id if o.case_id in mine else None,
                "number": o.case.number if o.case_id in mine else "",
                "kind": o.kind,
                "same_case": o.case_id == case.pk,
                "distance": a.distance,
                "words": _words(e, o, case, a.distance, seen=o.case_id in mine),
            }
            for a in near[e.file_id]
            for o in hung[a.file_id]
            if o.pk != e.pk and _matters(e, o, case)
        ][:MOST]
        for e in rows
    }


def _matters(e: Evidence, other: Evidence, case: Case) -> bool:
    if other.case_id != case.pk:
        # the pictures of a merged report are known to be of the same thing
        return other.case.merged_into_id != case.pk and case.merged_into_id != other.case_id
    return e.kind in _MENDED and other.kind not in _MENDED


def _words(e: Evidence, other: Evidence, case: Case, distance: int, *, seen: bool) -> str:
    how = _("相同") if distance == 0 else _("高度相似")
    if other.case_id == case.pk:
        return _("与本案处置前照片%(how)s，可能不是处置后的现场") % {"how": how}
    where = _("案件 %(number)s") % {"number": other.case.number} if seen else _("另一案件")
    if e.kind in _MENDED:
        return _("与%(where)s的照片%(how)s，可能重复使用") % {"where": where, "how": how}
    return _("与%(where)s的照片%(how)s，可能是同一问题") % {"where": where, "how": how}
