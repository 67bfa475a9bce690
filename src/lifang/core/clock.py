"""The clock: enqueues what ``lifang.schedule`` says is due, and keeps the journal moving.

Only one works at a time: a row lock with a lease. A second one waits and takes over when the
first has not been heard of.
"""

import datetime as dt
import os
import secrets
import socket
import threading

import structlog
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from lifang.core import crontab, journal, readers
from lifang.core.models import ScheduledRun
from lifang.core.recovery import waiting
from lifang.core.tasks import later
from lifang.schedule import JOBS, Job

log = structlog.get_logger(__name__)
ROW = "@clock"
LEASE = dt.timedelta(seconds=15)


class Clock:
    """``Clock(stop=event).run()`` works until the event is set."""

    def __init__(self, *, stop: threading.Event, jobs: tuple[Job, ...] = JOBS) -> None:
        self.stop = stop
        self.jobs = jobs
        self.id = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.leads = threading.Event()

    def run(self) -> None:
        mover = threading.Thread(target=self._move_journal, daemon=True)
        mover.start()
        log.info("clock_started", clock=self.id)
        while not self.stop.is_set():
            close_old_connections()
            try:
                if self.lead():
                    self.tick()
            except OperationalError:
                log.warning("database_busy", exc_info=True)
            self.stop.wait(1.0)
        mover.join(5)
        self.resign()
        log.info("clock_stopped", clock=self.id)

    def lead(self, *, now: dt.datetime | None = None) -> bool:
        """Take or keep the lease; false while another clock holds it."""
        at = now or timezone.now()
        row = ScheduledRun.objects.filter(name=ROW).first()
        mine = row is not None and row.holder == self.id
        if mine and row is not None and row.last_at and at - row.last_at < LEASE / 3:
            return True  # no write each second
        if row is not None and not mine and row.last_at and at - row.last_at < LEASE:
            self.leads.clear()
            return False
        with transaction.atomic():
            ScheduledRun.objects.get_or_create(name=ROW)
            locked = ScheduledRun.objects.select_for_update().get(name=ROW)
            free = not locked.last_at or at - locked.last_at >= LEASE
            if locked.holder != self.id and locked.holder and not free:
                self.leads.clear()
                return False
            locked.holder, locked.last_at = self.id, at
            locked.save()
        self.leads.set()
        return True

    def resign(self) -> None:
        """Let another take over at once."""
        self.leads.clear()
        ScheduledRun.objects.filter(name=ROW, holder=self.id).update(last_at=None, holder="")

    def tick(self, *, now: dt.datetime | None = None) -> list[str]:
        """Enqueue every job that is due; returns their names."""
        at = now or timezone.now()
        last = dict(ScheduledRun.objects.values_list("name", "last_at"))
        ran = []
        for job in self.jobs:
            before = last.get(job.name)
            if before is None:
                # a job of the day does not run at the first start, one of the minute does
                if not job.every:
                    ScheduledRun.objects.get_or_create(name=job.name, defaults={"last_at": at})
                    continue
            elif not self._due(job, before, at):
                continue
            with transaction.atomic():
                ScheduledRun.objects.update_or_create(name=job.name, defaults={"last_at": at})
                task = import_string(job.task)
                if not waiting(task):
                    later(task)
            ran.append(job.name)
        return ran

    def _due(self, job: Job, before: dt.datetime, at: dt.datetime) -> bool:
        if job.every:
            return (at - before).total_seconds() >= job.every
        return crontab.due(job.crontab, timezone.localtime(before), timezone.localtime(at))

    def _move_journal(self) -> None:
        """Seal and let the readers read, some times a second, apart from the schedule."""
        try:
            while not self.stop.wait(0.2):
                if not self.leads.is_set():
                    continue
                try:
                    self.move_journal()
                except OperationalError:
                    log.warning("database_busy", exc_info=True)
                except Exception:
                    log.exception("journal_stuck")
                    self.stop.wait(5)
        finally:
            connection.close()

    def move_journal(self) -> int:
        """One round; two or three reads where nothing is new."""
        if journal.pending(timezone.now()):
            while journal.seal(wait=False) == 500:
                continue
        return readers.run_readers()
