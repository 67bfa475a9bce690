"""Sending a case to another server: once, however often it is tried."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import note
from lifang.cases.choices import FINAL
from lifang.cases.models import Case, Evidence
from lifang.cases.permissions import visible_to
from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.core.files.store import key_of, store
from lifang.core.tasks import later
from lifang.intake.open311 import rules
from lifang.intake.open311.client import GeoReport, Picture, Receipt, Trouble, mapped
from lifang.intake.open311.models import LinkState, Open311Link, Open311Server, Way
from lifang.intake.open311.polling import MARK, acting
from lifang.intake.open311.tasks import send_link
from lifang.intake.rules import mask_text
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.understanding.pictures.queries import SHOWN

log = structlog.get_logger(__name__)
MOST_TRIES = 8
ROLES = (Role.DISPATCHER, Role.DUTY_CHIEF)


@transaction.atomic
def send(*, by: Acting, server_id: int, case_id: int, service_code: str = "") -> Open311Link:
    """Hand a case to another server as well; asked again, the same link is the answer.

    ``service_code``: the service there; empty: what the mapping says of the case's class.
    The case stays ours: what happens there comes back as notes.
    """
    if not by.has(*ROLES):
        raise Forbidden("open311.forbidden", _("须由派遣员或值班长发送到外部平台"))
    server = Open311Server.objects.filter(pk=server_id, active=True, send=True).first()
    if server is None:
        raise Missing("open311.server", _("没有这个外部平台，或未开通发送"))
    case = visible_to(by).filter(pk=case_id).select_related("category").first()
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或不在您的范围"))
    known = server.links.filter(case=case).first()
    if known is not None:
        return known
    if case.state in FINAL:
        raise Conflict("open311.final", _("案件已办结，不再发送"))
    codes = [service_code] if service_code else mapped(server.services, _class_of(case))
    if not codes:
        message = _("请选择对方的服务代码：本类别还没有对应关系")
        raise Invalid("open311.service", message, fields=[Field("service_code", message)])
    link = Open311Link.objects.create(
        server=server,
        case=case,
        way=Way.OUT,
        state=LinkState.WAITING,
        service_code=codes[0][:100],
        created_at=timezone.now(),
        due_at=timezone.now(),
    )
    journal.write(
        by=by, room="intake", verb="open311_send", subject=case,
        after={"server": server.name, "service_code": link.service_code},
    )  # fmt: skip
    later(send_link, link.pk)
    return link


@transaction.atomic
def retry(*, by: Acting, link_id: int) -> Open311Link:
    """Try a failed one again."""
    if not by.has(*ROLES):
        raise Forbidden("open311.forbidden", _("须由派遣员或值班长发送到外部平台"))
    link = Open311Link.objects.select_for_update().filter(pk=link_id).first()
    if link is None or not visible_to(by).filter(pk=link.case_id).exists():
        raise Missing("open311.link", _("没有这条对接记录，或不在您的范围"))
    if link.state != LinkState.FAILED:
        raise Conflict("open311.not_failed", _("只有发送失败的才能重试"))
    link.state, link.tries, link.due_at = LinkState.WAITING, 1, timezone.now()
    link.save(update_fields=["state", "tries", "due_at"])
    later(send_link, link.pk)
    return link


def deliver(link_id: int, *, now: datetime | None = None) -> bool:
    """Try one link. It is first put off, so that no two workers send it at once. True: it is there."""
    at = now or timezone.now()
    link = _claim(link_id, at)
    if link is None:
        return False
    there = GeoReport(link.server)
    try:
        # an earlier try may have arrived although its answer did not
        made = _found(there, link) if link.tries > 1 else None
        made = made or there.post(_said(link), _picture(link.case))
    except Trouble as trouble:
        _failed(link, trouble, at)
        return False
    _linked(link, made)
    return True


@transaction.atomic
def _claim(link_id: int, at: datetime) -> Open311Link | None:
    link = (
        Open311Link.objects.select_for_update(of=("self",))
        .select_related("server", "case__category")
        .filter(pk=link_id, state=LinkState.WAITING, due_at__lte=at)
        .first()
    )
    if link is None:
        return None
    link.tries += 1
    link.first_tried_at = link.first_tried_at or at
    link.due_at = at + timedelta(seconds=min(30 * 2**link.tries, 3600))
    link.save(update_fields=["tries", "first_tried_at", "due_at"])
    return link


def _failed(link: Open311Link, trouble: Trouble, at: datetime) -> None:
    over = not trouble.again or link.tries >= MOST_TRIES
    state = LinkState.FAILED if over else LinkState.WAITING
    with transaction.atomic():
        Open311Link.objects.filter(pk=link.pk, state=LinkState.WAITING).update(
            state=state, error=trouble.message[:300]
        )
        if not over:
            later(send_link, link.pk, after=link.due_at)
    log.warning("open311_send_failed", link=link.pk, tries=link.tries, error=trouble.message)


@transaction.atomic
def _linked(link: Open311Link, made: Receipt) -> None:
    """Keep the number there, and say so on the case."""
    row = Open311Link.objects.select_for_update().get(pk=link.pk)
    if row.state != LinkState.WAITING:
        return  # a poll knew it by its mark and was faster
    row.state, row.error, row.due_at = LinkState.LINKED, "", None
    row.remote_id, row.remote_token = made.id[:100] or None, made.token[:100]
    if link.server.links.filter(remote_id=row.remote_id).exclude(pk=row.pk).exists():
        # taken in by a poll before its answer came here, and without our mark
        row.remote_id, row.error = None, _("对方编号 %(id)s 已对应另一案件") % {"id": made.id[:100]}
    row.save(update_fields=["state", "error", "due_at", "remote_id", "remote_token"])
    text = _("已发送到“%(server)s”，对方编号 %(id)s") % {
        "server": link.server.name,
        "id": made.id or _("待定"),
    }
    note(by=acting(link.server), case_id=row.case_id, text=text)


def _found(there: GeoReport, link: Open311Link) -> Receipt | None:
    """What an earlier try left there, known by our mark in its text."""
    since = (link.first_tried_at or link.created_at) - timedelta(hours=1)
    rows = there.requests(
        service_code=link.service_code,
        start_date=since.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    mark = MARK.format(number=link.case.number)
    return next((Receipt(r.id, "") for r in rows if mark in r.description), None)


def _said(link: Open311Link) -> dict[str, str]:
    """What leaves the house: class, place and masked words. No name, no telephone."""
    case = link.case
    mark = MARK.format(number=case.number)
    words = mask_text(case.text)[: rules.MOST_DESCRIPTION - len(mark)]
    return {
        "service_code": link.service_code,
        "description": f"{words}{mark}",
        "lat": "" if case.lat is None else str(case.lat),
        "long": "" if case.lng is None else str(case.lng),
        "address_string": case.address or ("" if case.lat is not None else case.area),
        # servers of our kind know by it that two tries are one report
        "client_id": f"{case.number}:{link.pk}",
    }


def _picture(case: Case) -> Picture | None:
    """The first picture whose copy is for everybody, as that copy."""
    shown = Evidence.objects.filter(
        case=case, public=True, file__kind="image", file__finding__publicity__in=SHOWN
    )
    sha = shown.order_by("id").values_list("file__sha256", flat=True).first()
    if sha is None or not store().has(key := key_of(sha, "public")):
        return None
    with store().open(key) as stream:
        return Picture(f"{case.number}.jpg", stream.read())


def _class_of(case: Case) -> str:
    return case.category.key if case.category else ""
