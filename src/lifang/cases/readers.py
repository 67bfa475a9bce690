"""What the loop reads from the journal."""

from lifang.cases.actions.heard import hear
from lifang.core.models import JournalEntry
from lifang.core.readers import reader
from lifang.understanding.voice.actions import VERB


@reader("cases.heard", rooms=("understanding",))
def heard(entry: JournalEntry) -> None:
    """A recording was written down or corrected: reports that came with it are understood anew."""
    if entry.verb == VERB and entry.subject_id is not None:
        hear(file_id=entry.subject_id)
