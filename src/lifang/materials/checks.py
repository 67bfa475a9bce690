"""The checks of files against a slot: the same while the file is chosen and when it is handed in. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.materials import pictures
from lifang.standards.editions.shape import Slot

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: content types by kind of slot
TYPES: dict[str, tuple[str, ...]] = {
    "document": ("application/pdf", DOCX),
    "report": ("application/pdf", DOCX),
    "photo": ("image/",),
    "table": (XLSX, "application/vnd.ms-excel", "text/csv", "application/pdf"),
    "": ("application/pdf", DOCX, XLSX, "application/vnd.ms-excel", "text/csv", "image/"),
}
#: shorter edge of a real-scene photo, in pixels
LEAST_EDGE = 720
#: the check that a declared date would pass
UNDATED = "undated"
#: files of one slot where the edition sets no limit
MOST_FILES = 200


@dataclass(frozen=True)
class Chosen:
    """A file chosen for a slot, with what was read in it."""

    name: str
    content_type: str
    size: int
    sha256: str = ""
    width: int | None = None
    height: int | None = None
    taken: dt.date | None = None
    words: int | None = None
    pages: int | None = None
    sharpness: float | None = None
    quality: int | None = None
    watermark: float | None = None
    fault: str = ""


@dataclass(frozen=True)
class Check:
    """One check. ``hard``: failing it blocks; else it warns and the reviewer sees it. ``file``: its index."""

    key: str
    ok: bool
    hard: bool
    message: str
    file: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def run(
    slot: Slot, files: Sequence[Chosen], *, dated: dt.date | None, ends: dt.date
) -> list[Check]:
    """All checks of files against a slot of a round that ends on ``ends``."""
    found = [_count(slot, len(files))]
    for n, file in enumerate(files):
        found += _file(slot, file, n)
        if slot.months:
            found.append(_dated(slot, file, n, dated, ends))
    return found


def block(checks: Sequence[Check]) -> None:
    """Raise :class:`Invalid` naming every hard check that failed."""
    failed = [c for c in checks if c.hard and not c.ok]
    if failed:
        raise Invalid(
            "filing.checks",
            _("有 %(n)s 项检查没有通过：%(first)s")
            % {"n": len(failed), "first": failed[0].message},
            fields=[
                Field("files" if c.file is None else f"files[{c.file}]", c.message) for c in failed
            ],
        )


def _count(slot: Slot, n: int) -> Check:
    least, most = max(1, slot.least), slot.most or MOST_FILES
    if n < least:
        return Check(
            "count", False, True,
            _("至少要 %(least)s 个文件，现有 %(n)s 个") % {"least": least, "n": n},
        )  # fmt: skip
    if n > most:
        return Check(
            "count", False, True,
            _("最多 %(most)s 个文件，现有 %(n)s 个，请去掉多余的") % {"most": most, "n": n},
        )  # fmt: skip
    return Check("count", True, True, _("文件数 %(n)s") % {"n": n})


def type_fits(kind: str, content_type: str) -> bool:
    return content_type.startswith(TYPES.get(kind, TYPES[""]))


def wanted(kind: str) -> str:
    """What a kind of slot takes, in words."""
    words = {
        "document": _("PDF 或 Word（.docx）"),
        "report": _("PDF 或 Word（.docx）"),
        "photo": _("照片（JPG、PNG、HEIC 等）"),
        "table": _("Excel、CSV 或 PDF"),
    }
    return words.get(kind, _("PDF、Word（.docx）、Excel、CSV 或照片"))


def _file(slot: Slot, file: Chosen, n: int) -> list[Check]:
    if not type_fits(slot.kind, file.content_type):
        told = _("“%(name)s”类型不符，这里要 %(kinds)s")
        if slot.kind in ("document", "report", ""):
            told = _("“%(name)s”类型不符，这里要 %(kinds)s；.doc、.wps 请另存为 .docx 或 PDF")
        told %= {"name": file.name, "kinds": wanted(slot.kind)}
        return [Check("type", False, True, told, n)]
    found = [Check("type", True, True, _("类型符合"), n)]
    if slot.size:
        found.append(_size(slot, file, n))
    if file.fault:
        found.append(Check("readable", False, True, f"{file.name}：{file.fault}", n))
    elif slot.words:
        found.append(_words(slot, file, n))
    if file.content_type.startswith("image/"):
        found += _picture(file, n)
    return found


def _size(slot: Slot, file: Chosen, n: int) -> Check:
    mb = file.size / 1024 / 1024
    if mb > slot.size:
        told = _("“%(name)s”有 %(mb)s MB，超过 %(most)s MB，请压缩后重新上传")
        return Check(
            "size", False, True, told % {"name": file.name, "mb": f"{mb:.1f}", "most": slot.size}, n
        )
    return Check("size", True, True, _("大小 %(mb)s MB") % {"mb": f"{mb:.1f}"}, n)


def _words(slot: Slot, file: Chosen, n: int) -> Check:
    if file.words is None:
        told = _("“%(name)s”读不出文字（可能是扫描件），无法核对字数，请确认不超过 %(most)s 字")
        return Check("words", False, False, told % {"name": file.name, "most": slot.words}, n)
    if file.words > slot.words:
        told = _("“%(name)s”有 %(n)s 字，超过 %(most)s 字，请精简")
        return Check(
            "words", False, True,
            told % {"name": file.name, "n": file.words, "most": slot.words}, n,
        )  # fmt: skip
    told = _("%(n)s 字，不超过 %(most)s 字") % {"n": file.words, "most": slot.words}
    return Check("words", True, True, told, n)


def _picture(file: Chosen, n: int) -> list[Check]:
    found = []
    if file.width and file.height:
        small = min(file.width, file.height) < LEAST_EDGE
        size = f"{file.width}×{file.height}"
        told = _("“%(name)s”只有 %(size)s，短边应不少于 %(least)s 像素，请换原图") % {
            "name": file.name, "size": size, "least": LEAST_EDGE,
        }  # fmt: skip
        found.append(Check("resolution", not small, False, told if small else size, n))
    if file.sharpness is not None:
        bad = file.sharpness < pictures.BLURRED
        told = _("“%(name)s”可能模糊，请看清后再交或换一张") % {"name": file.name}
        found.append(Check("blur", not bad, False, told if bad else _("清晰"), n))
    if file.quality is not None:
        bad = file.quality < pictures.COARSE
        told = _("“%(name)s”压缩过度（约 %(q)s/100），聊天软件转发的请换原图") % {
            "name": file.name, "q": file.quality,
        }  # fmt: skip
        found.append(Check("compression", not bad, False, told if bad else _("压缩正常"), n))
    if file.watermark is not None:
        bad = file.watermark >= pictures.MARKED
        told = _("“%(name)s”边角像有水印文字，材料要求无水印，请换原图") % {"name": file.name}
        found.append(Check("watermark", not bad, False, told if bad else _("未见水印"), n))
    return found


def window(slot: Slot, ends: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day on which a document of the slot may be dated."""
    months = ends.year * 12 + ends.month - 1 - slot.months
    year, month = divmod(months, 12)
    day = ends.day
    while True:
        try:
            return dt.date(year, month + 1, day), ends
        except ValueError:
            day -= 1  # 31 May, three months before: the last of February


def _dated(slot: Slot, file: Chosen, n: int, dated: dt.date | None, ends: dt.date) -> Check:
    first, last = window(slot, ends)
    span = _("%(first)s 至 %(last)s") % {"first": first, "last": last}
    photo = file.content_type.startswith("image/")
    day = file.taken if photo and file.taken else dated
    if day is None:
        told = _("请填写材料日期，应在 %(span)s 之间") % {"span": span}
        return Check(UNDATED, False, True, told, n)
    if not first <= day <= last:
        what = _("拍摄日期") if photo and file.taken else _("材料日期")
        told = _("“%(name)s”的%(what)s %(day)s 不在 %(span)s 之间，请换有效期内的材料") % {
            "name": file.name, "what": what, "day": day, "span": span,
        }  # fmt: skip
        return Check("date", False, True, told, n)
    return Check("date", True, True, _("日期 %(day)s 在有效期内") % {"day": day}, n)
