"""What citizens do at the public door. Everything ends in the loop's own actions."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases.actions import reporter
from lifang.cases.actions.merge import merge
from lifang.cases.actions.report import report as file_report
from lifang.cases.choices import FINAL, Source, Verb
from lifang.cases.models import Case, Report
from lifang.cases.rules import TABLE
from lifang.config import config
from lifang.core import files, geo
from lifang.core.errors import Field, Invalid, Missing
from lifang.core.models import StoredFile
from lifang.intake import limits, queries, rules
from lifang.intake.choices import STAGE_OF
from lifang.orgs.acting import SYSTEM, Acting

_DEVICE = re.compile(r"[\w.:\-]{1,64}")


@dataclass(frozen=True)
class Receipt:
    """What the reporter takes home."""

    number: str
    code: str
    created: bool
    stage: str
    stage_words: str
    #: the number of the earlier case that this report was joined to
    joined: str


def report(
    *,
    by: Acting,
    client_id: str,
    text: str,
    lng: float | None = None,
    lat: float | None = None,
    system: str = "",
    accuracy: float | None = None,
    address: str = "",
    category_key: str | None = None,
    attached: Sequence[str] = (),
    name: str = "",
    phone: str = "",
    device: str = "",
    device_at: datetime | None = None,
    same_as: str = "",
) -> Receipt:
    """A citizen's report. The same ``client_id`` a second time is answered with the first receipt.

    ``system``: the coordinate system of ``lng``/``lat``, which must be declared. ``attached``: tokens
    of files as the upload answered. ``same_as``: number of a case nearby that the reporter says is
    the same one; the report joins it.
    """
    device = clean_device(device)
    text = rules.clean_text(text)
    place = _wgs84(lng, lat, system)
    kept = _files(attached)
    _check(text=text, files=kept, phone=phone, name=name)
    keys = _limits(by, device)
    started = limits.hit(keys)
    if started is not None:
        known = _known(client_id)
        if known is None:
            raise limits.too_many(started)
        return _receipt(known, created=False)
    # a transaction of our own only where two actions must hold together
    with transaction.atomic() if same_as else nullcontext():
        done = file_report(
            by=by,
            client_id=client_id,
            source=Source.CITIZEN,
            text=text,
            lng=place[0],
            lat=place[1],
            address=address,
            category_key=category_key or None,
            file_ids=_ids(kept, voice=False),
            voice_ids=_ids(kept, voice=True),
            reporter_name=name,
            reporter_phone=phone,
            device=device,
            device_at=device_at,
            payload=_payload(accuracy, same_as),
        )
        joined = done.created and bool(same_as) and _join(done.case, same_as)
    if not done.created:
        limits.unhit(keys)
    own = _known(client_id) if joined else done.report
    return _receipt(own or done.report, created=done.created)


def answer(
    *,
    by: Acting,
    number: str,
    code: str,
    text: str,
    attached: Sequence[str] = (),
) -> queries.PublicCase:
    """Answer the question that a clerk asked; pictures may come with it."""
    own = followed(by=by, number=number, code=code)
    said = _words(text, "text", _("请填写答复内容"))
    reporter.answer(by=by, report=own, text=said, file_ids=[f.id for f in _files(attached)])
    return _again(own)


def rate(
    *,
    by: Acting,
    number: str,
    code: str,
    solved: bool,
    stars: int,
    contacted: bool | None = None,
    comment: str = "",
) -> queries.PublicCase:
    """What the reporter thinks of the result, within the rating window."""
    own = followed(by=by, number=number, code=code)
    reporter.rate(
        by=by,
        report=own,
        contacted=contacted,
        solved=solved,
        stars=stars,
        comment=rules.clean_text(comment)[:1000],
    )
    return _again(own)


def reopen(
    *, by: Acting, number: str, code: str, reason: str, attached: Sequence[str] = ()
) -> queries.PublicCase:
    """Not solved after all: the case goes back to work, with the reporter's reason."""
    own = followed(by=by, number=number, code=code)
    why = _words(reason, "reason", _("请说明还存在什么问题"))
    reporter.reopen(by=by, report=own, reason=why, file_ids=[f.id for f in _files(attached)])
    return _again(own)


def correct(*, by: Acting, number: str, code: str, voice: str, text: str) -> queries.PublicCase:
    """What the reporter really said in a recording of his own. ``voice``: its token."""
    own = followed(by=by, number=number, code=code)
    said = _words(text, "text", _("请填写更正后的内容"))
    reporter.correct_voice(by=by, report=own, file_id=files.by_token(voice).id, text=said)
    return _again(own)


