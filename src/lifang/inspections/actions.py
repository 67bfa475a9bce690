"""The verbs of observations: record, correct, withdraw, make a case of one."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import actions as cases
from lifang.cases.choices import Source
from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.core.models import StoredFile
from lifang.inspections import queries
from lifang.inspections.choices import Found
from lifang.inspections.models import Observation
from lifang.inspections.rules import AHEAD, MOST, Line
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.standards import edition_rows
from lifang.standards import queries as standards
from lifang.standards.editions import Edition

WRITERS = (Role.EVALUATOR, Role.COLLECTOR, Role.CHECKER)


def _allow(by: Acting) -> None:
    if not by.has(*WRITERS):
        raise Forbidden("inspections.forbidden", _("只有评价员、采集员和核查员可以登记考察结果"))


def _round(round_id: int) -> tuple[Round, Edition]:
    found = Round.objects.select_related("edition").filter(pk=round_id).first()
    if found is None:
        raise Invalid("round.missing", _("没有这个测评轮次"), fields=[Field("round", _("不存在"))])
    if found.status != RoundStatus.OPEN:
        told = _("测评轮次“%(round)s”不在进行中，不能登记考察结果")
        raise Conflict("round.not_open", told % {"round": found.title})
    return found, edition_rows.edition(found.edition)


@transaction.atomic
def record(
    *, by: Acting, round_id: int, lines: Sequence[Line], now: dt.datetime | None = None
) -> list[Observation]:
    """Take lines in, all or none. A line of a ``form`` that is there already comes back as it is.

    Raises :class:`Invalid` whose ``fields`` name every fault by the line's number (``lines[3].place``).
    """
    _allow(by)
    of, edition = _round(round_id)
    if len(lines) > MOST:
        told = _("一次最多 %(most)s 条，请分批提交")
        raise Invalid("inspections.many", told % {"most": MOST})
    places = {
        p.code: p
        for p in RoundPlace.objects.filter(
            round=of, drawn=True, code__in={line.place for line in lines}
        )
    }
    shas = {sha for line in lines for sha in line.photos}
    photos = {f.sha256: f for f in StoredFile.objects.filter(sha256__in=shas)} if shas else {}
    faults = [
        f
        for i, line in enumerate(lines)
        for f in _faults(f"lines[{i}]", line, edition, places, photos, now or timezone.now())
    ]
    if faults:
        told = _("考察结果有 %(n)s 处错误，全部未登记")
        raise Invalid("inspections.faulty", told % {"n": len(faults)}, fields=faults)
    known = _known(of, lines)
    made: list[Observation] = []
    fresh: list[tuple[Observation, Line]] = []
    for line in lines:
        key = (line.form, line.place, line.item)
        if line.form and key in known:
            made.append(known[key])
            continue
        row = Observation(
            round=of,
            place=places[line.place],
            seen_by_id=by.user_id,
            **{n: getattr(line, n) for n in _COPIED},
        )
        made.append(row)
        fresh.append((row, line))
        if line.form:
            known[key] = row
    try:
        with transaction.atomic():
            Observation.objects.bulk_create([row for row, _line in fresh], batch_size=500)
    except IntegrityError as twice:
        told = _("同一份考察表刚刚由他人登记，请刷新后再看")
        raise Conflict("inspections.twice", told) from twice
    links = [
        Observation.photos.through(observation_id=row.pk, storedfile_id=photos[sha].pk)
        for row, line in fresh
        for sha in dict.fromkeys(line.photos)
    ]
    Observation.photos.through.objects.bulk_create(links, batch_size=500)
    if fresh:
        journal.write(
            by=by, room="inspections", verb="record", subject=of, after={"lines": len(fresh)}
        )
    return made


_COPIED = (
    "item", "state", "seen_at", "count", "cause", "note", "disputed", "lng", "lat", "seen_by_name",
    "form",
)  # fmt: skip


def _known(of: Round, lines: Sequence[Line]) -> dict[tuple[str, str, str], Observation]:
    forms = {line.form for line in lines if line.form}
    if not forms:
        return {}
    rows = Observation.objects.filter(round=of, form__in=forms, supersedes=None)
    return {(o.form, o.place.code, o.item): o for o in rows.select_related("place")}


def _faults(
    path: str,
    line: Line,
    edition: Edition,
    places: dict[str, RoundPlace],
    photos: dict[str, StoredFile],
    now: dt.datetime,
) -> list[Field]:
    found = []
    place = places.get(line.place)
    item = edition.items.get(line.item)
    if place is None:
        told = _("点位“%(code)s”不在本轮抽中的点位里")
        found.append(Field(f"{path}.place", told % {"code": line.place}))
    if item is None:
        told = _("测评体系没有检查项“%(code)s”")
        found.append(Field(f"{path}.item", told % {"code": line.item}))
    if place and item and not item.for_type(place.type):
        told = _("检查项“%(item)s”不用于这类点位")
        found.append(Field(f"{path}.item", told % {"item": line.item}))
    if line.state not in (Found.PASS, Found.FAIL, Found.NA):
        found.append(Field(f"{path}.state", _("应为符合、不符合或不适用")))
    if line.seen_at > now + AHEAD:
        found.append(Field(f"{path}.seen_at", _("考察时间晚于现在，请检查设备时钟")))
    if (line.lng is None) != (line.lat is None):
        found.append(Field(f"{path}.lng", _("经度和纬度要一起填")))
    for sha in line.photos:
        file = photos.get(sha)
        if file is None or file.kind != "image":
            found.append(Field(f"{path}.photos", _("照片未上传或不是图片")))
    return found


@transaction.atomic
def correct(*, by: Acting, observation_id: int, reason: str, **values: Any) -> Observation:
    """A new row in place of one in force: ``state``, ``count``, ``cause``, ``note``, ``disputed``."""
    return _supersede(by, observation_id, reason, values)


@transaction.atomic
def withdraw(*, by: Acting, observation_id: int, reason: str) -> Observation:
    """Take an observation back; it stays readable."""
    return _supersede(by, observation_id, reason, {"state": Found.WITHDRAWN})


def _supersede(by: Acting, observation_id: int, reason: str, values: dict[str, Any]) -> Observation:
    _allow(by)
    queries.one(by, observation_id)  # raises Missing, also for what an inspector may not see
    old = Observation.objects.select_for_update().get(pk=observation_id)
    _round(old.round_id)
    if not reason.strip():
        told = _("请写明更正原因")
        raise Invalid("inspections.reason", told, fields=[Field("reason", told)])
    if old.state == Found.WITHDRAWN or Observation.objects.filter(supersedes=old).exists():
        told = _("这条记录已被更正或撤回，请刷新后在最新的一条上操作")
        raise Conflict("inspections.superseded", told)
    new = Observation(supersedes=old)
    for name in ("round_id", "place_id", "seen_by_id", "case_id", *_COPIED):
        setattr(new, name, getattr(old, name))
    new.form, new.note = "", reason.strip()[:300]
    for name, value in values.items():
        if value is not None:
            setattr(new, name, value)
    new.save(force_insert=True)
    new.photos.set(old.photos.all())
    journal.write(
        by=by,
        room="inspections",
        verb="withdraw" if new.state == Found.WITHDRAWN else "correct",
        subject=new,
        reason=reason,
        before={"id": old.pk, "state": old.state, "count": old.count},
        after={"state": new.state, "count": new.count},
    )
    return new


@transaction.atomic
def make_case(*, by: Acting, observation_id: int) -> Observation:
    """The fault becomes a case with its photos: what was seen is entered once. Twice gives the same case."""
    _allow(by)
    queries.one(by, observation_id)  # raises Missing, also for what an inspector may not see
    row = (
        Observation.objects.select_for_update(of=("self",))
        .select_related("place__site", "round__edition")
        .get(pk=observation_id)
    )
    if row.case_id:
        return row
    if row.state != Found.FAIL:
        raise Conflict("inspections.no_fault", _("只有不符合的记录可以转为案件"))
    edition = edition_rows.edition(row.round.edition)
    item = edition.items[row.item]
    site = row.place.site
    here = row.lng is not None
    found = cases.report(
        by=by,
        client_id=f"observation-{row.pk}",
        source=Source.INSPECTOR,
        text=f"{row.place.title}：{item.title or item.code}"
        + (f"。{row.cause}" if row.cause else ""),
        lng=row.lng if here else site.lng,
        lat=row.lat if here else site.lat,
        address=site.address or site.name,
        category_key=_category(item.categories),
        file_ids=[f.pk for f in row.photos.all()],
        device_at=row.seen_at,
    )
    Observation.objects.filter(pk=row.pk).update(case=found.case)
    row.case = found.case
    journal.write(
        by=by,
        room="inspections",
        verb="make_case",
        subject=row,
        after={"case": found.case.number},
    )
    return row


def _category(keys: Sequence[str]) -> str | None:
    """The first class of the catalogue in force that the item names whole."""
    known = standards.in_force().keys
    return next((key for key in keys if key in known), None)
