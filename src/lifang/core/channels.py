"""Messages beyond the in-app centre: mail, group robots of WeCom and DingTalk, SMS.

Which messages go where is data (:class:`Channel`). Rows are made in the transaction of the
message, sent in a task, and tried again with growing pauses until sent or given up.
"""

import base64
import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import httpx
import orjson
import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from lifang.config import config
from lifang.core import stamps
from lifang.core.models import Channel, Delivery, Notification
from lifang.core.tasks import later, task

if TYPE_CHECKING:
    from lifang.core.notify import Message

log = structlog.get_logger(__name__)
STAMP = "channels"
#: address of a channel that writes to each person's own mail box or phone
OWN = "*"
MOST_TRIES = 8
_TIMEOUT = 5.0

Book = Callable[[Sequence[int]], dict[int, dict[str, str]]]
_BOOKS: list[Book] = []


def address_book(book: Book) -> Book:
    """Register who knows people's addresses: ``{user_id: {"mail": …, "sms": …}}``."""
    _BOOKS.append(book)
    return book


def active() -> list[Channel]:
    return stamps.cached(STAMP, lambda: list(Channel.objects.filter(active=True)))


def forward(
    messages: "Iterable[Message]", rows: Sequence[Notification], now: dt.datetime
) -> list[Delivery]:
    """Rows for every channel that wants a message; no statement at all where there is none."""
    channels = active()
    if not channels:
        return []
    deliveries: list[Delivery] = []
    own: dict[int, list[tuple[str, Message, Notification]]] = {}
    left = iter(rows)
    for message in messages:
        told = [next(left) for _ in dict.fromkeys(message.user_ids)]
        for channel in channels:
            if channel.kinds and message.kind not in channel.kinds:
                continue
            if channel.unit_id is not None and channel.unit_id != message.unit_id:
                continue
            if channel.address == OWN:
                for row in told:
                    own.setdefault(row.user_id, []).append((channel.channel, message, row))
            else:
                deliveries.append(_delivery(channel.channel, channel.address, message, None, now))
    if own:
        addresses = _addresses(list(own))
        for user_id, wanted in own.items():
            for kind, message, row in wanted:
                if address := addresses.get(user_id, {}).get(kind):
                    deliveries.append(_delivery(kind, address, message, row, now))
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        later(send, [d.id for d in deliveries])
    return deliveries


def _delivery(
    channel: str, address: str, message: "Message", row: Notification | None, now: dt.datetime
) -> Delivery:
    return Delivery(
        channel=channel,
        address=address,
        title=str(message.title)[:120],
        body=str(message.body),
        notification=row,
        due_at=now,
        created_at=now,
    )


def _addresses(user_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for book in _BOOKS:
        for user_id, mine in book(user_ids).items():
            found.setdefault(user_id, {}).update(mine)
    return found


@task(retries=0)
def send(ids: list[int]) -> int:
    """Send the deliveries that are due of ``ids``; returns how many went out."""
    return sum(send_one(i) for i in ids)


@task(retries=0)
def send_due(limit: int = 200) -> int:
    """Send what waits and is due: retries, and what a dead worker left."""
    due = Delivery.objects.filter(state="waiting", due_at__lte=timezone.now())
    return sum(
        send_one(i) for i in list(due.order_by("due_at").values_list("id", flat=True)[:limit])
    )


def send_one(delivery_id: int, *, now: dt.datetime | None = None) -> bool:
    """Try one delivery. It is first put off, so that no two workers send it at once."""
    at = now or timezone.now()
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        if row is None or row.state != "waiting" or row.due_at > at:
            return False
        row.tries += 1
        row.due_at = at + dt.timedelta(seconds=min(30 * 2**row.tries, 3600))
        row.save(update_fields=["tries", "due_at"])
    try:
        SENDERS[row.channel](row)
    except Exception as problem:
        row.error = f"{type(problem).__name__}: {problem}"[:300]
        row.state = "failed" if row.tries >= MOST_TRIES else "waiting"
        row.save(update_fields=["state", "error"])
        log.warning("delivery_failed", channel=row.channel, id=row.id, tries=row.tries)
        return False
    row.state, row.sent_at, row.error = "sent", timezone.now(), ""
    row.save(update_fields=["state", "sent_at", "error"])
    return True


# ---------------------------------------------------------------- senders


class Sms(Protocol):
    """What an SMS gateway must do; raise on failure."""

    def send(self, phone: str, text: str) -> None: ...


class FileSms:
    """Writes messages into ``sms.log`` in the data folder: for trials, and for a relay to read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, phone: str, text: str) -> None:
        line = orjson.dumps({"at": timezone.now(), "phone": phone, "text": text}) + b"\n"
        with self.path.open("ab") as out:
            out.write(line)


class HttpSms:
    """Posts ``{"phone": …, "text": …}`` to a gateway; any status below 300 is success."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, phone: str, text: str) -> None:
        httpx.post(
            self.url, json={"phone": phone, "text": text}, timeout=_TIMEOUT
        ).raise_for_status()


def sms() -> Sms:
    """The gateway of ``LIFANG_SMS_URL``; without one, the log file."""
    url = config().sms_url
    return HttpSms(url) if url else FileSms(Path(settings.DATA_DIR) / "sms.log")


def _mail(row: Delivery) -> None:
    send_mail(row.title, row.body or row.title, settings.DEFAULT_FROM_EMAIL, [row.address])


def _sms(row: Delivery) -> None:
    sms().send(row.address, f"{row.title} {row.body}".strip()[:500])


def _text(row: Delivery) -> str:
    return f"{row.title}\n{row.body}".strip()


def _wecom(row: Delivery) -> None:
    _robot(row.address, {"msgtype": "text", "text": {"content": _text(row)[:2000]}})


def _dingtalk(row: Delivery) -> None:
    secret = next((c.secret for c in active() if c.address == row.address), "")
    url = row.address
    if secret:
        url += ("&" if "?" in url else "?") + urlencode(sign(secret, int(time.time() * 1000)))
    _robot(url, {"msgtype": "text", "text": {"content": _text(row)[:2000]}})


def sign(secret: str, milliseconds: int) -> dict[str, str]:
    """The signature DingTalk's robots ask for: HMAC-SHA256 over time and secret, base64."""
    mac = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": str(milliseconds), "sign": base64.b64encode(mac.digest()).decode()}


def _robot(url: str, body: dict[str, Any]) -> None:
    """Both robots answer 200 with an ``errcode`` of their own."""
    answer = httpx.post(url, json=body, timeout=_TIMEOUT)
    answer.raise_for_status()
    told = answer.json()
    if told.get("errcode", 0) != 0:
        raise RuntimeError(f"{told.get('errcode')} {told.get('errmsg', '')}")


SENDERS: dict[str, Callable[[Delivery], None]] = {
    "mail": _mail,
    "sms": _sms,
    "wecom": _wecom,
    "dingtalk": _dingtalk,
}
