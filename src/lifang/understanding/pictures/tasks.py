"""Background work on pictures, in a queue of its own: it is slow and nobody waits for it."""

from lifang.core import files
from lifang.core.models import StoredFile
from lifang.core.tasks import later, task
from lifang.understanding.pictures import queries


@task(queue="senses", retries=2)
def look_at(file_id: int) -> None:
    """Faces, plates and text of a picture. Idempotent."""
    from lifang.understanding.pictures.actions import look

    look(file_id)


@files.arrived
def new_picture(row: StoredFile) -> None:
    """A picture came: have it looked at."""
    if row.kind == "image" and queries.able():
        later(look_at, row.pk)
