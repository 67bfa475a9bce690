"""Background work on recordings, in the queue of what is slow; before pictures, since people wait."""

from lifang.core import files
from lifang.core.models import StoredFile
from lifang.core.tasks import later, task
from lifang.understanding.voice import queries

#: seconds; a longer one is listened to once it is handed in with a report
EARLY = 180


@task(queue="senses", retries=2, priority=10)
def listen_to(file_id: int) -> None:
    """Write down a recording that somebody waits for. Idempotent."""
    from lifang.understanding.voice.actions import transcribe

    transcribe(file_id)


@task(queue="senses", retries=2)
def listen_early(file_id: int) -> None:
    """The same for one that no report has brought yet: whoever only sends sound, holds up nobody."""
    from lifang.understanding.voice.actions import transcribe

    transcribe(file_id)


@files.arrived
def new_recording(row: StoredFile) -> None:
    """A recording came, often while the form is still being filled in: have it written down."""
    if row.kind == "audio" and (row.seconds or 0) <= EARLY and queries.able():
        later(listen_early, row.pk)
