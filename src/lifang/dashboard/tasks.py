"""What keeps the facts up: a reader of the journal, and folding."""

from lifang.core.models import JournalEntry
from lifang.core.readers import reader
from lifang.core.tasks import task
from lifang.dashboard import facts


@reader(facts.READER, rooms=("cases",))
def note_change(entry: JournalEntry) -> None:
    """Only notes which case changed: many entries of one case cost one folding."""
    if entry.subject_kind == "cases.case" and entry.subject_id is not None:
        facts.mark([entry.subject_id])


@task()
def fold() -> int:
    """Every few seconds (``lifang.schedule``)."""
    return facts.fold_all()
