"""The one door: every source ends in :func:`report`."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions import _auto, _step
from lifang.cases.choices import EvidenceKind, Source, State, Verb
from lifang.cases.models import Case, Report, Step
from lifang.cases.tasks import hear_again, tell_step
from lifang.core import codes, journal
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.core.tasks import later, later_many
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.choices import Role
from lifang.places import atlas
from lifang.standards import queries as standards
from lifang.understanding import queries as understanding
from lifang.understanding.voice import queries as spoken_words
from lifang.understanding.voice.tasks import listen_to

log = structlog.get_logger(__name__)

TEXT_MOST = 10_000
HEAR_AGAIN = dt.timedelta(seconds=20)
#: letters that nobody confuses on a receipt or the telephone
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_STAFF = (
    Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF, Role.COLLECTOR, Role.CHECKER, Role.HANDLER,
    Role.EVALUATOR, Role.LEADER,
)  # fmt: skip


@dataclass(frozen=True)
class Reported:
    """What became of a report: its case and whether this call made it."""

    case: Case
    report: Report
    created: bool


def report(
    *,
    by: Acting,
    client_id: str,
    source: str,
    text: str,
    lng: float | None = None,
    lat: float | None = None,
    address: str = "",
    category_key: str | None = None,
    file_ids: Iterable[int] = (),
    voice_ids: Iterable[int] = (),
    reporter_name: str = "",
    reporter_phone: str = "",
    device: str = "",
    at: dt.datetime | None = None,
    device_at: dt.datetime | None = None,
    external_number: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Reported:
    """Save a report, understand it, and send it on as far as that is certain.

    The same ``client_id`` twice is one report: the second call answers with the first's case.
    Coordinates are WGS-84 degrees. Saving never fails because understanding fails.
    Raises :class:`Invalid` with the field that is wrong.
    """
    if not (by.citizen or by.has(*_STAFF)):
        raise Forbidden("case.forbidden", _("您的岗位不能上报案件"))
    if Report.objects.filter(client_id=client_id).exists():
        return _known(client_id)
    pictures, voices = tuple(file_ids), tuple(voice_ids)
    said = _checked(text, client_id, lng, lat, has_files=bool(pictures or voices))
    draft = _Draft(
        by=by, client_id=client_id, source=Source(source), said=said, lng=lng, lat=lat,
        address=address.strip()[:200], category_key=category_key, file_ids=pictures,
        voice_ids=voices, at=at, device_at=device_at,
        own={
            "external_number": external_number[:64], "reporter_name": reporter_name.strip()[:60],
            "reporter_phone": reporter_phone.strip()[:32], "device": device[:64],
            "payload": dict(payload or {}),
        },
    )  # fmt: skip
    try:
        return _save(draft)
    except IntegrityError:
        # the same report came in on another connection in this very moment: that one counts
        if not Report.objects.filter(client_id=client_id).exists():
            raise
        return _known(client_id)


def _known(client_id: str) -> Reported:
    """The report that came in before under this number."""
    row = Report.objects.select_related("case").get(client_id=client_id)
    return Reported(row.case, row, created=False)


@dataclass(frozen=True)
class _Draft:
    """A checked report on its way to disk."""

    by: Acting
    client_id: str
    source: Source
    said: str
    lng: float | None
    lat: float | None
    address: str
    category_key: str | None
    file_ids: tuple[int, ...]
    voice_ids: tuple[int, ...]
    at: dt.datetime | None
    device_at: dt.datetime | None
    #: what only the report itself keeps
    own: Mapping[str, Any]


@transaction.atomic
def _save(draft: _Draft) -> Reported:
    now = timezone.now()
    # recordings are sent while the form is filled in: often they are written down by now
    spoken = spoken_words.said(draft.voice_ids)
    text = with_spoken(draft.said, spoken)
    case = Case(
        number="", state=State.REPORTED, source=draft.source, text=text,
        summary=rules.summary(text), lng=draft.lng, lat=draft.lat, address=draft.address,
        reported_at=min(draft.at, now) if draft.at else now, updated_at=now,
    )  # fmt: skip
    words = "\n".join(filter(None, (draft.said, spoken)))
    meaning = understood(case, words, draft.category_key)
    plan = _auto.plan(case, meaning, now=now, file_ids=draft.file_ids)
    case.number = codes.number("case", at=now, area=case.area[:6])
    case.save(force_insert=True)
    row = Report(
        case=case, origin=case, client_id=draft.client_id, source=case.source, text=draft.said,
        user_id=draft.by.user_id, lng=draft.lng, lat=draft.lat, at=case.reported_at,
        follow_code="".join(secrets.choice(_CODE_LETTERS) for _n in range(8)),
        device_at=draft.device_at, **draft.own,
    )  # fmt: skip
    row.save(force_insert=True)
    steps = _write_steps(case, plan, by=draft.by, now=now, device_at=draft.device_at)
    before, voice = EvidenceKind.BEFORE, EvidenceKind.VOICE
    _step.attach(case, steps[0], draft.file_ids, kind=before, at=now, public=True, report=row)
    _step.attach(case, steps[0], draft.voice_ids, kind=voice, at=now, report=row)
    _auto.finish(case, plan, now=now)
    if draft.voice_ids and not spoken and spoken_words.able():
        later_many([(listen_to, (n,)) for n in draft.voice_ids])
        # the words may come in this very moment, before anybody sees this row
        later(hear_again, list(draft.voice_ids), after=now + HEAR_AGAIN)
    if case.merged_into_id is not None:
        row.case_id = case.merged_into_id
    return Reported(case, row, created=True)


def _write_steps(
    case: Case, plan: _auto.Plan, *, by: Acting, now: dt.datetime, device_at: dt.datetime | None
) -> list[Step]:
    """The report's step and those the machine took, in one INSERT each for steps and journal."""
    first = _step.make_step(
        case, by=by, verb=Verb.REPORT, before="", at=now, public=True, device_at=device_at
    )
    first.after = State.REPORTED
    steps = [first]
    for verb, before, after, detail in plan.steps:
        step = _step.make_step(
            case, by=SYSTEM, verb=verb, before=before, at=now, detail=detail, public=True
        )
        step.after = after
        steps.append(step)
    Step.objects.bulk_create(steps)
    entries = []
    for step in steps:
        entry = _step.entry_of(case, step, by if step is first else SYSTEM)
        entry.after["state"] = str(step.after)
        entries.append(entry)
    journal.write_many(entries)
    later(tell_step, steps[-1].pk)
    return steps


