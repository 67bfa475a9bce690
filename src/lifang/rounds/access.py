"""Who may open letters of responsibility and what shows that a step is done. Registered with ``core.files``."""

from lifang.core import files
from lifang.core.acts import Actor
from lifang.core.models import StoredFile
from lifang.orgs.acting import Acting
from lifang.rounds.permissions import letters_visible_to, steps_visible_to


@files.opens
def of_a_round_i_see(by: Actor, file: StoredFile, variant: str) -> bool:
    """Whoever may see a letter or a step may open what hangs on it."""
    return isinstance(by, Acting) and (
        letters_visible_to(by).filter(file=file).exists()
        or steps_visible_to(by).filter(files=file).exists()
    )
