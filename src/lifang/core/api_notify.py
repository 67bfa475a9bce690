"""Routes of the in-app centre, and of the channels beyond it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from ninja import Schema, Status
from pydantic import Field

from lifang.core import acts, channels, journal, notify, stamps
from lifang.core.acts import CoreRequest, need_role
from lifang.core.api import Page, Router
from lifang.core.errors import Field as Wrong
from lifang.core.errors import Invalid, Missing, Unauthenticated
from lifang.core.models import Channel, Delivery, Notification
from lifang.core.paging import Limit, page

router = Router(tags=["notifications"])
ADMIN = "system_admin"


class NotificationOut(Schema):
    id: int
    kind: str
    title: str
    body: str
    link: str
    subject_kind: str
    subject_id: int | None
    created_at: datetime
    read_at: datetime | None


class Count(Schema):
    n: int


class ChannelIn(Schema):
    name: str = Field(min_length=1, max_length=80)
    channel: str
    #: web address of a robot, mail address, phone; ``*``: each person's own
    address: str = Field(min_length=1, max_length=300)
    secret: str = Field(default="", max_length=120)
    unit_id: int | None = None
    kinds: list[str] = Field(default=[], max_length=50)
    active: bool = True


class ChannelOut(Schema):
    id: int
    name: str
    channel: str
    address: str
    has_secret: bool
    unit_id: int | None
    kinds: list[str]
    active: bool


def _me(request: CoreRequest) -> int:
    if request.auth.user_id is None:
        raise Unauthenticated("notify.person", _("消息中心只供登录人员使用"))
    return request.auth.user_id


@router.get("/notifications", response=Page[NotificationOut])
def notifications(
    request: CoreRequest,
    unread: bool = False,
    kind: str = "",
    cursor: str | None = None,
    limit: Limit = 50,
) -> object:
    rows = notify.of(_me(request))
    rows = rows.filter(read_at=None) if unread else rows
    return page(rows.filter(kind=kind) if kind else rows, cursor=cursor, limit=limit)


@router.get("/notifications/count", response=Count)
def unread_count(request: CoreRequest) -> Count:
    return Count(n=notify.unread(_me(request)))


@router.post("/notifications/read-all", response=Count)
def read_all(request: CoreRequest) -> Count:
    return Count(n=notify.mark_read(_me(request)))


@router.post("/notifications/{notification_id}/read", response=NotificationOut)
def read_one(request: CoreRequest, notification_id: int) -> Notification:
    row = notify.of(_me(request)).filter(id=notification_id).first()
    if row is None:
        raise Missing("notify.not_found", _("没有这条消息"))
    notify.mark_read(row.user_id, ids=[row.id])
    row.refresh_from_db()
    return row


# ---------------------------------------------------------------- channels


def _shown(row: Channel) -> ChannelOut:
    return ChannelOut(
        id=row.id,
        name=row.name,
        channel=row.channel,
        address=row.address,
        has_secret=bool(row.secret),
        unit_id=row.unit_id,
        kinds=row.kinds,
        active=row.active,
    )


def _check(body: ChannelIn) -> None:
    if body.channel not in channels.SENDERS:
        raise Invalid(
            "channel.kind",
            _("渠道只能是：%(list)s") % {"list": "、".join(channels.SENDERS)},
            fields=[Wrong("channel", _("无法识别"))],
        )
    robot = body.channel in ("wecom", "dingtalk")
    if robot and not body.address.startswith("https://"):
        raise Invalid(
            "channel.address",
            _("机器人地址须以 https:// 开头"),
            fields=[Wrong("address", _("须以 https:// 开头"))],
        )
    if body.channel == "mail" and body.address != channels.OWN and "@" not in body.address:
        raise Invalid(
            "channel.address",
            _("邮箱地址有误；填 * 表示发到每个人自己的邮箱"),
            fields=[Wrong("address", _("不是邮箱地址"))],
        )


def _found(channel_id: int) -> Channel:
    row = Channel.objects.filter(id=channel_id).first()
    if row is None:
        raise Missing("channel.not_found", _("没有这个消息渠道"))
    return row


@router.get("/channels", response=list[ChannelOut])
def channel_list(request: CoreRequest) -> list[ChannelOut]:
    need_role(request.auth, ADMIN)
    return [_shown(row) for row in Channel.objects.order_by("id")]


@router.post("/channels", response={201: ChannelOut})
def add_channel(request: CoreRequest, body: ChannelIn) -> Status[ChannelOut]:
    return Status(201, _shown(_save(request.auth, Channel(), body)))


@router.put("/channels/{channel_id}", response=ChannelOut)
def change_channel(request: CoreRequest, channel_id: int, body: ChannelIn) -> ChannelOut:
    need_role(request.auth, ADMIN)
    return _shown(_save(request.auth, _found(channel_id), body))


@transaction.atomic
def _save(by: acts.Actor, row: Channel, body: ChannelIn) -> Channel:
    """An empty secret leaves the one that is kept."""
    need_role(by, ADMIN)
    _check(body)
    values = body.model_dump()
    if not values["secret"]:
        values.pop("secret")
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    stamps.bump(channels.STAMP)
    values.pop("secret", None)
    journal.write(by=by, room="core", verb="set_channel", subject=row, after=values)
    return row


@router.delete("/channels/{channel_id}", response={204: None})
def remove_channel(request: CoreRequest, channel_id: int) -> Status[None]:
    need_role(request.auth, ADMIN)
    with transaction.atomic():
        row = _found(channel_id)
        journal.write(by=request.auth, room="core", verb="remove_channel", subject=row)
        row.delete()
        stamps.bump(channels.STAMP)
    return Status(204, None)


class DeliveryOut(Schema):
    id: int
    channel: str
    title: str
    state: str
    tries: int
    error: str
    created_at: datetime
    sent_at: datetime | None


@router.get("/deliveries", response=Page[DeliveryOut])
def deliveries(
    request: CoreRequest,
    state: str = "",
    cursor: str | None = None,
    limit: Limit = 50,
) -> object:
    need_role(request.auth, ADMIN)
    rows = Delivery.objects.filter(state=state) if state else Delivery.objects.all()
    return page(rows, cursor=cursor, limit=limit)
