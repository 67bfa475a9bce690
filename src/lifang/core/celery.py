"""Tasks over a broker: ``LIFANG_BROKER_URL`` set, this backend takes the database's place.

Own code and not ``django-tasks-fennel``: that one is a first release that reads results we do not
keep. One Celery task runs any of ours by its path. Messages are acknowledged when done, so what a
killed worker held is given back by the broker; what was lost before the broker had it, ``recover``
finds in the domain tables.
"""

import datetime as dt
import os
from typing import Any, TypeVar
from uuid import uuid4

from celery import Celery
from celery.signals import worker_init
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import normalize_json

from lifang.config import config

T = TypeVar("T")
#: Redis gives a message back after this, so no longer wait is put into one message
_GIVEN_BACK = dt.timedelta(seconds=300)
_SOON = dt.timedelta(seconds=1)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")


def _queues(*names: str) -> list[Any]:
    queue: Any = import_string("kombu.Queue")  # it has no types
    return [queue(name) for name in names]


app = Celery("lifang", broker=config().broker_url)
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue="default",
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": int(_GIVEN_BACK.total_seconds())},
    # a worker serves all of them unless told otherwise
    task_queues=_queues("default", "documents", "senses"),
    timezone="Asia/Shanghai",
    worker_hijack_root_logger=False,
)


def _django(**kwargs: Any) -> None:
    """Before the worker forks: every room's tasks and hooks are known."""
    import django

    django.setup()


worker_init.connect(_django)


def execute(path: str, args: list[Any], kwargs: dict[str, Any], not_before: str = "") -> None:
    """Run one of our tasks by its path; its own wrapper retries it."""
    from django.db import close_old_connections

    if not_before and dt.datetime.fromisoformat(not_before) > timezone.now() + _SOON:
        send(path, args, kwargs, not_before=not_before)
        return
    close_old_connections()
    found = import_string(path)
    if not isinstance(found, Task):
        raise TypeError(f"{path} is no task")
    try:
        found.call(*args, **kwargs)
    finally:
        close_old_connections()


run = app.task(name="lifang.run")(execute)


def send(
    path: str, args: list[Any], kwargs: dict[str, Any], *, not_before: str = "", queue: str = ""
) -> str:
    """Put a message on the broker; a long wait is made of several short ones."""
    eta = None
    if not_before:
        eta = min(dt.datetime.fromisoformat(not_before), timezone.now() + _GIVEN_BACK * 0.8)
    number = str(uuid4())
    run.apply_async(
        (path, args, kwargs, not_before), task_id=number, queue=queue or "default", eta=eta
    )
    return number


class CeleryBackend(BaseTaskBackend):
    """Enqueues to the broker. Results are not kept: our tasks write theirs into tables."""

    supports_defer = True
    supports_async_task = False
    supports_get_result = False
    supports_priority = True

    def enqueue(self, task: Task[Any, T], args: Any, kwargs: Any) -> TaskResult[T]:
        self.validate_task(task)
        plain = normalize_json({"args": list(args), "kwargs": dict(kwargs)})
        number = send(
            task.module_path,
            plain["args"],
            plain["kwargs"],
            not_before=task.run_after.isoformat() if task.run_after else "",
            queue=task.queue_name,
        )
        return TaskResult(
            task=task,
            id=number,
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=plain["args"],
            kwargs=plain["kwargs"],
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
