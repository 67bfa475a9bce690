"""Pictures nobody looked at, and recordings nobody listened to, that came more than a minute ago."""

from typing import Any

from django.db import transaction
from django_tasks.base import Task

from lifang.core.recovery import recovers, waiting
from lifang.core.tasks import later_many
from lifang.understanding.pictures import queries as pictures
from lifang.understanding.pictures.tasks import look_at
from lifang.understanding.voice import queries as voice
from lifang.understanding.voice.tasks import listen_to


@recovers("pictures not looked at")
def lost_pictures() -> int:
    return _again(look_at, pictures.due())


@recovers("recordings not listened to")
def lost_recordings() -> int:
    return _again(listen_to, voice.due())


def _again(task: Task[Any, Any], due: list[int]) -> int:
    if not due:
        return 0
    queued = waiting(task)
    calls: list[tuple[Task[Any, Any], tuple[Any, ...]]] = [
        (task, (n,)) for n in due if n not in queued
    ]
    if calls:
        with transaction.atomic():
            later_many(calls)
    return len(calls)
