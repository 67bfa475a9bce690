"""The worker over ``django_tasks_db``'s table (why not its own: docs/adr/0003-tasks.md).

It looks before it locks, claims a few short tasks at once and marks them done with one UPDATE.
Killed in between, what it held runs again: tasks are idempotent. A beat every few seconds tells
``recovery`` who is alive.
"""

import datetime as dt
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult

from lifang.core.models import ScheduledRun
from lifang.core.recovery import WORKER, requeue_dead

log = structlog.get_logger(__name__)
Row = DBTaskResult[Any, Any]
BEAT = 3.0
#: how many tasks of the default queue are claimed at once, and how long they may be held back
BATCH, HOLD = 8, 0.3


class Worker:
    """``Worker(stop=event).run()`` works until the event is set."""

    def __init__(
        self,
        *,
        stop: threading.Event,
        interval: float = 0.05,
        queues: Sequence[str] = (),
        clock: Callable[[], dt.datetime] = timezone.now,
    ) -> None:
        self.stop = stop
        self.interval = interval
        self.queues = tuple(queues)
        self.clock = clock
        self.id = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"

    def run(self) -> None:
        self.beat()
        requeue_dead()
        beats = threading.Thread(target=self._beats, daemon=True)
        beats.start()
        log.info("worker_started", worker=self.id)
        idle = self.interval
        while not self.stop.is_set():
            close_old_connections()
            try:
                done = self.step()
            except OperationalError:
                log.warning("database_busy", exc_info=True)
                done, idle = 0, 1.0
            if done:
                idle = self.interval
            else:
                # an idle worker looks up to four times less often, and never later than 0.2 s
                self.stop.wait(idle)
                idle = min(idle * 1.5, 4 * self.interval)
        beats.join(BEAT)
        ScheduledRun.objects.filter(name=WORKER + self.id).delete()
        log.info("worker_stopped", worker=self.id)

    def step(self) -> int:
        """Claim some tasks and run them; returns how many."""
        rows = self.claim()
        finished: list[Row] = []
        since = time.monotonic()
        for n, row in enumerate(rows):
            if self.stop.is_set() and n:
                # give back what was not begun
                DBTaskResult.objects.filter(id__in=[r.id for r in rows[n:]]).update(status="READY")
                break
            self._run(row, finished)
            if time.monotonic() - since > HOLD:
                self._flush(finished)
                since = time.monotonic()
        self._flush(finished)
        return len(rows)

    def claim(self) -> list[Row]:
        """Lock and mark what comes next: several of the default queue, or one of another."""
        ready = DBTaskResult.objects.filter(backend_name="default").ready()
        if self.queues:
            ready = ready.filter(queue_name__in=self.queues)
        if not ready.exists():
            return []
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            rows = list(ready.select_for_update(skip_locked=skip)[:BATCH])
            if rows and rows[0].queue_name != "default":
                rows = rows[:1]
            else:
                rows = [r for r in rows if r.queue_name == "default"]
            if rows:
                DBTaskResult.objects.filter(id__in=[r.id for r in rows]).update(
                    status="RUNNING", started_at=self.clock(), worker_ids=[self.id]
                )
        return rows

    def _run(self, row: Row, finished: list[Row]) -> None:
        try:
            value = row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
            row.return_value = normalize_json(value)  # what is no JSON fails here, not the batch
        except Exception as problem:  # a task's own trouble never ends the worker
            self._flush(finished)
            row.set_failed(problem)
        else:
            finished.append(row)

    def _flush(self, finished: list[Row]) -> None:
        """Mark tasks done: one UPDATE for those without a result, one for the others."""
        if not finished:
            return
        now = self.clock()
        plain = [row.id for row in finished if row.return_value is None]
        told = [row for row in finished if row.return_value is not None]
        if plain:
            DBTaskResult.objects.filter(id__in=plain).update(status="SUCCESSFUL", finished_at=now)
        for row in told:
            row.status, row.finished_at = "SUCCESSFUL", now
        if told:
            DBTaskResult.objects.bulk_update(told, ["status", "finished_at", "return_value"])
        finished.clear()

    def beat(self) -> None:
        ScheduledRun.objects.update_or_create(
            name=WORKER + self.id, defaults={"last_at": self.clock(), "holder": str(os.getpid())}
        )

    def _beats(self) -> None:
        try:
            while not self.stop.wait(BEAT):
                try:
                    self.beat()
                except OperationalError:
                    log.warning("beat_missed", worker=self.id)
        finally:
            connection.close()
