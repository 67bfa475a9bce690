"""Background work of the doors."""

from lifang.core.tasks import task
from lifang.intake import limits


@task()
def forget_tallies() -> int:
    """Delete counts whose window is over."""
    return limits.purge()
