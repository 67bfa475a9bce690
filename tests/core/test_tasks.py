"""Background work: committed with the change, tried again, taken back from the dead."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from lifang.core import crontab, recovery
from lifang.core.clock import LEASE, Clock
from lifang.core.models import ScheduledRun
from lifang.core.tasks import later, later_many, pause, task
from lifang.core.worker import Worker
from lifang.schedule import JOBS, Job

RunTasks = Callable[..., list[str]]
RAN: list[int] = []
FAIL = {"times": 0}


@task(retries=2)
def note(n: int) -> None:
    RAN.append(n)


@task(retries=2)
def shaky(n: int) -> str:
    if FAIL["times"] > 0:
        FAIL["times"] -= 1
        raise ValueError("没连上")
    return f"done {n}"


@task(queue="documents")
def slow_document(n: int) -> None:
    RAN.append(n)


@task(retries=0)
def odd(n: int) -> object:
    return object()


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    RAN.clear()
    FAIL["times"] = 0
    yield


def worker() -> Worker:
    return Worker(stop=threading.Event())


def drain(w: Worker) -> None:
    while w.step():
        continue


@pytest.mark.django_db
def test_it_works() -> None:
    for n in range(20):
        later(note, n)
    drain(worker())
    assert sorted(RAN) == list(range(20))
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


@pytest.mark.django_db
def test_enqueueing_is_one_statement(django_assert_num_queries: Callable[[int], object]) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # a context manager
        later(note, 1)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        later_many([(note, (n,)) for n in range(5)])


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_never_runs() -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        later(note, 1)
        raise ValueError("no")
    drain(worker())
    assert RAN == []


@pytest.mark.django_db
def test_a_failing_task_is_tried_again_later_then_stays_failed(run_tasks: RunTasks) -> None:
    FAIL["times"] = 2
    later(shaky, 1)
    drain(worker())
    again = DBTaskResult.objects.get(status="READY")
    assert again.run_after > timezone.now()
    assert run_tasks(at_any_time=True) == ["shaky", "shaky"]
    assert DBTaskResult.objects.filter(return_value="done 1").count() == 1
    FAIL["times"] = 9
    later(shaky, 2)
    run_tasks(at_any_time=True, failures=True)
    failed = DBTaskResult.objects.get(status="FAILED")
    assert "没连上" in failed.traceback
    assert [pause(n).total_seconds() for n in (1, 2, 3, 20)] == [2, 4, 8, 3600]


@pytest.mark.django_db
def test_a_long_task_is_claimed_alone() -> None:
    later(slow_document, 1)
    later(note, 2)
    w = worker()
    assert len(w.claim()) == 1
    assert len(w.claim()) == 1


@pytest.mark.django_db
def test_a_task_that_is_gone_does_not_end_the_worker() -> None:
    later(note, 1)
    DBTaskResult.objects.update(task_path="lifang.core.nothing.here")
    later(note, 2)
    drain(worker())
    assert RAN == [2]
    assert DBTaskResult.objects.get(status="FAILED").exception_class_path


@pytest.mark.django_db
def test_a_result_that_cannot_be_kept_fails_that_task_alone() -> None:
    later(odd, 1)
    later(note, 2)
    drain(worker())
    assert RAN == [2]
    assert DBTaskResult.objects.get(status="FAILED").exception_class_path == "builtins.TypeError"


@pytest.mark.django_db
def test_what_a_dead_worker_held_runs_again() -> None:
    dead, alive = worker(), worker()
    later(note, 1)
    dead.beat()
    dead.claim()  # and is killed here
    now = timezone.now()
    assert recovery.requeue_dead(now=now) == 0  # it may yet live
    later_now = now + dt.timedelta(seconds=60)
    ScheduledRun.objects.filter(name=recovery.WORKER + alive.id).delete()
    assert recovery.requeue_dead(now=later_now) == 1
    drain(alive)
    assert RAN == [1]


@pytest.mark.django_db
def test_what_a_living_worker_holds_is_left_alone() -> None:
    w = worker()
    later(note, 1)
    w.claim()
    now = timezone.now() + dt.timedelta(hours=1)
    ScheduledRun.objects.create(name=recovery.WORKER + w.id, last_at=now)
    assert recovery.requeue_dead(now=now) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_one_task_twice() -> None:
    for n in range(60):
        later(note, n)

    def work() -> None:
        try:
            drain(worker())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(RAN) == list(range(60))


@pytest.mark.django_db(transaction=True)
def test_asked_to_stop_it_ends_what_it_does_and_is_gone() -> None:
    stop = threading.Event()
    w = Worker(stop=stop)

    def work() -> None:
        try:
            w.run()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    later(note, 5)
    for _ in range(200):
        if RAN:
            break
        stop.wait(0.02)
    stop.set()
    thread.join(20)
    assert RAN == [5]
    assert not ScheduledRun.objects.filter(name__startswith=recovery.WORKER).exists()


@pytest.mark.django_db
def test_one_rooms_trouble_keeps_no_other_rooms_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise ValueError("no")

    monkeypatch.setattr(recovery, "_HOOKS", {"a": broken, "b": lambda: 3})
    assert recovery.recover() == {"dead workers": 0, "a": -1, "b": 3}


# ---------------------------------------------------------------- the clock


def test_every_job_of_the_schedule_is_there() -> None:
    assert len({j.name for j in JOBS}) == len(JOBS)
    for job in JOBS:
        assert isinstance(import_string(job.task), Task), job
        assert bool(job.every) != bool(job.crontab), job
        if job.crontab:
            crontab.parse(job.crontab)


@pytest.mark.django_db
def test_the_clock_enqueues_what_is_due_and_nothing_twice() -> None:
    jobs = (
        Job("minute", "core.test_tasks.tick_task", every=60),
        Job("night", "core.test_tasks.night_task", crontab="15 3 * * *"),
    )
    clock = Clock(stop=threading.Event(), jobs=jobs)
    zone = timezone.get_default_timezone()
    at = dt.datetime(2026, 3, 1, 3, 14, tzinfo=zone)
    assert clock.tick(now=at) == ["minute"]
    assert clock.tick(now=at + dt.timedelta(seconds=30)) == []
    assert clock.tick(now=at + dt.timedelta(seconds=60)) == ["minute", "night"]
    assert clock.tick(now=at + dt.timedelta(seconds=90)) == []
    # the first one still waits: it is not enqueued again
    assert DBTaskResult.objects.filter(task_path="core.test_tasks.tick_task").count() == 1
    # stopped for a week, the nightly job runs once
    assert clock.tick(now=at + dt.timedelta(days=7)) == ["minute", "night"]


@pytest.mark.django_db
def test_only_one_clock_leads_and_another_takes_over() -> None:
    one, two = Clock(stop=threading.Event()), Clock(stop=threading.Event())
    now = timezone.now()
    assert one.lead(now=now)
    assert not two.lead(now=now + LEASE / 2)
    assert one.lead(now=now + LEASE / 2)
    assert not two.lead(now=now + LEASE)  # renewed
    assert two.lead(now=now + 2 * LEASE)  # the first one died
    assert not one.lead(now=now + 2 * LEASE)
    two.resign()
    assert one.lead(now=now + 2 * LEASE)


@pytest.mark.parametrize(
    ("text", "since", "until", "due"),
    [
        ("15 3 * * *", "03-01 03:10", "03-01 03:15", True),
        ("15 3 * * *", "03-01 03:15", "03-01 03:16", False),
        ("*/10 * * * *", "03-01 03:11", "03-01 03:19", False),
        ("*/10 * * * *", "03-01 03:11", "03-01 03:20", True),
        ("0 8 * * 1-5", "03-01 07:00", "03-01 09:00", False),  # 1 March 2026 is a Sunday
        ("0 8 * * 1-5", "03-02 07:00", "03-02 09:00", True),
        ("0 8 * * 7", "03-01 07:00", "03-01 09:00", True),
        ("0 8 1,15 * *", "03-15 07:59", "03-15 08:00", True),
        ("0 8 15 * 1", "03-02 07:59", "03-02 08:00", True),  # either day will do
    ],
)
def test_crontab(text: str, since: str, until: str, due: bool) -> None:
    def moment(short: str) -> dt.datetime:
        return dt.datetime.fromisoformat(f"2026-{short}").replace(tzinfo=dt.UTC)

    assert crontab.due(text, moment(since), moment(until)) is due


@pytest.mark.parametrize(
    "text", ["", "* * * *", "61 * * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *"]
)
def test_bad_crontabs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        crontab.parse(text)


@task()
def tick_task() -> None:
    RAN.append(0)


@task()
def night_task() -> None:
    RAN.append(0)
