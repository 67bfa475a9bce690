"""The acceptor's verbs: verify, file, reject, reclassify, ask the reporter."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import _clock, _step
from lifang.cases.choices import EvidenceKind, State, Verb
from lifang.cases.models import Case
from lifang.cases.near import near
from lifang.core.errors import Conflict, Field, Invalid
from lifang.duties import queries as duties
from lifang.orgs.acting import Acting
from lifang.places import atlas
from lifang.standards import queries as standards


@transaction.atomic
def assign(*, by: Acting, case_id: int, version: int | None = None) -> Case:
    """Take a case onto one's own desk, so that colleagues see who works on it."""
    case = _step.take(case_id, by=by, verb=Verb.ASSIGN, version=version)
    case.desk_user_id = by.user_id
    _step.record(case, by=by, verb=Verb.ASSIGN)
    return case


@transaction.atomic
def ask_verification(
    *, by: Acting, case_id: int, note: str = "", checker_id: int | None = None,
    version: int | None = None,
) -> Case:  # fmt: skip
    """Have somebody look on the spot before the case is filed."""
    case = _step.take(case_id, by=by, verb=Verb.ASK_VERIFICATION, version=version)
    now = timezone.now()
    case.checker_id = checker_id
    case.stage_due_at = _clock.stage_due(State.VERIFYING, now)
    _step.record(case, by=by, verb=Verb.ASK_VERIFICATION, to=State.VERIFYING, reason=note, now=now)
    return case


