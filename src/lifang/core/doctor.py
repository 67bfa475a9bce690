"""Checks that ``lifang doctor`` and the system page run. Rooms add theirs with ``@check``."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core import calendar, journal, readers
from lifang.core.files.store import key_of, store
from lifang.core.models import Delivery, JournalCursor, JournalEntry, ScheduledRun, StoredFile
from lifang.core.recovery import DEAD_AFTER, WORKER
from lifang.core.tasks import in_database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Finding:
    """``level``: ok | warning | error."""

    level: str
    message: str


@dataclass(frozen=True)
class Check:
    name: str
    title: str | Promise
    run: Callable[[], Iterable[Finding]]
    #: whether it may take minutes over a large city's data; the system page leaves those out
    long: bool = False


CHECKS: dict[str, Check] = {}


def check(
    name: str, title: str | Promise, *, long: bool = False
) -> Callable[[Callable[[], Iterable[Finding]]], Callable[[], Iterable[Finding]]]:
    """Register a check: a generator of findings; none means all is well."""

    def register(run: Callable[[], Iterable[Finding]]) -> Callable[[], Iterable[Finding]]:
        CHECKS[name] = Check(name, title, run, long)
        return run

    return register


def examine(*, long: bool = True) -> list[tuple[Check, list[Finding]]]:
    """Run all checks, each by itself: one that breaks is a finding of its own."""
    found = []
    for one in CHECKS.values():
        if one.long and not long:
            continue
        try:
            findings = list(one.run()) or [Finding("ok", _("正常"))]
        except Exception as problem:
            log.exception("check_failed", check=one.name)
            findings = [Finding("error", _("检查本身出错：%(e)s") % {"e": problem})]
        found.append((one, findings))
    return found


@check("database", gettext_lazy("数据库"))
def _database() -> Iterable[Finding]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding(
            "error", _("有 %(n)s 个数据库升级未执行，请运行 lifang up") % {"n": len(waiting)}
        )
    with connection.cursor() as sql:
        if connection.vendor == "sqlite":
            sql.execute("PRAGMA quick_check(1)")
            answer = sql.fetchone()[0]
            if answer != "ok":
                yield Finding("error", _("SQLite 数据库损坏：%(e)s") % {"e": answer})
        else:
            sql.execute("SHOW server_encoding")
            answer = sql.fetchone()[0]
            if answer != "UTF8":
                yield Finding("error", _("数据库编码是 %(e)s，应为 UTF8") % {"e": answer})


@check("journal", gettext_lazy("日志链"), long=True)
def _journal() -> Iterable[Finding]:
    journal.seal_all(sweep=True)
    broken = journal.verify()
    if broken is None:
        return
    what = {
        "changed": _("内容被改动"),
        "missing": _("记录缺失"),
        "inserted": _("有未经登记的记录"),
    }[broken.what]
    yield Finding(
        "error",
        _("日志链在第 %(p)s 位断开：%(what)s（记录号 %(id)s）")
        % {"p": broken.position, "what": what, "id": broken.entry_id},
    )


@check("readers", gettext_lazy("日志读取"))
def _readers() -> Iterable[Finding]:
    for cursor in JournalCursor.objects.filter(failures__gt=0):
        yield Finding(
            "error",
            _("“%(name)s”在第 %(p)s 位之后连续失败 %(n)s 次：%(e)s")
            % {
                "name": cursor.name,
                "p": cursor.position,
                "n": cursor.failures,
                "e": cursor.error.strip().rsplit("\n", 1)[-1][:200],
            },
        )
    for name, lag in readers.lags().items():
        if lag > 10_000:
            yield Finding("warning", _("“%(name)s”落后 %(n)s 条") % {"name": name, "n": lag})


@check("calendar", gettext_lazy("工作日历"))
def _calendar() -> Iterable[Finding]:
    for year in calendar.missing_years(timezone.localdate()):
        yield Finding("error", _("缺少 %(y)s 年的节假日安排，涉及该年的时限无法计算") % {"y": year})


@check("tasks", gettext_lazy("后台任务"))
def _tasks() -> Iterable[Finding]:
    now = timezone.now()
    if in_database():
        from django_tasks_db.models import DBTaskResult

        alive = ScheduledRun.objects.filter(
            name__startswith=WORKER, last_at__gte=now - DEAD_AFTER
        ).count()
        if not alive:
            yield Finding("warning", _("没有正在运行的后台任务进程（worker）"))
        late = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - dt.timedelta(minutes=5))
        if n := late.count():
            yield Finding("warning", _("%(n)s 个任务等待超过 5 分钟") % {"n": n})
        day = now - dt.timedelta(days=1)
        if n := DBTaskResult.objects.failed().filter(finished_at__gte=day).count():
            yield Finding("warning", _("近一天有 %(n)s 个任务最终失败") % {"n": n})
    clock = ScheduledRun.objects.filter(name="@clock").first()
    if clock is None or clock.last_at is None or now - clock.last_at > dt.timedelta(minutes=1):
        yield Finding("warning", _("定时进程（clock）没有运行"))


@check("deliveries", gettext_lazy("消息发送"))
def _deliveries() -> Iterable[Finding]:
    day = timezone.now() - dt.timedelta(days=1)
    failed = Delivery.objects.filter(state="failed", created_at__gte=day)
    if n := failed.count():
        last = failed.order_by("-id").values_list("error", flat=True)[0]
        yield Finding("warning", _("近一天有 %(n)s 条消息发送失败：%(e)s") % {"n": n, "e": last})


@check("disk", gettext_lazy("存储空间"))
def _disk() -> Iterable[Finding]:
    folder = Path(settings.DATA_DIR)
    free = shutil.disk_usage(folder).free
    if free < 2 * 1024**3:
        yield Finding(
            "error" if free < 1024**3 / 2 else "warning",
            _("数据目录只剩 %(n)s MB") % {"n": free // 1024**2},
        )
    if not os.access(folder, os.W_OK):
        yield Finding("error", _("数据目录不可写"))


@check("files", gettext_lazy("文件"), long=True)
def _files() -> Iterable[Finding]:
    """Every row has its bytes, of the right length."""
    lost, wrong = 0, 0
    first = ""
    where = store()
    for sha256, size in StoredFile.objects.values_list("sha256", "size").iterator(chunk_size=2000):
        key = key_of(sha256)
        if not where.has(key):
            lost, first = lost + 1, first or sha256
            continue
        with where.open(key) as stream:
            if stream.seek(0, 2) != size:
                wrong, first = wrong + 1, first or sha256
    if lost:
        yield Finding("error", _("%(n)s 个文件在存储中找不到，例：%(s)s") % {"n": lost, "s": first})
    if wrong:
        yield Finding("error", _("%(n)s 个文件长度不符，例：%(s)s") % {"n": wrong, "s": first})
    if n := StoredFile.objects.exclude(copies_error="").count():
        yield Finding("warning", _("%(n)s 张照片无法生成缩略图") % {"n": n})


def quick() -> dict[str, object]:
    """Figures for the system page and for monitoring: cheap at any size."""
    now = timezone.now()
    found: dict[str, object] = {
        "database": connection.vendor,
        "workers": ScheduledRun.objects.filter(
            name__startswith=WORKER, last_at__gte=now - DEAD_AFTER
        ).count(),
        "reader_lags": readers.lags(),
        "journal_pending": journal.pending(now),
        "deliveries_waiting": Delivery.objects.filter(state="waiting").count(),
        "free_bytes": shutil.disk_usage(settings.DATA_DIR).free,
    }
    newest = JournalEntry.objects.order_by("-id").values_list("at", flat=True).first()
    found["last_action_at"] = newest.isoformat() if newest else None
    if in_database():
        from django.db.models import Count, Min
        from django_tasks_db.models import DBTaskResult

        rows = DBTaskResult.objects.exclude(status="SUCCESSFUL").values_list("status")
        found["tasks"] = dict(rows.order_by().annotate(n=Count("id")))
        oldest = DBTaskResult.objects.ready().aggregate(at=Min("enqueued_at"))["at"]
        found["oldest_task_seconds"] = (now - oldest).total_seconds() if oldest else 0
    return found
