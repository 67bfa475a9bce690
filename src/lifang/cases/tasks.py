"""Background work of the loop."""

from lifang.core.tasks import task


@task()
def tell_step(step_id: int) -> int:
    """Tell those whom a step concerns."""
    from lifang.cases.telling import tell

    return tell(step_id)


@task()
def sweep() -> int:
    """Reminders, escalation, pauses that end."""
    from lifang.cases.actions.sweep import sweep as run

    return run()


@task()
def forget() -> int:
    """Name and telephone of reporters whose case is long over."""
    from lifang.cases.actions.retain import forget as run

    return run()


@task()
def measure_duplicates() -> int:
    """From which score on duplicates may be merged without a person, by what people decided."""
    from lifang.cases.actions.duplicates import measure_duplicates as run

    return run().pk


@task()
def hear_again(file_ids: list[int]) -> int:
    """Words that were written down while the report was being saved."""
    from lifang.cases.actions.heard import hear

    return sum(hear(file_id=n) for n in file_ids)


@task(queue="senses", retries=1)
def teach() -> int:
    """What people decided on classes, told to the room that learns from it."""
    from lifang.cases.actions.teach import teach as run

    return run()