@transaction.atomic
def verify(
    *, by: Acting, case_id: int, true: bool, note: str = "", file_ids: Iterable[int] = (),
    device_at: dt.datetime | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Say whether what was reported is so. The acceptor then files or rejects."""
    case = _step.take(case_id, by=by, verb=Verb.VERIFY, version=version)
    now = timezone.now()
    case.checker_id = by.user_id
    case.stage_due_at = _clock.stage_due(State.VERIFIED, now)
    _step.record(
        case, by=by, verb=Verb.VERIFY, to=State.VERIFIED, reason=note.strip(), now=now,
        detail={"true": true}, files=file_ids, kind=EvidenceKind.VERIFY, device_at=device_at,
    )  # fmt: skip
    return case


@transaction.atomic
def file(
    *, by: Acting, case_id: int, category_id: int | None = None, condition_id: int | None = None,
    note: str = "", version: int | None = None, **place: Any,
) -> Case:  # fmt: skip
    """File a case under a category and one of its filing conditions.

    Without ``condition_id`` the category's default condition holds. ``place``: as
    :func:`reclassify` takes it. The unit that answers is looked up and proposed to the dispatcher.
    """
    case = _step.take(case_id, by=by, verb=Verb.FILE, version=version)
    now = timezone.now()
    _set_class(case, category_id, condition_id)
    _set_place(case, **place)
    if case.category_id is None or case.condition_id is None:
        raise Invalid(
            "case.condition",
            _("立案须选定类别和立案条件"),
            fields=[Field("condition_id", _("请选择立案条件"))],
        )
    case.filed_at = now
    propose_unit(case)
    _mark_relapse(case, now)
    case.stage_due_at = _clock.stage_due(State.FILED, now)
    _step.record(
        case, by=by, verb=Verb.FILE, to=State.FILED, reason=note.strip(), now=now, public=True,
        detail={"condition": case.condition_id},
    )  # fmt: skip
    return case


def propose_unit(case: Case) -> None:
    """Look up who answers and why; nobody sends the case to arbitration, never to silence."""
    category = standards.in_force().by_id(case.category_id) if case.category_id else None
    key = category.key if category else (case.category.key if case.category else "")
    answer = duties.answer_for(
        category_key=key, area=case.area, road_id=case.road_id, site_id=case.site_id,
        shop_id=case.shop_id, component_id=case.component_id, grid_cell_id=case.cell_id,
    )  # fmt: skip
    case.duty = answer.as_json()
    case.arbitration = answer.unit_id is None


def _mark_relapse(case: Case, now: dt.datetime) -> None:
    """Same class and place again within N days after closing."""
    if case.lng is None or case.lat is None or case.relapse_of_id is not None:
        return
    s = _step.setting()
    since = now - dt.timedelta(days=s.relapse_days)
    found = near(
        lng=case.lng, lat=case.lat, metres=s.relapse_metres, category_id=case.category_id,
        since=since, closed=True, most=5,
    )  # fmt: skip
    if found:
        case.relapse_of_id = found[0].id


@transaction.atomic
def reject(*, by: Acting, case_id: int, reason: str, version: int | None = None) -> Case:
    """Not a case: the reporter is told why."""
    case = _step.take(case_id, by=by, verb=Verb.REJECT, version=version)
    why = _step.need_reason(reason, Verb.REJECT)
    case.stage_due_at = None
    _step.record(case, by=by, verb=Verb.REJECT, to=State.REJECTED, reason=why, public=True)
    return case


@transaction.atomic
def reclassify(
    *, by: Acting, case_id: int, category_id: int | None = None, condition_id: int | None = None,
    version: int | None = None, **place: Any,
) -> Case:  # fmt: skip
    """Correct class or place before dispatch. ``place``: lng, lat, address, road_id, site_id …"""
    case = _step.take(case_id, by=by, verb=Verb.RECLASSIFY, version=version)
    was = {"category": case.category_id, "area": case.area}
    _set_class(case, category_id, condition_id)
    _set_place(case, **place)
    if case.filed_at is not None:
        propose_unit(case)
    now_is = {"category": case.category_id, "area": case.area}
    _step.record(case, by=by, verb=Verb.RECLASSIFY, detail={"was": was, "now": now_is})
    return case


def _set_class(case: Case, category_id: int | None, condition_id: int | None) -> None:
    if category_id is None and condition_id is None:
        if case.condition_id is None and case.category_id is not None:
            _set_class(case, case.category_id, None)
        return
    catalogue = standards.in_force()
    category = catalogue.by_id(category_id or case.category_id or 0)
    if category is None:
        raise Invalid(
            "case.category",
            _("所选类别不在现行目录中，请重新选择"),
            fields=[Field("category_id", _("类别不在现行目录中"))],
        )
    condition = next(
        (c for c in category.conditions if c.id == condition_id),
        category.default_condition if condition_id is None else None,
    )
    if condition is None:
        raise Invalid(
            "case.condition",
            _("所选立案条件不属于“%(name)s”，请重新选择") % {"name": category.name},
            fields=[Field("condition_id", _("立案条件与类别不符"))],
        )
    case.category_id, case.condition_id = category.id, condition.id
    case.priority = max(case.priority, category.priority)


def _set_place(
    case: Case,
    *,
    lng: float | None = None,
    lat: float | None = None,
    address: str | None = None,
    road_id: int | None = None,
    site_id: int | None = None,
    shop_id: int | None = None,
    component_id: int | None = None,
    region_id: int | None = None,
) -> None:
    if lng is not None and lat is not None:
        at = atlas.locate(lng, lat)
        case.lng, case.lat, case.area = lng, lat, at.area
        case.region_id = at.region.id if at.region else None
        case.cell_id = at.cell.id if at.cell else None
        case.road_id = at.road.id if at.road else None
    if address is not None:
        case.address = address.strip()[:200]
    if region_id is not None and lng is None:
        spot = atlas.region_list().get(region_id)
        if spot is None:
            raise Invalid(
                "case.region", _("没有这个区域"), fields=[Field("region_id", _("没有这个区域"))]
            )
        case.region_id, case.area = spot.id, spot.code
    for name, value in (
        ("road_id", road_id), ("site_id", site_id), ("shop_id", shop_id),
        ("component_id", component_id),
    ):  # fmt: skip
        if value is not None:
            setattr(case, name, value)


@transaction.atomic
def ask(*, by: Acting, case_id: int, question: str, version: int | None = None) -> Case:
    """Ask the reporter; the acceptor's clock waits some days for the answer, not for ever."""
    case = _step.take(case_id, by=by, verb=Verb.ASK, version=version)
    said = _step.need_reason(question, Verb.ASK)
    now = timezone.now()
    case.question = said[:300]
    case.stage_due_at = now + dt.timedelta(days=_step.setting().answer_days)
    _step.record(case, by=by, verb=Verb.ASK, reason=said, now=now, public=True)
    return case


@transaction.atomic
def self_handle(
    *, by: Acting, case_id: int, note: str = "", file_ids: Iterable[int] = (),
    category_id: int | None = None, condition_id: int | None = None,
    device_at: dt.datetime | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """A small fault mended on the spot by whoever found it. Counted apart; checked all the same."""
    case = _step.take(case_id, by=by, verb=Verb.SELF_HANDLE, version=version)
    now = timezone.now()
    _set_class(case, category_id, condition_id)
    if by.user_id is None:
        raise Conflict("case.person_only", _("自行处置须由登录人员操作"))
    case.handler_id = by.user_id
    case.closed_as = "self_handled"
    case.filed_at = case.handed_back_at = now
    case.stage_due_at = _clock.stage_due(State.HANDED_BACK, now)
    _step.record(
        case, by=by, verb=Verb.SELF_HANDLE, to=State.HANDED_BACK, reason=note.strip(), now=now,
        files=file_ids, kind=EvidenceKind.AFTER, show_files=True, public=True, device_at=device_at,
    )  # fmt: skip
    return case