def followed(*, by: Acting, number: str, code: str) -> Report:
    """The report with this number and code. A wrong code reads like an unknown number.

    Wrong pairs are counted by address and by number; too many of them shut the door for a while.
    """
    keys = _guess_limits(by, number)
    if started := limits.full(keys):
        raise limits.too_many(started)
    report = queries.report_by_code(number, code)
    if report is None:
        limits.hit(keys)
        raise Missing(
            "report.not_found", _("没有找到：请核对受理编号和查询码，两者须与上报时所得一致")
        )
    return report


def clean_device(device: str) -> str:
    """A device mark as we keep it: at most 64 harmless characters."""
    device = device.strip()
    if not device or _DEVICE.fullmatch(device):
        return device
    return hashlib.sha256(device.encode()).hexdigest()[:32]


def _again(report: Report) -> queries.PublicCase:
    fresh = Report.objects.select_related(
        "case__category", "case__lead_unit", "origin"
    ).get(pk=report.pk)  # fmt: skip
    return queries.public_case(fresh)


def _known(client_id: str) -> Report | None:
    return Report.objects.select_related("case", "origin").filter(client_id=client_id).first()


def _receipt(report: Report, *, created: bool) -> Receipt:
    stage = STAGE_OF[report.case.state]
    origin, case = report.origin, report.case
    joined = case.number if case.pk != origin.pk else ""
    return Receipt(origin.number, report.follow_code, created, stage, str(stage.label), joined)


def _payload(accuracy: float | None, same_as: str) -> Mapping[str, Any]:
    said: dict[str, Any] = {}
    if accuracy is not None:
        said["accuracy_m"] = round(accuracy)
    if same_as:
        said["same_as"] = same_as
    return said


def _join(case: Case, number: str) -> bool:
    """Join the new report to the case nearby that its reporter pointed out, if it is still open."""
    target = Case.objects.filter(number__iexact=rules.clean_number(number)).first()
    if target is None or target.state in FINAL or target.pk == case.pk:
        return False
    if case.merged_into_id is not None or case.state not in TABLE[Verb.MERGE].source:
        return False
    merge(by=SYSTEM, case_id=case.pk, into_id=target.pk, note=_("上报人确认为同一问题"))
    return True


def _wgs84(lng: float | None, lat: float | None, system: str) -> tuple[float | None, float | None]:
    if lng is None and lat is None:
        return None, None
    if lng is None or lat is None:
        raise Invalid(
            "place", _("经度和纬度须同时给出"), fields=[Field("lng", _("经度和纬度须同时给出"))]
        )
    return geo.to_wgs84(lng, lat, system)


def _files(tokens: Sequence[str]) -> list[StoredFile]:
    """Stored files by the token that their upload was answered with, in the order given."""
    wanted = list(dict.fromkeys(tokens))
    if len(wanted) > rules.MAX_FILES:
        message = _("一次最多 %(n)s 个文件") % {"n": rules.MAX_FILES}
        raise Invalid("files", message, fields=[Field("files", message)])
    return [files.by_token(token) for token in wanted]


def _ids(kept: Sequence[StoredFile], *, voice: bool) -> list[int]:
    return [f.id for f in kept if (f.kind == "audio") == voice]


def _check(*, text: str, files: Sequence[object], phone: str, name: str) -> None:
    wrong = []
    if not text and not files:
        wrong.append(Field("text", _("请写明问题，或至少上传一张照片")))
    if len(text) > rules.MAX_TEXT:
        wrong.append(
            Field(
                "text",
                _("最多 %(n)s 个字，现有 %(m)s 个，请精简后再提交")
                % {"n": rules.MAX_TEXT, "m": len(text)},
            )
        )
    if phone and not re.fullmatch(r"[\d+\-\s()（）]{5,32}", phone):
        wrong.append(Field("phone", _("联系电话只能是数字，例：13800000000")))
    if len(name) > 60:
        wrong.append(Field("name", _("最多 %(n)s 个字") % {"n": 60}))
    if wrong:
        raise Invalid("report.invalid", str(wrong[0].message), fields=wrong)


def _words(text: str, path: str, missing: str) -> str:
    said = rules.clean_text(text)
    if not said:
        raise Invalid("empty", missing, fields=[Field(path, missing)])
    if len(said) > rules.MAX_TEXT:
        message = _("最多 %(n)s 个字") % {"n": rules.MAX_TEXT}
        raise Invalid("too_long", message, fields=[Field(path, message)])
    return said


def _limits(by: Acting, device: str) -> dict[str, int]:
    most = config().public_reports_per_hour
    keys = {f"report:address:{by.address}": most * rules.ADDRESS_FACTOR}
    if device:
        keys[f"report:device:{device}"] = most
    return keys


def _guess_limits(by: Acting, number: str) -> dict[str, int]:
    short = rules.clean_number(number)[:40]
    return {
        f"guess:address:{by.address}": rules.GUESSES_BY_ADDRESS,
        f"guess:number:{short}": rules.GUESSES_BY_NUMBER,
    }