def _checked(
    text: str, client_id: str, lng: float | None, lat: float | None, *, has_files: bool
) -> str:
    """The words, cleaned; refuses what could not be kept or understood."""
    wrong = []
    said = "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()
    if not said and not has_files:
        wrong.append(Field("text", _("请写几句话说明问题，或附上照片、录音")))
    if len(said) > TEXT_MOST:
        wrong.append(
            Field("text", _("最多 %(n)s 个字，现有 %(m)s 个") % {"n": TEXT_MOST, "m": len(said)})
        )
    if not 8 <= len(client_id) <= 80:
        wrong.append(Field("client_id", _("上报编号长度应为 8 至 80 个字符")))
    if (lng is None) != (lat is None):
        wrong.append(Field("lng", _("经度和纬度须同时给出")))
    if lng is not None and lat is not None and not (-180 <= lng <= 180 and -90 <= lat <= 90):
        wrong.append(Field("lng", _("经纬度超出范围，应为经度、纬度（度）")))
    if wrong:
        raise Invalid("case.invalid", str(wrong[0].message), fields=wrong)
    return said


def with_spoken(said: str, spoken: str) -> str:
    """What the case shows: the words typed, then those spoken, marked as heard."""
    if not spoken:
        return said
    marked = _("【录音】%(text)s") % {"text": spoken}
    return f"{said}\n{marked}" if said else marked


def understood(case: Case, words: str, category_key: str | None = None) -> Any:
    """Class and place of the words; what people chose stands above what the machine thinks."""
    try:
        meaning = understanding.understand(words, lng=case.lng, lat=case.lat)
    except Exception:  # a failing model means that a person decides; the report is kept
        log.exception("understanding_failed")
        meaning = None
    case.understanding = {} if meaning is None else meaning.as_json()
    _place(case, meaning)
    if category_key:
        chosen = standards.in_force().by_key(category_key)
        if chosen is None:
            raise Invalid(
                "case.category",
                _("类别“%(key)s”不在现行目录中，请重新选择") % {"key": category_key},
                fields=[Field("category_key", _("类别不在现行目录中"))],
            )
        case.category_id = chosen.id
        case.priority = chosen.priority
    return meaning


def _place(case: Case, meaning: Any) -> None:
    """Set region, cell, road, site: the point decides where there is one, else the words."""
    if case.lng is not None and case.lat is not None:
        at = atlas.locate(case.lng, case.lat)
        case.area = at.area
        case.region_id = at.region.id if at.region else None
        case.cell_id = at.cell.id if at.cell else None
        case.road_id = at.road.id if at.road else None
        case.address = case.address or atlas.address(at.region, at.road)
    if meaning is None or meaning.place is None:
        return
    said = meaning.place
    if not case.area:
        case.area = said.area
        case.region_id = said.region_id
    if case.road_id is None:
        case.road_id = said.road_id
    if case.site_id is None:
        case.site_id = said.site_id
    if case.shop_id is None:
        case.shop_id = said.shop_id
    if case.cell_id is None and case.lng is None:
        case.cell_id = said.cell_id
