"""Learning in the background, in the queue of what is slow."""

from lifang.core.tasks import task


@task(queue="senses", retries=1)
def retrain() -> int:
    """Learn classes anew from what people decided; answers the number of messages."""
    from lifang.orgs.acting import SYSTEM
    from lifang.understanding.learning.actions import retrain as run

    row = run(by=SYSTEM)
    return row.n if row else 0
