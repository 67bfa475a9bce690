"""What runs by the clock: the one list. ``clock`` enqueues from it, and nothing else does.

Tasks are named by path, so that this page imports no room. A job that still waits from last time
is not enqueued again.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    name: str
    #: path of a task
    task: str
    #: seconds between two runs, or
    every: int = 0
    #: minute hour day month weekday, local time
    crontab: str = ""


JOBS: tuple[Job, ...] = (
    Job("recover", "lifang.core.recovery.recover_task", every=60),
    Job("sweep-journal", "lifang.core.recovery.sweep_journal", every=3600),
    Job("send-due", "lifang.core.channels.send_due", every=60),
    Job("sweep-cases", "lifang.cases.tasks.sweep", every=60),
    Job("fold-figures", "lifang.dashboard.tasks.fold", every=5),
    Job("refresh-scores", "lifang.assessment.tasks.refresh_all", every=60),
    Job("forget-reporters", "lifang.cases.tasks.forget", crontab="30 3 * * *"),
    Job("forget-tallies", "lifang.intake.tasks.forget_tallies", crontab="20 3 * * *"),
    Job("poll-open311", "lifang.intake.open311.tasks.poll_servers", every=300),
    Job("measure-duplicates", "lifang.cases.tasks.measure_duplicates", crontab="40 3 * * *"),
    Job("teach-classes", "lifang.cases.tasks.teach", every=300),
    Job("learn-classes", "lifang.understanding.learning.tasks.retrain", crontab="10 2 * * *"),
    Job("tidy-material-packages", "lifang.materials.tasks.tidy_packages", crontab="25 3 * * *"),
    Job("tidy", "lifang.core.recovery.tidy", crontab="15 3 * * *"),
)
