"""What was left lying: tasks of dead workers, work that tables say is due, old leftovers.

Rooms register what is due of theirs: ``@recovers("copies") def f() -> int`` enqueues it again and
returns how many. It must leave alone what waits in the queue already (:func:`waiting`).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task

from lifang.core import journal
from lifang.core.models import (
    IdempotencyKey,
    Notification,
    ScheduledRun,
    StoredFile,
    Upload,
)
from lifang.core.tasks import in_database, later_many, task

log = structlog.get_logger(__name__)
Hook = Callable[[], int]
_HOOKS: dict[str, Hook] = {}

#: a worker that has not been heard of for so long is dead; it beats every 3 s
DEAD_AFTER = dt.timedelta(seconds=20)
WORKER = "@worker:"


def recovers(name: str) -> Callable[[Hook], Hook]:
    """Register what enqueues again the work of a room that is due and lost."""

    def register(hook: Hook) -> Hook:
        _HOOKS[name] = hook
        return hook

    return register


def waiting(task: Task[Any, Any]) -> set[Any]:
    """First arguments with which ``task`` waits or runs; empty where a broker holds the queue."""
    if not in_database():
        return set()
    from django_tasks_db.models import DBTaskResult

    rows = DBTaskResult.objects.filter(
        task_path=task.module_path, status__in=("READY", "RUNNING")
    ).values_list("args_kwargs", flat=True)
    return {row["args"][0] if row["args"] else None for row in rows}


def requeue_dead(*, now: dt.datetime | None = None) -> int:
    """Put back what workers held that are not heard of any more."""
    if not in_database():
        return 0  # the broker gives back what was not acknowledged
    from django_tasks_db.models import DBTaskResult

    at = now or timezone.now()
    alive = set(
        ScheduledRun.objects.filter(
            name__startswith=WORKER, last_at__gte=at - DEAD_AFTER
        ).values_list("name", flat=True)
    )
    done = 0
    running = DBTaskResult.objects.filter(status="RUNNING", started_at__lt=at - DEAD_AFTER / 4)
    for number, workers in list(running.values_list("id", "worker_ids")):
        if not workers or WORKER + workers[-1] not in alive:
            done += DBTaskResult.objects.filter(id=number, status="RUNNING").update(status="READY")
    if done:
        log.warning("tasks_put_back", count=done)
    return done


def recover() -> dict[str, int]:
    """Everything that may lie around, by name; for the clock, ``lifang recover`` and start-up."""
    found = {"dead workers": requeue_dead()}
    for name, hook in _HOOKS.items():
        try:
            found[name] = hook()
        except Exception:
            # one room's trouble must not keep another room's work lying
            log.exception("recover_failed", hook=name)
            found[name] = -1
    return found


@task(retries=0)
def recover_task() -> dict[str, int]:
    return {name: n for name, n in recover().items() if n}


@task(retries=0)
def sweep_journal() -> int:
    """Seal entries whose transaction took longer than the sealer looks back."""
    return journal.seal_all(sweep=True)


@recovers("copies")
def lost_copies() -> int:
    """Pictures without copies that came more than a minute ago."""
    from lifang.core.files.tasks import make_copies

    old = timezone.now() - dt.timedelta(minutes=1)
    due = StoredFile.objects.filter(
        kind="image", copies_made=False, copies_error="", created_at__lt=old
    ).order_by("id")
    queued = waiting(make_copies)
    calls = [
        (make_copies, (n,)) for n in due.values_list("id", flat=True)[:1000] if n not in queued
    ]
    if calls:
        with transaction.atomic():
            later_many(calls)
    return len(calls)


@task(retries=0)
def tidy() -> dict[str, int]:
    """Throw away what nobody needs: done tasks, old keys, read messages, broken-off uploads."""
    from lifang.core.files.cleanup import leftovers, strangers

    now = timezone.now()
    day = dt.timedelta(days=1)
    found = {
        "idempotency keys": IdempotencyKey.objects.filter(created_at__lt=now - 2 * day),
        "read messages": Notification.objects.filter(read_at__lt=now - 180 * day),
        "uploads": Upload.objects.filter(created_at__lt=now - 7 * day),
        "dead workers": ScheduledRun.objects.filter(name__startswith=WORKER, last_at__lt=now - day),
    }
    if in_database():
        from django_tasks_db.models import DBTaskResult

        found["done tasks"] = DBTaskResult.objects.filter(
            status="SUCCESSFUL", finished_at__lt=now - day
        )
        found["failed tasks"] = DBTaskResult.objects.filter(
            status="FAILED", finished_at__lt=now - 90 * day
        )
    gone = {name: rows.delete()[0] for name, rows in found.items()}
    gone["leftover files"] = leftovers(now)
    gone["files never used"] = strangers(now)
    return gone
