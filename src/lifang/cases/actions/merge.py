"""Merging duplicates, taking that back, splitting what is two matters."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions import _clock, _step
from lifang.cases.choices import FINAL, State, Verb
from lifang.cases.models import Case, Report
from lifang.cases.permissions import visible_to
from lifang.core import codes
from lifang.core.errors import Conflict, Field, Invalid
from lifang.orgs.acting import Acting


@transaction.atomic
def merge(
    *, by: Acting, case_id: int, into_id: int, note: str = "", version: int | None = None
) -> Case:
    """``case_id`` is the same matter as ``into_id``: its reporters follow that one from now on."""
    case = _step.take(case_id, by=by, verb=Verb.MERGE, version=version)
    target = visible_to(by).select_for_update(of=("self",)).filter(pk=into_id).first()
    if target is None or target.pk == case.pk:
        raise Invalid(
            "case.merge_target",
            _("要并入的案件不存在，或就是本案"),
            fields=[Field("into_id", _("请另选一个案件"))],
        )
    if target.state in FINAL:
        raise Conflict(
            "case.merge_closed",
            _("案件 %(number)s 已%(state)s，不能并入；若是同一问题再次发生，请立案并注明复发")
            % {"number": target.number, "state": State(target.state).label},
        )
    case.paused_state = case.state
    case.merged_into = target
    case.stage_due_at = None
    _step.record(
        case, by=by, verb=Verb.MERGE, to=State.MERGED, reason=note.strip(), public=True,
        detail={"into": target.number},
    )  # fmt: skip
    Case.objects.filter(merged_into=case).update(merged_into=target)
    Report.objects.filter(case=case).update(case=target)
    follow(case, target.pk, now=timezone.now(), move=False)
    return case


def follow(case: Case, into_id: int, *, now: dt.datetime, move: bool = True) -> None:
    """Count the reporters of the case that others were merged into; many of them raise it."""
    if move:
        Report.objects.filter(case=case).update(case_id=into_id)
    count = Report.objects.filter(case_id=into_id).count()
    Case.objects.filter(pk=into_id).update(
        reports_count=count, version=F("version") + 1, updated_at=now
    )
    # base 0: what the catalogue adds is in already, the greater of both stays
    crowd = rules.priority(urgent=False, reports=count, base=0)
    Case.objects.filter(pk=into_id, priority__lt=crowd).update(priority=crowd)


@transaction.atomic
def unmerge(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Case:
    """Not the same matter after all: the case goes on where it stood, with its own reports."""
    case = _step.take(case_id, by=by, verb=Verb.UNMERGE, version=version)
    why = _step.need_reason(reason, Verb.UNMERGE)
    now = timezone.now()
    into_id = case.merged_into_id
    back = State(case.paused_state or State.REPORTED)
    case.merged_into = None
    case.paused_state = ""
    case.stage_due_at = _clock.stage_due(back, now)
    Report.objects.filter(origin=case).update(case=case)
    case.reports_count = Report.objects.filter(case=case).count()
    _step.record(case, by=by, verb=Verb.UNMERGE, to=back, reason=why, now=now, public=True)
    if into_id is not None:
        follow(case, into_id, now=now, move=False)
    return case


@dataclass(frozen=True)
class Part:
    """One part of a split case; what is not said is as in the whole."""

    text: str
    category_id: int | None = None
    address: str = ""


@transaction.atomic
def split(
    *, by: Acting, case_id: int, parts: Sequence[Part], note: str = "", version: int | None = None
) -> list[Case]:
    """Two to ten matters in one report: each becomes a case; the whole ends with the last part."""
    case = _step.take(case_id, by=by, verb=Verb.SPLIT, version=version)
    if not 2 <= len(parts) <= 10 or any(not p.text.strip() for p in parts):
        raise Invalid(
            "case.parts",
            _("请拆成 2 至 10 个子案，每个都要写明内容"),
            fields=[Field("parts", _("2 至 10 个，内容必填"))],
        )
    now = timezone.now()
    made = []
    for part in parts:
        child = Case(
            number=codes.number("case", at=now, area=case.area[:6]), state=State.REPORTED,
            source=case.source, text=part.text.strip(), summary=rules.summary(part.text),
            category_id=part.category_id or case.category_id, lng=case.lng, lat=case.lat,
            address=part.address.strip()[:200] or case.address, area=case.area,
            region_id=case.region_id, cell_id=case.cell_id, road_id=case.road_id,
            site_id=case.site_id, parent=case, reports_count=0, priority=case.priority,
            reported_at=case.reported_at, updated_at=now, version=0,
            stage_due_at=_clock.stage_due(State.REPORTED, now),
        )  # fmt: skip
        child.save(force_insert=True)
        _step.record(
            child, by=by, verb=Verb.REPORT, now=now, detail={"part_of": case.number}, public=True
        )
        made.append(child)
    case.stage_due_at = None
    _step.record(
        case, by=by, verb=Verb.SPLIT, to=State.SPLIT, reason=note.strip(), now=now, public=True,
        detail={"parts": [c.number for c in made]},
    )  # fmt: skip
    return made
