"""Background work. ``@task()`` declares it, ``later(f, id)`` enqueues it with the transaction.

Tasks may be killed at any point and may run twice: they take ids and look at the tables first. A
task that raises is enqueued again with a growing pause and a counter; what a dead worker held, and
what the tables say is still due, ``core.recovery`` brings back.
"""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task as _declare
from django_tasks import task_backends
from django_tasks.base import Task

from lifang.core import stamps

log = structlog.get_logger(__name__)

#: seconds before the first retry; doubled each time, an hour at most
FIRST_PAUSE = 2
_LONGEST = 3600
#: the keyword under which the number of the attempt travels
_ATTEMPT = "_attempt"


def pause(attempt: int) -> dt.timedelta:
    """How long to wait after ``attempt`` failures (1, 2, …)."""
    return dt.timedelta(seconds=min(FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST))


def task(
    *, queue: str = "default", retries: int = 5, priority: int = 0
) -> Callable[[Callable[..., Any]], Task[Any, Any]]:
    """Declare a task: a module-level function of JSON arguments.

    ``retries``: how often it is tried again after an exception, before it stays FAILED.
    """

    def declare(function: Callable[..., Any]) -> Task[Any, Any]:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            attempt = kwargs.pop(_ATTEMPT, 0)
            stamps.begin()
            try:
                return function(*args, **kwargs)
            except Exception as problem:
                if attempt >= retries:
                    log.error("task_failed", task=declared.module_path, exc_info=True)
                    raise
                log.warning(
                    "task_retry", task=declared.module_path, attempt=attempt + 1, error=str(problem)
                )
                after = timezone.now() + pause(attempt + 1)
                declared.using(run_after=after).enqueue(*args, **kwargs, **{_ATTEMPT: attempt + 1})
                return {"retry": attempt + 1, "error": str(problem)[:300]}
            finally:
                stamps.end()

        declared: Task[Any, Any] = _declare(queue_name=queue, priority=priority)(run)
        return declared

    return declare


def in_database() -> bool:
    """Whether tasks are rows of the same database, so that they commit with the change."""
    return str(settings.TASKS["default"]["BACKEND"]).startswith("django_tasks_db")


def later(
    task: Task[Any, Any], *args: Any, after: dt.datetime | None = None, **kwargs: Any
) -> None:
    """Enqueue ``task`` so that it runs if and only if the running transaction commits.

    In the database backend that is a row of the transaction (one INSERT); a broker is told on
    commit, and what is lost between the two ``recover`` finds in the domain tables.
    """
    call = task.using(run_after=after) if after else task
    if in_database():
        _insert([(call, args, kwargs)])
    else:
        transaction.on_commit(functools.partial(call.enqueue, *args, **kwargs))


def later_many(calls: list[tuple[Task[Any, Any], tuple[Any, ...]]]) -> None:
    """Enqueue several tasks: one INSERT in the database backend."""
    if in_database():
        _insert([(task, args, {}) for task, args in calls])
        return
    for task, args in calls:
        transaction.on_commit(functools.partial(task.enqueue, *args))


def _insert(calls: list[tuple[Task[Any, Any], tuple[Any, ...], dict[str, Any]]]) -> None:
    """Rows as ``django_tasks_db`` makes them, several in one INSERT and without its signal."""
    from django_tasks_db.models import DBTaskResult, get_date_max

    for task, _args, _kwargs in calls:
        task_backends[task.backend].validate_task(task)
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs={"args": list(args), "kwargs": kwargs},
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=task.run_after or get_date_max(),
            backend_name=task.backend,
        )
        for task, args, kwargs in calls
    )


def run_readers() -> int:
    """Seal what is committed and let the journal's readers read it (see ``core.clock``)."""
    from lifang.core import journal, readers

    while journal.seal(wait=False):
        continue
    return readers.run_readers()
