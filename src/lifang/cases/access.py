"""Who may open the pictures and recordings of cases. Registered with ``core.files``."""

from lifang.cases.permissions import visible_to
from lifang.core import files
from lifang.core.acts import Actor
from lifang.core.models import StoredFile
from lifang.orgs.acting import Acting


@files.opens
def of_a_case_i_see(by: Actor, file: StoredFile, variant: str) -> bool:
    """Whoever may see a case may open what hangs on it; originals are logged by ``core.files``."""
    return isinstance(by, Acting) and visible_to(by).filter(evidence__file=file).exists()
