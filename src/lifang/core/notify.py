"""Telling people. Rows first (the in-app centre), then channels, from the rows, in a task."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.utils import timezone

from lifang.core.models import Notification


@dataclass(frozen=True)
class Message:
    """One message to some people. ``link`` is a path in the console or on the phone."""

    user_ids: tuple[int, ...]
    kind: str
    title: str
    body: str = ""
    link: str = ""
    subject: Model | None = None
    #: the unit it concerns, for the robots and lists of that unit
    unit_id: int | None = None


def tell(
    user_ids: Iterable[int],
    *,
    kind: str,
    title: str,
    body: str = "",
    link: str = "",
    subject: Model | None = None,
    unit_id: int | None = None,
) -> list[Notification]:
    """Tell people something: one INSERT, and one more for the task that serves the channels."""
    return tell_many([Message(tuple(user_ids), kind, title, body, link, subject, unit_id)])


def tell_many(messages: Iterable[Message]) -> list[Notification]:
    """Several messages with one INSERT of rows. Must stand inside the transaction of the change."""
    from lifang.core.channels import forward

    now, messages = timezone.now(), list(messages)
    rows = [
        Notification(
            user_id=user_id,
            kind=m.kind,
            title=str(m.title)[:120],
            body=str(m.body),
            link=m.link,
            subject_kind=m.subject._meta.label_lower if m.subject is not None else "",
            subject_id=m.subject.pk if m.subject is not None else None,
            created_at=now,
        )
        for m in messages
        for user_id in dict.fromkeys(m.user_ids)
    ]
    Notification.objects.bulk_create(rows)
    forward(messages, rows, now)
    return rows


def of(user_id: int) -> QuerySet[Notification]:
    """The messages of a person, newest first."""
    return Notification.objects.filter(user_id=user_id)


def unread(user_id: int) -> int:
    """How many messages a person has not read."""
    return of(user_id).filter(read_at=None).count()


def mark_read(user_id: int, *, ids: Iterable[int] | None = None) -> int:
    """Mark messages of a person as read, all of them without ``ids``; returns how many."""
    rows = of(user_id).filter(read_at=None)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    return rows.update(read_at=timezone.now())
